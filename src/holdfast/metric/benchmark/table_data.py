"""Read a Parquet or CSV table with a column of classes, for the benchmark: whole, in memory."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.benchmark.datasets import Dataset, Split, encode_labels, hold_out
from holdfast.metric.error import MetricError
from holdfast.metric.tabular.encoding import TabularEncoding
from holdfast.optional import require

if TYPE_CHECKING:
    import polars as pl

__all__ = ["TABLE_SUFFIXES", "read_table"]

TABLE_SUFFIXES = frozenset({".csv", ".parquet"})

_TEST_SHARE = 0.2
_SPLIT_SEED = 0
_ROWS_A_CLASS = 2


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
    frame = _frame(path)
    for name in (label, *leave_out):
        if name not in frame.columns:
            shown = ", ".join(frame.columns[:12])
            raise MetricError(f"{path.name} must have the column named, got `{name!r}`; choose one of: {shown}.")
    frame = frame.drop([name for name in leave_out if name != label])
    if frame.width < 2:
        raise MetricError(f"{path.name} must have features beside `{label}`, got `1` column; add them.")
    known = frame.filter(frame[label].is_not_null())
    classes, labels = encode_labels(_class_names(known[label]))
    kept, held = hold_out(labels, share=_TEST_SHARE, seed=_SPLIT_SEED)
    features = known.drop(label)
    training = features[kept]
    encoding = TabularEncoding.fit(training)
    notes = [f"test split: a fifth of each class, drawn with seed {_SPLIT_SEED}"]
    if leave_out:
        notes.append(f"columns left out: {', '.join(sorted(leave_out))}")
    if left_out := len(frame) - len(known):
        notes.append(f"{left_out} rows left out that have no class")
    return Dataset(
        name=path.stem,
        train=Split(inputs=encoding.transform(training), labels=labels[kept]),
        test=Split(inputs=encoding.transform(features[held]), labels=labels[held]),
        classes=classes,
        notes=tuple(notes),
    )


def _frame(path: Path) -> "pl.DataFrame":
    polars = require("polars", extra="metric")
    try:
        frame: pl.DataFrame = (
            polars.read_parquet(path) if path.suffix == ".parquet" else polars.read_csv(path, infer_schema_length=None)
        )
    except (polars.exceptions.PolarsError, OSError) as error:
        raise MetricError(f"{path.name} must be a readable {path.suffix[1:]} table; it is damaged: mend it.") from error
    return frame


def _class_names(column: "pl.Series") -> NDArray[np.str_]:
    """Return the class of each row as text, refusing what is a quantity rather than a class."""
    count = column.n_unique()
    if column.dtype.is_nested() or (column.dtype.is_float() and count * _ROWS_A_CLASS > len(column)):
        raise MetricError(
            f"label must hold classes, got `{count}` different values of {column.dtype} in {len(column)} rows of "
            f"`{column.name}`; cut it into classes first."
        )
    return np.array([str(value) for value in column.to_list()])
