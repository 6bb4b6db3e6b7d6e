"""Learn from one table, judge on another: what is asked for, as data, and the doing of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import polars as pl

from holdfast.cohort.schema import Feature
from holdfast.metric.tables.reading import open_table
from holdfast.study.error import StudyError
from holdfast.study.evaluation.assessment import Progress, assess
from holdfast.study.evaluation.case import train_and_test
from holdfast.study.evaluation.column_map import load_column_map
from holdfast.study.evaluation.figures import Figures, figures_of
from holdfast.study.evaluation.risk_store import RiskStore
from holdfast.study.methods.by_sex import BySex
from holdfast.study.methods.method import Method, MethodSettings
from holdfast.study.methods.registry import make_methods
from holdfast.study.runs.run_record import RunRecord, data_file
from holdfast.study.visits.age_bands import AGE_BAND
from holdfast.study.visits.table_visits import Roles, inferred_columns, read_table
from holdfast.study.visits.visits import Visits

__all__ = ["TableEvaluation", "evaluate_tables"]


SAME = (
    "Methods are judged on the people they learnt from: figures say how well they remember, not how well they foretell."
)


@dataclass(frozen=True, kw_only=True)
class TableEvaluation:
    """What is asked for.

    Attributes:
        train, test: The tables.
        time, event, time_unit: See ``Roles``.
        features: The inputs. Sex and age, where they are named, are inputs too.
        sex, age: See ``Roles``.
        groups: Further columns to break figures down by.
        methods: Names in ``METHODS``, or "all".
        seeds: Of the methods: figures are means over them.
        resamples: Of the bootstrap.
        threads: Methods may use.
        column_map: A file that says what the test table's columns are called, see ``ColumnMap``; None: the same.
        horizon_years: Of the time-dependent AUC; None chooses one.
        by_sex: Whether every method is learnt for each sex apart; see ``BySex``.
    """

    train: str
    test: str
    time: str
    event: str
    features: tuple[str, ...]
    time_unit: str = "years"
    sex: str | None = None
    age: str | None = None
    groups: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("all",)
    seeds: int = 3
    resamples: int = 500
    threads: int = 1
    column_map: str | None = None
    horizon_years: float | None = None
    by_sex: bool = False

    def __post_init__(self) -> None:
        if self.by_sex and self.sex is None:
            raise StudyError("Sex must be named to learn for each apart", "no column", "name it with --sex")
        if not self.methods:
            raise StudyError("Methods must be at least one", "none", "name some, or all")

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values; files as they were named: where they lay is in the run's record."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` returned.

        Raises:
            StudyError: It is not such a text.
        """
        try:
            lists = {name: tuple(said[name]) for name in ("features", "groups", "methods")}
            return cls(**{**said, **lists})
        except (KeyError, TypeError) as error:
            raise StudyError("Run must be of an evaluation", f"a {type(error).__name__}", "evaluate again") from error

    @property
    def roles(self) -> Roles:
        """What the columns are."""
        beside = [name for name in (self.age, self.sex) if name is not None and name not in self.features]
        return Roles(
            features=(*beside, *self.features),
            time=self.time,
            event=self.event,
            time_unit=self.time_unit,
            sex=self.sex,
            age=self.age,
            groups=self.groups,
        )

    @property
    def record(self) -> RunRecord:
        """What is asked, of which bytes, and where."""
        files = [*data_file("train", Path(self.train)), *data_file("test", Path(self.test))]
        if self.column_map is not None:
            files += data_file("column map", Path(self.column_map))
        return RunRecord(command="evaluate", configuration=self.to_json(), data=tuple(files))


def evaluate_tables(
    asked: TableEvaluation, *, store: RiskStore | None = None, progress: Progress = lambda _done, _of, _what: None
) -> tuple[Figures, tuple[str, ...]]:
    """Let every method learn from one table and be judged on the other; return figures and what is to be noted.

    Args:
        asked: What.
        store: Where results are kept, and taken from where they are there.
        progress: See ``assess``.

    Raises:
        StudyError, RiskError, MetricError: The tables cannot be read, learnt from or judged on.
        UnknownNameError: There is no such method.
    """
    methods = _methods(asked)
    if asked.seeds < 1 or asked.resamples < 1:
        raise StudyError("Seeds and resamples must be 1 or more", repr((asked.seeds, asked.resamples)), "raise them")
    roles = asked.roles
    columns = inferred_columns(Path(asked.train), roles)
    train, test = read_table(Path(asked.train), columns, roles), _test(asked, columns, roles)
    _refuse_without_events(train, asked.train)
    _refuse_without_events(test, asked.test)
    cases = train_and_test(train, test, seeds=range(asked.seeds))
    figures = figures_of(
        assess(cases, methods, store=store, progress=progress),
        test.outcome,
        age_band=test.attributes.get(AGE_BAND),
        horizon_years=asked.horizon_years,
        resamples=asked.resamples,
    )
    same = [SAME] if asked.column_map is None and Path(asked.train).samefile(asked.test) else []
    said = [*same, *(f"train: {note}" for note in train.notes), *(f"test: {note}" for note in test.notes)]
    return figures, tuple(said)


def _methods(asked: TableEvaluation) -> tuple[Method, ...]:
    made = make_methods(asked.methods, MethodSettings(age=asked.age, threads=asked.threads))
    if not asked.by_sex or asked.sex is None:
        return made
    return tuple(BySex(method=method, sex=asked.sex) for method in made)


def _test(asked: TableEvaluation, columns: tuple[Feature, ...], roles: Roles) -> Visits:
    if asked.column_map is None:
        return read_table(Path(asked.test), columns, roles)
    mapped = load_column_map(Path(asked.column_map))
    table = open_table(Path(asked.test))
    types = table.types([], table.columns)
    rows = (some.frame for some in table.batches(types, batch_rows=65_536))
    frame = mapped.renamed(pl.concat([pl.DataFrame(schema=types), *rows]))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "test.parquet"
        frame.write_parquet(path)
        return read_table(path, columns, roles)


def _refuse_without_events(visits: Visits, path: str) -> None:
    if visits.outcome.n_events == 0:
        raise StudyError(
            f"People in {Path(path).name} must have had events",
            f"0 of {visits.n_people}: all censored",
            "check the column of events, or choose another outcome",
        )
