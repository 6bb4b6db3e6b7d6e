"""Exact neighbours by Euclidean distance, in bounded memory, with ties settled by the order of the reference.

One array of 64-bit keys holds both a squared distance (its leading bits) and the row it belongs to (its last bits), so
that sorting plain numbers orders by distance and then by row: deterministic, and without the cost of an argsort.
Distances closer than one part in about 2 ** (52 - bits of the row number), a hundred-thousandth of what float32
embeddings resolve at 60,000 rows, count as tied; this absorbs the rounding of the matrix product.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.invalid import InvalidInput
from holdfast.metric.labelled_points import Codes, Points

__all__ = ["Ranking", "nearest", "rankings"]

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
        InvalidInput: ``k`` is below 1 or more than there are others to find.
    """
    found = np.empty((len(queries), k), dtype=np.int64)
    for ranking in rankings(queries, reference, depths=np.full(len(queries), k), max_bytes=max_bytes):
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
        InvalidInput: A depth is below 1 or more than there are others to find.
    """
    others = len(queries) - 1 if reference is None else len(reference)
    if depths.min() < 1 or depths.max() > others:
        asked = int(depths.min() if depths.min() < 1 else depths.max())
        raise InvalidInput(f"Neighbours must number 1 to {others}, got {asked!r}; there are {others} others to find.")
    keys = _Keys(queries, queries if reference is None else reference, own=reference is None)
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
        self._row_bits = max(1, (len(reference) - 1).bit_length())
        centre, scale = _centre(reference), 1.0
        self._reference = reference - centre
        self._queries = self._reference if own else queries - centre
        largest = max(float(np.abs(self._reference).max()), float(np.abs(self._queries).max()))
        if largest > 0:
            scale = 2.0 ** -max(int(np.frexp(largest)[1]), -1000)  # a power of two: equal distances stay equal
        self._reference = self._reference * scale
        self._queries = self._reference if own else self._queries * scale
        # The sum of squares less the rounding of a product: what is as close as rounding can tell is as close as zero.
        lessened = 1.0 - (queries.shape[1] + 4) * float(np.finfo(np.float64).eps)
        self._reference_squares = lessened * np.einsum("ij,ij->i", self._reference, self._reference)
        self._query_squares = lessened * np.einsum("ij,ij->i", self._queries, self._queries)

    def closest(self, chosen: Codes, depth: int) -> Codes:
        keys = self._of(chosen)
        if depth < self.width:
            keys.partition(depth - 1, axis=1)
        keys = keys[:, :depth]
        keys.sort(axis=1)
        return (keys & np.uint64(2**self._row_bits - 1)).astype(np.int64)

    def _of(self, chosen: Codes) -> NDArray[np.uint64]:
        squares = (-2.0 * self._queries[chosen]) @ self._reference.T
        squares += self._reference_squares
        squares += self._query_squares[chosen, None]
        np.maximum(squares, 0.0, out=squares)
        keys = squares.view(np.uint64)  # of floats that are not negative, the bits ascend as the values do
        keys += np.uint64(2 ** (self._row_bits - 1))
        keys &= np.uint64(2**64 - 2**self._row_bits)
        keys |= np.arange(self.width, dtype=np.uint64)
        if self._own:
            keys[np.arange(len(chosen)), chosen] = np.uint64(2**64 - 1)
        return keys


def _centre(reference: Points) -> Points:
    """The row closest to the mean: far offsets cost precision, and taking away a row keeps equal distances equal."""
    mean = (reference / len(reference)).sum(axis=0)
    centre: Points = reference[int(np.abs(reference - mean).max(axis=1).argmin())]
    return centre
