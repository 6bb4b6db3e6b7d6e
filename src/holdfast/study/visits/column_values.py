"""Columns of a frame as numbers: codes of categories, missing as NaN, and units that cannot be right refused."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.cohort.schema import Feature, Kind
from holdfast.cohort.units import conversions_for
from holdfast.study.error import StudyError
from holdfast.study.visits.visits import Values

__all__ = ["MOST_IMPLAUSIBLE", "column_types", "feature_values", "refuse_implausible", "refuse_missing"]

MOST_IMPLAUSIBLE = 0.2
"""The largest share of a column's values that may lie outside its plausible range, as cohorts have it."""

_FEWEST_TO_JUDGE = 5  # below so many values a share says little about a unit


def column_types(columns: Iterable[Feature]) -> dict[str, pl.DataType]:
    """Return the type each column is read as: words where its levels are words, else Float64."""
    return {column.name: pl.String() if _has_words(column) else pl.Float64() for column in columns}


def feature_values(frame: pl.DataFrame, columns: Sequence[Feature], *, table: str) -> tuple[Values, Mapping[str, int]]:
    """Return the columns of a frame as numbers, and how many values are of a category that a column does not list.

    Args:
        frame: Has every column, of the types that ``column_types`` says.
        columns: What to read, in order.
        table: What the frame is called in messages.

    Raises:
        StudyError: Columns are missing, hold words where numbers were, or are infinite. Units are not looked at: see
            ``refuse_implausible``, which needs everybody's values.
    """
    refuse_missing(frame.columns, columns, table=table)
    values = np.empty((frame.height, len(columns)), dtype=np.float32)
    unseen = {}
    for place, column in enumerate(columns):
        series = frame[column.name]
        if column.kind is Kind.CATEGORICAL and column.levels is not None:
            codes, unseen[column.name] = _codes(series, column)
            values[:, place] = codes
        else:
            values[:, place] = _numbers(series, column, table)
    return values, {name: count for name, count in unseen.items() if count}


def refuse_implausible(values: Values, columns: Sequence[Feature]) -> None:
    """Refuse columns of which more than a fifth of the values lie where no living person's do.

    Raises:
        StudyError: There is one; the message names the unit it was probably in.
    """
    for place, column in enumerate(columns):
        if column.plausible is None or column.kind is not Kind.NUMERIC:
            continue
        measured = values[:, place][~np.isnan(values[:, place])].astype(np.float64)
        outside = measured[~_is_within(measured, column)]
        if len(measured) >= _FEWEST_TO_JUDGE and len(outside) > MOST_IMPLAUSIBLE * len(measured):
            raise _implausible(column, outside, len(measured))


def refuse_missing(found: Collection[str], columns: Sequence[Feature], *, table: str) -> None:
    """Refuse a table that lacks columns, naming the first five of them.

    Raises:
        StudyError: It does.
    """
    missing = [column.name for column in columns if column.name not in found]
    if missing:
        raise StudyError(
            f"{table} must have every column that was learnt from",
            f"{len(missing)} of {len(columns)} missing ({', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''})",
            "add them; a column nobody was measured on may be there empty",
            columns=missing,
        )


def _implausible(column: Feature, outside: NDArray[np.float64], n_measured: int) -> StudyError:
    low, high = column.plausible or (-np.inf, np.inf)
    likely = next(
        (c for c in conversions_for(column) if _is_within(outside * c.factor + c.offset, column).mean() >= 0.9), None
    )
    return StudyError(
        f"Column {column.name!r} ({column.title}) must lie in {low:g} to {high:g} {column.unit or ''}".rstrip(),
        f"{len(outside)} of {n_measured} values outside" + (f", as {likely.from_unit} would be" if likely else ""),
        f"convert it from {likely.from_unit}" if likely else "check its unit",
        columns=(column.name,),
        rows=len(outside),
    )


def _is_within(values: NDArray[np.float64], column: Feature) -> NDArray[np.bool_]:
    low, high = column.plausible or (-np.inf, np.inf)
    slack = 1e-6 * (high - low)  # values are single precision: a bound itself is inside
    inside: NDArray[np.bool_] = (values >= low - slack) & (values <= high + slack)
    return inside


def _has_words(column: Feature) -> bool:
    return column.levels is not None and isinstance(next(iter(column.levels)), str)


def _numbers(series: pl.Series, column: Feature, table: str) -> NDArray[np.float64]:
    if not (series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)):
        raise StudyError(
            f"Column {column.name!r} of {table} must hold numbers",
            str(series.dtype),
            "write its numbers as numbers",
            columns=(column.name,),
        )
    numbers = series.cast(pl.Float64).to_numpy().astype(np.float64)
    infinite = int((np.abs(numbers) > np.finfo(np.float32).max).sum())
    if infinite:
        raise StudyError(
            f"Column {column.name!r} of {table} must be finite",
            f"{infinite} of {len(numbers)} values that are not",
            "leave them empty",
            columns=(column.name,),
            rows=infinite,
        )
    return numbers


def _codes(series: pl.Series, column: Feature) -> tuple[NDArray[np.float64], int]:
    """Return each value's place among the levels, and how many are of none."""
    levels = list(column.levels or {})
    dtype = pl.String() if _has_words(column) else pl.Float64()
    places = pl.DataFrame({"level": pl.Series(levels).cast(dtype), "place": range(len(levels))})
    joined = pl.DataFrame({"level": series.cast(dtype)}).join(places, on="level", how="left", maintain_order="left")
    found = joined["place"].cast(pl.Float64).to_numpy().copy()
    is_unseen = np.isnan(found) & ~series.is_null().to_numpy() & ~_is_nan(series)
    found[is_unseen] = len(levels)
    return found, int(is_unseen.sum())


def _is_nan(series: pl.Series) -> NDArray[np.bool_]:
    if not series.dtype.is_float():
        return np.zeros(len(series), dtype=np.bool_)
    return series.is_nan().fill_null(value=False).to_numpy()
