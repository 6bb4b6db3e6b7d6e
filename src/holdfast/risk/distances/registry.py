"""Every distance by name, for settings and stored risks."""

from collections.abc import Mapping
from typing import Any, Final

from holdfast.risk.distances.centroid import Centroid, FittedCentroid
from holdfast.risk.distances.distance import Distance, FittedDistance
from holdfast.risk.distances.mahalanobis import FittedMahalanobis, Mahalanobis
from holdfast.risk.distances.neighbours import FittedNeighbours, Neighbours
from holdfast.risk.distances.relative import FittedRelative, Relative
from holdfast.risk.distances.relative_neighbours import FittedRelativeNeighbours, RelativeNeighbours
from holdfast.risk.error import RiskError

__all__ = ["DISTANCES", "FITTED_DISTANCES", "distance_from_json"]

DISTANCES: Final[Mapping[str, type[Distance]]] = {
    one.name: one for one in (Centroid, Mahalanobis, Neighbours, Relative, RelativeNeighbours)
}

FITTED_DISTANCES: Final[Mapping[str, type[FittedDistance]]] = {
    one.name: one
    for one in (FittedCentroid, FittedMahalanobis, FittedNeighbours, FittedRelative, FittedRelativeNeighbours)
}


def distance_from_json(said: Mapping[str, Any]) -> Distance:
    """Read what a distance's ``to_json`` returned.

    Raises:
        RiskError: The name or a setting is unknown, or a setting is out of its range.
    """
    settings = dict(said)
    name = settings.pop("name", None)
    if name not in DISTANCES:
        raise RiskError("Distance must be known", repr(name), f"choose one of {', '.join(DISTANCES)}")
    try:
        return DISTANCES[name](**settings)
    except TypeError:
        raise RiskError(
            f"Settings of {name!r} must be its own", ", ".join(sorted(settings)) or "none", "leave the others out"
        ) from None
