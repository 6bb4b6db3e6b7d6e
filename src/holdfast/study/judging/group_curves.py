"""What became of people whom the model puts into its groups: normal, lower and higher."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Measurement, Unscored, measurement_to_dict
from holdfast.risk.groups import GROUP_NAMES
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.study.judging.foretelling import Foretold

__all__ = ["CurvePoint", "GroupCurve", "group_curves"]

NOBODY = Unscored("nobody is in the group")

_POINTS = 41
_FEWEST_LEFT = 10


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """One time on a curve.

    Attributes:
        years: Since the visit.
        at_risk: People of the group followed up at least so long.
        event_share: Who had the event by then, by Kaplan-Meier, with its interval.
    """

    years: float
    at_risk: int
    event_share: Measurement


@dataclass(frozen=True, kw_only=True)
class GroupCurve:
    """One group.

    Attributes:
        group: A name of ``GROUP_NAMES``; the later, the worse.
        people, events: In it.
        event_rate: By the horizon.
        points: The curve, while ten people are followed up; empty for an empty group.
    """

    group: str
    people: int
    events: int
    event_rate: Measurement
    points: tuple[CurvePoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "group": self.group,
            "people": self.people,
            "events": self.events,
            "event_rate": measurement_to_dict(self.event_rate),
            "points": [
                {"years": p.years, "at_risk": p.at_risk, "event_share": measurement_to_dict(p.event_share)}
                for p in self.points
            ],
        }


def group_curves(found: Foretold, *, horizon_years: float) -> tuple[GroupCurve, ...]:
    """Return a curve a group, on one grid of times for all; people without an estimate are in none."""
    follow_up = found.estimated.outcome
    longest = float(np.sort(follow_up.years)[-min(_FEWEST_LEFT, len(follow_up))])
    grid = np.linspace(0.0, longest, _POINTS)[1:]
    return tuple(
        _curve(name, follow_up, np.asarray(found.estimates.group == code), grid, horizon_years)
        for code, name in enumerate(GROUP_NAMES)
    )


def _curve(
    name: str, follow_up: FollowUp, is_in: NDArray[np.bool_], grid: NDArray[np.float64], horizon_years: float
) -> GroupCurve:
    if not is_in.any():
        return GroupCurve(group=name, people=0, events=0, event_rate=NOBODY, points=())
    some = follow_up.take(is_in)
    km = KaplanMeier.of(some)
    left = km.at_risk_at(grid)
    return GroupCurve(
        group=name,
        people=some.n_people,
        events=some.n_events,
        event_rate=km.event_rate_at(horizon_years),
        points=tuple(
            CurvePoint(years=float(years), at_risk=int(n), event_share=km.event_rate_at(float(years)))
            for years, n in zip(grid, left, strict=True)
            if n >= _FEWEST_LEFT
        ),
    )
