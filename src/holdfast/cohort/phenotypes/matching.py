"""From diagnoses to conditions: which phenotype a code belongs to, and whether it came before or after a visit.

With a diagnosis first made on day d and a visit on day v, ``years = (d - v) / 365.25``. At or below 0 a condition is
prevalent at the visit, above it is incident.
"""

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.phenotypes.catalogue import Phenotypes
from holdfast.cohort.phenotypes.codes import prefixes

__all__ = ["DAYS_A_YEAR", "first_conditions", "incident", "match_codes", "prevalent"]

DAYS_A_YEAR = 365.25

_LENGTHS = (3, 4)


def match_codes(diagnoses: pl.LazyFrame, phenotypes: Phenotypes) -> pl.LazyFrame:
    """Return a row for each diagnosis and phenotype it belongs to.

    Args:
        diagnoses: Has a column ``code``: ICD-10, with or without the dot, in either case.
        phenotypes: What to look for.

    Returns:
        The columns of ``diagnoses`` and ``condition``; rows that belong to nothing are gone.

    Raises:
        CohortError: There is no column ``code``.
    """
    _check_columns(diagnoses, ("code",))
    plain = pl.col("code").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    keyed = diagnoses.with_columns(plain.str.slice(0, n).alias(_key(n)) for n in _LENGTHS)
    wanted, unwanted = _lookup(phenotypes, is_left_out=False), _lookup(phenotypes, is_left_out=True)
    rows = [_joined(keyed, wanted, n) for n in _LENGTHS]
    found = pl.concat(rows).unique()
    for n in _LENGTHS:
        table = unwanted.filter(pl.col("prefix").str.len_bytes() == n)
        found = found.join(table, left_on=[_key(n), "condition"], right_on=["prefix", "condition"], how="anti")
    return found.drop(_key(n) for n in _LENGTHS)


def first_conditions(diagnoses: pl.LazyFrame, visits: pl.LazyFrame, phenotypes: Phenotypes) -> pl.LazyFrame:
    """Return each person's first diagnosis of each phenotype, in years from the visit.

    Args:
        diagnoses: ``person``, ``code``, ``date`` (of the diagnosis) and ``source``. Rows without a date are left out:
            nobody can say whether they came before or after the visit. Count them before.
        visits: ``person`` and ``visit``, one row a person. People without a visit, or with an empty one, are left out.
        phenotypes: What to look for.

    Returns:
        ``person``, ``condition``, ``years``, ``source``, as ``conditions.parquet`` has them, sorted by person and
        condition. Of two sources on one day the first in the alphabet is named.

    Raises:
        CohortError: A column is missing.
    """
    _check_columns(diagnoses, ("person", "code", "date", "source"))
    _check_columns(visits, ("person", "visit"))
    matched = match_codes(diagnoses.filter(pl.col("date").is_not_null()), phenotypes)
    firsts = matched.group_by("person", "condition").agg(
        pl.col("date").min(), pl.col("source").sort_by("date", "source").first()
    )
    days = (pl.col("date").cast(pl.Date) - pl.col("visit")).dt.total_days()
    return (
        firsts.join(visits.select("person", "visit").filter(pl.col("visit").is_not_null()), on="person")
        .select("person", "condition", (days / DAYS_A_YEAR).alias("years"), "source")
        .sort("person", "condition")
    )


def prevalent(conditions: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the conditions that were there at the visit: diagnosed on its day or before."""
    return conditions.filter(pl.col("years") <= 0)


def incident(conditions: pl.LazyFrame, *, within_years: float | None = None) -> pl.LazyFrame:
    """Keep the conditions first diagnosed after the visit, up to ``within_years`` later (None: ever)."""
    after = pl.col("years") > 0
    return conditions.filter(after if within_years is None else after & (pl.col("years") <= within_years))


def _key(length: int) -> str:
    return f"_code_{length}"


def _lookup(phenotypes: Phenotypes, *, is_left_out: bool) -> pl.LazyFrame:
    rows = [
        (prefix, phenotype.id)
        for phenotype in phenotypes.values()
        for prefix in prefixes(phenotype.left_out if is_left_out else phenotype.icd10)
    ]
    return pl.LazyFrame(rows, schema={"prefix": pl.String(), "condition": pl.String()}, orient="row")


def _joined(keyed: pl.LazyFrame, wanted: pl.LazyFrame, length: int) -> pl.LazyFrame:
    table = wanted.filter(pl.col("prefix").str.len_bytes() == length)
    return keyed.join(table, left_on=_key(length), right_on="prefix", how="inner")


def _check_columns(frame: pl.LazyFrame, needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in frame.collect_schema().names()]
    if missing:
        raise CohortError(
            f"Table must have the columns {', '.join(needed)}",
            f"none called {', '.join(missing)}",
            "rename them",
            columns=missing,
        )
