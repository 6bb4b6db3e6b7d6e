"""Read a Parquet or CSV table with a column of classes, for the benchmark: whole, in memory."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.metric.benchmark.datasets import Dataset, Split, encode_labels, hold_out
from holdfast.metric.error import MetricError
from holdfast.metric.tables.reading import Table, open_table
from holdfast.metric.tabular.encoding import TabularEncoding

__all__ = ["TABLE_SUFFIXES", "read_table"]

TABLE_SUFFIXES = frozenset({".csv", ".parquet"})

_TEST_SHARE = 0.2
_SPLIT_SEED = 0
_ROWS_A_CLASS = 2
_BATCH_ROWS = 65_536
_LABEL = "__holdfast_label"


def read_table(path: Path, *, label: str, leave_out: Collection[str] = ()) -> Dataset:
    """Read a table; every column but ``label`` and those left out is a feature.

    A seeded fifth of each class is the test split. Features are encoded as ``TabularEncoding`` does, fitted to the
    training split: numbers standardised, categories one output each, what is missing marked.

    Args:
        path: A .parquet or .csv file that fits in memory.
        label: The column of classes. Rows without a class are left out, and counted.
        leave_out: Columns not to use: identifiers, and what would give the class away.

    Raises:
        MetricError: The file cannot be read, has no such column, or the column does not hold classes.
    """
    table = open_table(path)
    table.require([label, *leave_out])
    features = [name for name in table.columns if name not in {label, *leave_out}]
    if not features:
        raise MetricError(f"{path.name} must have features beside `{label}`, got `none`; add or keep some.")
    frame = _frame(table, features, label)
    known = frame.filter(frame[_LABEL].is_not_null())
    if known.is_empty():
        raise MetricError(f"{path.name} must have rows with a class, got none of {len(frame)}; give another table.")
    classes, labels = encode_labels(_class_names(known[_LABEL], label))
    kept, held = hold_out(labels, share=_TEST_SHARE, seed=_SPLIT_SEED)
    known = known.drop(_LABEL)
    training = known[kept]
    encoding = TabularEncoding.fit(training)
    notes = [f"test split: a fifth of each class, drawn with seed {_SPLIT_SEED}"]
    if leave_out:
        notes.append(f"columns left out: {', '.join(sorted(leave_out))}")
    if left_out := len(frame) - len(known):
        notes.append(f"{left_out} rows left out that have no class")
    return Dataset(
        name=path.stem,
        train=Split(inputs=encoding.transform(training), labels=labels[kept]),
        test=Split(inputs=encoding.transform(known[held]), labels=labels[held]),
        classes=classes,
        notes=tuple(notes),
    )


def _frame(table: Table, features: Sequence[str], label: str) -> pl.DataFrame:
    """Read all rows: the features as ``holdfast metric fit`` reads them, and the label; NaN is no class."""
    types = table.types(features, [label])
    parts = [rows.frame for rows in table.batches(types, batch_rows=_BATCH_ROWS)]
    if not parts:
        raise MetricError(f"{table.path.name} must have rows, got none; write it again.")
    frame = pl.concat(parts)
    classes = frame[label].fill_nan(None) if frame[label].dtype.is_float() else frame[label]
    return frame.select(features).with_columns(classes.alias(_LABEL))


def _class_names(column: pl.Series, label: str) -> NDArray[np.str_]:
    """Return the class of each row as text, refusing what is a quantity rather than a class."""
    count = column.n_unique()
    if column.dtype.is_nested() or (column.dtype.is_float() and count * _ROWS_A_CLASS > len(column)):
        raise MetricError(
            f"label must hold classes, got `{count}` different values of {column.dtype} in {len(column)} rows of "
            f"`{label}`; cut it into classes first."
        )
    return np.array([str(value) for value in column.to_list()])
