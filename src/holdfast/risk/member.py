"""One member of an ensemble: an embedding of people, its references and its distance, on a scale of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.distance import Distance, FittedDistance
from holdfast.risk.distances.registry import FITTED_DISTANCES
from holdfast.risk.embeddings import Codes, Embeddings, Scores
from holdfast.risk.error import RiskError
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.strata import StratumCentres
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["Member"]

Values = TypeVar("Values", bound=NDArray[np.float64])


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """A fitted distance over one embedding.

    Attributes:
        distance: What was fitted.
        centres: Healthy centres of the strata; None where there is one reference for all.
        mean, spread: Of the training people's leave-one-out scores, for putting members on one scale. A member that
            stands alone keeps the units of its distance: 0 and 1.
    """

    distance: FittedDistance
    centres: StratumCentres | None
    mean: float = 0.0
    spread: float = 1.0

    @classmethod
    def fit(
        cls,
        distance: Distance,
        embeddings: Embeddings,
        groups: ReferenceGroups,
        follow_up: FollowUp | None,
        *,
        is_alone: bool,
    ) -> "tuple[Self, Embeddings, Scores]":
        """Fit a distance, and return with it the recentred training embeddings and leave-one-out standard scores.

        With strata, a healthy person is left out of the mean of their stratum, and by the distance again out of what
        it learns: their score errs upwards, by a share of 1 / n at most.

        Raises:
            RiskError: The distance refuses the people, or gives everybody the same score.
        """
        groups.check(embeddings, least=distance.least)
        centres = None if groups.strata is None else StratumCentres.fit(embeddings, groups)
        recentred = embeddings if centres is None else centres.recentre_training(embeddings, groups)
        fitted = distance.fit(recentred, groups, follow_up)
        scores = fitted.leave_one_out(recentred, groups)
        mean, spread = (0.0, 1.0) if is_alone else (float(scores.mean()), float(scores.std()))
        if not spread > 0:
            raise RiskError("Scores of a member must differ", "one score for all", "leave that member out")
        member = cls(distance=fitted, centres=centres, mean=mean, spread=spread)
        return member, recentred, member.standard(scores)

    def recentre(self, embeddings: Embeddings, strata: Codes | None) -> Embeddings:
        """Subtract the centres of people's strata, where there are any."""
        if self.centres is None or strata is None:
            return embeddings
        return self.centres.recentre(embeddings, strata)

    def standard(self, scores: Values) -> Values:
        """Put scores on the training people's standard scale."""
        if self.mean == 0.0 and self.spread == 1.0:
            return scores
        return (scores - self.mean) / self.spread  # type: ignore[return-value]  # numpy keeps the kind

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays, for safetensors."""
        kept = {f"distance.{name}": array for name, array in self.distance.arrays().items()}
        strata = {} if self.centres is None else self.centres.arrays()
        return kept | {f"strata.{name}": array for name, array in strata.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the rest."""
        return {
            "distance": {"name": self.distance.name, **self.distance.to_json()},
            "has_strata": self.centres is not None,
            "mean": self.mean,
            "spread": self.spread,
        }

    @classmethod
    def from_stored(cls, said: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``to_json`` and ``arrays`` returned.

        Raises:
            RiskError: The distance is unknown.
            KeyError: An entry is missing.
        """
        name = said["distance"]["name"]
        if name not in FITTED_DISTANCES:
            raise RiskError("Distance must be known", repr(name), f"choose one of {', '.join(FITTED_DISTANCES)}")
        parts: dict[str, dict[str, NDArray[Any]]] = {"distance": {}, "strata": {}}
        for path, array in arrays.items():
            part, _, rest = path.partition(".")
            parts[part][rest] = array
        return cls(
            distance=FITTED_DISTANCES[name].from_stored(said["distance"], parts["distance"]),
            centres=StratumCentres.from_stored(parts["strata"]) if said["has_strata"] else None,
            mean=float(said["mean"]),
            spread=float(said["spread"]),
        )
