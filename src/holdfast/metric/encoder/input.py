"""What an encoder is given: tables and labels checked as scikit-learn checks them, rows taken batch by batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from types import NoneType
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data  # type: ignore[import-untyped]  # it ships no types
from torch import Tensor

from holdfast.metric.error import MetricError
from holdfast.metric.tabular.rows import EncodedRows

__all__ = [
    "ArrayRows",
    "InvalidValueError",
    "ItemRows",
    "Rows",
    "TableRows",
    "TypedRows",
    "class_codes",
    "known_classes",
    "label_array",
    "own_rows",
    "table_of",
]


class InvalidValueError(MetricError, TypeError):
    """A table holds something that is neither a number nor text nor missing."""


class Rows(Protocol):
    """Anything whose rows can be taken by their positions, as one tensor a network reads."""

    def __len__(self) -> int: ...

    def take(self, positions: NDArray[np.int64]) -> Tensor:
        """Return the rows at ``positions``, in that order, first dimension the rows."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayRows:
    """Rows of an array or tensor in memory (or mapped from a file: only the rows taken are read)."""

    array: NDArray[Any] | Tensor

    def __len__(self) -> int:
        return len(self.array)

    def take(self, positions: NDArray[np.int64]) -> Tensor:
        if isinstance(self.array, Tensor):
            return _readable(self.array[torch.from_numpy(positions)])
        return _readable(_tensor(self.array[positions]))


@dataclass(frozen=True, eq=False)
class TableRows:
    """Rows of a table, encoded as they are taken; positions must follow one another, as they do outside training."""

    encoded: EncodedRows

    def __len__(self) -> int:
        return self.encoded.n_rows

    def take(self, positions: NDArray[np.int64]) -> Tensor:
        block = np.empty((len(positions), self.encoded.n_outputs), dtype=np.float32)
        self.encoded.write(int(positions[0]), int(positions[-1]) + 1, block)
        return torch.from_numpy(block)


@dataclass(frozen=True, eq=False)
class ItemRows:
    """Rows of a list or data set which gives one row for one position."""

    items: Sequence[Any]

    def __len__(self) -> int:
        return len(self.items)

    def take(self, positions: NDArray[np.int64]) -> Tensor:
        rows = [_tensor(np.asarray(self.items[int(i)])) for i in positions]
        if len({row.shape for row in rows}) > 1:
            raise MetricError("X must have rows of one shape, got several; pad or resize them.")
        return _readable(torch.stack(rows))


@dataclass(frozen=True, eq=False)
class TypedRows:
    """Rows as another type holds them: whole numbers for a network trained on floats, token ids of another width."""

    rows: Rows
    dtype: torch.dtype

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, positions: NDArray[np.int64]) -> Tensor:
        taken = self.rows.take(positions)
        if taken.dtype == self.dtype or self.dtype.is_floating_point:
            return taken.to(self.dtype)
        if taken.is_floating_point():
            raise MetricError(
                f"X must hold whole numbers, as in training ({self.dtype}), got {taken.dtype}; convert it with .astype."
            )
        limits = torch.iinfo(self.dtype)
        if int(taken.min()) < limits.min or int(taken.max()) > limits.max:
            raise MetricError(
                f"X must fit {self.dtype}, as in training, got larger numbers; look for them in the rows."
            )
        return taken.to(self.dtype)


def _tensor(array: NDArray[Any]) -> Tensor:
    """Return a tensor of an array of numbers."""
    try:
        return torch.from_numpy(np.require(array, requirements=["C", "W"]))
    except TypeError:
        raise MetricError(
            f"X for a network of your own must hold numbers, got `{array.dtype}`; turn it into float32 or int64."
        ) from None


def _readable(rows: Tensor) -> Tensor:
    """Turn floats, bytes (pictures, unscaled) and booleans into float32; leave other integers (token ids) alone."""
    as_float = rows.is_floating_point() or rows.dtype in (torch.uint8, torch.bool)
    return rows.float() if as_float else rows


def own_rows(X: object) -> Rows:  # noqa: N803 -- scikit-learn's name
    """Wrap what a network of the caller's own reads: an array, a tensor, or anything with a length and positions.

    Raises:
        MetricError: It is a data frame (which network columns would it feed?), sparse, empty or has no rows.
    """
    if hasattr(X, "columns") or hasattr(X, "tocsr"):
        raise MetricError(
            f"X for a network of your own must be an array or a sequence of rows, got `{type(X).__name__}` (a data "
            "frame or sparse matrix); turn it into numbers first, or leave network=None."
        )
    if isinstance(X, str | Mapping) or not (hasattr(X, "__len__") and hasattr(X, "__getitem__")):
        raise MetricError(f"X must have a length and positions, got `{type(X).__name__}`; pass an array or a list.")
    rows: Rows = ArrayRows(X) if isinstance(X, np.ndarray | Tensor) else ItemRows(X)  # type: ignore[arg-type]
    if (isinstance(X, np.ndarray | Tensor) and X.ndim == 0) or len(rows) == 0:
        raise MetricError("X must have at least one row, got none; pass an array or a list with rows in it.")
    return rows


def table_of(estimator: Any, X: Any, *, reset: bool) -> Any:  # noqa: N803 -- scikit-learn's name
    """Check a table and the names and number of its columns, remembering them on ``estimator`` with ``reset``.

    Returns:
        The data frame as it is, or a two-dimensional array.

    Raises:
        MetricError: It is sparse, complex, empty, not two-dimensional, or its columns are not those fitted.
        InvalidValueError: A value is neither a number nor text nor missing.
    """
    if hasattr(X, "tocsr"):
        raise MetricError("X must be dense, got a sparse matrix; sparse input is not supported: call X.toarray().")
    if hasattr(X, "collect_schema") and not hasattr(X, "get_columns"):
        raise MetricError("X must be a table in memory, got a lazy frame; call .collect() on it first.")
    table = X if hasattr(X, "columns") else _array(X)
    n_rows, n_columns = table.shape
    for count, what in ((n_columns, "feature"), (n_rows, "sample")):
        if count == 0:
            raise MetricError(
                f"X must not be empty, got 0 {what}(s) (shape={table.shape}) while a minimum of 1 is required."
            )
    try:
        validate_data(estimator, table, reset=reset, skip_check_array=True)
    except (TypeError, ValueError) as error:  # some names of columns text, some not: a TypeError
        raise MetricError(str(error)) from None
    return table


def _array(X: Any) -> NDArray[Any]:  # noqa: N803 -- scikit-learn's name
    array = _as_array(X)
    if array.dtype.kind == "c":
        raise MetricError("Complex data not supported: X must be real, got complex numbers; split them into columns.")
    if array.ndim != 2:
        raise MetricError(
            f"X must be a 2D array, got {array.ndim}D array instead; Reshape your data to (rows, columns)."
        )
    if array.dtype.kind == "O":
        _check_values(array)
    return array


def _as_array(X: Any) -> NDArray[Any]:  # noqa: N803 -- scikit-learn's name
    try:
        array = np.asarray(X)
        if array.dtype.kind == "U" and not isinstance(X, np.ndarray):
            return np.asarray(X, dtype=object)  # keep numbers beside text as numbers
    except ValueError:
        raise MetricError("X must be a table, got rows of different lengths; give each row every column.") from None
    return array


def _check_values(array: NDArray[Any]) -> None:
    """Refuse what is neither number nor text nor missing, with the error scikit-learn's conventions ask for."""
    kinds = {type(value) for value in array.ravel()}
    for kind in kinds:
        is_number = issubclass(kind, Number) and not issubclass(kind, complex)
        if not (is_number or issubclass(kind, str | np.bool_ | NoneType) or kind.__name__ in ("NAType", "NaTType")):
            raise InvalidValueError(
                f"X must hold numbers, text or missing values: argument must be a string or a real number, not "
                f"'{kind.__name__}'; turn such columns into one of these."
            )


def label_array(y: Any, n_rows: int) -> NDArray[Any]:
    """Check that labels are there, one a row, none missing: an array of integers, floats, booleans or text.

    Raises:
        MetricError: Labels are None, of the wrong length or shape, missing, complex, or of kinds that do not compare.
    """
    if y is None:
        raise MetricError("This TripletEncoder requires y to be passed, but the target y is None; pass a label a row.")
    labels = np.asarray(y.detach().cpu() if isinstance(y, Tensor) else y)
    if labels.dtype.kind == "c":
        raise MetricError("Complex data not supported: labels must be names of classes, got complex numbers.")
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != n_rows:
        raise MetricError(
            f"Labels must be one a row, y should be a 1d array of {n_rows}, got `{labels.shape}`; pass one for each."
        )
    return _plain(labels)


def _plain(labels: NDArray[Any]) -> NDArray[Any]:
    """Turn objects into text or numbers, refusing missing ones."""
    if labels.dtype.kind == "O":
        if any(type(label).__name__ in ("NoneType", "NAType", "NaTType") or label != label for label in labels):
            raise MetricError("Labels must not be missing, got None or NaN among them; leave those rows out.")
        kinds = {type(label).__name__ for label in labels}
        labels = np.array(labels.tolist())
        if labels.dtype.kind in "OSU" and kinds != {"str"}:
            raise MetricError(f"Labels must all be of one kind, got {sorted(kinds)!r}; turn them all into text.")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise MetricError("Labels must not be missing or infinite, got NaN or infinity; leave those rows out.")
    if labels.dtype.kind not in "biufU":
        raise MetricError(f"Unknown label type: labels must be numbers or text, got `{labels.dtype}`; convert them.")
    return labels


def class_codes(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Number the classes of labels from 0, after checking that triplets can be made of them.

    Raises:
        MetricError: There is one class only, or no class has two rows.
    """
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(counts) < 2:
        raise MetricError(
            f"Labels must name at least two classes, got 1 class in {len(labels)} rows; triplets need a row of another."
        )
    if counts.max() < 2:
        raise MetricError(
            f"Labels must give some class two rows or more, got {len(labels)} rows of {len(counts)} classes, one each; "
            "triplets need a pair. Are these measurements rather than classes?"
        )
    return codes.astype(np.int64)


def known_classes(found: NDArray[Any], seen: NDArray[Any], *, is_closed: bool) -> NDArray[Any]:
    """Return the sorted classes among labels found now and seen before.

    Args:
        found: Labels of the rows at hand.
        seen: Labels seen or given before; empty for none.
        is_closed: Whether none may be added.

    Raises:
        MetricError: Text meets numbers, or a label is new where none may be added.
    """
    if len(seen) == 0:
        return np.unique(found)
    if (seen.dtype.kind == "U") != (found.dtype.kind == "U"):
        raise MetricError("Labels must be of the kind seen before, got text and numbers; use one of them.")
    extra = int((~np.isin(found, seen)).sum())
    if is_closed and extra:
        raise MetricError(
            f"Labels must be among the classes given first, got others in {extra} rows; give them all then."
        )
    return np.union1d(seen, found)
