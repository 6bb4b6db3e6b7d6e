"""Rows and classes checked before anything is learnt from them or embedded."""

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.representations.representation import Classes, Rows

__all__ = ["checked_classes", "checked_rows"]

_ROWS_AT_ONCE = 65_536


def checked_rows(rows: object, *, width: int | None = None, at_least: int = 0) -> Rows:
    """Return rows as float32 after checking them.

    Args:
        rows: (people, inputs) of floating-point numbers.
        width: How many inputs there must be; None for any number above 0.
        at_least: How many people there must be.

    Raises:
        MetricError: Another shape or type, too few rows, or values that are not finite as float32.
    """
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind != "f":
        given = f"{rows.dtype} of shape {rows.shape}" if isinstance(rows, np.ndarray) else type(rows).__name__
        raise MetricError(f"Rows must be floats of shape (people, inputs), got `{given}`; encode them first.")
    if rows.shape[1] != (width or rows.shape[1]) or rows.shape[1] == 0:
        raise MetricError(
            f"Rows must have {width or 'some'} inputs, got `{rows.shape[1]}`; prepare them as those learnt from."
        )
    if len(rows) < at_least:
        raise MetricError(f"Rows must be {at_least} or more to learn from, got `{len(rows)}`; bring more people.")
    with np.errstate(over="ignore"):  # what overflows is infinite, and refused below
        floats: Rows = np.ascontiguousarray(rows, dtype=np.float32)
    if bad := _not_finite(floats):
        raise MetricError(
            f"Rows must be finite, got NaN or infinity in {bad} of {len(rows)}; fill in what is missing first."
        )
    return floats


def _not_finite(rows: Rows) -> int:
    starts = range(0, len(rows), _ROWS_AT_ONCE)
    return sum(int((~np.isfinite(rows[start : start + _ROWS_AT_ONCE])).any(axis=1).sum()) for start in starts)


def checked_classes(classes: Classes | None, n_rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that have a class, in ascending order, and the class of each.

    Raises:
        MetricError: There are none, they name rows that are not there, one class only, or no class has two rows.
    """
    if classes is None:
        raise MetricError("Classes must be given to learn from triplets, got None; say which rows have which class.")
    if len(classes.rows) and int(classes.rows.max()) >= n_rows:
        raise MetricError(
            f"Classes must name places among {n_rows} rows, got `{int(classes.rows.max())}`; count from 0."
        )
    counts = np.unique(classes.codes, return_counts=True)[1]
    if len(counts) < 2:
        raise MetricError(
            f"Classes must be two or more, got {len(counts)} in {len(classes.rows)} rows; a triplet needs another."
        )
    if counts.max() < 2:
        raise MetricError(
            f"Classes must have two rows or more, got {len(counts)} classes of one each; triplets need a pair."
        )
    order = np.argsort(classes.rows, kind="stable")
    return classes.rows[order].astype(np.int64), classes.codes[order].astype(np.int64)
