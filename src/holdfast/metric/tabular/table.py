"""Read tables of any kind alike: numpy arrays, pandas and polars frames, one block of rows at a time.

Nothing here imports pandas or polars: a frame is known by what it can do. Cells are missing where they are NaN, None,
null, NaT or ``pandas.NA``.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError

__all__ = ["Holding", "Table", "open_table"]

Floats = NDArray[np.floating[Any]]
NUMBERS = (int, float, np.number, np.bool_, Decimal)
REMEDY = "turn dates into numbers (days since a date), and lists into columns of their own"


class Holding(Enum):
    """What a column holds."""

    NUMBERS = "numbers"
    TEXT = "text"
    NOTHING = "nothing"  # every cell is missing, and nothing else says what the column would hold


class Table(ABC):
    """A table open for reading.

    Attributes:
        names: The columns' names, or None for a table that has none.
        n_rows: How many rows it has.
        n_columns: How many columns it has.
    """

    names: tuple[str, ...] | None
    n_rows: int
    n_columns: int

    @abstractmethod
    def holding(self, column: int) -> Holding:
        """Say what a column holds.

        Raises:
            MetricError: Dates, lists, or numbers and text together.
        """

    @abstractmethod
    def numbers(self, columns: Sequence[int], rows: slice) -> Floats:
        """Return these columns of these rows as floats, missing as NaN; may be a view, never to be written to."""

    @abstractmethod
    def texts(self, column: int, rows: slice) -> list[str | None]:
        """Return one column of these rows as text, missing as None; whole numbers read as "3", truths as "true"."""

    def label(self, column: int) -> str:
        """Return what the column is called in messages and stored encodings."""
        return f"x{column}" if self.names is None else self.names[column]


class _Matrix(Table):
    """A numpy array of numbers or truths."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.names = None
        self.n_rows, self.n_columns = values.shape
        self._values = values

    def holding(self, column: int) -> Holding:  # noqa: ARG002 - every column of a matrix holds the same
        return Holding.NUMBERS

    def numbers(self, columns: Sequence[int], rows: slice) -> Floats:
        block = self._values[rows]
        if len(columns) != self.n_columns:
            block = block[:, list(columns)]
        return block.astype(_precision(block.dtype), copy=False)

    def texts(self, column: int, rows: slice) -> list[str | None]:
        return [_text(value) for value in self._values[rows, column].tolist()]


class _Cells(Table):
    """A numpy array of objects or of text: what a column holds is read from its cells."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.names = None
        self.n_rows, self.n_columns = values.shape
        self._values = values

    def holding(self, column: int) -> Holding:
        return _holding_of_cells(self._values[:, column], f"x{column}")

    def numbers(self, columns: Sequence[int], rows: slice) -> Floats:
        block = np.empty((len(range(*rows.indices(self.n_rows))), len(columns)))
        for place, column in enumerate(columns):
            block[:, place] = _floats_of_cells(self._values[rows, column])
        return block

    def texts(self, column: int, rows: slice) -> list[str | None]:
        return [value if type(value) is str else _text(value) for value in self._values[rows, column].tolist()]


class _Frame(Table):
    """What pandas and polars frames share: a series a column, some of which numpy can view without copying."""

    def __init__(self, frame: Any, names: Sequence[object], series: Sequence[Any]) -> None:
        self.n_rows, self.n_columns = frame.shape
        self.names = _checked_names(names)
        self._series = series
        self._views: dict[int, NDArray[Any]] = {}

    def numbers(self, columns: Sequence[int], rows: slice) -> Floats:
        arrays = [self._numbers(column, rows) for column in columns]
        precision = np.result_type(np.float32, *{_precision(array.dtype) for array in arrays})
        block = np.empty((len(range(*rows.indices(self.n_rows))), len(columns)), dtype=precision)
        for place, array in enumerate(arrays):
            block[:, place] = array
        return block

    def _numbers(self, column: int, rows: slice) -> NDArray[Any]:
        """Return a block of one column as numbers: a view where there is one."""
        if column not in self._views:
            view = self._view(self._series[column])
            if view is None:
                return self._floats(self._slice(self._series[column], rows))
            self._views[column] = view
        return self._views[column][rows]

    @abstractmethod
    def _view(self, series: Any) -> NDArray[Any] | None:
        """Return all of a column as numpy numbers where that copies nothing."""

    @abstractmethod
    def _slice(self, series: Any, rows: slice) -> Any:
        """Return these rows of a series."""

    @abstractmethod
    def _floats(self, series: Any) -> NDArray[Any]:
        """Return a series of numbers as a numpy array of numbers, missing as NaN."""


class _Pandas(_Frame):
    """A pandas frame."""

    def __init__(self, frame: Any) -> None:
        series = [frame.iloc[:, column] for column in range(frame.shape[1])]
        super().__init__(frame, list(frame.columns), series)

    def holding(self, column: int) -> Holding:
        series = self._series[column]
        if hasattr(series, "cat"):
            return Holding.TEXT
        if series.dtype.kind in "biuf":
            return Holding.NUMBERS
        return _holding_of_cells(self._cells(series), self.label(column))

    def texts(self, column: int, rows: slice) -> list[str | None]:
        cells = self._cells(self._slice(self._series[column], rows)).tolist()
        return [value if value is None or type(value) is str else _text(value) for value in cells]

    def _view(self, series: Any) -> NDArray[Any] | None:
        is_plain = isinstance(series.dtype, np.dtype) and series.dtype.kind in "biuf"
        return np.asarray(series) if is_plain else None

    def _slice(self, series: Any, rows: slice) -> Any:
        return series.iloc[rows]

    def _floats(self, series: Any) -> NDArray[Any]:
        if series.dtype.kind in "biuf":
            return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
        return _floats_of_cells(self._cells(series))

    @staticmethod
    def _cells(series: Any) -> NDArray[Any]:
        cells = np.array(series.astype(object), dtype=object)
        cells[np.asarray(series.isna())] = None
        return cells


class _Polars(_Frame):
    """A polars frame."""

    def __init__(self, frame: Any) -> None:
        super().__init__(frame, list(frame.columns), frame.get_columns())

    def holding(self, column: int) -> Holding:
        series = self._series[column]
        if series.dtype.is_numeric() or str(series.dtype) == "Boolean":
            return Holding.NUMBERS
        if series.null_count() == len(series):
            return Holding.NOTHING
        if str(series.dtype).partition("(")[0] in ("String", "Categorical", "Enum"):
            return Holding.TEXT
        return _holding_of_cells(np.array(series.to_list(), dtype=object), self.label(column))

    def texts(self, column: int, rows: slice) -> list[str | None]:
        cells = self._slice(self._series[column], rows).to_list()
        return [value if value is None or type(value) is str else _text(value) for value in cells]

    def _view(self, series: Any) -> NDArray[Any] | None:
        is_plain = series.dtype.is_integer() or series.dtype.is_float()
        is_whole = series.null_count() == 0 and series.n_chunks() == 1
        return np.asarray(series.to_numpy()) if is_plain and is_whole else None

    def _slice(self, series: Any, rows: slice) -> Any:
        return series[rows]

    def _floats(self, series: Any) -> NDArray[Any]:
        if series.dtype.is_integer() or series.dtype.is_float():
            return np.asarray(series.to_numpy())  # nulls become NaN
        if str(series.dtype) == "Object":
            return _floats_of_cells(np.array(series.to_list(), dtype=object))
        return np.asarray(series.cast(float).to_numpy())


def open_table(data: object) -> Table:
    """Open a numpy array, a nested list, a pandas frame or a polars frame for reading.

    Raises:
        MetricError: Not two-dimensional, without columns, sparse, masked, complex, or neither numbers nor text.
    """
    if hasattr(data, "toarray"):
        raise MetricError("X must be dense, got a sparse matrix; convert it with .toarray().")
    if hasattr(data, "columns") and hasattr(data, "iloc"):
        return _with_columns(_Pandas(data))
    if hasattr(data, "columns") and hasattr(data, "get_columns"):
        return _with_columns(_Polars(data))
    return _with_columns(_open_array(data))


def _open_array(data: object) -> Table:
    """Open what numpy can read as a table."""
    if isinstance(data, np.ma.MaskedArray):
        raise MetricError("X must not be a masked array, whose mask would be lost; fill it with .filled(numpy.nan).")
    try:
        values = np.asarray(data)
        if values.dtype.kind == "U" and not isinstance(data, np.ndarray):
            values = np.asarray(data, dtype=object)  # numpy would have turned numbers beside text into text
    except ValueError as error:
        raise MetricError("X must be a table, got rows of different lengths; give each row every column.") from error
    if values.ndim != 2:
        raise MetricError(
            f"X must be 2-D (Expected 2D array: rows by columns), got {values.ndim}-D of shape `{values.shape}`. "
            f"Reshape your data with .reshape(-1, 1) if it is one column or .reshape(1, -1) if it is one row."
        )
    if values.dtype.kind in "biuf":
        return _Matrix(values)
    if values.dtype.kind in "OU":
        return _Cells(values)
    what = "Complex data not supported" if values.dtype.kind == "c" else f"numpy type `{values.dtype}`"
    raise MetricError(f"X must hold numbers or text, got {what}; {REMEDY}.")


def _with_columns(table: Table) -> Table:
    """Return a table that has columns, or refuse."""
    if table.n_columns:
        return table
    shape = f"(shape=({table.n_rows}, 0))"
    raise MetricError(f"X must have columns: found array with 0 feature(s) {shape} while a minimum of 1 is required.")


def _checked_names(names: Sequence[object]) -> tuple[str, ...] | None:
    """Return the names, None where they are not all text, or refuse a name that is there twice."""
    if not all(isinstance(name, str) for name in names):
        return None
    twice = sorted({str(name) for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise MetricError(f"Columns must have names of their own, got {twice[:5]} more than once; rename them.")
    return tuple(str(name) for name in names)


def _precision(dtype: np.dtype[Any]) -> type[np.float32] | type[np.float64]:
    """Return the float type that holds values of ``dtype``: small types fit single precision, others need double."""
    return np.float32 if np.can_cast(dtype, np.float32, casting="safe") else np.float64


def _holding_of_cells(cells: NDArray[Any], label: str) -> Holding:
    """Say what cells hold; their types are looked at, never their values."""
    types = {type(value) for value in cells if not _is_missing(value)}
    if not types:
        return Holding.NOTHING
    if all(issubclass(kind, NUMBERS) for kind in types):
        return Holding.NUMBERS
    if all(issubclass(kind, str) for kind in types):
        return Holding.TEXT
    found = ", ".join(sorted(kind.__name__ for kind in types))
    raise MetricError(f"Column {label!r} must hold numbers or text, not both or anything else, got {found}; {REMEDY}.")


def _is_missing(value: Any) -> bool:
    """Say whether a cell is missing: None, NaN, NaT or ``pandas.NA``, which equals nothing, not even itself."""
    if value is None or isinstance(value, str):
        return value is None
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, Decimal) and value.is_nan())


def _floats_of_cells(cells: NDArray[Any]) -> NDArray[np.float64]:
    """Return cells that hold numbers as floats."""
    return np.array([np.nan if _is_missing(value) else _float(value) for value in cells], dtype=np.float64)


def _float(value: Any) -> float:
    """Return a number as a float; a whole number too large for one is infinite, and refused as such."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _text(value: Any) -> str | None:
    """Return a category as text: 3 and 3.0 alike "3", True "true"; None where missing."""
    if _is_missing(value):
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if not isinstance(value, NUMBERS):
        kind = type(value).__name__
        raise MetricError(f"X must hold numbers or text in a column of categories, got {kind}; {REMEDY}.")
    return str(int(value)) if float(value).is_integer() else repr(float(value))
