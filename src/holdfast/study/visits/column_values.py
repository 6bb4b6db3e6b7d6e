"""Columns of a frame as numbers: codes of categories, missing as NaN, and units that cannot be right refused."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.cohort.schema import Feature, Kind
from holdfast.cohort.units import conversions_for
from holdfast.study.error import StudyError
from holdfast.study.visits.visits import Values

__all__ = [
    "MOST_IMPLAUSIBLE",
    "column_types",
    "feature_values",
    "implausible_counts",
    "refuse_implausible",
    "refuse_missing",
    "refuse_often_implausible",
]

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

    Returns:
        (people, columns), in memory a column at a time; and the counts, of those columns that have such values.

    Raises:
        StudyError: Columns are missing, hold words where numbers were, or are infinite. Units are not looked at: see
            ``refuse_implausible``, which needs everybody's values.
    """
    refuse_missing(frame.columns, columns, table=table)
    by_column = np.empty((len(columns), frame.height), dtype=np.float32)
    unseen = {}
    for out, column in zip(by_column, columns, strict=True):
        numbers = _numbers(frame[column.name], column, table)
        if column.kind is Kind.CATEGORICAL and column.levels is not None:
            unseen[column.name] = _to_places(numbers, column, out)
        else:
            _to_single(numbers, column, table, out)
    return by_column.T, {name: count for name, count in unseen.items() if count}


def refuse_implausible(values: Values, columns: Sequence[Feature]) -> None:
    """Refuse columns of which more than a fifth of the values lie where no living person's do.

    Raises:
        StudyError: There is one; the message names the unit it was probably in.
    """
    refuse_often_implausible(implausible_counts(values, columns), values, columns)


def implausible_counts(values: Values, columns: Sequence[Feature]) -> NDArray[np.int64]:
    """Count, for each column, the values that are measured and those of them outside its plausible range: (columns, 2).

    Columns that have no unit to be wrong count nothing. Counts of the parts of a table add up.
    """
    counts = np.zeros((len(columns), 2), dtype=np.int64)
    for place, column in enumerate(columns):
        if column.plausible is None or column.kind is not Kind.NUMERIC:
            continue
        x = values[:, place]
        low, high = _bounds(column)
        missing = np.count_nonzero(np.isnan(x))
        inside = np.count_nonzero((x >= low) & (x <= high))
        counts[place] = len(x) - missing, len(x) - missing - inside
    return counts


def refuse_often_implausible(counts: NDArray[np.int64], values: Values, columns: Sequence[Feature]) -> None:
    """Refuse columns of which more than a fifth of the values counted lie outside their plausible range.

    Args:
        counts: Of a table, or of the part of it that has been read; see ``implausible_counts``.
        values: From which the unit is guessed: some of those counted.
        columns: Of both.

    Raises:
        StudyError: There is one.
    """
    is_often = (counts[:, 0] >= _FEWEST_TO_JUDGE) & (counts[:, 1] > MOST_IMPLAUSIBLE * counts[:, 0])
    for place in np.flatnonzero(is_often).tolist():
        x = values[:, place].astype(np.float64)
        outside = x[~np.isnan(x) & ~_is_within(x, columns[place])]
        raise _implausible(columns[place], outside, int(counts[place, 1]), int(counts[place, 0]))


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


def _implausible(column: Feature, outside: NDArray[np.float64], n_outside: int, n_measured: int) -> StudyError:
    low, high = column.plausible or (-np.inf, np.inf)
    likely = next(
        (
            c
            for c in conversions_for(column)
            if len(outside) and _is_within(outside * c.factor + c.offset, column).mean() >= 0.9
        ),
        None,
    )
    return StudyError(
        f"Column {column.name!r} ({column.title}) must lie in {low:g} to {high:g} {column.unit or ''}".rstrip(),
        f"{n_outside} of {n_measured} values outside" + (f", as {likely.from_unit} would be" if likely else ""),
        f"convert it from {likely.from_unit}" if likely else "check its unit",
        columns=(column.name,),
        rows=n_outside,
    )


def _is_within(values: NDArray[np.float64], column: Feature) -> NDArray[np.bool_]:
    low, high = _bounds(column)
    inside: NDArray[np.bool_] = (values >= low) & (values <= high)
    return inside


def _bounds(column: Feature) -> tuple[np.float32, np.float32]:
    """Return the plausible range, a little wider: values are single precision, and a bound itself is inside."""
    low, high = column.plausible or (-np.inf, np.inf)
    slack = 1e-6 * (high - low)
    return np.float32(low - slack), np.float32(high + slack)


def _has_words(column: Feature) -> bool:
    return column.levels is not None and isinstance(next(iter(column.levels)), str)


def _numbers(series: pl.Series, column: Feature, table: str) -> NDArray[np.float64]:
    """Return a column as numbers, NaN where missing; of words the place among the levels, or the one after the last."""
    if _has_words(column):
        levels = list(column.levels or {})
        words = series.cast(pl.String())
        places = words.replace_strict(levels, range(len(levels)), default=len(levels), return_dtype=pl.Float64)
        return places.set(words.is_null(), None).to_numpy()
    if not (series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)):
        raise StudyError(
            f"Column {column.name!r} of {table} must hold numbers",
            str(series.dtype),
            "write its numbers as numbers",
            columns=(column.name,),
        )
    return series.cast(pl.Float64).to_numpy()


def _to_single(numbers: NDArray[np.float64], column: Feature, table: str, out: Values) -> None:
    """Write numbers in single precision, and refuse what has no place there."""
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
        out[:] = numbers
    infinite = np.isinf(out)
    if infinite.any():
        raise StudyError(
            f"Column {column.name!r} of {table} must be finite",
            f"{int(infinite.sum())} of {len(numbers)} values that are not",
            "leave them empty",
            columns=(column.name,),
            rows=int(infinite.sum()),
        )


def _to_places(numbers: NDArray[np.float64], column: Feature, out: Values) -> int:
    """Write each value's place among the levels, and return how many are of none."""
    levels = list(column.levels or {})
    if _has_words(column):
        out[:] = numbers
        return int((numbers == len(levels)).sum())
    codes = np.array(levels, dtype=np.float64)
    order = np.argsort(codes)
    found = np.minimum(np.searchsorted(codes[order], numbers), len(codes) - 1)
    is_missing, is_unseen = np.isnan(numbers), codes[order][found] != numbers
    out[:] = order[found]
    out[is_unseen] = len(codes)
    out[is_missing] = np.nan
    return int((is_unseen & ~is_missing).sum())
