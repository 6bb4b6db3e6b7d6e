"""How far the nearest healthy people lie: a reference of any shape, without a centre."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.distance import Replicates
from holdfast.risk.distances.nearest_people import NearestPeople
from holdfast.risk.embeddings import Codes, Embeddings, Scores, check_embeddings
from holdfast.risk.error import RiskError
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["FittedNeighbours", "Neighbours", "check_neighbours"]


def check_neighbours(k: int, most: int) -> None:
    """Check settings.

    Raises:
        RiskError: ``k`` is below 1, or ``most`` does not hold k others.
    """
    if k < 1 or most <= k:
        raise RiskError("Neighbours must number 1 or more, of more people than that", f"{k} of {most}", "lower k")


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Mean Euclidean distance to the k nearest healthy people.

    ::

        score(z) = 1/k sum over the k nearest healthy people i of |z - z[i]|

    A person of the reference never counts as their own neighbour. Classes and follow-up are not used. Rotating and
    moving all embeddings leaves the score as it is; scaling them scales it. Scoring takes time with the size of the
    reference, so larger ones are drawn from.

    Attributes:
        k: How many.
        most: Healthy people kept; of more, so many are drawn without replacement.
        seed: Of the draw.

    Raises:
        RiskError: A setting is out of its range.
    """

    name: ClassVar[str] = "neighbours"
    least: ClassVar[int] = 2

    k: int = 10
    most: int = 20_000
    seed: int = 0

    def __post_init__(self) -> None:
        check_neighbours(self.k, self.most)

    def fit(
        self,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None = None,  # noqa: ARG002 - the protocol has it
    ) -> "FittedNeighbours":
        """Keep the healthy people.

        Raises:
            RiskError: There are not more than k of them.
        """
        groups.check(embeddings, least=self.k + 1)
        generator = np.random.default_rng(self.seed)
        people = NearestPeople.of(embeddings, groups.healthy, most=self.most, generator=generator)
        return FittedNeighbours(people=people, k=self.k)

    def resample(
        self,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None,  # noqa: ARG002 - the protocol has it
        draws: Sequence[Codes],
    ) -> Replicates:
        """Count how often each resample drew each healthy person; no people are copied."""
        fitted = self.fit(embeddings, groups)
        return _NeighbourReplicates(fitted, fitted.people.counts(list(draws), groups.n_people))

    def to_json(self) -> dict[str, Any]:
        """Return the settings."""
        return {"name": self.name, "k": self.k, "most": self.most, "seed": self.seed}


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedNeighbours:
    """Healthy people to be near to, or not.

    Attributes:
        people: Who they are.
        k: How many of them count.
    """

    name: ClassVar[str] = "neighbours"

    people: NearestPeople
    k: int

    @property
    def dimensions(self) -> int:
        """How many dimensions embeddings must have."""
        return len(self.people.centre)

    def score(self, embeddings: Embeddings) -> Scores:
        """Measure, 0 or more; higher is worse."""
        check_embeddings(embeddings, dimensions=self.dimensions)
        return self.people.mean_distance(embeddings, k=self.k)

    def leave_one_out(self, embeddings: Embeddings, groups: ReferenceGroups) -> Scores:
        """Measure each training person to the k nearest *other* healthy people."""
        check_embeddings(embeddings, dimensions=self.dimensions, people=groups.n_people)
        return self.people.mean_distance_without_self(embeddings, k=self.k)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the people."""
        return {"centre": self.people.centre, "points": self.people.points, "places": self.people.places}

    def to_json(self) -> dict[str, Any]:
        """Return how many count."""
        return {"k": self.k}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        people = NearestPeople(centre=arrays["centre"], points=arrays["points"], places=arrays["places"])
        return cls(people=people, k=int(said["k"]))

    def replicates_from_stored(self, arrays: Mapping[str, NDArray[Any]]) -> Replicates:
        """Read the replicates' counts."""
        return _NeighbourReplicates(self, arrays["counts"])


class _NeighbourReplicates:
    def __init__(self, fitted: FittedNeighbours, counts: NDArray[np.uint8]) -> None:
        self.fitted, self.counts = fitted, counts

    def score(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Score by every resample, (n, B)."""
        check_embeddings(embeddings, dimensions=self.fitted.dimensions)
        return self.fitted.people.resampled_mean(embeddings, self.counts, k=self.fitted.k)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the counts, (B, m)."""
        return {"counts": self.counts}
