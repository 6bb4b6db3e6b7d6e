"""Centres that stand for the healthy and for each class: their mean, or a few k-means centres."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans  # type: ignore[import-untyped]

from holdfast.risk.embeddings import Codes, Embeddings, Mask, chunks
from holdfast.risk.reference import ReferenceGroups

__all__ = ["Prototypes"]

_PEOPLE_A_PROTOTYPE = 10
_MOST_CLUSTERED = 20_000
"""People that k-means looks at in a group, drawn at random beyond."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prototypes:
    """Centres of the groups, the healthy first.

    Attributes:
        origin: The healthy mean, (d,): what follows is relative to it, so that a far offset does not blur distances.
        centres: Shape (p, d).
        owners: The group of each centre, (p,), ascending: 0 healthy, 1 the first class.
        sizes: People of the group nearest to each centre, (p,).
    """

    origin: NDArray[np.float64]
    centres: NDArray[np.float64]
    owners: Codes
    sizes: Codes

    @classmethod
    def fit(cls, embeddings: Embeddings, groups: ReferenceGroups, *, most: int, seed: int) -> Self:
        """Average, or cluster, each group.

        Args:
            embeddings: Shape (n, d).
            groups: Each of two people or more.
            most: Centres a group, at most.
            seed: Of k-means and of the people it looks at.
        """
        origin = embeddings[groups.healthy].mean(axis=0, dtype=np.float64)
        found, sizes, owners = [], [], []
        for owner, mask in enumerate([groups.healthy, *groups.classes.values()]):
            members = embeddings[mask] - origin
            centres, counts = _centres(members, most=min(most, max(1, len(members) // _PEOPLE_A_PROTOTYPE)), seed=seed)
            found.append(centres)
            sizes.append(counts)
            owners.append(np.full(len(centres), owner))
        return cls(
            origin=origin,
            centres=np.concatenate(found),
            owners=np.concatenate(owners).astype(np.int64),
            sizes=np.concatenate(sizes).astype(np.int64),
        )

    @property
    def number(self) -> int:
        """How many centres there are in all."""
        return len(self.owners)

    @property
    def is_single(self) -> bool:
        """Whether every group has one centre."""
        return self.number == int(self.owners[-1]) + 1

    def measure(self, embeddings: NDArray[np.float64]) -> NDArray[np.float64]:
        """Measure |z - h|², then |z - h|² - |z - g|² for each class, (n, 1 + classes)."""
        points = embeddings - self.origin
        squares = np.einsum("ij,ij->i", points, points)
        lengths = np.einsum("ij,ij->i", self.centres, self.centres)
        nearest = self._nearest(points @ (-2.0 * self.centres.T) + lengths)  # less |z|², which cancels in contrasts
        return np.column_stack([np.maximum(nearest[:, 0] + squares, 0.0), nearest[:, :1] - nearest[:, 1:]])

    def measure_without_self(self, embeddings: Embeddings, groups: ReferenceGroups) -> NDArray[np.float64]:
        """Measure the training people, each without them in the centres of their own groups.

        The distance of one of m members to the mean of the others is m / (m - 1) times that to the mean. With several
        centres it is the nearest that is taken to have held them. One that held nobody else is no centre without them.
        """
        masks = [groups.healthy, *groups.classes.values()]
        measured = np.empty((groups.n_people, len(masks)))
        for rows in chunks(groups.n_people, width=embeddings.shape[1] + 3 * self.number):
            squares = self._squares(embeddings[rows].astype(np.float64))
            for owner, mask in enumerate(masks):
                self._leave_out(squares, mask[rows], owner)
            nearest = self._nearest(squares)
            measured[rows] = np.column_stack([nearest[:, 0], nearest[:, :1] - nearest[:, 1:]])
        return measured

    def _squares(self, embeddings: NDArray[np.float64]) -> NDArray[np.float64]:
        points = embeddings - self.origin
        lengths = np.einsum("ij,ij->i", self.centres, self.centres)
        squares = points @ (-2.0 * self.centres.T) + lengths + np.einsum("ij,ij->i", points, points)[:, None]
        return np.asarray(np.maximum(squares, 0.0))

    def _leave_out(self, squares: NDArray[np.float64], members: Mask, owner: int) -> None:
        columns = np.flatnonzero(self.owners == owner)
        rows = np.flatnonzero(members)
        own = columns[squares[np.ix_(rows, columns)].argmin(axis=1)]
        sizes = self.sizes[own]
        grown = squares[rows, own] * (sizes / np.maximum(sizes - 1, 1)) ** 2
        squares[rows, own] = np.where(sizes > 1, grown, np.inf)

    def _nearest(self, squares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Keep the least of each group's columns, (n, 1 + classes)."""
        if self.is_single:
            return squares
        starts = np.searchsorted(self.owners, np.arange(int(self.owners[-1]) + 1))
        return np.asarray(np.minimum.reduceat(squares, starts, axis=1))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything, for safetensors."""
        return {"origin": self.origin, "centres": self.centres, "owners": self.owners, "sizes": self.sizes}

    @classmethod
    def from_stored(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``arrays`` returned."""
        return cls(**{name: arrays[name] for name in ("origin", "centres", "owners", "sizes")})


def _centres(
    members: NDArray[np.float64], *, most: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.integer[Any]]]:
    """Return the centres of a group and how many members are nearest to each, which is at least one."""
    if most == 1:
        return members.mean(axis=0, keepdims=True), np.array([len(members)])
    seen = members
    if len(members) > _MOST_CLUSTERED:
        seen = members[np.random.default_rng(seed).choice(len(members), size=_MOST_CLUSTERED, replace=False)]
    means = KMeans(n_clusters=min(most, len(np.unique(seen, axis=0))), n_init=1, random_state=seed).fit(seen)
    counts = np.bincount(means.predict(members), minlength=len(means.cluster_centers_))
    return means.cluster_centers_, np.maximum(counts, 1)
