"""Features worked out from several published columns. A total is missing as soon as one of its parts is.

- PHQ-9: the sum of nine items (Kroenke, Spitzer and Williams, 2001); only complete ones unless told otherwise.
- Blood pressure: the mean of up to four readings, diastolic readings of 0 left out, as in the
  example code on hypertension of CDC's NHANES tutorials.
- Smoking: NCHS's never (under 100 cigarettes), former and current.
- Activity: GPAQ, 8 MET for vigorous and 4 for moderate activity and getting about (WHO, GPAQ analysis guide).
- Alcohol: days a year, from a count with its unit until 2016 and from classes since 2017 (their middles, ours).
"""

from collections.abc import Iterable

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import Cycle

__all__ = ["PHQ9_ITEMS", "with_derived"]

PHQ9_ITEMS = tuple(f"DPQ0{i}0" for i in range(1, 10))

_ACTIVITIES = (  # asked at all, days a week, minutes a day, MET
    ("PAQ605", "PAQ610", "PAD615", 8),
    ("PAQ620", "PAQ625", "PAD630", 4),
    ("PAQ635", "PAQ640", "PAD645", 4),
    ("PAQ650", "PAQ655", "PAD660", 8),
    ("PAQ665", "PAQ670", "PAD675", 4),
)
_DAYS_A_UNIT = {1.0: 52.0, 2.0: 12.0, 3.0: 1.0}
_DAYS_A_CLASS = dict(enumerate((0.0, 365.0, 312.0, 182.0, 104.0, 52.0, 30.0, 12.0, 9.0, 4.5, 1.5)))


def with_derived(table: pl.DataFrame, cycle: Cycle, *, phq9_missing: int) -> pl.DataFrame:
    """Add the derived features to decoded columns (see ``codes.decoded``).

    Args:
        table: One cycle's columns; one that a feature needs and that is absent counts as missing in every row.
        cycle: Which cycle.
        phq9_missing: Most PHQ-9 items that may be missing; the mean of the others takes their place. 0: none.

    Raises:
        CohortError: ``phq9_missing`` is not within 0 to 2.
    """
    if not 0 <= phq9_missing <= 2:
        raise CohortError("PHQ-9 items missing must be 0 to 2", repr(phq9_missing), "leave it at 0")
    table = _with_absent(table)
    table = table.with_columns(
        _code(pl.col("RIDAGEYR") >= cycle.top_age).alias("AGE_80_PLUS"),
        pl.lit(cycle.letter).alias("CYCLE"),
        pl.mean_horizontal(_READINGS["BPXSY"]).alias("SYSTOLIC_MEAN"),
        pl.mean_horizontal(_READINGS["BPXDI"]).alias("DIASTOLIC_MEAN"),
        _smoking().alias("SMOKING"),
        _alcohol_days().alias("ALCOHOL_DAYS"),
        _activity().alias("ACTIVITY_MET"),
        pl.coalesce("SLD010H", "SLD012").alias("SLEEP_HOURS"),
        _phq9(phq9_missing).alias("PHQ9"),
    )
    return table.with_columns(
        _cigarettes().alias("CIGARETTES_PER_DAY"),
        _when((pl.col("ALCOHOL_DAYS") == 0, 0.0), otherwise=pl.col("ALCOHOL_DAYS") * pl.col("ALQ130") / 52).alias(
            "ALCOHOL_DRINKS"
        ),
        _code(pl.col("PHQ9") >= 10).alias("PHQ9_10_PLUS"),
    )


_READINGS = {stem: [f"{stem}{i}" for i in range(1, 5)] for stem in ("BPXSY", "BPXDI")}
_NEEDED = (
    *PHQ9_ITEMS,
    *(name for names in _READINGS.values() for name in names),
    *(name for part in _ACTIVITIES for name in part[:3]),
    *("SMQ020", "SMQ040", "SMD641", "SMD650", "SLD010H", "SLD012"),
    *("ALQ101", "ALQ110", "ALQ111", "ALQ120Q", "ALQ120U", "ALQ121", "ALQ130"),
)


def _with_absent(table: pl.DataFrame) -> pl.DataFrame:
    absent = (name for name in _NEEDED if name not in table.columns)
    return table.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in absent)


def _code(condition: pl.Expr) -> pl.Expr:
    return condition.cast(pl.Float64)


def _when(*cases: tuple[pl.Expr, pl.Expr | float], otherwise: pl.Expr | None = None) -> pl.Expr:
    """Return the value of the first case that holds; a case that is unknown does not hold."""
    result = otherwise if otherwise is not None else pl.lit(None, dtype=pl.Float64)
    for condition, value in reversed(cases):
        result = pl.when(condition).then(value).otherwise(result)
    return result


def _phq9(most_missing: int) -> pl.Expr:
    items = [pl.col(name) for name in PHQ9_ITEMS]
    missing = pl.sum_horizontal(item.is_null() for item in items)
    return _when((missing <= most_missing, pl.mean_horizontal(items) * len(items))).round(1)


def _smoking() -> pl.Expr:
    ever, now = pl.col("SMQ020"), pl.col("SMQ040")
    return _when((ever == 2, 0.0), ((ever == 1) & (now == 3), 1.0), ((ever == 1) & now.is_in([1.0, 2.0]), 2.0))


def _cigarettes() -> pl.Expr:
    status, days, a_day = pl.col("SMOKING"), pl.col("SMD641"), pl.col("SMD650")
    return _when((status < 2, 0.0), ((status == 2) & (days == 0), 0.0), (status == 2, days * a_day / 30))


def _alcohol_days() -> pl.Expr:
    count, unit = pl.col("ALQ120Q"), pl.col("ALQ120U")
    never = (pl.col("ALQ111") == 2) | ((pl.col("ALQ101") == 2) & (pl.col("ALQ110") == 2))
    by_unit = count * unit.replace_strict(_DAYS_A_UNIT, default=None, return_dtype=pl.Float64)
    by_class = pl.col("ALQ121").replace_strict(_DAYS_A_CLASS, default=None, return_dtype=pl.Float64)
    counted = _when((count == 0, 0.0), otherwise=by_unit.clip(upper_bound=366.0))
    return _when((never, 0.0), otherwise=pl.coalesce(by_class, counted))


def _activity() -> pl.Expr:
    return _sum(
        _when((pl.col(asked) == 0, 0.0), (pl.col(asked) == 1, pl.col(days) * pl.col(minutes) * met))
        for asked, days, minutes, met in _ACTIVITIES
    )


def _sum(parts: Iterable[pl.Expr]) -> pl.Expr:
    """Add up; missing as soon as one part is."""
    first, *others = parts
    for part in others:
        first = first + part
    return first
