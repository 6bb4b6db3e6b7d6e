"""Read values out of a batch: numbers, codes and dates, each checked to be one.

Text that is no number, code or date is refused with counts, never read as missing.
"""

import polars as pl

from holdfast.cohort.error import CohortError

__all__ = ["codes", "dates", "numbers"]


def numbers(values: pl.Series, *, field: int) -> pl.Series:
    """Return the values as Float64.

    Raises:
        CohortError: Some are no finite number.
    """
    read = _stripped(values).cast(pl.Float64, strict=False)
    finite = read.set(~read.is_finite().fill_null(value=True), None)
    _check(values, finite, f"Field {field} must hold numbers", "export raw values, not their meanings")
    return finite


def codes(values: pl.Series, *, field: int) -> pl.Series:
    """Return the values as Int64 codes.

    Raises:
        CohortError: Some are no whole number.
    """
    read = _stripped(values).cast(pl.Float64, strict=False)
    whole = read.set((read != read.round(0)).fill_null(value=False), None).cast(pl.Int64, strict=False)
    _check(values, whole, f"Field {field} must hold codes", "export raw codes, not their meanings")
    return whole


def dates(values: pl.Series, *, field: int) -> pl.Series:
    """Return the values as dates; a time of day is cut off.

    Raises:
        CohortError: Some are no date written as year-month-day.
    """
    if values.dtype in (pl.Date, pl.Datetime):
        return values.cast(pl.Date)
    read = _stripped(values).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    _check(values, read, f"Field {field} must hold dates such as 2009-03-14", "export dates as year-month-day")
    return read


def _stripped(values: pl.Series) -> pl.Series:
    return values.str.strip_chars() if values.dtype == pl.String else values


def _check(before: pl.Series, after: pl.Series, subject: str, remedy: str) -> None:
    lost = after.null_count() - before.null_count()
    if lost:
        raise CohortError(
            subject, f"{lost} of {len(before)} values that are none", remedy, columns=(before.name,), rows=lost
        )
