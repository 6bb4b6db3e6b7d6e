"""A seeded pool of rows between a stream and training: it mixes the stream and evens out its classes.

A table sorted by its label would give batches of one class. So the pool shares its places among the classes (each may
keep as many rows as fit when all keep at most the same number), and draws as evenly from them. Rows not yet drawn are
drawn first; rows drawn most often make room first. On a stream that is balanced already every row is drawn about once.
"""

import numpy as np
import numpy.typing as npt

from holdfast.metric.error import MetricError

__all__ = ["ShuffleBuffer"]

Codes = npt.NDArray[np.int64]


class ShuffleBuffer:
    """At most ``capacity`` rows. Memory is allocated once.

    Args:
        capacity: Rows held at most; at least two for each class.
        columns: Values in a row (float32).
        classes: Number of classes; codes are 0 to ``classes - 1``.
        seed: Same seed and same rows in the same order, same draws.

    Raises:
        MetricError: The capacity is smaller than two rows a class.
    """

    def __init__(self, *, capacity: int, columns: int, classes: int, seed: int) -> None:
        if capacity < 2 * classes:
            raise MetricError(
                f"Rows held must be at least two for each of {classes} classes, got `{capacity!r}`; hold more rows."
            )
        self._rows = np.empty((capacity, columns), dtype=np.float32)
        self._codes = np.zeros(capacity, dtype=np.int64)
        self._drawn = np.zeros(capacity, dtype=np.int64)
        self._is_held = np.zeros(capacity, dtype=np.bool_)
        self._classes = classes
        self._random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return int(self._is_held.sum())

    @property
    def counts(self) -> Codes:
        """Return how many rows of each class are held."""
        return np.bincount(self._codes[self._is_held], minlength=self._classes)

    @property
    def is_ready(self) -> bool:
        """Return whether two classes are there, one of them with two rows: without them there is no triplet."""
        counts = self.counts
        return bool((counts > 0).sum() > 1 and counts.max() > 1)

    @property
    def is_full(self) -> bool:
        """Return whether every place is taken."""
        return bool(self._is_held.all())

    def add(self, rows: npt.NDArray[np.float32], codes: Codes) -> None:
        """Take in rows; where there is no place left, rows drawn most often leave, at random among equals."""
        new = np.bincount(codes, minlength=self._classes)
        allowed = _level(self.counts + new, len(self._rows))
        self._is_held[self._crowded_out(new, allowed)] = False
        entering = self._entering(codes, allowed)
        places = np.flatnonzero(~self._is_held)[: len(entering)]
        self._rows[places], self._codes[places] = rows[entering], codes[entering]
        self._drawn[places], self._is_held[places] = 0, True

    def draw(self, count: int) -> tuple[npt.NDArray[np.float32], Codes]:
        """Draw at most ``count`` different rows, as evenly over the classes as they are held, in random order."""
        places = self._chosen(count)
        self._drawn[places] += 1
        return self._rows[places], self._codes[places]

    def shown(self, count: int) -> tuple[npt.NDArray[np.float32], Codes]:
        """Return rows as ``draw`` would, without counting them as drawn."""
        places = self._chosen(count)
        return self._rows[places], self._codes[places]

    def _chosen(self, count: int) -> Codes:
        """Choose places evenly over the classes; what cannot be shared evenly goes to random ones."""
        order = self._random.permutation(self._classes)
        shares = np.zeros(self._classes, dtype=np.int64)
        shares[order] = _level(self.counts[order], count)
        chosen = [self._ranked(code)[: shares[code]] for code in np.flatnonzero(shares)]
        return self._random.permutation(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)

    def _ranked(self, code: np.intp) -> Codes:
        """Return the places of a class, those drawn least first, at random among equals."""
        places = self._random.permutation(np.flatnonzero(self._is_held & (self._codes == code)))
        return places[np.argsort(self._drawn[places], kind="stable")]

    def _crowded_out(self, new: Codes, allowed: Codes) -> Codes:
        """Return the places that must be given up for the rows coming in."""
        leaving = np.minimum(self.counts, np.maximum(0, self.counts + new - allowed))
        chosen = [self._ranked(code)[::-1][: leaving[code]] for code in np.flatnonzero(leaving)]
        return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)

    def _entering(self, codes: Codes, allowed: Codes) -> Codes:
        """Return which of the rows coming in find a place: all, unless they alone exceed what their class may have."""
        order = self._random.permutation(len(codes))
        ranks = np.empty(len(codes), dtype=np.int64)
        for code in np.unique(codes):
            members = order[codes[order] == code]
            ranks[members] = np.arange(len(members))
        return np.flatnonzero(ranks < (allowed - self.counts)[codes])


def _level(wanted: Codes, total: int) -> Codes:
    """Share ``total`` as evenly as can be among classes that want so many each; what is left goes to the first."""
    shares = np.zeros_like(wanted)
    left = total
    while left > 0 and (shares < wanted).any():
        open_ = np.flatnonzero(shares < wanted)
        step = max(1, left // len(open_))
        given = np.minimum(wanted[open_] - shares[open_], step)
        given = given if given.sum() <= left else np.where(np.arange(len(open_)) < left, given, 0)
        shares[open_] += given
        left -= int(given.sum())
    return shares
