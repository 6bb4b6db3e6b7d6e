"""Who was judged on: people, events and how long they were followed, overall and by group."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from holdfast.measured import Measurement, Scored, Unscored, measurement_to_dict
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.study.judging.level_order import ordered_levels
from holdfast.study.visits.visits import Visits

__all__ = ["FollowUpFigures", "GroupFollowUp", "follow_up_figures"]

EVERYONE = "everyone"


@dataclass(frozen=True, kw_only=True)
class GroupFollowUp:
    """One group of people.

    Attributes:
        attribute: "Sex"; "everyone" for all.
        level: "Female".
        people: How many.
        events: How many of them had the event at any time of the follow-up.
        median_years: Of the time to the end of follow-up, events counting as what cut it short (reverse Kaplan-Meier;
            Schemper & Smith 1996, Control Clin Trials 17:343-346).
        event_rate: By the horizon, by Kaplan-Meier.
    """

    attribute: str
    level: str
    people: int
    events: int
    median_years: Measurement
    event_rate: Measurement

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "attribute": self.attribute,
            "level": self.level,
            "people": self.people,
            "events": self.events,
            "median_years": measurement_to_dict(self.median_years),
            "event_rate": measurement_to_dict(self.event_rate),
        }


@dataclass(frozen=True, kw_only=True)
class FollowUpFigures:
    """Everyone, and every group.

    Attributes:
        everyone: All people.
        groups: Attributes in the order of the cohort, levels as ``ordered_levels`` has them.
        age: Median years at the visit; unscored where age is not known of anybody.
        age_quartiles: 25th and 75th percentile; None likewise.
        healthy: People in the bona fide healthy reference; None where that was not worked out.
        missing_share: Of all values asked for, 0 to 1.
    """

    everyone: GroupFollowUp
    groups: tuple[GroupFollowUp, ...]
    age: Measurement
    age_quartiles: tuple[float, float] | None
    healthy: int | None
    missing_share: float

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "everyone": self.everyone.to_json(),
            "groups": [group.to_json() for group in self.groups],
            "age": measurement_to_dict(self.age),
            "age_quartiles": None if self.age_quartiles is None else list(self.age_quartiles),
            "healthy": self.healthy,
            "missing_share": self.missing_share,
        }


def follow_up_figures(people: Visits, *, horizon_years: float) -> FollowUpFigures:
    """Count and time people; groups however small are kept."""
    follow_up = people.outcome
    known = np.array([]) if people.age is None else people.age[~np.isnan(people.age)]
    quartiles = np.quantile(known, [0.25, 0.75]) if len(known) else None
    return FollowUpFigures(
        everyone=_group(EVERYONE, EVERYONE, follow_up, horizon_years),
        groups=tuple(
            _group(name, level, follow_up.take(words == level), horizon_years)
            for name, words in people.attributes.items()
            for level in ordered_levels(words)
        ),
        age=Scored(value=float(np.median(known)), n=len(known)) if len(known) else Unscored("age is not known"),
        age_quartiles=None if quartiles is None else (float(quartiles[0]), float(quartiles[1])),
        healthy=None if people.is_healthy is None else int(people.is_healthy.sum()),
        missing_share=float(np.isnan(people.values).mean()),
    )


def _group(attribute: str, level: str, follow_up: FollowUp, horizon_years: float) -> GroupFollowUp:
    found = KaplanMeier.of(FollowUp(follow_up.years, ~follow_up.event)).median_years()
    return GroupFollowUp(
        attribute=attribute,
        level=level,
        people=follow_up.n_people,
        events=follow_up.n_events,
        median_years=found if isinstance(found, Scored) else Unscored("too few without the event"),
        event_rate=KaplanMeier.of(follow_up).event_rate_at(horizon_years),
    )
