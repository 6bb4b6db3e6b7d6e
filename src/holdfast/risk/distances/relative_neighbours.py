"""Nearer to healthy people or to those who fell ill: mean distance to the k nearest of the one less of the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.class_weights import Weighting, check_weighting, combine, weights_for
from holdfast.risk.distances.distance import Replicates
from holdfast.risk.distances.nearest_people import NearestPeople
from holdfast.risk.distances.neighbours import check_neighbours
from holdfast.risk.embeddings import Codes, Embeddings, Scores, check_embeddings
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["FittedRelativeNeighbours", "RelativeNeighbours"]


@dataclass(frozen=True, kw_only=True)
class RelativeNeighbours:
    """Mean distance to the k nearest healthy people less that to the k nearest people of each class.

    ::

        n[g](z) = 1/k sum over the k nearest people i of group g of |z - z[i]|
        m[0](z) = n[healthy](z)          m[c](z) = n[healthy](z) - n[c](z)

    and one score of these as ``Relative`` makes it. Nobody counts as their own neighbour. Not in the paper: ours.

    Attributes:
        weighting: How classes become one score.
        ridge: Penalty on learnt weights.
        k: How many neighbours.
        most: People kept a group; of more, so many are drawn without replacement.
        seed: Of the draw.

    Raises:
        RiskError: A setting is out of its range.
    """

    name: ClassVar[str] = "relative_neighbours"
    least: ClassVar[int] = 2

    weighting: Weighting = "learned"
    ridge: float = 0.01
    k: int = 10
    most: int = 20_000
    seed: int = 0

    def __post_init__(self) -> None:
        check_weighting(self.weighting, self.ridge)
        check_neighbours(self.k, self.most)

    def fit(
        self, embeddings: Embeddings, groups: ReferenceGroups, follow_up: FollowUp | None = None
    ) -> "FittedRelativeNeighbours":
        """Keep the people of each group and find the weights.

        Raises:
            RiskError: There is no class, a group holds no more than k people, or weights are to be learnt without
                follow-up or without events.
        """
        people = self._people(embeddings, groups)
        near = [one.mean_distance_without_self(embeddings, k=self.k) for one in people]
        weights = weights_for(self.weighting, _contrasts(near), groups, follow_up, ridge=self.ridge)
        return FittedRelativeNeighbours(people=people, weights=weights, k=self.k, class_names=tuple(groups.classes))

    def resample(
        self, embeddings: Embeddings, groups: ReferenceGroups, follow_up: FollowUp | None, draws: Sequence[Codes]
    ) -> Replicates:
        """Count how often each resample drew each person, and find its weights."""
        people = self._people(embeddings, groups)
        counts = [one.counts(list(draws), groups.n_people) for one in people]
        near = [
            one.resampled_mean(embeddings, count, k=self.k, without_self=True)
            for one, count in zip(people, counts, strict=True)
        ]
        weights = [
            weights_for(
                self.weighting,
                _contrasts([column[drawn, b] for column in near]),
                groups.take(drawn),
                None if follow_up is None else follow_up.take(drawn),
                ridge=self.ridge,
            )
            for b, drawn in enumerate(draws)
        ]
        fitted = FittedRelativeNeighbours(people=people, weights=None, k=self.k, class_names=tuple(groups.classes))
        return _Replicates(fitted, counts, weights)

    def _people(self, embeddings: Embeddings, groups: ReferenceGroups) -> tuple[NearestPeople, ...]:
        groups.check(embeddings, least=self.k + 1)
        generator = np.random.default_rng(self.seed)
        masks = [groups.healthy, *groups.classes.values()]
        return tuple(NearestPeople.of(embeddings, mask, most=self.most, generator=generator) for mask in masks)

    def to_json(self) -> dict[str, Any]:
        """Return the settings."""
        return {
            "name": self.name,
            "weighting": self.weighting,
            "ridge": self.ridge,
            "k": self.k,
            "most": self.most,
            "seed": self.seed,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedRelativeNeighbours:
    """People of each group and what each class weighs.

    Attributes:
        people: The healthy, then each class.
        weights: Shape (1 + classes,): of the distance to the healthy, then of each class. None: the nearest counts.
        k: How many neighbours count.
        class_names: Names of the classes, in order.
    """

    name: ClassVar[str] = "relative_neighbours"

    people: tuple[NearestPeople, ...]
    weights: NDArray[np.float64] | None
    k: int
    class_names: tuple[str, ...]

    @property
    def dimensions(self) -> int:
        """How many dimensions embeddings must have."""
        return len(self.people[0].centre)

    def score(self, embeddings: Embeddings) -> Scores:
        """Measure, any sign; higher is worse."""
        check_embeddings(embeddings, dimensions=self.dimensions)
        near = [one.mean_distance(embeddings, k=self.k) for one in self.people]
        return combine(_contrasts(near), self.weights)

    def leave_one_out(self, embeddings: Embeddings, groups: ReferenceGroups) -> Scores:
        """Measure each training person to *other* people; the weights are held."""
        check_embeddings(embeddings, dimensions=self.dimensions, people=groups.n_people)
        near = [one.mean_distance_without_self(embeddings, k=self.k) for one in self.people]
        return combine(_contrasts(near), self.weights)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return people and weights."""
        kept: dict[str, NDArray[Any]] = {} if self.weights is None else {"weights": self.weights}
        for group, one in enumerate(self.people):
            kept |= {f"{group}.centre": one.centre, f"{group}.points": one.points, f"{group}.places": one.places}
        return kept

    def to_json(self) -> dict[str, Any]:
        """Return the rest."""
        return {"k": self.k, "class_names": list(self.class_names)}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        names = tuple(str(name) for name in said["class_names"])
        people = tuple(
            NearestPeople(**{part: arrays[f"{group}.{part}"] for part in ("centre", "points", "places")})
            for group in range(len(names) + 1)
        )
        return cls(people=people, weights=arrays.get("weights"), k=int(said["k"]), class_names=names)

    def replicates_from_stored(self, arrays: Mapping[str, NDArray[Any]]) -> Replicates:
        """Read the replicates' counts and weights."""
        counts = [arrays[f"{group}.counts"] for group in range(len(self.people))]
        weights = list(arrays["weights"]) if "weights" in arrays else [None] * len(counts[0])
        return _Replicates(self, counts, weights)


class _Replicates:
    def __init__(
        self,
        fitted: FittedRelativeNeighbours,
        counts: Sequence[NDArray[np.uint8]],
        weights: Sequence[NDArray[np.float64] | None],
    ) -> None:
        self.fitted, self.counts, self.weights = fitted, counts, weights

    def score(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Score by every resample, (n, B)."""
        check_embeddings(embeddings, dimensions=self.fitted.dimensions)
        near = [
            one.resampled_mean(embeddings, count, k=self.fitted.k)
            for one, count in zip(self.fitted.people, self.counts, strict=True)
        ]
        each = [
            combine(_contrasts([column[:, b] for column in near]), weights) for b, weights in enumerate(self.weights)
        ]
        return np.column_stack(each)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the counts, (B, m) a group, and the weights, (B, 1 + classes)."""
        kept: dict[str, NDArray[Any]] = {f"{group}.counts": count for group, count in enumerate(self.counts)}
        given = [weights for weights in self.weights if weights is not None]
        return kept | ({"weights": np.stack(given)} if given else {})


def _contrasts(near: Sequence[Scores]) -> NDArray[np.float64]:
    return np.column_stack([near[0], *(near[0] - one for one in near[1:])])
