"""Whether an embedding lies where the training people do. Where it does not, nothing is estimated."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.mahalanobis import FittedMahalanobis
from holdfast.risk.distances.nearest_people import NearestPeople
from holdfast.risk.distances.neighbours import check_neighbours
from holdfast.risk.embeddings import Embeddings, Scores, check_embeddings
from holdfast.risk.error import RiskError

__all__ = ["Support", "SupportSettings"]

_MOST_MEASURED = 200_000
"""Training people that mean and covariance are estimated from, drawn without replacement from more."""


@dataclass(frozen=True, kw_only=True)
class SupportSettings:
    """How far is too far.

    ``mahalanobis``, the default, is the distance to the mean of *all* training people by their shrunk covariance: one
    small matrix product a person, whatever the number of training people, so that millions can be scored. It sees who
    is far out, not who lies in a hole between clusters. ``neighbours`` is the distance to the k-th nearest training
    person: it sees both, and takes time with the number kept.

    Attributes:
        how: Which distance.
        quantile: Of the training people's own leave-one-out distances: beyond it is outside. With 0.999, one in a
            thousand people like those in the training counts as outside too.
        k: For neighbours.
        most: Training people kept for neighbours, drawn without replacement.
        seed: Of the draw.
        most_missing: The largest share of a person's inputs that may have been missing, 0 to 1.

    Raises:
        RiskError: A setting is out of its range.
    """

    how: Literal["mahalanobis", "neighbours"] = "mahalanobis"
    quantile: float = 0.999
    k: int = 10
    most: int = 20_000
    seed: int = 0
    most_missing: float = 0.5

    def __post_init__(self) -> None:
        check_neighbours(self.k, self.most)
        if self.how not in ("mahalanobis", "neighbours"):
            raise RiskError("Support must be mahalanobis or neighbours", repr(self.how), "choose one of these")
        if not 0 < self.quantile <= 1 or not 0 <= self.most_missing <= 1:
            raise RiskError(
                "Quantile and missing share must lie in 0 to 1",
                f"{self.quantile!r} and {self.most_missing!r}",
                "0.999 and 0.5 are the defaults",
            )

    def to_json(self) -> dict[str, Any]:
        """Return the settings."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class Support:
    """Where the training people are.

    Attributes:
        people: Their mean and covariance, or the people themselves.
        k: How many neighbours.
        limit: The distance beyond which a person is outside.
    """

    people: FittedMahalanobis | NearestPeople
    k: int
    limit: float

    @classmethod
    def fit(cls, embeddings: Embeddings, *, settings: SupportSettings) -> Self:
        """Learn from all training people, those in no group included.

        Raises:
            RiskError: The embeddings are not finite, all alike, or fewer than k + 2 people.
        """
        check_embeddings(embeddings)
        if len(embeddings) < settings.k + 2 or (embeddings == embeddings[0]).all():
            raise RiskError(
                f"Support must have {settings.k + 2} training people or more who differ",
                str(len(embeddings)),
                "give more people",
            )
        generator = np.random.default_rng(settings.seed)
        if settings.how == "mahalanobis":
            people = embeddings
            if len(embeddings) > _MOST_MEASURED:
                people = embeddings[generator.choice(len(embeddings), size=_MOST_MEASURED, replace=False)]
            fitted = FittedMahalanobis.of(people.astype(np.float64))
            own = fitted.without_self(people)
            return cls(people=fitted, k=settings.k, limit=float(np.quantile(own, settings.quantile)))
        everyone = np.ones(len(embeddings), dtype=np.bool_)
        nearest = NearestPeople.of(embeddings, everyone, most=settings.most, generator=generator)
        own = nearest.kth_distance_without_self(embeddings, k=settings.k)
        return cls(people=nearest, k=settings.k, limit=float(np.quantile(own, settings.quantile)))

    def reach(self, embeddings: Embeddings) -> Scores:
        """Measure how far out people are, as a share of the limit, (n,): above 1 is outside."""
        if isinstance(self.people, FittedMahalanobis):
            return self.people.score(embeddings) / max(self.limit, np.finfo(float).tiny)
        check_embeddings(embeddings, dimensions=len(self.people.centre))
        return self.people.kth_distance(embeddings, k=self.k) / max(self.limit, np.finfo(float).tiny)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what was learnt, for safetensors."""
        limits = {"limit": np.array([self.limit]), "k": np.array([self.k])}
        if isinstance(self.people, FittedMahalanobis):
            return self.people.arrays() | {"n_people": np.array([self.people.n_people])} | limits
        return {"centre": self.people.centre, "points": self.people.points, "places": self.people.places} | limits

    @classmethod
    def from_stored(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``arrays`` returned."""
        people: FittedMahalanobis | NearestPeople
        if "covariance" in arrays:
            people = FittedMahalanobis.from_stored({"n_people": arrays["n_people"][0]}, arrays)
        else:
            people = NearestPeople(centre=arrays["centre"], points=arrays["points"], places=arrays["places"])
        return cls(people=people, k=int(arrays["k"][0]), limit=float(arrays["limit"][0]))
