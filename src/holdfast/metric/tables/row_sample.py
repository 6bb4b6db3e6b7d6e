"""Choose rows of a table by their numbers, the same whatever order or batches they come in."""

import numpy as np
import numpy.typing as npt
import polars as pl

from holdfast.metric.tables.reading import Rows

__all__ = ["RowSample", "is_chosen", "row_keys"]

_KEY = "__holdfast_row_key"


def row_keys(rows: Rows, *, seed: int) -> npt.NDArray[np.uint64]:
    """Give each row a number that looks random (splitmix64 of seed, file and row) and is always the same."""
    with np.errstate(over="ignore"):
        keys = np.arange(rows.start, rows.start + rows.frame.height, dtype=np.uint64)
        for salt in (np.uint64(rows.file), np.uint64(seed)):
            keys = _mixed(keys + salt * np.uint64(0xD1342543DE82EF95))
    return keys


def is_chosen(rows: Rows, *, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Choose about ``share`` (0 to 1) of the rows, each on its own."""
    chosen: npt.NDArray[np.bool_] = row_keys(rows, seed=seed) < np.float64(share) * 2.0**64
    return chosen


class RowSample:
    """A uniform random sample of at most ``size`` rows of everything offered. It holds twice that many at most."""

    def __init__(self, size: int, *, seed: int) -> None:
        self._size, self._seed = size, seed
        self._held: list[pl.DataFrame] = []

    def offer(self, rows: Rows, *, kept: pl.Series | None = None) -> None:
        """Consider more rows: those ``kept`` marks, or all."""
        keyed = rows.frame.with_columns(pl.Series(_KEY, row_keys(rows, seed=self._seed)))
        keyed = keyed if kept is None else keyed.filter(kept)
        self._held.append(keyed.bottom_k(min(self._size, keyed.height), by=_KEY))
        if sum(frame.height for frame in self._held) > 2 * self._size:
            self._held = [pl.concat(self._held).bottom_k(self._size, by=_KEY)]

    def rows(self) -> pl.DataFrame:
        """Return the sample, in a random order. Without rows offered it has none, and no columns."""
        if not self._held:
            return pl.DataFrame()
        return pl.concat(self._held).bottom_k(self._size, by=_KEY).sort(_KEY).drop(_KEY)


def _mixed(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix the bits of each key (Steele, Lea and Flood 2014, OOPSLA: splitmix64)."""
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
