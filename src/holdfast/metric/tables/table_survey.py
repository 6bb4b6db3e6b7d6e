"""One pass over a table before training: how many rows, which classes, what is missing, and how to encode it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from holdfast.metric.error import MetricError
from holdfast.metric.tables.csv_files import CsvFile
from holdfast.metric.tables.label_column import LabelColumn
from holdfast.metric.tables.reading import ColumnTypes, Table
from holdfast.metric.tabular.encoding import TabularEncoding, TabularEncodingBuilder

__all__ = ["Labelled", "Survey", "TrainingColumns", "survey"]


@dataclass(frozen=True, kw_only=True)
class TrainingColumns:
    """Which columns of a table to learn from.

    Attributes:
        features: Learn from these, in this order.
        label: Names each row's class.
        categorical: Features that hold numbers but are categories.
        is_dropping: Leave rows without a label out, rather than refusing them.
    """

    features: tuple[str, ...]
    label: str
    categorical: tuple[str, ...] = ()
    is_dropping: bool = False

    @classmethod
    def chosen(
        cls,
        table: Table,
        *,
        label: str,
        features: Sequence[str] = (),
        left_out: Sequence[str] = (),
        categorical: Sequence[str] = (),
        is_dropping: bool = False,
    ) -> "TrainingColumns":
        """Choose the features: those named, or all columns but the label and those left out.

        Raises:
            MetricError: A column does not exist, the label or a column left out is among the features, one is named
                twice, or no feature is left.
        """
        table.require([label, *features, *left_out, *categorical])
        chosen = tuple(features) or tuple(c for c in table.columns if c not in {label, *left_out})
        if label in chosen:
            raise MetricError(f"Label must not be learnt from, got {label!r} among the features; take it out.")
        if torn := [name for name in chosen if name in left_out]:
            raise MetricError(
                f"Column {torn[0]!r} must be learnt from or left out, got it among both; take it out of one of them."
            )
        if len(set(chosen)) < len(chosen):
            twice = next(name for name in chosen if chosen.count(name) > 1)
            raise MetricError(f"Features must be named once each, got {twice!r} twice; name it once.")
        if not chosen or "" in chosen:
            what = "a column without a name" if chosen else "none"
            raise MetricError(f"Features must be one or more named columns, got {what}; choose them with --features.")
        missing = [name for name in categorical if name not in chosen]
        if missing:
            raise MetricError(f"Categorical columns must be among the features, got {missing[0]!r}; add it to them.")
        return cls(features=chosen, label=label, categorical=tuple(categorical), is_dropping=is_dropping)

    def types(self, table: Table) -> dict[str, pl.DataType]:
        """Find how to read them. Declared categories of a CSV are read as they are written."""
        types = table.types(self.features, [self.label])
        if isinstance(table.files[0], CsvFile):
            types |= dict.fromkeys(self.categorical, pl.String())
        return types


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Rows that have a label: their features, and the label of each."""

    frame: pl.DataFrame
    labels: pl.Series


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a pass over a table found.

    Attributes:
        columns: What was asked for.
        types: How each column is read.
        label: The label's column.
        counts: Rows of each class, the classes sorted.
        missing: Rows without a label.
        encoding: How the rows with a label become numbers.
    """

    columns: TrainingColumns
    types: ColumnTypes
    label: LabelColumn
    counts: Mapping[int | bool | str, int]
    missing: int
    encoding: TabularEncoding

    @property
    def rows(self) -> int:
        """Return how many rows have a label."""
        return sum(self.counts.values())

    @property
    def classes(self) -> npt.NDArray[np.generic]:
        """Return the classes, sorted, as the whole numbers, truth values or text they are."""
        return self.label.values(pl.Series(list(self.counts), dtype=self.label.dtype))

    def labelled(self, frame: pl.DataFrame) -> Labelled:
        """Return the rows of a frame that have a label."""
        return _labelled(frame, self.label, self.columns.features)


def survey(
    table: Table,
    columns: TrainingColumns,
    *,
    batch_rows: int,
    max_classes: int,
    progress: Callable[[int], None],
) -> Survey:
    """Read a table once, at most ``batch_rows`` rows at a time.

    Args:
        table: The table.
        columns: What to learn from.
        batch_rows: Rows in memory.
        max_classes: More classes than this are refused as soon as they are seen.
        progress: Called with the number of rows of each batch.

    Raises:
        MetricError: Columns that do not fit, missing labels (unless dropped), a single class, no class with two rows,
            too many classes, or no rows.
    """
    types = columns.types(table)
    label = LabelColumn.of(columns.label, types[columns.label])
    builder, counts, missing = TabularEncodingBuilder(categorical=columns.categorical), Counter[int | bool | str](), 0
    for rows in table.batches(types, batch_rows=batch_rows):
        found = _labelled(rows.frame, label, columns.features)
        missing += rows.frame.height - found.frame.height
        if found.frame.height:
            builder.update(found.frame)
        counts.update(dict(found.labels.value_counts().iter_rows()))
        if len(counts) > max_classes:
            raise MetricError(
                f"Label {label.name!r} must have at most {max_classes} classes, got more; is it an identifier? If not, "
                "raise --stream-rows."
            )
        progress(rows.frame.height)
    _check(table, label, counts, missing, is_dropping=columns.is_dropping)
    ordered = {name: counts[name] for name in sorted(counts)}
    encoding = builder.finish()
    return Survey(columns=columns, types=types, label=label, counts=ordered, missing=missing, encoding=encoding)


def _labelled(frame: pl.DataFrame, label: LabelColumn, features: Sequence[str]) -> Labelled:
    """Return the rows that have a label."""
    labels = label.read(frame)
    has_label = labels.is_not_null()
    return Labelled(frame=frame.select(features).filter(has_label), labels=labels.filter(has_label))


def _check(
    table: Table, label: LabelColumn, counts: Counter[int | bool | str], missing: int, *, is_dropping: bool
) -> None:
    """Refuse what cannot be learnt from."""
    rows = sum(counts.values()) + missing
    if rows == 0:
        raise MetricError(f"Table must have rows, got none in {table.path.name!r}; write it again.")
    if missing and not is_dropping:
        raise MetricError(
            f"Label {label.name!r} must be known for every row, got {missing} of {rows} rows without one; mend them, "
            "or give --drop-missing-labels to leave those rows out."
        )
    if len(counts) < 2:
        raise MetricError(
            f"Label {label.name!r} must have two classes or more, got {len(counts)}; choose another column or table."
        )
    if max(counts.values()) < 2:
        raise MetricError(
            f"Label {label.name!r} must have a class of two rows or more, got {len(counts)} classes of one row each; "
            "is it an identifier?"
        )
