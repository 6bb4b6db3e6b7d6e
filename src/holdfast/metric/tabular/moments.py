"""Mean and spread of many columns at once, block by block: what standardising needs, with missing values left out."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST", "Moments"]

LARGEST = 1e37
"""Numbers larger than this in size are refused, so that neither squares nor single precision overflow."""
SMALLEST_SPREAD = 1e-37
"""A spread below this counts as none: one over it would overflow in single precision."""


class Moments:
    """Count, mean, spread, smallest and largest of each column.

    Blocks are merged as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances" (1979), so that the order and size of blocks change the result by rounding only.

    Args:
        n_columns: How many columns there are.
    """

    def __init__(self, n_columns: int) -> None:
        self.counts = np.zeros(n_columns)
        self.means = np.zeros(n_columns)
        self.low = np.full(n_columns, np.inf)
        self.high = np.full(n_columns, -np.inf)
        self._squares = np.zeros(n_columns)

    def add(self, columns: list[int], block: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take in rows of some columns; return how many values each has here.

        Every number must be at most ``LARGEST`` in size: see ``sizes``.
        """
        missing = np.isnan(block)
        counts: NDArray[np.float64] = len(block) - missing.sum(axis=0, dtype=np.float64)
        means = np.where(missing, 0.0, block).sum(axis=0) / np.maximum(counts, 1)
        deviations = np.where(missing, 0.0, block - means)
        squares = np.einsum("ij,ij->j", deviations, deviations)
        self._merge(columns, counts, means, squares)
        self.low[columns] = np.minimum(self.low[columns], np.fmin.reduce(block, axis=0, initial=np.inf))
        self.high[columns] = np.maximum(self.high[columns], np.fmax.reduce(block, axis=0, initial=-np.inf))
        return counts

    def centre(self, column: int) -> float:
        """Return the mean; exactly the value itself where all are the same."""
        low, high, mean = (float(moment[column]) for moment in (self.low, self.high, self.means))
        return low if low == high else mean

    def scale(self, column: int) -> float:
        """Return one over the standard deviation (of the population), 0 where all values are the same."""
        if self.low[column] >= self.high[column]:
            return 0.0
        spread = float(np.sqrt(self._squares[column] / self.counts[column]))
        return 1.0 / spread if spread > SMALLEST_SPREAD else 0.0

    def _merge(
        self, columns: list[int], counts: NDArray[np.float64], means: NDArray[np.float64], squares: NDArray[np.float64]
    ) -> None:
        """Merge a block's moments into those so far."""
        before, together = self.counts[columns], np.maximum(self.counts[columns] + counts, 1)
        apart = means - self.means[columns]
        self.means[columns] += apart * counts / together
        self._squares[columns] += squares + apart**2 * before * counts / together
        self.counts[columns] += counts
