"""Exact neighbours by Euclidean distance, in bounded memory, with ties settled by the order of the reference.

One array of 64-bit keys holds both a squared distance (its leading bits) and the row it belongs to (its last bits), so
that sorting plain numbers orders by distance and then by row: deterministic, and without the cost of an argsort.
Squared distances within about one part in 2 ** 32 (beyond a million rows: somewhat coarser) count as tied, a
hundredth of what float32 embeddings resolve; this absorbs the rounding of the matrix product.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.labelled_points import Codes, Points

__all__ = ["Ranking", "nearest", "rankings"]

Keys = NDArray[np.uint64]

_LEAST_ROW_BITS = 20  # of 64: what is left to the distance
MAX_BYTES = 256 * 2**20
_BYTES_PER_REFERENCE, _BYTES_PER_RANK = 8, 40  # a key; a row number, its label, hit, count and precision


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The closest rows of the reference for some of the queries.

    Attributes:
        queries: Shape (m,): which queries.
        nearest: Shape (m, depth): rows of the reference, closest first; equally close ones by row number.
    """

    queries: Codes
    nearest: Codes


def nearest(queries: Points, reference: Points | None, *, k: int, max_bytes: int = MAX_BYTES) -> Codes:
    """Find the ``k`` closest rows of the reference for every query, shape (queries, k), closest first.

    Args:
        queries: Shape (n, d), finite.
        reference: Shape (m, d); None for the queries themselves, each without itself.
        k: How many.
        max_bytes: About the memory to use beside the arrays given and returned.

    Raises:
        MetricError: ``k`` is below 1 or more than there are others to find.
    """
    ranked = rankings(queries, reference, depths=np.full(len(queries), k), max_bytes=max_bytes)
    found = np.empty((len(queries), k), dtype=np.int64)
    for ranking in ranked:
        found[ranking.queries] = ranking.nearest
    return found


def rankings(
    queries: Points, reference: Points | None, *, depths: Codes, max_bytes: int = MAX_BYTES
) -> Iterator[Ranking]:
    """Rank the reference for every query, some queries at a time.

    Args:
        queries: Shape (n, d), finite.
        reference: Shape (m, d); None for the queries themselves, each without itself.
        depths: Shape (n,): how many neighbours each query needs, at least 1; a ranking may go deeper.
        max_bytes: About the memory of one ranking and its making.

    Raises:
        MetricError: A depth is below 1 or more than there are others to find.
    """
    others = len(queries) - 1 if reference is None else len(reference)
    if depths.min() < 1 or depths.max() > others:
        asked = int(depths.min() if depths.min() < 1 else depths.max())
        raise MetricError(f"Neighbours must number 1 to {others}, got {asked!r}; there are {others} others to find.")
    keys = _Keys(queries, queries if reference is None else reference, own=reference is None)
    return _ranked(keys, depths, max_bytes=max_bytes)


def _ranked(keys: "_Keys", depths: Codes, *, max_bytes: int) -> Iterator[Ranking]:
    order = np.argsort(depths, kind="stable")
    start = 0
    while start < len(order):
        rows = _rows_at_once(depths[order], start, width=keys.width, max_bytes=max_bytes)
        chosen = order[start : start + rows]
        yield Ranking(queries=chosen, nearest=keys.closest(chosen, int(depths[chosen].max())))
        start += rows


def _rows_at_once(depths: Codes, start: int, *, width: int, max_bytes: int) -> int:
    rows = max(1, max_bytes // (_BYTES_PER_REFERENCE * width + _BYTES_PER_RANK * int(depths[start])))
    deepest = int(depths[min(start + rows, len(depths)) - 1])  # depths ascend
    return max(1, max_bytes // (_BYTES_PER_REFERENCE * width + _BYTES_PER_RANK * deepest))


class _Keys:
    """Sortable keys of distance and row, for any of the queries."""

    def __init__(self, queries: Points, reference: Points, *, own: bool) -> None:
        self.width, self._own = len(reference), own
        self._row_bits = max(_LEAST_ROW_BITS, (len(reference) - 1).bit_length())
        centre = _centre(reference)
        points = reference - centre
        asking = points if own else queries - centre
        largest = max(float(np.abs(points).max()), float(np.abs(asking).max()))
        if largest > 0:
            scale = 2.0 ** -max(int(np.frexp(largest)[1]), -1000)  # a power of two: equal distances stay equal
            points, asking = points * scale, asking * scale
        # The squares less what a product can be off by: copies come out at zero, and equal distances that are round
        # numbers all just below, so that dropping the last bits does not part them.
        lessened = 1.0 - (queries.shape[1] + 6) * float(np.finfo(np.float64).eps)
        reference_squares = lessened * np.einsum("ij,ij->i", points, points)[:, None]
        query_squares = lessened * np.einsum("ij,ij->i", asking, asking)[:, None]
        # One product of these two is |q|^2 - 2qr + |r|^2.
        self._reference = np.hstack([points, np.ones_like(reference_squares), reference_squares])
        self._queries = np.hstack([-2.0 * asking, query_squares, np.ones_like(query_squares)])

    def closest(self, chosen: Codes, depth: int) -> Codes:
        keys = _least(self._of(chosen), depth)
        return (keys & np.uint64(2**self._row_bits - 1)).astype(np.int64)

    def _of(self, chosen: Codes) -> Keys:
        squares = self._queries[chosen] @ self._reference.T
        np.maximum(squares, 0.0, out=squares)
        keys: Keys = squares.view(np.uint64)  # of floats that are not negative, the bits ascend as the values do
        keys &= np.uint64(2**64 - 2**self._row_bits)
        keys |= np.arange(self.width, dtype=np.uint64)
        if self._own:
            keys[np.arange(len(chosen)), chosen] = np.uint64(2**64 - 1)
        return keys


def _least(keys: Keys, depth: int) -> Keys:
    """Take the ``depth`` smallest of every row, ascending; keys of a row differ, and their order is not kept."""
    if depth * 4 < math.isqrt(keys.shape[1]):
        keys = _of_leading_groups(keys, depth)
    if depth < keys.shape[1]:
        keys.partition(depth - 1, axis=1)
    least: Keys = keys[:, :depth]
    least.sort(axis=1)
    return least


def _of_leading_groups(keys: Keys, depth: int) -> Keys:
    """Drop all groups of keys but the ``depth`` with the smallest minima: the smallest keys cannot lie in another."""
    size = math.isqrt(keys.shape[1])
    grouped = keys[:, : size * size].reshape(len(keys), size, size)
    leading = np.argpartition(grouped.min(axis=2), depth - 1, axis=1)[:, :depth]
    kept = np.take_along_axis(grouped, leading[:, :, None], axis=1).reshape(len(keys), depth * size)
    candidates: Keys = np.concatenate([kept, keys[:, size * size :]], axis=1)
    return candidates


def _centre(reference: Points) -> Points:
    """The row closest to the mean: far offsets cost precision, and taking away a row keeps equal distances equal."""
    mean = (reference / len(reference)).sum(axis=0)
    centre: Points = reference[int(np.abs(reference - mean).max(axis=1).argmin())]
    return centre
