"""Whether as many have the event as was predicted: overall, along the range of predictions, and by their slope."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival.cox_slope import cox_slope
from holdfast.risk.survival.follow_up import FollowUp, Values, checked_horizon, probabilities_of
from holdfast.risk.survival.kaplan_meier import KaplanMeier

__all__ = ["Calibration", "CalibrationGroup", "calibration"]


@dataclass(frozen=True, kw_only=True)
class CalibrationGroup:
    """People with similar predictions.

    Attributes:
        people: How many.
        events: How many of them are known to have had the event by the horizon.
        lowest: Lowest prediction in the group, 0 to 1.
        highest: Highest prediction in the group.
        predicted: Mean prediction.
        observed: 1 - Kaplan-Meier at the horizon, with its interval. Unscored where nobody of the group was followed
            up so long.
    """

    people: int
    events: int
    lowest: float
    highest: float
    predicted: float
    observed: Measurement


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How predictions and events agree at one horizon.

    Attributes:
        horizon_years: The horizon.
        groups: By rising prediction; fewer than asked for where predictions tie.
        observed_to_expected: 1 - Kaplan-Meier over the mean prediction: 1 is right, above 1 too few were predicted. The
            interval is that of the numerator.
        slope: Of the hazard on the complementary log-log of the prediction: 1 is right, below 1 the predictions are too
            far apart, as overfitting makes them.
    """

    horizon_years: float
    groups: tuple[CalibrationGroup, ...]
    observed_to_expected: Measurement
    slope: Measurement


def calibration(
    predicted: ArrayLike, follow_up: FollowUp, *, horizon_years: float, groups: int = 10, level: float = 0.95
) -> Calibration:
    """Compare predicted risks with what Kaplan-Meier finds by a horizon.

    Groups are cut at quantiles of the predictions, people with equal predictions always in one group. The slope is the
    coefficient of log(-log(1 - predicted)) in a Cox model, follow-up ended at the horizon (Crowson et al. 2016, Stat
    Methods Med Res 25:1692-1706); unscored where a prediction is exactly 0 or 1, which no slope can repair, or for the
    reasons of ``cox_slope``.

    Args:
        predicted: Shape (n,), 0 to 1: chance of the event by the horizon.
        follow_up: Of the same people.
        horizon_years: Above 0. Beyond the longest follow-up observed figures are unscored.
        groups: How many to aim for, at least 1.
        level: Nominal coverage of the intervals.

    Raises:
        RiskError: Predictions outside 0 to 1 or of another shape, a horizon not above 0, or no groups.
    """
    values, horizon = probabilities_of(predicted, len(follow_up)), checked_horizon(horizon_years)
    if groups < 1:
        raise RiskError("Groups must be at least 1", repr(groups), "10 is usual")
    codes = _group_codes(values, groups)
    members = (np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1))
    return Calibration(
        horizon_years=horizon,
        groups=tuple(_group(values[rows], follow_up.take(rows), horizon, level) for rows in members),
        observed_to_expected=_ratio(values, follow_up, horizon, level),
        slope=_slope(values, follow_up, horizon, level),
    )


def _group_codes(predicted: Values, groups: int) -> NDArray[np.int64]:
    """Number groups from 0 by the quantile of each prediction's middle rank: equal ones share it."""
    ordered = np.sort(predicted)
    middle = (np.searchsorted(ordered, predicted, "left") + np.searchsorted(ordered, predicted, "right")) / 2.0
    cut = np.floor(middle * groups / len(predicted)).astype(np.int64)
    return np.asarray(np.unique(cut, return_inverse=True)[1], dtype=np.int64)


def _group(predicted: Values, follow_up: FollowUp, horizon: float, level: float) -> CalibrationGroup:
    return CalibrationGroup(
        people=len(follow_up),
        events=int(follow_up.event_by(horizon).sum()),
        lowest=float(predicted.min()),
        highest=float(predicted.max()),
        predicted=float(predicted.mean()),
        observed=KaplanMeier.of(follow_up).event_rate_at(horizon, level=level),
    )


def _ratio(predicted: Values, follow_up: FollowUp, horizon: float, level: float) -> Measurement:
    observed, expected = KaplanMeier.of(follow_up).event_rate_at(horizon, level=level), float(predicted.mean())
    if not isinstance(observed, Scored):
        return observed
    if expected == 0:
        return Unscored("every predicted risk is 0")
    bounds = observed.interval
    return Scored(
        value=observed.value / expected,
        n=observed.n,
        interval=bounds and Interval(bounds.low / expected, bounds.high / expected, level),
    )


def _slope(predicted: Values, follow_up: FollowUp, horizon: float, level: float) -> Measurement:
    if horizon > follow_up.longest_years:
        return Unscored(f"nobody was followed up for {horizon:g} years")
    ends = int(np.count_nonzero((predicted == 0) | (predicted == 1)))
    if ends:
        return Unscored(f"{ends} predicted risks are exactly 0 or 1")
    return cox_slope(np.log(-np.log1p(-predicted)), follow_up.censored_at(horizon), level=level)
