"""Representations by classifiers on a condition of a cohort: what is asked for, as data, and the doing of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from holdfast.cohort.cohort_folder import Cohort
from holdfast.measured import Measurement, Scored
from holdfast.metric.benchmark.table import aligned
from holdfast.metric.representations import Rows
from holdfast.metric.representations.registry import REPRESENTATIONS
from holdfast.study.error import StudyError
from holdfast.study.inputs import InputEncoding, InputSettings
from holdfast.study.runs.run_record import data_file
from holdfast.study.tasks.classifiers import CLASSIFIERS
from holdfast.study.tasks.cohort_task import CohortTask, incident_task, prevalent_task
from holdfast.study.tasks.comparison import Comparison, Contender, Inputs
from holdfast.study.tasks.protocol import compare_on_task
from holdfast.study.tasks.result import PairResult, TaskResult

__all__ = ["CohortComparison", "compare_on_cohort", "text_table"]

ALL = "all"


@dataclass(frozen=True, kw_only=True)
class CohortComparison:
    """What is asked for.

    Attributes:
        cohort: The cohort's folder.
        condition: See ``prevalent_task``; with ``years``, see ``incident_task``.
        years: Horizon; None: at the visit.
        without: Features to leave out of the inputs.
        representations: Names in ``REPRESENTATIONS``, or "all".
        classifiers: Names in ``CLASSIFIERS``, or "all".
        dimensions: Of embeddings that can be chosen.
        repeats: Times the people are halved.
        resamples: Of the bootstrap.
        seed: Of splits, learning and resamples.
    """

    cohort: str
    condition: str
    years: float | None = None
    without: tuple[str, ...] = ()
    representations: tuple[str, ...] = (ALL,)
    classifiers: tuple[str, ...] = (ALL,)
    dimensions: int = 32
    repeats: int = 5
    resamples: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.representations or not self.classifiers:
            raise StudyError(
                "Representations and classifiers must be at least one each", "none", f"name some, or {ALL}"
            )
        if self.seed < 0:
            raise StudyError("Seed must be 0 or more", repr(self.seed), "give 0, for example")

    @property
    def comparison(self) -> Comparison:
        """The same as what is compared and how.

        Raises:
            UnknownNameError: There is no representation or classifier of a name.
        """
        names = tuple(REPRESENTATIONS) if ALL in self.representations else self.representations
        judges = tuple(CLASSIFIERS) if ALL in self.classifiers else self.classifiers
        first = "raw" if "raw" in names else names[0]
        return Comparison(
            contenders=tuple(Contender(representation=name, dimensions=self.dimensions) for name in names),
            classifiers=judges,
            reference=(first, "logistic" if "logistic" in judges else judges[0]),
            repeats=self.repeats,
            resamples=self.resamples,
            seed=self.seed,
            threads=1,
        )


def compare_on_cohort(
    asked: CohortComparison,
    *,
    folder: Path | None = None,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _of: None,
) -> TaskResult:
    """Read the cohort's people and compare; see ``compare_on_task``."""
    comparison = asked.comparison
    chosen = _task(asked)
    visits, settings = chosen.visits, InputSettings(has_hinges=False)

    def prepare(train: NDArray[np.int64]) -> tuple[Rows, Rows]:
        everybody = InputEncoding.fit(visits.take(train), settings, seed=asked.seed).transform(visits.values)
        return everybody[train], everybody

    files = [file.sha256 for file in data_file("cohort", Path(asked.cohort))]
    data = {"files": files, "columns": list(visits.names), "settings": asdict(settings), "task": chosen.task.name}
    inputs = Inputs(task=chosen.task, prepare=prepare)
    return compare_on_task(inputs, comparison, folder=folder, data=data, progress=progress)


def text_table(result: TaskResult) -> str:
    """Return a row a pair, the best first, and who was left out."""
    head = ("representation", "classifier", "AUROC", "95 % interval", "average precision", "ahead of the reference")
    ordered = sorted(result.pairs, key=_rank)
    return aligned([head, *(_row(pair) for pair in ordered)])


def _task(asked: CohortComparison) -> CohortTask:
    cohort = Cohort.open(Path(asked.cohort))
    if asked.years is None:
        return prevalent_task(cohort, asked.condition, without=asked.without)
    return incident_task(cohort, asked.condition, horizon_years=asked.years, without=asked.without)


def _rank(pair: PairResult) -> tuple[bool, float]:
    scored = isinstance(pair.auroc, Scored)
    return not scored, -pair.auroc.value if isinstance(pair.auroc, Scored) else 0.0


def _row(pair: PairResult) -> tuple[str, ...]:
    ahead = "the reference" if pair.ahead is None else _said(pair.ahead.difference, "+")
    return (
        pair.representation,
        pair.classifier,
        _value(pair.auroc),
        _interval(pair.auroc),
        _value(pair.average_precision),
        ahead,
    )


def _said(measurement: Measurement, sign: str) -> str:
    return f"{_value(measurement, sign)} ({_interval(measurement)})"


def _value(measurement: Measurement, sign: str = "") -> str:
    return f"{measurement.value:{sign}.4f}" if isinstance(measurement, Scored) else "-"


def _interval(measurement: Measurement) -> str:
    interval = measurement.interval if isinstance(measurement, Scored) else None
    return "-" if interval is None else f"{interval.low:.4f} to {interval.high:.4f}"
