"""Until when each source is complete, and what became of each person: first diagnoses, and outcomes.

Follow-up of a person for an outcome ends on the first of: the last complete day of **every** source that can record
it, death, and loss to follow-up (field 191). An event on or before that day is one; anything later is not used. Sources
that end on different days are all cut to the earliest, so that nobody is watched by some of them only. Nothing is
filled in: who had the condition at the visit, who had it on a day that is not known, and whose follow-up ends at the
visit or before has no row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.phenotypes.catalogue import Phenotype, Phenotypes
from holdfast.cohort.phenotypes.codes import prefixes
from holdfast.cohort.phenotypes.matching import DAYS_A_YEAR, match_codes
from holdfast.cohort.ukbiobank.events import REGISTERS, Source
from holdfast.cohort.ukbiobank.field_list import SpecialDate
from holdfast.cohort.ukbiobank.staged_extract import StagedExtract
from holdfast.cohort.ukbiobank.wanted import DEATH_DATE, REPORTED, Wanted

__all__ = ["DEATH", "FollowUp", "last_days"]

DEATH = "death"


def last_days(
    staged: StagedExtract,
    wanted: Wanted,
    *,
    given: Mapping[Source, date],
    special: Mapping[date, SpecialDate],
    today: date,
) -> dict[Source, date]:
    """Return the last complete day of every source the extract has.

    It is the one given; otherwise the last day in the source's own records, which is a day of incomplete records as a
    rule: UK Biobank publishes better ones for each release.

    Raises:
        CohortError: One given lies in the future, or a source without a record has none given.
    """
    ends = {}
    for source, (code, when) in REGISTERS.items():
        if not (wanted.has(code, when) or (source is Source.DEATH and wanted.has(when))):
            continue
        end = given.get(source) or _last_seen(staged, when, special, today)
        if end is None or end > today:
            raise CohortError(
                f"Last complete day of the {source.value} records must be known and not in the future",
                "no dated record" if end is None else str(end),
                f"give --censored {source.value}=YEAR-MONTH-DAY",
                columns=(str(when),),
            )
        ends[source] = end
    return ends


def _last_seen(staged: StagedExtract, field: int, special: Mapping[date, SpecialDate], today: date) -> date | None:
    day = pl.col(str(field)).explode().str.slice(0, 10)
    real = day.str.contains(r"^\d{4}-\d{2}-\d{2}$") & ~day.is_in([str(s) for s in special]) & (day <= str(today))
    last = staged.scan().select(day.filter(real).max()).collect(engine="streaming").item()
    return None if last is None else date.fromisoformat(last)


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """What is looked for, where, and until when.

    Attributes:
        phenotypes: Conditions that a source of the extract can say something of.
        incident: Ids of those whose first diagnosis after the visit is an outcome: hospital records can show it, or for
            a tumour the cancer register. None where deaths are not known.
        ends: Source -> its last complete day.
    """

    phenotypes: Phenotypes
    incident: tuple[str, ...]
    ends: Mapping[Source, date]

    @classmethod
    def over(cls, phenotypes: Phenotypes, *, wanted: Wanted, ends: Mapping[Source, date]) -> "FollowUp":
        """Choose what can be looked for."""
        diagnosed = {name for name, p in phenotypes.items() if _diagnosing(p, ends)}
        reported = {name for name, p in phenotypes.items() if p.self_report and wanted.has(REPORTED)}
        looked_for = {name: p for name, p in phenotypes.items() if name in diagnosed | reported}
        incident = tuple(name for name in looked_for if name in diagnosed) if wanted.has(DEATH_DATE) else ()
        return cls(phenotypes=looked_for, incident=incident, ends=ends)

    def conditions(self, events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return first diagnoses as ``conditions.parquet`` has them, and those whose time is not known.

        A condition that has a day after the visit, and was recorded without a day as well, is of the second kind: the
        record without a day may be the earlier one.
        """
        matched = self._matched(self._complete(events))
        firsts = (
            matched.filter(pl.col("years").is_not_null())
            .sort("person", "condition", "years", "source")
            .unique(["person", "condition"], keep="first", maintain_order=True)
        )
        unknown = (
            matched.filter(pl.col("years").is_null())
            .join(firsts.filter(pl.col("years") <= 0), on=["person", "condition"], how="anti")
            .sort("person", "condition", "source")
            .unique(["person", "condition"], keep="first", maintain_order=True)
        )
        kept = firsts.join(unknown, on=["person", "condition"], how="anti", maintain_order="left")
        columns = ["person", "condition", "years", "source"]
        return kept.select(columns), unknown.select("person", "condition", "source")

    def outcomes(self, persons: pl.DataFrame, conditions: pl.DataFrame, unknown: pl.DataFrame) -> pl.DataFrame:
        """Return ``person``, ``outcome``, ``years``, ``event``."""
        if Source.DEATH not in self.ends:
            return pl.DataFrame(schema={"person": pl.String, "outcome": pl.String, "years": pl.Float64, "event": bool})
        ends = pl.DataFrame(
            [(name, self._end(name)) for name in self.incident], schema={"condition": pl.String, "end": pl.Date},
            orient="row",
        )  # fmt: skip
        keys = ["person", "condition"]
        at_risk = (
            persons.select("person", "visit", "death", "lost")
            .join(ends, how="cross")
            .join(unknown.select(keys), on=keys, how="anti", maintain_order="left")
            .join(conditions.select(*keys, "years"), on=keys, how="left", maintain_order="left")
            .filter(pl.col("years").is_null() | (pl.col("years") > 0))
            .with_columns(pl.min_horizontal("end", "death", "lost").alias("end"))
            .rename({"condition": "outcome"})
        )
        died = persons.select(
            "person",
            "visit",
            pl.lit(DEATH).alias("outcome"),
            ((pl.col("death") - pl.col("visit")).dt.total_days() / DAYS_A_YEAR).alias("years"),
            pl.min_horizontal(pl.lit(self.ends[Source.DEATH]), "lost").alias("end"),
        )
        columns = ["person", "visit", "outcome", "years", "end"]
        return _closed(pl.concat([died.select(columns), at_risk.select(columns)]))

    def _complete(self, events: pl.DataFrame) -> pl.DataFrame:
        """Leave out records after the last complete day of their source."""
        end = pl.col("source").replace_strict(
            [s.value for s in self.ends], list(self.ends.values()), default=None, return_dtype=pl.Date
        )
        return events.filter((pl.col("date") <= end).fill_null(value=True))

    def _matched(self, events: pl.DataFrame) -> pl.DataFrame:
        """Add the conditions a code belongs to; every distinct code is looked up once."""
        is_reported = pl.col("source") == Source.SELF_REPORT.value
        codes = events.filter(~is_reported).select("code").unique()
        diagnosed = match_codes(codes.lazy(), self.phenotypes).collect()
        said = pl.DataFrame(
            [(str(code), name) for name, p in self.phenotypes.items() for code in p.self_report],
            schema={"code": pl.String, "condition": pl.String}, orient="row",
        )  # fmt: skip
        return pl.concat(
            [
                events.filter(~is_reported).join(diagnosed.select("code", "condition"), on="code"),
                events.filter(is_reported).join(said, on="code"),
            ]
        )

    def _end(self, name: str) -> date:
        """Return the last day on which every source that can record a condition is complete."""
        return min(end for source, end in self.ends.items() if source in _sources(self.phenotypes[name]))


def _closed(rows: pl.DataFrame) -> pl.DataFrame:
    """Cut time at the end of follow-up; rows without any are left out."""
    until = (pl.col("end") - pl.col("visit")).dt.total_days() / DAYS_A_YEAR
    event = (pl.col("years") <= until).fill_null(value=False)
    closed = rows.select(
        "person", "outcome", pl.when(event).then("years").otherwise(until).alias("years"), event.alias("event")
    )
    return closed.filter(pl.col("years") > 0)


def _is_tumour(phenotype: Phenotype) -> bool:
    return all(code.startswith(("C", "D0", "D1", "D2", "D3", "D4")) for code in prefixes(phenotype.icd10))


def _sources(phenotype: Phenotype) -> set[Source]:
    """Return the sources that can record a condition after the visit."""
    return {Source.HOSPITAL, Source.DEATH} | ({Source.CANCER} if _is_tumour(phenotype) else set())


def _diagnosing(phenotype: Phenotype, ends: Mapping[Source, date]) -> bool:
    return bool((_sources(phenotype) - {Source.DEATH}) & ends.keys())
