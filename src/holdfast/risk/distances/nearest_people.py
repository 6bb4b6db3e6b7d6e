"""The nearest people of a group, exactly, in bounded memory, and the mean distance to them under resampling."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.embeddings import Codes, Embeddings, Mask, Scores, chunks

__all__ = ["NearestPeople"]

_DEEPER, _DEEPER_BY = 3, 30
"""A resample leaves about a third of people out: of so many times k, and so many more, it keeps k, but for chance
beyond reckoning."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NearestPeople:
    """People of one group.

    Attributes:
        centre: Their mean, (d,).
        points: Their embeddings less the centre, (m, d).
        places: Where each stands among the training people, (m,).
    """

    centre: NDArray[np.float64]
    points: NDArray[np.float64]
    places: Codes

    @classmethod
    def of(cls, embeddings: Embeddings, members: Mask, *, most: int, generator: np.random.Generator) -> Self:
        """Take the members of a group, or ``most`` of them drawn without replacement."""
        places = np.flatnonzero(members)
        if len(places) > most:
            places = np.sort(generator.choice(places, size=most, replace=False))
        people = embeddings[places].astype(np.float64)
        centre = people.mean(axis=0)
        return cls(centre=centre, points=people - centre, places=places)

    def mean_distance(self, embeddings: Embeddings, *, k: int) -> Scores:
        """Average the distances to the k nearest, (n,)."""
        found = np.empty(len(embeddings))
        for rows in chunks(len(embeddings), width=2 * len(self.points)):
            found[rows] = _mean_of_least(self._squares(embeddings[rows]), k)
        return found

    def mean_distance_without_self(self, embeddings: Embeddings, *, k: int) -> Scores:
        """Average over the k nearest others of each training person, (n,): all of them, in their order."""
        found = np.empty(len(embeddings))
        for rows in chunks(len(embeddings), width=2 * len(self.points)):
            found[rows] = _mean_of_least(self._without_self(rows, embeddings[rows]), k)
        return found

    def kth_distance(self, embeddings: Embeddings, *, k: int) -> Scores:
        """Measure to the k-th nearest, (n,)."""
        found = np.empty(len(embeddings))
        for rows in chunks(len(embeddings), width=2 * len(self.points)):
            found[rows] = np.sqrt(np.partition(self._squares(embeddings[rows]), k - 1, axis=1)[:, k - 1])
        return found

    def kth_distance_without_self(self, embeddings: Embeddings, *, k: int) -> Scores:
        """Measure each member to the k-th nearest other member, (m,). ``embeddings`` are all training people."""
        found = np.empty(len(self.points))
        for rows in chunks(len(self.points), width=2 * len(self.points)):
            squares = self._squares(embeddings[self.places[rows]])
            squares[np.arange(len(squares)), np.arange(rows.start, rows.stop)] = np.inf
            found[rows] = np.sqrt(np.partition(squares, k - 1, axis=1)[:, k - 1])
        return found

    def counts(self, draws: list[Codes], people: int) -> NDArray[np.uint8]:
        """Count how often each resample of the training people drew each member, (B, m)."""
        drawn = [np.bincount(draw, minlength=people)[self.places] for draw in draws]
        return np.minimum(np.stack(drawn), 255).astype(np.uint8)

    def resampled_mean(
        self, embeddings: Embeddings, counts: NDArray[np.uint8], *, k: int, without_self: bool = False
    ) -> NDArray[np.float64]:
        """Average the distances to the k nearest in every resample, a person drawn twice counting twice, (n, B)."""
        found = np.empty((len(embeddings), len(counts)))
        depth = min(len(self.points), _DEEPER * k + _DEEPER_BY)
        for rows in chunks(len(embeddings), width=max(2 * len(self.points), 4 * depth)):
            points = embeddings[rows]
            squares = self._without_self(rows, points) if without_self else self._squares(points)
            nearest = np.argpartition(squares, depth - 1, axis=1)[:, :depth]
            order = np.argsort(np.take_along_axis(squares, nearest, axis=1), axis=1)
            nearest = np.take_along_axis(nearest, order, axis=1)
            distances = np.sqrt(np.take_along_axis(squares, nearest, axis=1))
            for b, count in enumerate(counts):
                found[rows, b] = _weighted_mean(distances, count[nearest].astype(np.int64), k)
        return found

    def _squares(self, embeddings: Embeddings) -> NDArray[np.float64]:
        asking = embeddings - self.centre
        lengths = np.einsum("ij,ij->i", self.points, self.points)
        squares = asking @ (-2.0 * self.points.T) + lengths + np.einsum("ij,ij->i", asking, asking)[:, None]
        return np.asarray(np.maximum(squares, 0.0, out=squares))

    def _without_self(self, rows: slice, embeddings: Embeddings) -> NDArray[np.float64]:
        squares = self._squares(embeddings)
        inside = np.flatnonzero((self.places >= rows.start) & (self.places < rows.stop))
        squares[self.places[inside] - rows.start, inside] = np.inf
        return squares


def _mean_of_least(squares: NDArray[np.float64], k: int) -> Scores:
    return np.asarray(np.sqrt(np.partition(squares, k - 1, axis=1)[:, :k]).mean(axis=1))


def _weighted_mean(distances: NDArray[np.float64], counts: Codes, k: int) -> Scores:
    """Average the first k of sorted distances that each occur ``counts`` times; of fewer, all there are."""
    counts = np.where(np.isfinite(distances), counts, 0)
    before = np.cumsum(counts, axis=1) - counts
    taken = np.clip(k - before, 0, counts)
    finite = np.where(np.isfinite(distances), distances, 0.0)
    return np.asarray((taken * finite).sum(axis=1) / np.maximum(taken.sum(axis=1), 1))
