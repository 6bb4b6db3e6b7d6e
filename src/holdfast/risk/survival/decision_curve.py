"""What acting on a risk would be worth: net benefit at thresholds, beside acting on everyone and on nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import Flags, FollowUp, checked_horizon, probabilities_of
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.risk.survival.resampling import bootstrapped

__all__ = ["DecisionPoint", "decision_curve"]


@dataclass(frozen=True, kw_only=True)
class DecisionPoint:
    """One threshold of a decision curve. Acting on nobody has a net benefit of 0 throughout.

    Attributes:
        threshold: Predicted risk from which on one would act, above 0 and below 1.
        flagged: How many people have a prediction of at least that.
        net_benefit: Of acting on them: events found a person, less needless actions at the threshold's odds. Higher is
            better.
        of_acting_on_all: The same of acting on everyone.
    """

    threshold: float
    flagged: int
    net_benefit: Measurement
    of_acting_on_all: Measurement


def decision_curve(
    predicted: ArrayLike,
    follow_up: FollowUp,
    *,
    horizon_years: float,
    thresholds: Sequence[float],
    resamples: int = 0,
    generator: np.random.Generator | None = None,
    level: float = 0.95,
) -> tuple[DecisionPoint, ...]:
    """Measure the net benefit of acting on everyone whose predicted risk reaches a threshold.

    With q the share flagged, and F the event rate among the flagged by Kaplan-Meier at the horizon:
    q F - q (1 - F) t / (1 - t) (Vickers & Elkin 2006, Med Decis Making 26:565-574; for censored times Vickers et al.
    2008, BMC Med Inform Decis Mak 8:53). With nobody flagged it is 0. Unscored where nobody flagged, or nobody at all,
    was followed up to the horizon.

    Args:
        predicted: Shape (n,), 0 to 1: chance of the event by the horizon.
        follow_up: Of the same people.
        horizon_years: Above 0.
        thresholds: Each above 0 and below 1.
        resamples: Bootstrap resamples of people for each threshold; 0: no intervals.
        generator: Where they come from.
        level: Nominal coverage of the intervals.

    Raises:
        RiskError: Predictions outside 0 to 1 or of another shape, a threshold outside 0 to 1, a horizon not above 0, or
            resamples without a generator.
    """
    values, horizon = probabilities_of(predicted, len(follow_up)), checked_horizon(horizon_years)
    outside = [threshold for threshold in thresholds if not 0.0 < threshold < 1.0]
    if outside or not thresholds:
        raise RiskError("Thresholds must lie between 0 and 1", repr(outside), "give at least one, 0.1 for example")

    def measured(flagged: Flags, threshold: float) -> Measurement:
        return bootstrapped(
            lambda rows: _net_benefit(flagged[rows], follow_up.take(rows), horizon, threshold),
            len(follow_up),
            resamples=resamples,
            generator=generator,
            level=level,
        )

    return tuple(
        DecisionPoint(
            threshold=threshold,
            flagged=int((values >= threshold).sum()),
            net_benefit=measured(values >= threshold, threshold),
            of_acting_on_all=measured(np.ones(len(follow_up), dtype=np.bool_), threshold),
        )
        for threshold in thresholds
    )


def _net_benefit(flagged: Flags, follow_up: FollowUp, horizon: float, threshold: float) -> Measurement:
    if horizon > follow_up.longest_years:
        return Unscored(f"nobody was followed up for {horizon:g} years")
    share = float(flagged.mean())
    if share == 0:
        return Scored(value=0.0, n=len(follow_up))
    rate = KaplanMeier.of(follow_up.take(flagged)).event_rate_at(horizon)
    if not isinstance(rate, Scored):
        return Unscored(f"of those flagged, {rate.reason}")
    odds = threshold / (1.0 - threshold)
    return Scored(value=share * rate.value - share * (1.0 - rate.value) * odds, n=len(follow_up))
