"""What is compared, and one split of it: representations learnt from the training people, each classifier on each."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import HoldfastError, UnknownNameError
from holdfast.measured import Failed
from holdfast.metric.representations import Classes, Rows
from holdfast.metric.representations.registry import REPRESENTATIONS, make_representation
from holdfast.study.error import StudyError
from holdfast.study.tasks.classifiers import CLASSIFIERS, SETTINGS, fit_and_score
from holdfast.study.tasks.split_store import Outcome, SplitRecord
from holdfast.study.tasks.splits import Split
from holdfast.study.tasks.task import Task

__all__ = ["Comparison", "Contender", "Inputs", "Prepare", "run_split"]

Prepare = Callable[[NDArray[np.int64]], tuple[Rows, Rows]]
"""Training people's places in the cohort -> their rows, and everybody's, by preprocessing learnt from them alone."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A representation to compare.

    Attributes:
        representation: A key of ``REPRESENTATIONS``.
        label: What it is called; empty: as the representation.
        dimensions: Of the embedding; at most as many as there are inputs are asked for.
        settings: Of the representation.
    """

    representation: str
    label: str = ""
    dimensions: int = 32
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.label or self.representation


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Representations by classifiers, and how they are compared.

    Attributes:
        contenders: With distinct names.
        classifiers: Keys of ``CLASSIFIERS``.
        reference: Representation's name and classifier that every other pair is compared with.
        repeats: Of the splits.
        folds: Of each repeat.
        seed: Of splits, learning and resamples.
        resamples: Of the bootstrap over people.
        level: Nominal coverage of the intervals.
        threads: How many torch may use while learning; None leaves it as it is.
    """

    contenders: tuple[Contender, ...] = tuple(Contender(representation=name) for name in REPRESENTATIONS)
    classifiers: tuple[str, ...] = tuple(CLASSIFIERS)
    reference: tuple[str, str] = ("raw", "logistic")
    repeats: int = 5
    folds: int = 2
    seed: int = 0
    resamples: int = 1000
    level: float = 0.95
    threads: int | None = None

    def __post_init__(self) -> None:
        """Check names; everything else is checked where it is used."""
        for kind, names, known in (
            ("representation", [c.representation for c in self.contenders], REPRESENTATIONS),
            ("classifier", self.classifiers, CLASSIFIERS),
        ):
            for name in names:
                if name not in known:
                    raise UnknownNameError(kind, name, known)
        names_ = [contender.name for contender in self.contenders]
        for names in (names_, self.classifiers):
            if len(set(names)) != len(names) or not names:
                raise StudyError(
                    "Contenders and classifiers must have names, each once", repr(list(names)), "label each"
                )
        if self.reference not in self.pairs:
            raise StudyError("Reference must be one of the pairs compared", repr(self.reference), "choose one of them")

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return every representation's name with every classifier."""
        return tuple((contender.name, name) for contender in self.contenders for name in self.classifiers)

    def identity(self) -> dict[str, Any]:
        """Return what the scores of a split follow from, JSON-ready: not how intervals are drawn from them."""
        return {
            "contenders": [asdict(contender) for contender in self.contenders],
            "classifiers": {name: dict(SETTINGS[name]) for name in self.classifiers},
            "repeats": self.repeats,
            "folds": self.folds,
            "seed": self.seed,
            "threads": self.threads,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """What is learnt from.

    Attributes:
        task: Who has a label, and which.
        prepare: See ``Prepare``; called once a split.
        classes: What representations that use classes learn from, by place in the cohort; only those of training
            people are used. None: the task's own labels.
    """

    task: Task
    prepare: Prepare
    classes: Classes | None = None

    def training_classes(self, split: Split) -> Classes:
        """Return the classes of a split's training people, by place among them."""
        if self.classes is None:
            return Classes(rows=np.arange(len(split.train)), codes=self.task.has[split.train].astype(np.int64))
        people = self.task.rows[split.train]
        is_in = np.isin(self.classes.rows, people)
        return Classes(rows=np.searchsorted(people, self.classes.rows[is_in]), codes=self.classes.codes[is_in])


def run_split(
    comparison: Comparison, inputs: Inputs, split: Split, *, tell: Callable[[str], None] = lambda _: None
) -> SplitRecord:
    """Learn every representation from a split's training people and score its test people with every classifier.

    What cannot be learnt or fitted is recorded as failed, and the others go on.

    Args:
        comparison: What to compare.
        inputs: What to learn from.
        split: Who to learn from and judge on.
        tell: Told each contender's name before it is learnt.

    Raises:
        StudyError: ``prepare`` returned rows of other people than asked for.
    """
    train, everybody = _prepared(inputs, split)
    test = everybody[inputs.task.rows[split.test]]
    outcomes: dict[tuple[str, str], Outcome] = {}
    unconverged: list[tuple[str, str]] = []
    for contender in comparison.contenders:
        tell(contender.name)
        embedded = _embedded(contender, comparison, (train, test), inputs.training_classes(split), split.seed)
        for name in comparison.classifiers:
            pair = (contender.name, name)
            if isinstance(embedded, Failed):
                outcomes[pair] = embedded
                continue
            outcomes[pair], is_converged = _scored(name, embedded, inputs.task.has[split.train], split.seed)
            unconverged += [] if is_converged else [pair]
    return SplitRecord(repeat=split.repeat, fold=split.fold, outcomes=outcomes, unconverged=tuple(unconverged))


def _prepared(inputs: Inputs, split: Split) -> tuple[Rows, Rows]:
    train, everybody = inputs.prepare(inputs.task.rows[split.train])
    if len(train) != len(split.train) or len(everybody) != inputs.task.n_people:
        raise StudyError(
            f"Prepared rows must be of {len(split.train)} training people and all {inputs.task.n_people}",
            f"{len(train)} and {len(everybody)}",
            "keep everybody, in order",
        )
    return train, everybody


def _embedded(
    contender: Contender, comparison: Comparison, rows: tuple[Rows, Rows], classes: Classes, seed: int
) -> tuple[Rows, Rows] | Failed:
    train, test = rows
    try:
        learnt = make_representation(
            contender.representation,
            dimensions=min(contender.dimensions, train.shape[1]),
            seed=seed,
            settings=contender.settings,
            threads=comparison.threads,
        ).fit(train, classes)
        return learnt.transform(train), learnt.transform(test)
    except ValueError as error:
        return _failed(error)


def _scored(name: str, embedded: tuple[Rows, Rows], has: NDArray[np.bool_], seed: int) -> tuple[Outcome, bool]:
    train, test = embedded
    try:
        scores = fit_and_score(name, train, has, test, seed=seed)
    except ValueError as error:
        return _failed(error), True
    if not np.isfinite(scores.values).all():
        return Failed(f"{name}: scores that are not finite"), True
    return scores.values, scores.is_converged


def _failed(error: ValueError) -> Failed:
    """Record a failure; only our own messages are quoted, which never hold a person's values."""
    return Failed(str(error) if isinstance(error, HoldfastError) else type(error).__name__)
