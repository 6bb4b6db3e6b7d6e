"""Everything that changes what a single-time risk learns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from holdfast.risk.distances.centroid import Centroid
from holdfast.risk.distances.distance import Distance
from holdfast.risk.distances.registry import distance_from_json
from holdfast.risk.error import RiskError
from holdfast.risk.groups import GroupSettings
from holdfast.risk.interval import IntervalSettings
from holdfast.risk.support import SupportSettings

__all__ = ["RiskSettings"]


@dataclass(frozen=True, kw_only=True)
class RiskSettings:
    """Settings of a single-time risk.

    Attributes:
        distance: What the score is; the plain definition by default.
        groups: How thresholds of the groups are fitted.
        horizons_years: Years over which an absolute risk is given; none for no absolute risk.
        knots: 3 or 4 for a spline of the score in the absolute risk, 0 for a line.
        interval: How intervals are made.
        support: When to abstain.
    """

    distance: Distance = field(default_factory=Centroid)
    groups: GroupSettings = field(default_factory=GroupSettings)
    horizons_years: tuple[float, ...] = ()
    knots: int = 0
    interval: IntervalSettings = field(default_factory=IntervalSettings)
    support: SupportSettings = field(default_factory=SupportSettings)

    def to_json(self) -> dict[str, Any]:
        """Return the settings."""
        return {
            "distance": self.distance.to_json(),
            "groups": asdict(self.groups),
            "horizons_years": list(self.horizons_years),
            "knots": self.knots,
            "interval": self.interval.to_json(),
            "support": self.support.to_json(),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` returned; what is left out has its default.

        Raises:
            RiskError: A setting is unknown or out of its range.
        """
        kinds = {"groups": GroupSettings, "interval": IntervalSettings, "support": SupportSettings}
        given: dict[str, Any] = dict(said)
        try:
            for name in kinds.keys() & given.keys():
                given[name] = kinds[name](**given[name])
            if "distance" in given:
                given["distance"] = distance_from_json(given["distance"])
            if "horizons_years" in given:
                given["horizons_years"] = tuple(given["horizons_years"])
            return cls(**given)
        except TypeError:
            raise RiskError(
                "Settings of a risk must be known", ", ".join(sorted(given)), "see RiskSettings for what there is"
            ) from None
