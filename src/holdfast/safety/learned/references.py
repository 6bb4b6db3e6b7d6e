"""Points that stand for kinds of danger and for none, and how near a text lies to each.

The same idea as a health risk from one visit: a text is judged by its distance to reference groups. For a text with
embedding z, ``d_k(z)`` is the mean Euclidean distance to the nearest few points of kind k, and the *relative distance*
to k against the harmless kinds H is ``min_H d(z) / (min_H d(z) + d_k(z))``: 0 at a harmless point, 1 at a point of
k, 1/2 halfway. Higher is worse.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category, Subject
from holdfast.safety.learned.encoder import Vectors

__all__ = ["BENIGN", "NOTICE", "Kind", "References"]

NEAREST = 3
"""Points of a kind that a distance is the mean over."""

_FLOOR = 1e-6
_MOST_PRODUCTS = 2**18
"""Products of two numbers at once. From more on OpenBLAS starts threads, which where other processes are busy, as in
``holdfast triage``, take up to a hundred times as long as one does.
"""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What some reference points stand for. ``category`` is None for the harmless kinds."""

    name: str
    category: Category | None = None
    subject: Subject = Subject.UNKNOWN

    @classmethod
    def risk(cls, category: Category, subject: Subject) -> Self:
        """Return the kind of danger ``category`` to ``subject``."""
        return cls(name=f"{category.value}/{subject.value}", category=category, subject=subject)

    def to_dict(self) -> dict[str, Any]:
        """Return the kind as JSON-ready values."""
        return {
            "name": self.name,
            "category": None if self.category is None else self.category.value,
            "subject": self.subject.value,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what ``to_dict`` wrote."""
        category = None if data["category"] is None else Category(data["category"])
        return cls(name=data["name"], category=category, subject=Subject(data["subject"]))


BENIGN = Kind(name="benign")
"""No sign of danger."""

NOTICE = Kind(name="notice")
"""A sign that lies behind somebody: worth a gentle line, no danger now."""


class _Block(NamedTuple):
    """Points from number ``first`` on, a column each, shape (dimensions, points)."""

    first: int
    matrix: Vectors


@dataclass(frozen=True)
class References:
    """Reference points, shape (points, dimensions), and for each the index of its kind in ``kinds``."""

    kinds: tuple[Kind, ...]
    points: Vectors
    owners: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Check that every kind has points and at least one kind is harmless and one is not.

        Raises:
            ContentError: They do not fit.
        """
        fits = self.points.ndim == 2 and len(self.points) == len(self.owners)
        if not fits or set(self.owners.tolist()) != set(range(len(self.kinds))):
            raise ContentError("References must give every kind its points and every point its kind; train again.")
        if not self._risks or len(self._risks) == len(self.kinds):
            raise ContentError("References must hold harmless kinds and kinds of danger; train again.")

    @cached_property
    def _risks(self) -> tuple[int, ...]:
        return tuple(number for number, kind in enumerate(self.kinds) if kind.category is not None)

    @cached_property
    def risks(self) -> tuple[Kind, ...]:
        """The kinds of danger, in the order of the columns of ``relative_distance``."""
        return tuple(self.kinds[number] for number in self._risks)

    def distances(self, vectors: Vectors) -> Vectors:
        """Return distances, shape (texts, kinds): the mean over the nearest points of each kind."""
        shape = (len(vectors), *self._places.shape)
        squared = (vectors * vectors).sum(axis=1)[:, None] + self._lengths
        squared -= 2 * self._products(vectors)[:, self._places.ravel()]
        nearest = np.partition(squared.reshape(shape), NEAREST - 1, axis=2)[:, :, :NEAREST]
        away = np.sqrt(np.maximum(nearest, 0), where=np.isfinite(nearest), out=np.zeros_like(nearest))
        return np.asarray(away.sum(axis=2) / self._counted, dtype=np.float32)

    def _products(self, vectors: Vectors) -> Vectors:
        """Return the product of each vector with each point, a few vectors and points at a time."""
        products = np.empty((len(vectors), len(self.points)), dtype=np.float32)
        rows = max(1, _MOST_PRODUCTS // self.points.size)
        for block in self._blocks:
            some, after = block.matrix, block.first + block.matrix.shape[1]
            for start in range(0, len(vectors), rows):
                products[start : start + rows, block.first : after] = vectors[start : start + rows] @ some
        return products

    def relative_distance(self, vectors: Vectors) -> Vectors:
        """Return the relative distance to each kind of danger, shape (texts, kinds of danger), 0 to 1, 1 is worst."""
        away = self.distances(vectors)
        return self.relative(away)

    def relative(self, away: Vectors) -> Vectors:
        """Return relative distances for distances worked out before."""
        harmless = [number for number in range(len(self.kinds)) if number not in self._risks]
        nearest = away[:, harmless].min(axis=1, keepdims=True)
        dangers = away[:, list(self._risks)]
        return np.asarray(nearest / np.maximum(nearest + dangers, _FLOOR), dtype=np.float32)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """The points of each kind in a row, shape (kinds, most points of a kind); -1 behind the last of them."""
        members = [np.flatnonzero(self.owners == number) for number in range(len(self.kinds))]
        places = np.full((len(members), max(NEAREST, *map(len, members))), -1, dtype=np.int64)
        for row, some in zip(places, members, strict=True):
            row[: len(some)] = some
        return places

    @cached_property
    def _blocks(self) -> list[_Block]:
        """The points, a column each, cut into matrices small enough."""
        columns = max(1, _MOST_PRODUCTS // self.points.shape[1])
        firsts = range(0, len(self.points), columns)
        return [_Block(first, np.ascontiguousarray(self.points[first : first + columns].T)) for first in firsts]

    @cached_property
    def _lengths(self) -> Vectors:
        """The squared length of the point in each place; infinite in the empty ones, which are nearest to nothing."""
        lengths = (self.points * self.points).sum(axis=1)[self._places.ravel()]
        return np.asarray(np.where(self._places.ravel() >= 0, lengths, np.inf), dtype=np.float32)

    @cached_property
    def _counted(self) -> Vectors:
        """How many points of each kind a distance is the mean over."""
        return np.asarray(np.minimum((self._places >= 0).sum(axis=1), NEAREST), dtype=np.float32)
