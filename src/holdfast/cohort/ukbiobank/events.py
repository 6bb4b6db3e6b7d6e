"""Diagnoses of a batch as one table: who, which code, when, and who said so.

==============  =======================  ==============================================================
source          fields                   a record
==============  =======================  ==============================================================
hospital        41270 with 41280         the first time a code was given to a person; tied by the
                                         array's order, so both lists must have the same length
cancer          40006 with 40005         a registration; one without an ICD-10 code is an older one in
                                         ICD-9, and is counted but not used
death           40001 with 40000         the underlying cause
self-report     20002 with 20008         an illness named at the visit, and the year it began
==============  =======================  ==============================================================
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.ukbiobank.field_list import DateMeaning, SpecialDate
from holdfast.cohort.ukbiobank.persons import Contradiction
from holdfast.cohort.ukbiobank.values import codes, dates, numbers
from holdfast.cohort.ukbiobank.wanted import (
    CANCER,
    CANCER_DATE,
    DEATH_CAUSE,
    DEATH_DATE,
    DIAGNOSIS,
    DIAGNOSIS_DATE,
    REPORTED,
    REPORTED_YEAR,
    Wanted,
)

__all__ = ["Events", "Source", "Timing", "read_events"]

_ICD10 = r"^[A-Z][0-9]{2}[0-9A-Z]{0,4}$"
_DAYS_A_YEAR = 365.25


class Source(StrEnum):
    """Who said so."""

    HOSPITAL = "hospital"
    CANCER = "cancer"
    DEATH = "death"
    SELF_REPORT = "self-report"


class Timing(StrEnum):
    """How well it is known when something happened."""

    DATED = "dated"
    BIRTH = "birth"
    UNKNOWN = "unknown"


REGISTERS = {
    Source.HOSPITAL: (DIAGNOSIS, DIAGNOSIS_DATE),
    Source.CANCER: (CANCER, CANCER_DATE),
    Source.DEATH: (DEATH_CAUSE, DEATH_DATE),
}


@dataclass(frozen=True, kw_only=True)
class Events:
    """What was read.

    Attributes:
        rows: ``person``, ``code``, ``source``, ``date``, ``timing``, and ``years`` from the visit: at or below 0 before
            it, missing where the timing is unknown. ICD-10 codes have no dot; codes of self-report are numbers.
        contradictions: People whose records cannot be true.
        uncoded: Cancer registrations without an ICD-10 code.
    """

    rows: pl.DataFrame
    contradictions: tuple[Contradiction, ...]
    uncoded: int


def read_events(
    batch: pl.DataFrame,
    persons: pl.DataFrame,
    *,
    wanted: Wanted,
    special: Mapping[date, SpecialDate],
    today: date,
) -> Events:
    """Read every diagnosis of a batch.

    Raises:
        CohortError: A code or date is none.
    """
    tables, found, uncoded = [], [], 0
    for source, (code, when) in REGISTERS.items():
        if not wanted.has(code, when):
            continue
        pairs, mismatched = _paired(batch, code, when, source)
        found += mismatched
        if source is Source.CANCER:
            uncoded = pairs["code"].null_count()
        tables.append(_dated(pairs.drop_nulls("code"), source, code=code, when=when, special=special))
    rows = _timed(pl.concat([_none(), *tables]), persons)
    found += _impossible(rows, persons, today)
    if wanted.has(REPORTED):
        reported, wrong = _reported(batch, persons, wanted)
        rows, found = pl.concat([rows, reported]), [*found, *wrong]
    return Events(rows=rows, contradictions=tuple(found), uncoded=uncoded)


def _none() -> pl.DataFrame:
    return pl.DataFrame(
        schema={"person": pl.String, "code": pl.String, "source": pl.String, "date": pl.Date, "timing": pl.String}
    )


def _paired(batch: pl.DataFrame, code: int, when: int, source: Source) -> tuple[pl.DataFrame, list[Contradiction]]:
    """Return one row a record; people whose codes and dates do not pair are left out and returned.

    In the registers a code may lack its date, or a date its code, at the end of the list as well.
    """
    lists = batch.select("person", pl.col(str(code)).alias("code"), pl.col(str(when)).alias("when"))
    n_codes, n_dates = (pl.col(name).list.len().fill_null(0) for name in ("code", "when"))
    if source is Source.HOSPITAL:
        has_gap = (pl.col("code").list.drop_nulls().list.len().fill_null(0)) < n_codes
        mismatched = lists.filter((n_codes != n_dates) | has_gap)["person"]
        lists = lists.filter((n_codes == n_dates) & ~has_gap)
    else:
        longest = pl.max_horizontal(n_codes, n_dates)
        lists = lists.with_columns(_padded("code", longest), _padded("when", longest))
        mismatched = lists["person"].clear()
    found = Contradiction(
        what="diagnoses and dates of different number", columns=(str(code), str(when)), people=mismatched
    )
    rows = lists.filter(pl.col("code").list.len() > 0).explode("code", "when")
    return rows, [found] if len(mismatched) else []


def _padded(name: str, length: pl.Expr) -> pl.Expr:
    filled = pl.col(name).fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return filled.list.gather(pl.int_ranges(0, length), null_on_oob=True).alias(name)


def _dated(
    pairs: pl.DataFrame, source: Source, *, code: int, when: int, special: Mapping[date, SpecialDate]
) -> pl.DataFrame:
    """Tidy codes, read dates, and tell special dates from real ones."""
    tidy = pairs["code"].str.strip_chars().str.replace(".", "", literal=True).str.to_uppercase()
    wrong = int((~tidy.str.contains(_ICD10)).sum())
    if wrong:
        raise CohortError(
            f"Field {code} must hold raw ICD-10 codes such as E119",
            f"{wrong} of {len(tidy)} that are none",
            "export raw codes, not their meanings",
            columns=(str(code),),
            rows=wrong,
        )
    on = dates(pairs["when"], field=when)
    meaning = {day: said.means for day, said in special.items()}
    timing = pl.Series(
        [Timing.UNKNOWN if m is DateMeaning.UNKNOWN else Timing.BIRTH for m in meaning.values()], dtype=pl.String
    )
    kinds = on.replace_strict(list(meaning), timing, default=pl.lit(Timing.DATED.value), return_dtype=pl.String).set(
        on.is_null(), Timing.UNKNOWN.value
    )
    return pl.DataFrame(
        {
            "person": pairs["person"],
            "code": tidy,
            "source": pl.repeat(source.value, len(tidy), dtype=pl.String, eager=True),
            "date": on.set(kinds != Timing.DATED.value, None),
            "timing": kinds,
        }
    )


def _timed(rows: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Add years from the visit; from birth where it was there from birth."""
    joined = rows.join(persons.select("person", "visit", "born"), on="person", how="inner", maintain_order="left")
    at = pl.when(pl.col("timing") == Timing.BIRTH.value).then("born").otherwise("date")
    years = (at - pl.col("visit")).dt.total_days() / _DAYS_A_YEAR
    return joined.with_columns(years.alias("years")).drop("visit", "born")


def _impossible(rows: pl.DataFrame, persons: pl.DataFrame, today: date) -> Iterator[Contradiction]:
    dated = rows.filter(pl.col("timing") == Timing.DATED.value).join(
        persons.select("person", "born_from"), on="person", how="left"
    )
    for source in (Source.HOSPITAL, Source.CANCER):  # the day of death is checked with the person
        here = dated.filter(pl.col("source") == source.value)
        for what, is_wrong in (("before birth", pl.col("date") < pl.col("born_from")),
                               ("in the future", pl.col("date") > today)):  # fmt: skip
            people = here.filter(is_wrong)["person"].unique()
            if len(people):
                yield Contradiction(
                    what=f"{source.value} records dated {what}",
                    columns=tuple(map(str, REGISTERS[source])),
                    people=people,
                )


def _reported(batch: pl.DataFrame, persons: pl.DataFrame, wanted: Wanted) -> tuple[pl.DataFrame, list[Contradiction]]:
    """Return illnesses named at the visit: prevalent whatever is known of the year.

    Where the year is not known (-1, -3 or empty), ``years`` is 0: at the visit at the latest.
    """
    has_years = wanted.has(REPORTED_YEAR)
    when = pl.col(str(REPORTED_YEAR)) if has_years else pl.lit(None, dtype=pl.List(pl.String))
    lists = batch.select("person", pl.col(str(REPORTED)).alias("code"), when.alias("when"))
    n_codes, n_years = (pl.col(name).list.len().fill_null(0) for name in ("code", "when"))
    extra = lists.filter(n_years > n_codes)["person"]
    rows = lists.filter((n_years <= n_codes) & (n_codes > 0)).with_columns(_padded("when", n_codes))
    rows = rows.explode("code", "when").drop_nulls("code")
    code = codes(rows["code"], field=REPORTED)
    year = numbers(rows["when"], field=REPORTED_YEAR)
    known = rows.select("person").with_columns(
        code.cast(pl.String).alias("code"), year.set((year < 0).fill_null(value=False), None).alias("year")
    )
    joined = known.join(persons, on="person", how="inner", maintain_order="left")
    visited = pl.col("visit").dt.year() + (pl.col("visit").dt.ordinal_day() - 1) / _DAYS_A_YEAR
    early = joined.filter(pl.col("year") < pl.col("born_from").dt.year())["person"].unique()
    late = joined.filter(pl.col("year") > visited + 1)["person"].unique()
    found = [
        Contradiction(what=what, columns=(str(REPORTED), str(REPORTED_YEAR)), people=people)
        for what, people in (
            ("self-reported years without an illness", extra),
            ("self-reported illnesses before birth", early),
            ("self-reported illnesses after the visit", late),
        )
        if len(people)
    ]
    return joined.select(
        "person",
        "code",
        pl.lit(Source.SELF_REPORT.value).alias("source"),
        pl.lit(None, dtype=pl.Date).alias("date"),
        pl.lit(Timing.DATED.value).alias("timing"),
        pl.min_horizontal(pl.col("year") - visited, 0.0).fill_null(0.0).alias("years"),
    ), found
