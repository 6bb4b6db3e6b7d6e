"""The plain definition: how far an embedding lies from the mean of the healthy ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.distance import Replicates
from holdfast.risk.distances.refitted import Refitted, refitted, unstacked
from holdfast.risk.embeddings import Codes, Embeddings, Scores, check_embeddings, in_chunks
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["Centroid", "FittedCentroid"]


@dataclass(frozen=True, kw_only=True)
class Centroid:
    """Euclidean distance to the healthy centroid.

    ::

        score(z) = |z - h|        h = mean of the healthy embeddings

    Our reading of the single-time health risk of Heydari et al. (2022); classes and follow-up are not used. Rotating
    and moving all embeddings leaves the score as it is; scaling them scales it.
    """

    name: ClassVar[str] = "centroid"
    least: ClassVar[int] = 2

    def fit(
        self,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None = None,  # noqa: ARG002 - the protocol has it
    ) -> "FittedCentroid":
        """Average the healthy people."""
        groups.check(embeddings, least=self.least)
        healthy = embeddings[groups.healthy]
        return FittedCentroid(centre=healthy.mean(axis=0, dtype=np.float64), n_healthy=len(healthy))

    def resample(
        self,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None,  # noqa: ARG002 - the protocol has it
        draws: Sequence[Codes],
    ) -> Replicates:
        """Average the healthy people of each resample."""
        return Refitted(refitted(self.fit, embeddings, groups, None, draws))

    def to_json(self) -> dict[str, Any]:
        """Return the settings: there are none."""
        return {"name": self.name}


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedCentroid:
    """A healthy centroid.

    Attributes:
        centre: Shape (d,).
        n_healthy: How many people it is the mean of.
    """

    name: ClassVar[str] = "centroid"

    centre: NDArray[np.float64]
    n_healthy: int

    @property
    def dimensions(self) -> int:
        """How many dimensions embeddings must have."""
        return len(self.centre)

    def score(self, embeddings: Embeddings) -> Scores:
        """Measure |z - h|, 0 or more; higher is worse."""
        check_embeddings(embeddings, dimensions=self.dimensions)

        def measured(rows: NDArray[np.float64]) -> Scores:
            apart = rows - self.centre
            return np.asarray(np.sqrt(np.einsum("ij,ij->i", apart, apart)))

        return in_chunks(embeddings, measured)

    def leave_one_out(self, embeddings: Embeddings, groups: ReferenceGroups) -> Scores:
        """Measure to the mean of the *other* healthy people: |z - h| n / (n - 1) for one of n healthy people."""
        own = self.n_healthy / (self.n_healthy - 1)
        return self.score(embeddings) * np.where(groups.healthy, own, 1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the centre."""
        return {"centre": self.centre}

    def to_json(self) -> dict[str, Any]:
        """Return the count."""
        return {"n_healthy": self.n_healthy}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        return cls(centre=arrays["centre"], n_healthy=int(said["n_healthy"]))

    def replicates_from_stored(self, arrays: Mapping[str, NDArray[Any]]) -> Replicates:
        """Read the replicates' centres."""
        return Refitted([self.from_stored(self.to_json(), one) for one in unstacked(arrays)])
