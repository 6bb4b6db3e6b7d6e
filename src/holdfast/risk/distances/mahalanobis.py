"""How far an embedding lies from the healthy ones, in units of how much these vary in that direction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf  # type: ignore[import-untyped]

from holdfast.risk.distances.distance import Replicates
from holdfast.risk.distances.refitted import Refitted, refitted, unstacked
from holdfast.risk.embeddings import Codes, Embeddings, Scores, check_embeddings, in_chunks
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["FittedMahalanobis", "Mahalanobis"]


@dataclass(frozen=True, kw_only=True)
class Mahalanobis:
    """Mahalanobis distance to the healthy people, with a shrunk covariance.

    ::

        score(z) = sqrt((z - h)' S^-1 (z - h))
        S        = (1 - a) cov(healthy) + a m I        m = mean variance

    with the shrinkage a of Ledoit and Wolf (2004, Journal of Multivariate Analysis 88:365-411), so that fewer people
    than dimensions do. Classes and follow-up are not used. Rotating, moving and scaling all embeddings leaves the
    score as it is.
    """

    name: ClassVar[str] = "mahalanobis"
    least: ClassVar[int] = 3

    def fit(
        self,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None = None,  # noqa: ARG002 - the protocol has it
    ) -> "FittedMahalanobis":
        """Estimate mean and covariance of the healthy people."""
        groups.check(embeddings, least=self.least)
        return FittedMahalanobis.of(embeddings[groups.healthy].astype(np.float64))

    def resample(
        self,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None,  # noqa: ARG002 - the protocol has it
        draws: Sequence[Codes],
    ) -> Replicates:
        """Estimate both again from each resample."""
        return Refitted(refitted(self.fit, embeddings, groups, None, draws))

    def to_json(self) -> dict[str, Any]:
        """Return the settings: there are none."""
        return {"name": self.name}


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedMahalanobis:
    """Mean and shrunk covariance of some people.

    Attributes:
        centre: Shape (d,).
        covariance: Shape (d, d), after shrinkage.
        shrinkage: The share a of the multiple of the identity, 0 to 1.
        n_people: How many people both are estimated from.
    """

    name: ClassVar[str] = "mahalanobis"

    centre: NDArray[np.float64]
    covariance: NDArray[np.float64]
    shrinkage: float
    n_people: int

    @classmethod
    def of(cls, people: NDArray[np.float64]) -> Self:
        """Estimate from people, (n, d), who must not all be alike."""
        centre = people.mean(axis=0)
        covariance, shrinkage = ledoit_wolf(people - centre, assume_centered=True)
        return cls(centre=centre, covariance=covariance, shrinkage=float(shrinkage), n_people=len(people))

    @property
    def dimensions(self) -> int:
        """How many dimensions embeddings must have."""
        return len(self.centre)

    def score(self, embeddings: Embeddings) -> Scores:
        """Measure, 0 or more; higher is worse."""
        check_embeddings(embeddings, dimensions=self.dimensions)
        return self._measured(embeddings, self.covariance)

    def leave_one_out(self, embeddings: Embeddings, groups: ReferenceGroups) -> Scores:
        """Measure to mean and covariance of the *other* healthy people, the strength of the shrinkage held."""
        check_embeddings(embeddings, dimensions=self.dimensions)
        return np.where(groups.healthy, self.without_self(embeddings), self.score(embeddings))

    def without_self(self, embeddings: Embeddings) -> Scores:
        """Measure people it was estimated from, each against the others.

        With u = z - h for one of n people, c = (1 - a) n / (n - 1) and b = c / (n - 1)::

            A  = c cov + a m I        (the covariance of the others is A - b u u')
            q  = u' A^-1 u
            d² = (n / (n - 1))² q / (1 - b q)        (Sherman and Morrison 1950)
        """
        n, a = self.n_people, self.shrinkage
        ridge = a * np.trace(self.covariance) / self.dimensions * np.eye(self.dimensions)
        grown = (self.covariance - ridge) * n / (n - 1) + ridge
        q = self._measured(embeddings, grown) ** 2
        b = (1 - a) * n / (n - 1) ** 2
        return np.sqrt(q / np.maximum(1 - b * q, np.finfo(float).eps)) * n / (n - 1)

    def _measured(self, embeddings: Embeddings, covariance: NDArray[np.float64]) -> Scores:
        values, vectors = np.linalg.eigh(covariance)
        least = np.finfo(float).eps * self.dimensions * values[-1]
        whiten = vectors / np.sqrt(np.maximum(values, least))

        def measured(rows: NDArray[np.float64]) -> Scores:
            white = (rows - self.centre) @ whiten
            return np.asarray(np.sqrt(np.einsum("ij,ij->i", white, white)))

        return in_chunks(embeddings, measured)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return centre, covariance and, so that replicates can be stacked, the shrinkage."""
        return {"centre": self.centre, "covariance": self.covariance, "shrinkage": np.array([self.shrinkage])}

    def to_json(self) -> dict[str, Any]:
        """Return the count."""
        return {"n_people": self.n_people}

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned."""
        return cls(
            centre=arrays["centre"],
            covariance=arrays["covariance"],
            shrinkage=float(arrays["shrinkage"][0]),
            n_people=int(said["n_people"]),
        )

    def replicates_from_stored(self, arrays: Mapping[str, NDArray[Any]]) -> Replicates:
        """Read the replicates' means and covariances."""
        return Refitted([self.from_stored(self.to_json(), one) for one in unstacked(arrays)])
