"""Whether people repeat, or are strangers, told from 8 bytes a person however long their ids and tables are."""

from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["PersonHashes"]


class PersonHashes:
    """Sorted 64-bit hashes of the ``person`` of every row of a table.

    Two ids of five million share a hash with a chance of 1 in a million; ``repeated`` counts again by the ids
    themselves before it says that one repeats.
    """

    def __init__(self, rows: pl.LazyFrame, hashes: npt.NDArray[np.uint64]) -> None:
        self._rows = rows
        self._hashes = hashes

    @classmethod
    def of(cls, rows: pl.LazyFrame) -> Self:
        """Read the ids of a table."""
        hashed = rows.select(pl.col("person").hash(1)).collect(engine="streaming").to_series()
        return cls(rows, np.sort(hashed.to_numpy()))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._hashes)

    def repeated(self) -> int:
        """Return how many rows are of a person who came before."""
        if not np.any(self._hashes[1:] == self._hashes[:-1]):
            return 0
        distinct = self._rows.select(pl.col("person").n_unique()).collect(engine="streaming").item()
        return self.rows - int(distinct)

    def strangers(self, people: Self) -> int:
        """Return how many rows are of nobody among ``people``."""
        if not people.rows:
            return self.rows
        places = np.minimum(np.searchsorted(people._hashes, self._hashes), people.rows - 1)
        return int(np.sum(people._hashes[places] != self._hashes))
