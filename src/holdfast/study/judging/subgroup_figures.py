"""The main figures in every group of people, and how far apart the groups are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from holdfast.measured import Measurement, Unscored, measurement_to_dict
from holdfast.risk.survival.calibration import calibration
from holdfast.risk.survival.follow_up import FollowUp, Values
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.risk.survival.paired_concordance import paired_concordance
from holdfast.risk.survival.subgroups import Subgroup, SubgroupGap, by_subgroup, subgroup_gaps
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.level_order import ordered_levels
from holdfast.study.judging.settings import OURS, JudgingSettings
from holdfast.study.visits.visits import NOT_RECORDED, Visits

__all__ = ["FEWEST_EVENTS", "SubgroupFigure", "subgroup_figures"]

FEWEST_EVENTS: Final = 10


@dataclass(frozen=True, kw_only=True)
class SubgroupFigure:
    """One figure in every group.

    Attributes:
        figure: "concordance", "observed to expected" or "event rate".
        groups: Small ones too, unscored with the reason.
        gaps: One an attribute.
    """

    figure: str
    groups: tuple[Subgroup, ...]
    gaps: tuple[SubgroupGap, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "figure": self.figure,
            "groups": [asdict(group) | {"figure": measurement_to_dict(group.figure)} for group in self.groups],
            "gaps": [
                asdict(gap) | {"gap": measurement_to_dict(gap.gap), "left_out": list(gap.left_out)} for gap in self.gaps
            ],
        }


def subgroup_figures(found: Foretold, settings: JudgingSettings, *, horizon_years: float) -> tuple[SubgroupFigure, ...]:
    """Measure concordance and event rate of everybody, and observed to expected of people with an estimate."""

    def concordance(risk: Values, some: FollowUp) -> Measurement:
        generator = np.random.default_rng([settings.seed, 7])
        draws = paired_concordance({OURS: risk}, some, generator=generator, resamples=settings.slow_resamples)
        return draws.index(OURS)

    def event_rate(risk: Values, some: FollowUp) -> Measurement:
        del risk
        return KaplanMeier.of(some).event_rate_at(horizon_years)

    def ratio(risk: Values, some: FollowUp) -> Measurement:
        return calibration(risk, some, horizon_years=horizon_years, groups=1).observed_to_expected

    everyone = _levels(found.test)
    ranked = by_subgroup(
        concordance, found.risks[OURS], found.follow_up, attributes=everyone, fewest_events=FEWEST_EVENTS
    )
    rates = by_subgroup(
        event_rate, found.risks[OURS], found.follow_up, attributes=everyone, fewest_events=FEWEST_EVENTS
    )
    return (
        _figure("concordance", ranked),
        _figure("observed to expected", _ratios(found, horizon_years, ratio)),
        _figure("event rate", rates),
    )


def _ratios(found: Foretold, horizon_years: float, ratio: Any) -> tuple[Subgroup, ...]:
    people, absolute = found.estimated, found.absolute_at(OURS, horizon_years)
    attributes = _levels(people)
    if not isinstance(absolute, Unscored):
        return by_subgroup(ratio, absolute, people.outcome, attributes=attributes, fewest_events=FEWEST_EVENTS)
    reason = absolute
    nothing = np.zeros(people.n_people)
    return by_subgroup(
        lambda _risk, _some: reason, nothing, people.outcome, attributes=attributes, fewest_events=FEWEST_EVENTS
    )


def _figure(name: str, groups: tuple[Subgroup, ...]) -> SubgroupFigure:
    attributes = dict.fromkeys(group.attribute for group in groups)
    by_level = {(group.attribute, group.level): group for group in groups}
    ordered = tuple(
        by_level[attribute, level]
        for attribute in attributes
        for level in ordered_levels([group.level for group in groups if group.attribute == attribute])
    )
    return SubgroupFigure(figure=name, groups=ordered, gaps=subgroup_gaps(ordered))


def _levels(people: Visits) -> Mapping[str, list[str | None]]:
    """Return each person's level, None where it is not recorded."""
    return {
        name: [None if word == NOT_RECORDED else str(word) for word in words]
        for name, words in people.attributes.items()
    }
