"""Build a cohort from a UK Biobank extract: check, stage, then read it a batch at a time.

Only one batch of people, and of the files cut by columns the staged columns of all but one, are in memory at a time.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from holdfast.cohort.cohort_writer import CohortWriter
from holdfast.cohort.error import CohortError
from holdfast.cohort.phenotypes.catalogue import Phenotypes, load_phenotypes
from holdfast.cohort.provenance import Provenance, file_sha256
from holdfast.cohort.schema import Outcome, Schema
from holdfast.cohort.staging import check_free
from holdfast.cohort.ukbiobank.dictionary import FieldDictionary
from holdfast.cohort.ukbiobank.events import Source, read_events
from holdfast.cohort.ukbiobank.extract import Extract
from holdfast.cohort.ukbiobank.field_check import check_columns, check_fields
from holdfast.cohort.ukbiobank.field_list import FieldList, load_field_list
from holdfast.cohort.ukbiobank.follow_up import DEATH, FollowUp, last_days
from holdfast.cohort.ukbiobank.measured import MeasuredColumns
from holdfast.cohort.ukbiobank.persons import contradictions_of_persons, read_persons
from holdfast.cohort.ukbiobank.report import Tally, UkBiobankReport
from holdfast.cohort.ukbiobank.staged_extract import StagedExtract
from holdfast.cohort.ukbiobank.wanted import BIRTH_YEAR, Wanted, check_pairs
from holdfast.cohort.ukbiobank.withdrawn import read_withdrawn

__all__ = ["UkBiobankSource", "build_ukbiobank"]

UNDATED = "undated_conditions"
_UNDATED_TYPES = {"person": pl.String(), "condition": pl.String(), "source": pl.String()}

Progress = Callable[[int, int], None]
"""Told how many people were read, of how many."""


@dataclass(frozen=True, kw_only=True)
class UkBiobankSource:
    """What a cohort is built from.

    Attributes:
        inputs: Files of the extract, cut by columns, by rows or both; all in one layout.
        dictionary: Folder with UK Biobank's field dictionary.
        withdrawn: List of people to leave out, or None.
        censored: Source -> its last complete day; sources that are not named end with their last record.
        visit: Which assessment visit, from 0.
        fields: A field list of one's own, or None for Holdfast's.
        is_allowing_unknown_fields: Whether columns of fields that the dictionary does not know are left aside rather
            than refused.
        is_leaving_out_contradictory: Whether people whose records cannot all be true are left out and counted rather
            than refused.
        batch_rows: People in memory at a time.
    """

    inputs: tuple[Path, ...]
    dictionary: Path
    withdrawn: Path | None = None
    censored: Mapping[Source, date] = field(default_factory=dict)
    visit: int = 0
    fields: Path | None = None
    is_allowing_unknown_fields: bool = False
    is_leaving_out_contradictory: bool = False
    batch_rows: int = 16_384


def build_ukbiobank(
    source: UkBiobankSource,
    out: Path,
    *,
    today: date,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> UkBiobankReport:
    """Build the cohort and put it at ``out``, whole or not at all.

    Args:
        source: What to build it from.
        out: The folder to make.
        today: No record may lie after it.
        overwrite: Whether a cohort that lies there may be replaced.
        progress: Told after every batch.

    Raises:
        CohortError: Something in the input cannot be used; the message counts it.
        ContentError: The field list or a phenotype file does not fit.
        StorageError: The disk is full or cannot be written to.
    """
    check_free(out, overwrite=overwrite)
    plan = _Plan.made(source, today)
    with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=f".{out.name}.") as scratch:
        staged = StagedExtract.write(plan.extract, plan.wanted, Path(scratch))
        ends = last_days(staged, plan.wanted, given=source.censored, special=plan.fields.special_dates, today=today)
        follow_up = FollowUp.over(plan.phenotypes, wanted=plan.wanted, ends=ends)
        tally = Tally(read=staged.rows + staged.apart, apart=staged.apart)
        opened = CohortWriter.open(
            out,
            schema=plan.schema(follow_up),
            provenance=plan.provenance(follow_up),
            today=today,
            overwrite=overwrite,
        )
        with opened as writer:
            writer.start_table(UNDATED, _UNDATED_TYPES)
            for batch in staged.batches(source.batch_rows):
                _Batch(plan=plan, follow_up=follow_up, tally=tally, writer=writer).take(batch)
                if progress is not None:
                    progress(tally.seen, staged.rows)
            tally.close(writer, is_leaving_out=source.is_leaving_out_contradictory)
    return tally.report(
        follow_up=follow_up,
        given=tuple(source.censored),
        absent=plan.measured.absent,
        ignored=plan.ignored(),
        withdrawn_listed=len(plan.withdrawn),
        findings=writer.findings,
    )


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """Everything that is known before the first row is read."""

    source: UkBiobankSource
    today: date
    dictionary: FieldDictionary
    fields: FieldList
    extract: Extract
    wanted: Wanted
    measured: MeasuredColumns
    phenotypes: Phenotypes
    withdrawn: pl.Series
    hashes: Mapping[str, str]

    @classmethod
    def made(cls, source: UkBiobankSource, today: date) -> "_Plan":
        dictionary, loaded = FieldDictionary.open(source.dictionary), load_field_list(source.fields)
        check_fields(loaded.value, dictionary)
        extract = Extract.open(source.inputs)
        if not source.is_allowing_unknown_fields:
            check_columns(extract.columns, dictionary)
        known = (column for column in extract.columns if column.field in dictionary.fields)
        wanted = Wanted.among(known, fields=loaded.value, dictionary=dictionary, visit=source.visit)
        check_pairs(wanted, source.visit)
        measured = MeasuredColumns.among(fields=loaded.value, dictionary=dictionary, wanted=wanted)
        if not measured.used:
            raise CohortError(
                f"Extract must measure something at visit {source.visit}", "none of the fields in the list", "add some"
            )
        withdrawn = pl.Series("person", [], dtype=pl.String)
        return cls(
            source=source,
            today=today,
            dictionary=dictionary,
            fields=loaded.value,
            extract=extract,
            wanted=wanted,
            measured=measured,
            phenotypes=load_phenotypes(),
            withdrawn=withdrawn if source.withdrawn is None else read_withdrawn(source.withdrawn),
            hashes=_hashes(source, dictionary) | {f"field list {loaded.path.name}": loaded.sha256},
        )

    def schema(self, follow_up: FollowUp) -> Schema:
        titles = {name: f"First diagnosis: {p.title}" for name, p in self.phenotypes.items()}
        death = (Outcome(name=DEATH, title="Death of any cause"),) if Source.DEATH in follow_up.ends else ()
        return Schema(
            features=self.measured.features(),
            sensitive=self.measured.sensitive(),
            outcomes=(*death, *(Outcome(name=name, title=titles[name]) for name in follow_up.incident)),
            conditions=tuple(follow_up.phenotypes),
            birth_year="birth_year" if self.wanted.has(BIRTH_YEAR) else None,
        )

    def provenance(self, follow_up: FollowUp) -> Provenance:
        settings = {
            "layout": self.extract.layout.name.lower(),
            "visit": self.source.visit,
            "censored": {source.value: str(day) for source, day in follow_up.ends.items()},
            "censored_given": sorted(source.value for source in self.source.censored),
            "leaving_out_contradictory": self.source.is_leaving_out_contradictory,
        }
        return Provenance(loader="ukbiobank", inputs=self.hashes, settings=settings)

    def ignored(self) -> tuple[str, ...]:
        """Return columns that are no field, or of a field that the dictionary does not know."""
        others = [name for file in self.extract.files for name in file.others]
        unknown = [c.text for c in self.extract.columns if c.field not in self.dictionary.fields]
        return tuple(sorted({*others, *unknown}))


def _hashes(source: UkBiobankSource, dictionary: FieldDictionary) -> dict[str, str]:
    files = [*source.inputs, *dictionary.files, *([] if source.withdrawn is None else [source.withdrawn])]
    names = [path.name for path in files]
    if len(set(names)) < len(names):
        raise CohortError(
            "Files must have names of their own", f"{len(names) - len(set(names))} repeated", "rename one"
        )
    return {path.name: file_sha256(path) for path in files}


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Takes one batch of people into the cohort."""

    plan: _Plan
    follow_up: FollowUp
    tally: Tally
    writer: CohortWriter

    def take(self, batch: pl.DataFrame) -> None:
        plan = self.plan
        self.tally.see(batch.height)
        batch = self.tally.without_withdrawn(batch, plan.withdrawn)
        persons = read_persons(batch, plan.wanted)
        batch, persons = self.tally.with_visit(batch, persons)
        if not batch.height:
            return
        events = read_events(batch, persons, wanted=plan.wanted, special=plan.fields.special_dates, today=plan.today)
        found = [*contradictions_of_persons(persons, today=plan.today), *events.contradictions]
        people = self.tally.contradicted(found)
        batch, persons, rows = (_without(frame, people) for frame in (batch, persons, events.rows))
        self.tally.uncoded += events.uncoded
        self._write(batch, persons, rows)

    def _write(self, batch: pl.DataFrame, persons: pl.DataFrame, events: pl.DataFrame) -> None:
        columns = [persons["person"], persons["visit"], *self.plan.measured.read(batch)]
        if self.plan.wanted.has(BIRTH_YEAR):
            columns.append(persons["birth_year"])
        conditions, undated = self.follow_up.conditions(events)
        self.tally.undated += undated.height
        self.tally.lost_at_visit += int((persons["lost"] <= persons["visit"]).sum())
        self.writer.add_people(pl.DataFrame(columns))
        self.writer.add_conditions(_in_order(conditions, persons, "condition"))
        self.writer.add_rows(UNDATED, _in_order(undated, persons, "condition"))
        outcomes = self.follow_up.outcomes(persons, conditions, undated)
        self.writer.add_outcomes(_in_order(outcomes, persons, "outcome"))


def _without(frame: pl.DataFrame, people: pl.Series) -> pl.DataFrame:
    return frame.filter(~pl.col("person").is_in(people.implode())) if len(people) else frame


def _in_order(rows: pl.DataFrame, persons: pl.DataFrame, key: str) -> pl.DataFrame:
    """Sort rows as people came, so that where one batch ends and the next begins shows nowhere."""
    places = persons.select("person").with_row_index("place")
    return rows.join(places, on="person", how="left").sort("place", key).drop("place")
