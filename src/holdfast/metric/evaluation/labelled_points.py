"""Embeddings with their labels, checked once, so that every measure can trust them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.metric.error import MetricError

__all__ = ["Codes", "LabelledPoints", "Points", "embedding_matrix", "labelled_pair"]

_LARGEST = 1e150  # beyond it a square is no longer finite

Points = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class LabelledPoints:
    """Points and their classes.

    Attributes:
        points: Shape (n, d), finite, float64.
        codes: Shape (n,): class of each point, 0 to ``classes - 1``, in the sorted order of the labels.
        classes: How many classes there are, here and in the reference this was coded with.
    """

    points: Points
    codes: Codes
    classes: int

    def __len__(self) -> int:
        return len(self.points)

    @property
    def classes_present(self) -> int:
        """How many classes have at least one point here."""
        return len(np.unique(self.codes))

    @classmethod
    def of(cls, embeddings: ArrayLike, labels: ArrayLike) -> "LabelledPoints":
        """Check embeddings and labels and code the labels.

        Raises:
            MetricError: Not a finite matrix, labels of another length, or labels that are missing or of mixed types.
        """
        points = embedding_matrix(embeddings)
        names, codes = np.unique(label_column(labels, points, subject="Labels"), return_inverse=True)
        return cls(points=points, codes=codes.astype(np.int64), classes=len(names))


def labelled_pair(
    embeddings: ArrayLike, labels: ArrayLike, *, reference: ArrayLike | None, reference_labels: ArrayLike | None
) -> tuple[LabelledPoints, LabelledPoints | None]:
    """Check queries and their reference, coding both by one list of classes.

    Returns:
        Queries and reference; the reference is None where the queries are their own.

    Raises:
        MetricError: Either set is unusable, only one of reference and its labels was given, the number of dimensions
            differs, or the labels are of different kinds (text and numbers).
    """
    if (reference is None) != (reference_labels is None):
        raise MetricError("Reference must come with its labels, got only one of them; give both or neither.")
    if reference is None or reference_labels is None:
        return LabelledPoints.of(embeddings, labels), None
    points, others = embedding_matrix(embeddings), embedding_matrix(reference, subject="Reference embeddings")
    if points.shape[1] != others.shape[1]:
        raise MetricError(
            f"Reference embeddings must have as many dimensions as the queries ({points.shape[1]}), got "
            f"{others.shape[1]}; embed both with the same encoder."
        )
    column = label_column(labels, points, subject="Labels")
    other_column = label_column(reference_labels, others, subject="Reference labels")
    if (column.dtype.kind in "biuf") != (other_column.dtype.kind in "biuf"):
        raise MetricError("Labels must be numbers in both sets or text in both, got one of each; convert one of them.")
    names, codes = np.unique(np.concatenate([column, other_column]), return_inverse=True)
    codes, n, classes = codes.astype(np.int64), len(points), len(names)
    return (
        LabelledPoints(points=points, codes=codes[:n], classes=classes),
        LabelledPoints(points=others, codes=codes[n:], classes=classes),
    )


def embedding_matrix(embeddings: ArrayLike, *, subject: str = "Embeddings") -> Points:
    """Read embeddings as a float64 matrix.

    Raises:
        MetricError: Not two-dimensional, without rows or columns, not numbers, or not finite.
    """
    try:
        matrix = np.asarray(embeddings, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise MetricError(f"{subject} must be a matrix of numbers, got {type(embeddings).__name__!r}.") from error
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise MetricError(f"{subject} must have rows and columns, got shape {matrix.shape!r}; give one row a point.")
    unusable = int(np.count_nonzero(~(np.abs(matrix) <= _LARGEST).all(axis=1)))
    if unusable:
        raise MetricError(
            f"{subject} must be finite, got {unusable!r} rows with NaN or infinity; check the training that made them."
        )
    return matrix


def label_column(labels: ArrayLike, points: Points, *, subject: str) -> NDArray[Any]:
    """Read labels as one sortable column as long as the points.

    Raises:
        MetricError: Wrong shape or length, a missing label, or labels that cannot be compared with each other.
    """
    column = np.asarray(labels)
    if column.shape != (len(points),):
        raise MetricError(f"{subject} must be one for each of {len(points)} points, got shape {column.shape!r}.")
    if column.dtype.kind == "O":
        column = _plain(column, subject)
    if column.dtype.kind not in "biufU":
        raise MetricError(f"{subject} must be numbers or text, got dtype {str(column.dtype)!r}; encode them first.")
    if column.dtype.kind == "f" and not np.isfinite(column).all():
        raise MetricError(f"{subject} must not be missing, got NaN or infinity; leave such points out.")
    return column


def _plain(column: NDArray[Any], subject: str) -> NDArray[Any]:
    kinds = {str if isinstance(label, str) else type(label) for label in column.tolist()}
    if type(None) in kinds:
        raise MetricError(f"{subject} must not be missing, got None among them; leave such points out.")
    if len(kinds) > 1:
        found = sorted(kind.__name__ for kind in kinds)
        raise MetricError(f"{subject} must be of one type, got {found!r}; convert them.")
    return np.array(column.tolist())
