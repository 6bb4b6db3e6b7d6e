"""For whom the model says nothing, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from holdfast.measured import Measurement, Unscored, measurement_to_dict, wilson
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.level_order import ordered_levels

__all__ = ["AbstentionFigures", "AbstentionGroup", "abstention_figures"]


@dataclass(frozen=True, kw_only=True)
class AbstentionGroup:
    """One group of people.

    Attributes:
        attribute, level: "Sex", "Female".
        people: How many.
        share: Of them, for whom the model abstains; with Wilson's interval.
    """

    attribute: str
    level: str
    people: int
    share: Measurement

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "attribute": self.attribute,
            "level": self.level,
            "people": self.people,
            "share": measurement_to_dict(self.share),
        }


@dataclass(frozen=True, kw_only=True)
class AbstentionFigures:
    """All abstentions.

    Attributes:
        reasons: In words -> people; only those that occurred.
        share: Of everybody.
        event_rate: By the horizon, of people for whom the model abstains.
        event_rate_estimated: Of the others.
        groups: Every group, the small ones too.
    """

    reasons: Mapping[str, int]
    share: Measurement
    event_rate: Measurement
    event_rate_estimated: Measurement
    groups: tuple[AbstentionGroup, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "reasons": dict(self.reasons),
            "share": measurement_to_dict(self.share),
            "event_rate": measurement_to_dict(self.event_rate),
            "event_rate_estimated": measurement_to_dict(self.event_rate_estimated),
            "groups": [group.to_json() for group in self.groups],
        }


def abstention_figures(found: Foretold, *, horizon_years: float) -> AbstentionFigures:
    """Count abstentions, and say how people fared for whom nothing was said."""
    is_silent = np.asarray(found.estimates.abstention != 0)
    n_silent = int(is_silent.sum())
    of_silent: Measurement = Unscored("the model abstains for nobody")
    if n_silent:
        of_silent = KaplanMeier.of(found.follow_up.take(is_silent)).event_rate_at(horizon_years)
    return AbstentionFigures(
        reasons=found.estimates.reasons,
        share=wilson(n_silent, found.test.n_people),
        event_rate=of_silent,
        event_rate_estimated=KaplanMeier.of(found.follow_up.take(~is_silent)).event_rate_at(horizon_years),
        groups=tuple(
            AbstentionGroup(
                attribute=name,
                level=level,
                people=int((words == level).sum()),
                share=wilson(int(is_silent[words == level].sum()), int((words == level).sum())),
            )
            for name, words in found.test.attributes.items()
            for level in ordered_levels(words)
        ),
    )
