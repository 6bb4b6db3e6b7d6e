"""Who is in a batch: visit, birth, death and loss to follow-up of each person, as dates."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from holdfast.cohort.ukbiobank.values import codes, dates, numbers
from holdfast.cohort.ukbiobank.wanted import BIRTH_MONTH, BIRTH_YEAR, DEATH_DATE, LOST, VISIT_DATE, Wanted

__all__ = ["FIRST_VISIT", "Contradiction", "contradictions_of_persons", "read_persons"]

FIRST_VISIT = date(2006, 3, 13)
"""The day the pilot of recruitment began; no visit can lie before it."""

AGE = 21003


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """People whose records cannot all be true.

    Attributes:
        what: What cannot be true: "visits after death".
        columns: The fields it is about.
        people: Their ids; never written anywhere.
    """

    what: str
    columns: tuple[str, ...]
    people: pl.Series


def read_persons(batch: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """Return ``person``, ``visit``, ``birth_year``, ``age``, ``born_from``, ``born``, ``death`` and ``lost``.

    ``born_from`` is the first day the person may have been born, ``born`` the middle of the time they may: the 15th of
    a known month, 1 July of a known year, otherwise half a year before the age at the visit. The earliest of several
    death records counts.
    """
    frame = batch.select(
        pl.col("person"),
        _date(batch, VISIT_DATE, wanted).alias("visit"),
        _whole(batch, BIRTH_YEAR, wanted).alias("birth_year"),
        _whole(batch, BIRTH_MONTH, wanted).alias("month"),
        _whole(batch, AGE, wanted).alias("age"),
        _death(batch, wanted).alias("death"),
        _date(batch, LOST, wanted).alias("lost"),
    )
    year, month = pl.col("birth_year"), pl.col("month")
    by_age = pl.col("visit").dt.offset_by(pl.format("-{}mo", pl.col("age") * 12))
    is_dated = year.is_not_null()
    return frame.with_columns(
        pl.when(is_dated)
        .then(pl.date(year, month.fill_null(1), 1))
        .otherwise(by_age.dt.offset_by("-1y"))
        .alias("born_from"),
        pl.when(is_dated)
        .then(pl.date(year, month.fill_null(7), pl.when(month.is_null()).then(1).otherwise(15)))
        .otherwise(by_age.dt.offset_by("-6mo"))
        .alias("born"),
    ).drop("month")


def contradictions_of_persons(persons: pl.DataFrame, *, today: date) -> list[Contradiction]:
    """Find visits, births and deaths that cannot all be true."""
    visit, death, year = pl.col("visit"), pl.col("death"), pl.col("birth_year")
    aged = visit.dt.year() - year - pl.col("age")
    checks = (
        ("visits before recruitment began", ("53",), visit < FIRST_VISIT),
        ("visits in the future", ("53",), visit > today),
        ("visits before birth", ("53", "34", "52"), visit < pl.col("born_from")),
        ("ages that do not fit birth and visit", ("21003", "34", "53"), ~aged.is_between(0, 1)),
        ("deaths at or before the visit", ("40000", "53"), death <= visit),
        ("deaths in the future", ("40000",), death > today),
    )
    found = [
        Contradiction(what=what, columns=columns, people=persons.filter(is_wrong)["person"])
        for what, columns, is_wrong in checks
    ]
    return [contradiction for contradiction in found if len(contradiction.people)]


def _nothing(batch: pl.DataFrame, dtype: type[pl.DataType]) -> pl.Series:
    return pl.Series([None], dtype=dtype).new_from_index(0, batch.height)


def _date(batch: pl.DataFrame, field: int, wanted: Wanted) -> pl.Series:
    names = wanted.staged(field)
    return dates(batch[names[0]], field=field) if names else _nothing(batch, pl.Date)


def _whole(batch: pl.DataFrame, field: int, wanted: Wanted) -> pl.Series:
    """Return a number as a whole one, missing where it is a special code."""
    names = wanted.staged(field)
    if not names:
        return _nothing(batch, pl.Int64)
    read = numbers(batch[names[0]], field=field) if field == AGE else codes(batch[names[0]], field=field)
    return read.set((read < 0).fill_null(value=False), None).cast(pl.Int64)


def _death(batch: pl.DataFrame, wanted: Wanted) -> pl.Series:
    if DEATH_DATE not in wanted.records:
        return _nothing(batch, pl.Date)
    records = batch.select("person", pl.col(str(DEATH_DATE)).alias("date")).explode("date")
    first = records.with_columns(dates(records["date"], field=DEATH_DATE)).group_by("person").agg(pl.col("date").min())
    return batch.select("person").join(first, on="person", how="left", maintain_order="left")["date"]
