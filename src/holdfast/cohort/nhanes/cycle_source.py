"""One cycle's people as a table of published columns, from transport files or from merged Parquet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import Cycle, Dictionary
from holdfast.cohort.nhanes.mortality import MORTALITY_COLUMNS, check_mortality, read_mortality
from holdfast.cohort.nhanes.release import CycleFiles, Release
from holdfast.cohort.nhanes.transport import numbered, read_transport, zeros
from holdfast.cohort.nhanes.transport_header import read_transport_header
from holdfast.cohort.nhanes.weights import WEIGHT_COLUMNS

__all__ = ["CycleSource", "cycle_sources"]

REQUIRED = ("SEQN", "SDDSRVYR", "RIDSTATR", "RIDAGEYR", "WTINT2YR", "WTMEC2YR", "SDMVSTRA", "SDMVPSU")
"""Columns of the DEMO file that no cohort can do without."""


class CycleSource(Protocol):
    """Where one cycle is read from."""

    @property
    def cycle(self) -> Cycle:
        """Which cycle."""

    @property
    def columns(self) -> frozenset[str]:
        """Published columns that are there."""

    @property
    def linked(self) -> bool:
        """Whether mortality is there."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files that are read."""

    def table(self) -> pl.DataFrame:
        """Read it: ``SEQN``, the columns (Float64), and ``MORTALITY_COLUMNS`` (Int64)."""


def cycle_sources(release: Release, dictionary: Dictionary) -> tuple[CycleSource, ...]:
    """Return where each cycle is read from, in order of time.

    Raises:
        CohortError: A head is damaged, a DEMO file or one of its columns is missing, or a cycle is there twice.
    """
    wanted = dictionary.columns | set(REQUIRED) | set(WEIGHT_COLUMNS)
    found: list[CycleSource] = [_transport_cycle(files, wanted) for files in release.cycles]
    for path in release.merged:
        found.extend(_merged_cycles(path, dictionary, wanted))
    letters = [source.cycle.letter for source in found]
    twice = sorted({letter for letter in letters if letters.count(letter) > 1})
    if twice:
        raise CohortError("Cycle must be given once", f"{', '.join(twice)} twice", "name one file with it")
    return tuple(sorted(found, key=lambda source: source.cycle.survey))


@dataclass(frozen=True, kw_only=True)
class _TransportCycle:
    """A cycle of transport files: the path and the columns of each, the DEMO file first."""

    cycle: Cycle
    files: Sequence[tuple[Path, frozenset[str]]]
    mortality: Path | None

    @property
    def columns(self) -> frozenset[str]:
        return frozenset[str]().union(*(columns for _, columns in self.files))

    @property
    def linked(self) -> bool:
        return self.mortality is not None

    @property
    def paths(self) -> tuple[Path, ...]:
        return (*(path for path, _ in self.files), *([self.mortality] if self.mortality else []))

    def table(self) -> pl.DataFrame:
        people: pl.DataFrame | None = None
        for path, columns in self.files:
            part = read_transport(path, columns)
            if people is None:
                _check_cycle(part, self.cycle, path.name)
                people = part
            else:
                people = _joined(people, part, path.name, self.cycle)
        if people is None:  # a cycle has its DEMO file at least
            raise CohortError(f"Cycle {self.cycle.years} must have a DEMO file", "none", "add it")
        return _with_mortality(people, self.mortality, self.cycle)


@dataclass(frozen=True, kw_only=True)
class _MergedCycle:
    """A cycle within a merged Parquet file."""

    cycle: Cycle
    path: Path
    columns: frozenset[str]
    linked: bool

    @property
    def paths(self) -> tuple[Path, ...]:
        return (self.path,)

    def table(self) -> pl.DataFrame:
        numbers = sorted(self.columns | {"SEQN"})
        mortality = MORTALITY_COLUMNS if self.linked else ()
        rows = (
            pl.scan_parquet(self.path)
            .filter(pl.col("SDDSRVYR") == self.cycle.survey)
            .select(*(zeros(pl.col(n).cast(pl.Float64).fill_nan(None)) for n in (*numbers, *mortality)))
            .collect(engine="streaming")
        )
        table = numbered(rows, self.path.name).with_columns(pl.col(name).cast(pl.Int64) for name in mortality)
        if not self.linked:
            return table.with_columns(_nobody_linked())
        linked = table.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in mortality))
        check_mortality(linked, f"{self.path.name} ({self.cycle.years})")
        return table


def _transport_cycle(files: CycleFiles, wanted: frozenset[str]) -> _TransportCycle:
    heads = [(path, frozenset(read_transport_header(path).columns)) for path in files.transport]
    kept = [(path, columns & wanted) for path, columns in heads if columns & (wanted - {"SEQN"}) and "SEQN" in columns]
    demo = [part for part in kept if part[0].stem.upper() == f"DEMO_{files.cycle.letter}"]
    if not demo:
        raise CohortError(
            f"Cycle {files.cycle.years} must have its DEMO file",
            f"{len(files.transport)} files without it",
            f"add DEMO_{files.cycle.letter}.XPT",
        )
    _check_required(demo[0][1], demo[0][0].name)
    rest = [part for part in kept if part is not demo[0]]
    return _TransportCycle(cycle=files.cycle, files=[demo[0], *rest], mortality=files.mortality)


def _merged_cycles(path: Path, dictionary: Dictionary, wanted: frozenset[str]) -> Iterator[_MergedCycle]:
    try:
        types = pl.scan_parquet(path).collect_schema()
        _check_required(frozenset(types), path.name)
        text = sorted(n for n in wanted & set(types) if not types[n].is_numeric())
        linked = set(MORTALITY_COLUMNS) <= set(types)
        counted = pl.col("ELIGSTAT").count() if linked else pl.lit(0)
        surveys = dict(pl.scan_parquet(path).group_by("SDDSRVYR").agg(counted.alias("linked")).collect().rows())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CohortError(
            f"{path.name} must be a whole Parquet file", f"a {type(error).__name__}", "copy it again"
        ) from error
    if text:
        raise CohortError(
            f"Columns of {path.name} must hold numbers", f"text in {', '.join(text)}", "keep CDC's codes", columns=text
        )
    known = {cycle.survey: cycle for cycle in dictionary.cycles}
    if not set(surveys) <= set(known):
        raise CohortError(
            f"SDDSRVYR of {path.name} must be of the cycles read, {', '.join(map(str, known))}",
            f"{len(set(surveys) - set(known))} others",
            "leave the rows of other cycles out",
            columns=["SDDSRVYR"],
        )
    for survey, people in sorted(surveys.items()):
        yield _MergedCycle(cycle=known[survey], path=path, columns=frozenset(types) & wanted, linked=bool(people))


def _check_required(columns: Iterable[str], name: str) -> None:
    lost = [column for column in REQUIRED if column not in set(columns)]
    if lost:
        raise CohortError(f"{name} must hold {', '.join(lost)}", "none of that name", "add them", columns=lost)


def _check_cycle(demo: pl.DataFrame, cycle: Cycle, name: str) -> None:
    wrong = int((demo["SDDSRVYR"] != cycle.survey).fill_null(value=True).sum())
    if wrong:
        raise CohortError(
            f"SDDSRVYR of {name} must be {cycle.survey}, the number of {cycle.years}",
            f"{wrong} of {demo.height} rows of another cycle",
            "give the file its published name",
            columns=["SDDSRVYR"],
            rows=wrong,
        )


def _joined(people: pl.DataFrame, part: pl.DataFrame, name: str, cycle: Cycle) -> pl.DataFrame:
    """Add a file's columns; a column that is there already must say the same, person by person."""
    _check_belongs(people, part, name, cycle)
    again = [column for column in part.columns if column in people.columns and column != "SEQN"]
    both = people.select("SEQN", *again).join(part.select("SEQN", *again), on="SEQN", suffix=" again")
    differ = [c for c in again if not both[c].equals(both[f"{c} again"].alias(c), null_equal=True)]
    if differ:
        raise CohortError(
            f"Columns of {name} must say what the other files of {cycle.years} say",
            f"{len(differ)} that differ ({', '.join(differ)})",
            "leave one of the files out",
            columns=differ,
        )
    return people.join(part.drop(again), on="SEQN", how="left", maintain_order="left")


def _check_belongs(people: pl.DataFrame, part: pl.DataFrame, name: str, cycle: Cycle) -> None:
    strangers = part.height - part.join(people, on="SEQN", how="semi").height
    if strangers:
        raise CohortError(
            f"People of {name} must be in the DEMO file of {cycle.years}",
            f"{strangers} of {part.height} who are not",
            "give it the name of its own cycle, or download the DEMO file again",
            columns=["SEQN"],
            rows=strangers,
        )


def _with_mortality(people: pl.DataFrame, path: Path | None, cycle: Cycle) -> pl.DataFrame:
    if path is None:
        return people.with_columns(_nobody_linked())
    linked = read_mortality(path)
    _check_belongs(people, linked, path.name, cycle)
    if linked.height != people.height:
        raise CohortError(
            f"{path.name} must have a line for each of the {people.height} people of {cycle.years}",
            f"{linked.height} lines",
            "download it again: it was cut short",
            rows=people.height - linked.height,
        )
    return people.join(linked, on="SEQN", how="left", maintain_order="left")


def _nobody_linked() -> list[pl.Expr]:
    return [pl.lit(None, dtype=pl.Int64).alias(name) for name in MORTALITY_COLUMNS]
