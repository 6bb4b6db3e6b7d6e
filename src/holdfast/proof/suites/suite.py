"""A suite: cases from a versioned file, a solver that puts them to the served pipeline, and a scorer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Generic, Literal, Protocol, TypeVar

from pydantic import Field, StringConstraints

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError
from holdfast.proof.suites.served import Served
from holdfast.proof.suites.transcript import Transcript

__all__ = ["CASES", "Case", "Metric", "Observations", "Scorer", "Solver", "Suite", "SuiteFile", "load_suite"]

CASES = Path(__file__).with_name("cases")

Observations = Mapping[str, bool]
"""Metric id to whether it held for one case."""


class Case(ContentModel):
    """One case of a suite. Ids name cases in reports and never repeat what a person might write."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


CaseT = TypeVar("CaseT", bound=Case)
CaseIn = TypeVar("CaseIn", bound=Case, contravariant=True)


class SuiteFile(ContentModel, Generic[CaseT]):
    """A suite's content file."""

    id: str
    version: int
    written: str
    status: str
    title: str
    cases: Annotated[tuple[CaseT, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is counted: the share of cases for which it held, and which way is better."""

    id: str
    title: str
    better: Literal["higher", "lower"] = "higher"

    def is_miss(self, observed: bool) -> bool:
        """Whether one observation went the worse way."""
        return observed is (self.better == "lower")


class Solver(Protocol[CaseIn]):
    """Puts a case to the served pipeline."""

    async def solve(self, case: CaseIn, served: Served) -> Transcript:
        """Return what was said. Whatever is raised becomes a failure of this case, never a score."""
        ...


class Scorer(Protocol[CaseIn]):
    """Judges what was said."""

    def metrics_of(self, case: CaseIn) -> tuple[str, ...]:
        """Return the metrics that ``case`` counts towards, known before it is run."""
        ...

    def score(self, case: CaseIn, transcript: Transcript) -> Observations:
        """Return one observation for each metric that ``metrics_of`` names."""
        ...


@dataclass(frozen=True, kw_only=True)
class Suite(Generic[CaseT]):
    """A suite ready to run. ``sha256`` is that of its content file at ``file``, a path within the package."""

    id: str
    version: int
    title: str
    file: str
    sha256: str
    metrics: tuple[Metric, ...]
    cases: tuple[CaseT, ...] = field(repr=False)
    solver: Solver[CaseT] = field(repr=False)
    scorer: Scorer[CaseT] = field(repr=False)


def load_suite(
    name: str,
    model: type[SuiteFile[CaseT]],
    *,
    metrics: tuple[Metric, ...],
    solver: Solver[CaseT],
    scorer: Scorer[CaseT],
    folder: Path = CASES,
) -> Suite[CaseT]:
    """Read a suite's content file and join it with what puts its cases and what judges them.

    Raises:
        ContentError: The file is malformed, is not named after its id, or two cases share an id.
    """
    loaded = load_yaml(folder / f"{name}.yaml", model)
    file = loaded.value
    ids = [case.id for case in file.cases]
    if file.id != name:
        raise ContentError(f"{loaded.path.name} must be named after its id {file.id!r}; rename it.")
    if twice := sorted({case for case in ids if ids.count(case) > 1}):
        raise ContentError(f"{loaded.path.name} must give every case an id of its own, {', '.join(twice)} repeat.")
    return Suite(
        id=file.id,
        version=file.version,
        title=file.title,
        file=f"proof/suites/cases/{loaded.path.name}",
        sha256=loaded.sha256,
        metrics=metrics,
        cases=file.cases,
        solver=solver,
        scorer=scorer,
    )
