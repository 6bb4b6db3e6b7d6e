"""Encode rows of an open table, block by block, straight into a matrix the caller holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.tabular.columns import CategoricalColumn, Column, NumericColumn
from holdfast.metric.tabular.table import Holding, Table

__all__ = ["EncodedRows", "Layout", "matching_places"]

BLOCK_ROWS = 1024
"""Rows standardised at a time: 60 columns of them stay in a core's own cache."""
NEGLIGIBLE = 1e-6
"""A shift of standardised values, in standard deviations, that is not worth a pass over the data."""


@dataclass(frozen=True, kw_only=True)
class _Categories:
    """Where a categorical column's outputs go."""

    column: int
    first: int
    codes: dict[str | None, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """Where each column's outputs go: numbers first, then their indicators, then categories.

    Attributes:
        names: What each output says.
        numeric: The numeric columns.
        flagged: Which of those (places in ``numeric``) have an indicator.
        categories: The categorical columns.
        centre: What is taken off the numbers, repeated for a block of rows so that one flat operation does it.
        scale: What they are multiplied by, repeated likewise.
    """

    names: tuple[str, ...]
    numeric: tuple[int, ...]
    flagged: tuple[int, ...]
    categories: tuple[_Categories, ...]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    centre_single: NDArray[np.float32]
    scale_single: NDArray[np.float32]
    shift_single: NDArray[np.float32] | None

    @classmethod
    def of(cls, columns: Sequence[Column]) -> Self:
        """Lay out the outputs of these columns."""
        numeric = {place: column for place, column in enumerate(columns) if isinstance(column, NumericColumn)}
        flagged = [index for index, column in enumerate(numeric.values()) if column.is_missing_seen]
        names = [column.name for column in numeric.values()]
        names += [f"{names[index]} is missing" for index in flagged]
        categories = []
        for place, column in enumerate(columns):
            if isinstance(column, CategoricalColumn):
                codes: dict[str | None, int] = {category: code for code, category in enumerate(column.categories)}
                categories.append(_Categories(column=place, first=len(names), codes=codes))
                names += [f"{column.name} = {category}" for category in column.categories]
                if column.is_missing_seen:
                    codes[None] = len(codes)
                    names.append(f"{column.name} is missing")
        centre = np.array([column.centre for column in numeric.values()], dtype=np.float64)
        scale = np.array([column.scale for column in numeric.values()], dtype=np.float64)
        shift = (centre.astype(np.float32) - centre) * scale
        is_shifted = bool((np.abs(shift) > NEGLIGIBLE).any())
        return cls(
            names=tuple(names),
            numeric=tuple(numeric),
            flagged=tuple(flagged),
            categories=tuple(categories),
            centre=_repeated(centre, np.float64),
            scale=_repeated(scale, np.float64),
            centre_single=_repeated(centre, np.float32),
            scale_single=_repeated(scale, np.float32),
            shift_single=_repeated(shift, np.float32) if is_shifted else None,
        )


class EncodedRows:
    """A table checked against an encoding, read and encoded one block of rows at a time.

    Holds no state that writing changes: blocks may be written from several threads.

    Args:
        table: The table.
        places: Where in the table each column of the encoding is.
        layout: Where the outputs go.

    Raises:
        MetricError: A column of numbers holds text.
    """

    def __init__(self, table: Table, places: tuple[int, ...], *, layout: Layout) -> None:
        self._table, self._places, self._layout = table, places, layout
        self._numeric = [places[column] for column in layout.numeric]
        for place in self._numeric:
            if table.holding(place) is Holding.TEXT:
                raise MetricError(f"Column {table.label(place)!r} must hold numbers, as in training, got text.")

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return self._table.n_rows

    @property
    def n_outputs(self) -> int:
        """How many columns the encoded matrix has."""
        return len(self._layout.names)

    def write(self, start: int, stop: int, out: NDArray[np.float32]) -> None:
        """Encode rows ``start`` to ``stop`` into the first rows of ``out``.

        Raises:
            MetricError: An infinite number, or one far too large.
        """
        for first in range(start, stop, BLOCK_ROWS):
            rows = slice(first, min(first + BLOCK_ROWS, stop))
            block = out[first - start : rows.stop - start]
            if self._numeric:
                self._write_numbers(rows, block)
            for categories in self._layout.categories:
                self._write_categories(categories, rows, block)

    def _write_numbers(self, rows: slice, out: NDArray[np.float32]) -> None:
        """Write the standardised numbers and the indicators."""
        numbers = self._table.numbers(self._numeric, rows)
        n_numeric = len(self._numeric)
        values = out[:, :n_numeric]
        with np.errstate(invalid="ignore", over="ignore"):
            self._standardise(numbers, values)
            is_usual = not self._layout.flagged and _is_finite(values)
        if is_usual:
            return
        missing = np.isnan(numbers)
        np.copyto(values, 0.0, where=missing)
        flagged = self._layout.flagged
        indicators = missing if len(flagged) == n_numeric else missing[:, list(flagged)]
        out[:, n_numeric : n_numeric + len(flagged)] = indicators
        if not np.isfinite(values).all():
            place = self._numeric[int(np.flatnonzero(~np.isfinite(values).all(axis=0))[0])]
            refuse_size(self._table, place)

    def _standardise(self, numbers: NDArray[Any], out: NDArray[np.float32]) -> None:
        """Write ``(numbers - centre) * scale``: in the precision of the numbers, which is single or double."""
        layout, n = self._layout, len(numbers)
        if numbers.dtype == np.float32:
            np.subtract(numbers, layout.centre_single[:n], out=out)
            np.multiply(out, layout.scale_single[:n], out=out)
            if layout.shift_single is not None:
                np.add(out, layout.shift_single[:n], out=out)
        else:
            values = numbers - layout.centre[:n]
            np.multiply(values, layout.scale[:n], out=values)
            out[...] = values

    def _write_categories(self, categories: _Categories, rows: slice, out: NDArray[np.float32]) -> None:
        """Write a categorical column: a one where the cell holds the category."""
        codes = categories.codes
        texts = self._table.texts(self._places[categories.column], rows)
        found = np.array([codes.get(text, -1) for text in texts], dtype=np.intp)
        out[:, categories.first : categories.first + len(codes)] = 0.0
        known = np.flatnonzero(found >= 0)
        out[known, categories.first + found[known]] = 1.0


def matching_places(table: Table, *, names: tuple[str, ...] | None, n_columns: int) -> tuple[int, ...]:
    """Return where in ``table`` each expected column is: by name where both have names, else by position.

    Raises:
        MetricError: Columns are missing, unknown, or of another count.
    """
    if names is not None and table.names is not None:
        missing = [name for name in names if name not in set(table.names)]
        extra = [name for name in table.names if name not in set(names)]
        if missing or extra:
            raise MetricError(
                f"X must have the columns it was fitted to, got {_listed(missing)} missing and {_listed(extra)} "
                f"unknown; give exactly the columns of training, in any order."
            )
        where = {name: place for place, name in enumerate(table.names)}
        return tuple(where[name] for name in names)
    if table.n_columns != n_columns:
        raise MetricError(
            f"X must have {n_columns} columns, as in training, got `{table.n_columns}`: "
            f"X has {table.n_columns} features, but {n_columns} features are expected as input."
        )
    return tuple(range(n_columns))


def refuse_size(table: Table, place: int) -> NoReturn:
    """Refuse a column with infinite or far too large numbers; the message counts the rows of the whole table."""
    column = table.numbers([place], slice(0, table.n_rows))
    infinite = int(np.isinf(column).sum())
    name = f"Column {table.label(place)!r}"
    if infinite:
        raise MetricError(
            f"{name} must be finite, got infinity in {infinite} of {table.n_rows} rows; "
            f"leave such cells missing (NaN), or correct them."
        )
    raise MetricError(f"{name} must stay below 1e37 in size, got larger; give it in a larger unit, or correct it.")


def _is_finite(values: NDArray[np.float32]) -> bool:
    """Say whether all values are finite, by their sum where that is one flat pass; False where unsure."""
    if values.flags.c_contiguous:
        return bool(np.isfinite(values.reshape(-1).sum()))
    return bool(np.isfinite(values).all())


def _repeated(row: NDArray[np.float64], dtype: type[Any]) -> NDArray[Any]:
    """Return a row repeated for a block of rows."""
    return np.tile(row.astype(dtype), (BLOCK_ROWS, 1))


def _listed(names: list[str]) -> str:
    """Return a few names for a message."""
    shown = ", ".join(repr(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown or "none"
