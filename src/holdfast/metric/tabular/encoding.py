"""Turn a table of numbers and categories into the float32 matrix a network reads, and keep how as exact JSON.

Numbers are standardised, categories are one output each, and missing cells are handled as training saw them; see
``NumericColumn``, ``CategoricalColumn`` and ``EmptyColumn``. Needs numpy only.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.tabular.columns import (
    CategoricalColumn,
    Column,
    EmptyColumn,
    NumericColumn,
    column_from_json,
    column_to_json,
)
from holdfast.metric.tabular.moments import LARGEST, Moments
from holdfast.metric.tabular.rows import EncodedRows, Layout, matching_places, refuse_size
from holdfast.metric.tabular.table import Holding, Table, open_table

__all__ = ["MAX_CATEGORIES", "TabularEncoding", "TabularEncodingBuilder"]

FORMAT = "holdfast-tabular-encoding"
FORMAT_VERSION = 1
MAX_CATEGORIES = 256
"""How many categories a column may have unless the caller says otherwise: each is one output for every row."""
BLOCK_ROWS = 4096


@dataclass(frozen=True, kw_only=True)
class TabularEncoding:
    """How a table becomes numbers: learnt once, then the same for every table.

    The outputs are, in this order: every numeric column's value, every numeric column's indicator of missing values
    (where training had some), and for each categorical column its categories and its indicator.

    Attributes:
        columns: What is kept of each column, in the order of the table it was fitted to.
        is_named: The columns had names. A frame is then read by name; an array still by position.
    """

    columns: tuple[Column, ...]
    is_named: bool

    @classmethod
    def fit(cls, X: Any, *, categorical: Collection[str | int] = (), max_categories: int = MAX_CATEGORIES) -> Self:  # noqa: N803 - scikit-learn's name
        """Learn an encoding from a table.

        Args:
            X: Two-dimensional numpy array (float, int, bool or object), pandas frame or polars frame.
            categorical: Columns of numbers to read as categories, by name or place (from 0).
            max_categories: Most categories a column may have.

        Raises:
            MetricError: See ``TabularEncodingBuilder.update`` and ``finish``.
        """
        builder = TabularEncodingBuilder(categorical=categorical, max_categories=max_categories)
        builder.update(X)
        encoding = builder.finish()
        return cls(columns=encoding.columns, is_named=encoding.is_named)

    @property
    def feature_names_in(self) -> tuple[str, ...] | None:
        """The names of the columns it was fitted to, None where they had none."""
        return tuple(column.name for column in self.columns) if self.is_named else None

    @property
    def n_features_in(self) -> int:
        """How many columns a table must have."""
        return len(self.columns)

    @property
    def n_outputs(self) -> int:
        """How many columns ``transform`` returns."""
        return sum(column.n_outputs for column in self.columns)

    @property
    def feature_names_out(self) -> tuple[str, ...]:
        """What each output says, in order: "age", "age is missing", "region = north"."""
        return self._layout.names

    def transform(self, X: Any) -> NDArray[np.float32]:  # noqa: N803 - scikit-learn's name
        """Encode a table of n rows as an (n, n_outputs) matrix.

        A category not seen in training is all zeros; a number missing where training had none missing is 0, the mean.

        Raises:
            MetricError: Not the columns it was fitted to, text where numbers were, infinite or far too large numbers.
        """
        rows = self.open(X)
        out = np.empty((rows.n_rows, self.n_outputs), dtype=np.float32)
        rows.write(0, rows.n_rows, out)
        return out

    def open(self, X: Any) -> EncodedRows:  # noqa: N803 - scikit-learn's name
        """Check a table's columns, to encode its rows a block at a time with bounded memory.

        Raises:
            MetricError: As ``transform``; numbers are looked at only when their rows are written.
        """
        table = open_table(X)
        names = tuple(column.name for column in self.columns)
        places = matching_places(table, names=names if self.is_named else None, n_columns=len(names))
        return EncodedRows(table, places, layout=self._layout)

    def to_json(self) -> dict[str, Any]:
        """Return the encoding as JSON-ready values, from which ``from_json`` makes an equal one."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "is_named": self.is_named,
            "columns": [column_to_json(column) for column in self.columns],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            MetricError: It is something else, or of another version.
        """
        _check_stored(stored)
        columns = tuple(column_from_json(column) for column in stored["columns"])
        return cls(columns=columns, is_named=stored["is_named"])

    @cached_property
    def _layout(self) -> Layout:
        """Where each column's outputs go."""
        return Layout.of(self.columns)


class TabularEncodingBuilder:
    """Learn an encoding from chunks of a table, holding one block of rows at a time.

    The result is that of ``TabularEncoding.fit`` on the whole table, up to rounding, whatever the chunks.

    Args:
        categorical: Columns of numbers to read as categories, by name or place (from 0).
        max_categories: Most categories a column may have, at least 1.
    """

    def __init__(self, *, categorical: Collection[str | int] = (), max_categories: int = MAX_CATEGORIES) -> None:
        if isinstance(max_categories, bool) or max_categories < 1:
            raise MetricError(f"max_categories must be at least 1, got `{max_categories!r}`; the default is 256.")
        self._categorical, self._max_categories = categorical, max_categories
        self._first: Table | None = None
        self._n_rows = 0
        self._labels: tuple[str, ...] = ()
        self._declared: frozenset[int] = frozenset()
        self._moments = Moments(0)
        self._categories: list[set[str]] = []
        self._seen: list[int] = []

    def update(self, X: Any) -> Self:  # noqa: N803 - scikit-learn's name
        """Take in some rows.

        Raises:
            MetricError: Columns other than in the first chunk, numbers and text in one column, dates or lists,
                infinite or far too large numbers, or more categories than allowed.
        """
        table = open_table(X)
        if not self._labels:
            self._begin(table)
        places = matching_places(table, names=self._names, n_columns=len(self._labels))
        numeric, text = self._kinds(table, places)
        for rows in _blocks(table.n_rows):
            if numeric:
                self._add_numbers(table, places, numeric, rows)
            for column in text:
                self._add_texts(table, places, column, rows)
        self._n_rows += table.n_rows
        return self

    def finish(self) -> TabularEncoding:
        """Return the encoding of every row so far.

        Raises:
            MetricError: There was no row, or no column with a value.
        """
        if self._n_rows == 0:
            raise MetricError("X must have rows: found array with 0 sample(s) while a minimum of 1 is required.")
        columns = tuple(self._finished(column) for column in range(len(self._labels)))
        if not any(column.n_outputs for column in columns):
            raise MetricError("X must hold a value somewhere, got missing values only; check how it was read.")
        return TabularEncoding(columns=columns, is_named=self._names is not None)

    def _begin(self, table: Table) -> None:
        """Learn from the first chunk which columns there are."""
        self._names = table.names
        self._labels = tuple(table.label(column) for column in range(table.n_columns))
        self._declared = frozenset(_place(name, self._labels) for name in self._categorical)
        self._moments = Moments(table.n_columns)
        self._categories = [set() for _ in self._labels]
        self._seen = [0] * len(self._labels)

    def _kinds(self, table: Table, places: tuple[int, ...]) -> tuple[list[int], list[int]]:
        """Return which columns to read as numbers and which as categories."""
        numeric, text = [], []
        for column, place in enumerate(places):
            holding = table.holding(place)
            if holding is Holding.TEXT or (column in self._declared and holding is Holding.NUMBERS):
                text.append(column)
            elif holding is Holding.NUMBERS:
                numeric.append(column)
        return numeric, text

    def _add_numbers(self, table: Table, places: tuple[int, ...], columns: list[int], rows: slice) -> None:
        """Take in a block of the numeric columns."""
        block = table.numbers([places[column] for column in columns], rows).astype(np.float64, copy=False)
        with np.errstate(invalid="ignore", over="ignore"):
            sizes = np.fmax.reduce(np.abs(block), axis=0, initial=0.0)
        for index in np.flatnonzero(sizes > LARGEST):
            refuse_size(table, places[columns[index]])
        for column, count in zip(columns, self._moments.add(columns, block), strict=True):
            self._seen[column] += int(count)
            if count and self._categories[column]:
                raise _mixed(self._labels[column])

    def _add_texts(self, table: Table, places: tuple[int, ...], column: int, rows: slice) -> None:
        """Take in a block of a categorical column."""
        values = table.texts(places[column], rows)
        found = self._categories[column]
        found.update(value for value in values if value is not None)
        self._seen[column] += len(values) - values.count(None)
        if found and self._moments.counts[column]:
            raise _mixed(self._labels[column])
        if len(found) > self._max_categories:
            raise MetricError(
                f"Column {self._labels[column]!r} must have at most {self._max_categories} categories, got more; group "
                f"the rare ones, leave the column out (is it an identifier?), or raise max_categories."
            )

    def _finished(self, column: int) -> Column:
        """Return what is kept of one column."""
        name, is_missing_seen = self._labels[column], self._seen[column] < self._n_rows
        if self._categories[column]:
            categories = tuple(sorted(self._categories[column]))
            return CategoricalColumn(name=name, categories=categories, is_missing_seen=is_missing_seen)
        if self._seen[column] == 0:
            return EmptyColumn(name=name)
        centre, scale = self._moments.centre(column), self._moments.scale(column)
        return NumericColumn(name=name, centre=centre, scale=scale, is_missing_seen=is_missing_seen)


def _blocks(n_rows: int) -> Iterator[slice]:
    """Yield the rows of a table a block at a time."""
    for first in range(0, n_rows, BLOCK_ROWS):
        yield slice(first, min(first + BLOCK_ROWS, n_rows))


def _place(name: str | int, labels: tuple[str, ...]) -> int:
    """Return where a column declared as categorical is."""
    if isinstance(name, str) and name in labels:
        return labels.index(name)
    if isinstance(name, Integral) and not isinstance(name, bool) and 0 <= name < len(labels):
        return int(name)
    raise MetricError(f"categorical must name columns of X or give their places from 0, got `{name!r}`.")


def _mixed(label: str) -> MetricError:
    """Return the refusal of a column that holds numbers in one chunk and text in another."""
    return MetricError(f"Column {label!r} must hold numbers or text throughout, got both; make it one of them.")


def _check_stored(stored: Mapping[str, Any]) -> None:
    """Refuse what is not a stored encoding of this version."""
    if not isinstance(stored, Mapping) or stored.get("format") != FORMAT:
        raise MetricError(f"Stored encoding must be of format {FORMAT!r}; give what to_json returned.")
    if stored.get("format_version") != FORMAT_VERSION:
        version = stored.get("format_version")
        raise MetricError(
            f"Stored encoding must be of format_version {FORMAT_VERSION}, got `{version!r}`; "
            f"use the version of Holdfast it was stored with."
        )
    if (
        not isinstance(stored.get("is_named"), bool)
        or not isinstance(stored.get("columns"), list)
        or not stored["columns"]
    ):
        raise MetricError("Stored encoding must say is_named (true or false) and list its columns; store it again.")
