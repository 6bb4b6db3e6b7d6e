"""Who and what was counted while a cohort was built."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.error import CohortError
from holdfast.cohort.ukbiobank.events import Source
from holdfast.cohort.ukbiobank.follow_up import FollowUp
from holdfast.cohort.ukbiobank.persons import Contradiction
from holdfast.cohort.validation import Finding

__all__ = ["Tally", "UkBiobankReport"]


@dataclass(frozen=True, kw_only=True)
class UkBiobankReport:
    """What became of an extract. All counts are of people unless they say otherwise.

    Attributes:
        people: In the cohort.
        conditions: Phenotypes looked for.
        outcomes: Outcomes followed up, death included.
        absent: Features of the field list that the extract has no field for.
        ignored: Columns that are no field, or of a field the dictionary does not know.
        ends: Source -> last complete day.
        ends_seen: Sources whose last complete day was not given but taken from their last record.
        withdrawn: Left out because they withdrew.
        withdrawn_not_found: On the list, but not in the extract.
        contradictory: What cannot be true -> people left out for it. One person may count under several.
        undated: Conditions (of a person) that were recorded without a usable day; in ``undated_conditions.parquet``.
        uncoded: Cancer registrations without an ICD-10 code, not used.
        lost_at_visit: Lost to follow-up at the visit or before; they have no outcome.
        findings: What validation found that does not stop the cohort.
    """

    people: int
    conditions: int
    outcomes: int
    absent: tuple[str, ...]
    ignored: tuple[str, ...]
    ends: Mapping[Source, date]
    ends_seen: tuple[Source, ...]
    withdrawn: int
    withdrawn_not_found: int
    contradictory: Mapping[str, int]
    undated: int
    uncoded: int
    lost_at_visit: int
    findings: tuple[Finding, ...]


@dataclass(kw_only=True)
class Tally:
    """Counts while batches are taken; ``apart`` are people that one of the files does not have."""

    read: int
    apart: int
    seen: int = 0
    withdrawn: int = 0
    unvisited: int = 0
    left_out: int = 0
    undated: int = 0
    uncoded: int = 0
    lost_at_visit: int = 0
    contradictory: Counter[str] = field(default_factory=Counter)
    columns: set[str] = field(default_factory=set)

    def see(self, rows: int) -> None:
        """Count rows read."""
        self.seen += rows

    def without_withdrawn(self, batch: pl.DataFrame, withdrawn: pl.Series) -> pl.DataFrame:
        """Leave out people who withdrew."""
        kept = batch.filter(~pl.col("person").is_in(withdrawn.implode()))
        self.withdrawn += batch.height - kept.height
        return kept

    def with_visit(self, batch: pl.DataFrame, persons: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Leave out people who did not attend the visit."""
        attended = persons["visit"].is_not_null()
        self.unvisited += int((~attended).sum())
        return batch.filter(attended), persons.filter(attended)

    def contradicted(self, found: Iterable[Contradiction]) -> pl.Series:
        """Count contradictions; return the people, each once."""
        people = [pl.Series("person", [], dtype=pl.String)]
        for contradiction in found:
            self.contradictory[contradiction.what] += contradiction.people.n_unique()
            self.columns.update(contradiction.columns)
            people.append(contradiction.people.alias("person"))
        each = pl.concat(people).unique()
        self.left_out += len(each)
        return each

    def close(self, writer: CohortWriter, *, is_leaving_out: bool) -> None:
        """Write the flow.

        Raises:
            CohortError: Records contradict each other and nobody said to leave such people out.
        """
        told = "; ".join(f"{what}: {n}" for what, n in sorted(self.contradictory.items()))
        if told and not is_leaving_out:
            raise CohortError(
                "Dates and records of a person must be possible together",
                f"{self.left_out} of {self.seen} people whose are not ({told})",
                "mend the extract, or leave these people out with --leave-out-contradictory",
                columns=sorted(self.columns),
                rows=self.left_out,
            )
        left = self.read
        writer.add_flow(step="extract", removed=0, left=left, why="Everyone in the extract.")
        for step, removed, why in (
            (
                "not in every file",
                self.apart,
                "A file of the extract does not have them, so their records are unknown.",
            ),
            ("withdrawn", self.withdrawn, "Withdrew from UK Biobank."),
            ("no visit", self.unvisited, "Did not attend this visit."),
            ("contradictory", self.left_out, f"Records that cannot all be true ({told or 'none'})."),
        ):
            left -= removed
            writer.add_flow(step=step, removed=removed, left=left, why=why)

    def report(
        self,
        *,
        follow_up: FollowUp,
        given: tuple[Source, ...],
        absent: tuple[str, ...],
        ignored: tuple[str, ...],
        withdrawn_listed: int,
        findings: tuple[Finding, ...],
    ) -> UkBiobankReport:
        """Return the counts of a cohort that is written."""
        return UkBiobankReport(
            people=self.seen - self.withdrawn - self.unvisited - self.left_out,
            conditions=len(follow_up.phenotypes),
            outcomes=len(follow_up.incident) + (Source.DEATH in follow_up.ends),
            absent=absent,
            ignored=ignored,
            ends=dict(follow_up.ends),
            ends_seen=tuple(source for source in follow_up.ends if source not in given),
            withdrawn=self.withdrawn,
            withdrawn_not_found=withdrawn_listed - self.withdrawn,
            contradictory=dict(self.contradictory),
            undated=self.undated,
            uncoded=self.uncoded,
            lost_at_visit=self.lost_at_visit,
            findings=findings,
        )
