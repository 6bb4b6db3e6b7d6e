"""A suite: cases from a versioned file, a solver that puts them to the served pipeline, and a scorer."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar

from pydantic import Field, StringConstraints

from holdfast.content import ContentModel, Loaded, load_yaml
from holdfast.errors import ContentError
from holdfast.measured import Unscored
from holdfast.proof.suites.served import Served

__all__ = [
    "CASES",
    "Case",
    "Comparison",
    "Gap",
    "Metric",
    "Observation",
    "Observations",
    "Pair",
    "Scorer",
    "Solver",
    "Suite",
    "SuiteFile",
    "SuiteHead",
    "join_suite",
    "load_suite",
]

CASES = Path(__file__).with_name("cases")

Observation = bool | float | Unscored
"""Whether something held, a number, or that it could not be told and why. The reason never quotes anybody."""

Observations = Mapping[str, Observation]
"""Metric id to what was observed in one case."""


class Case(ContentModel):
    """One case of a suite. Ids name cases in reports and never repeat what a person might write."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]

    @property
    def cluster(self) -> str:
        """What this case hangs together with: cases of one cluster count as one. By default it stands alone."""
        return self.id

    @property
    def groups(self) -> Mapping[str, str]:
        """The group it belongs to in each dimension that is reported on; by default none."""
        return {}


CaseT = TypeVar("CaseT", bound=Case)
CaseIn = TypeVar("CaseIn", bound=Case, contravariant=True)
Made = TypeVar("Made")
MadeOut = TypeVar("MadeOut", covariant=True)
MadeIn = TypeVar("MadeIn", contravariant=True)


class SuiteHead(ContentModel):
    """What every suite's content file says of itself."""

    id: str
    version: int
    written: str
    status: str
    title: str


HeadT = TypeVar("HeadT", bound=SuiteHead)


class SuiteFile(SuiteHead, Generic[CaseT]):
    """A suite's content file that lists its cases one by one."""

    cases: Annotated[tuple[CaseT, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is counted, and which way is better.

    In ``share`` it is the share of cases for which it held, or the mean of shares. In ``words`` and ``grades`` it is a
    mean of numbers: no case of it went the wrong way, and no bound applies to it.
    """

    id: str
    title: str
    better: Literal["higher", "lower"] = "higher"
    unit: Literal["share", "words", "grades"] = "share"

    def is_miss(self, observed: Observation) -> bool:
        """Whether one observation went the worse way, wholly or in part."""
        if self.unit != "share" or isinstance(observed, Unscored):
            return False
        return observed > 0 if self.better == "lower" else observed < 1


@dataclass(frozen=True)
class Pair:
    """Two cases that differ in one thing, by id, and what else hangs together with their difference."""

    first: str
    second: str
    cluster: str


@dataclass(frozen=True)
class Comparison:
    """One group beside another, pair by pair; the first of each pair is of the group that ``name`` names first."""

    name: str
    pairs: tuple[Pair, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Gap(Metric):
    """How far the worst comparison is apart in the metric ``of``; lower is better.

    With ``counts`` as ``either``, a difference either way is a gap. As ``worse``, only one to the disadvantage of the
    first group is.
    """

    better: Literal["higher", "lower"] = "lower"
    of: Metric
    counts: Literal["either", "worse"]
    comparisons: tuple[Comparison, ...] = field(repr=False)


class Solver(Protocol[CaseIn, MadeOut]):
    """Puts a case to the served pipeline."""

    async def solve(self, case: CaseIn, served: Served) -> MadeOut:
        """Return what came of it. Whatever is raised becomes a failure of this case, never a score."""
        ...


class Scorer(Protocol[CaseIn, MadeIn]):
    """Judges what a solver returned."""

    def metrics_of(self, case: CaseIn) -> tuple[str, ...]:
        """Return the metrics that ``case`` counts towards, known before it is run."""
        ...

    def score(self, case: CaseIn, made: MadeIn, /) -> Observations:
        """Return one observation for each metric that ``metrics_of`` names."""
        ...


@dataclass(frozen=True, kw_only=True)
class Suite(Generic[CaseT]):
    """A suite ready to run. ``sha256`` is that of its content file at ``file``, a path within the package.

    ``gaps`` are figures that no case has by itself: they compare cases.
    """

    id: str
    version: int
    title: str
    file: str
    sha256: str
    metrics: tuple[Metric, ...]
    cases: tuple[CaseT, ...] = field(repr=False)
    solver: Solver[CaseT, Any] = field(repr=False)
    scorer: Scorer[CaseT, Any] = field(repr=False)
    gaps: tuple[Gap, ...] = field(default=(), repr=False)


def load_suite(
    name: str,
    model: type[SuiteFile[CaseT]],
    *,
    metrics: tuple[Metric, ...],
    solver: Solver[CaseT, Made],
    scorer: Scorer[CaseT, Made],
    folder: Path = CASES,
) -> Suite[CaseT]:
    """Read a suite's content file and join it with what puts its cases and what judges them.

    Raises:
        ContentError: The file is malformed, is not named after its id, or two cases share an id.
    """
    loaded = load_yaml(folder / f"{name}.yaml", model)
    return join_suite(loaded, loaded.value.cases, metrics=metrics, solver=solver, scorer=scorer)


def join_suite(
    loaded: Loaded[HeadT],
    cases: Iterable[CaseT],
    *,
    metrics: tuple[Metric, ...],
    solver: Solver[CaseT, Made],
    scorer: Scorer[CaseT, Made],
    gaps: tuple[Gap, ...] = (),
) -> Suite[CaseT]:
    """Join a content file, the cases it holds or describes, what puts them and what judges them.

    Raises:
        ContentError: The file is not named after its id, or two cases share an id.
    """
    file, chosen = loaded.value, tuple(cases)
    counts = Counter(case.id for case in chosen)
    if loaded.path.stem != file.id:
        raise ContentError(f"{loaded.path.name} must be named after its id {file.id!r}; rename it.")
    if twice := sorted(case for case, count in counts.items() if count > 1):
        raise ContentError(f"{loaded.path.name} must give every case an id of its own, {', '.join(twice)} repeat.")
    return Suite(
        id=file.id,
        version=file.version,
        title=file.title,
        file=f"proof/suites/cases/{loaded.path.name}",
        sha256=loaded.sha256,
        metrics=metrics,
        cases=chosen,
        solver=solver,
        scorer=scorer,
        gaps=gaps,
    )
