"""The chance of not having been censored yet: the weights that make up for people lost to follow-up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from holdfast.measured import Unscored
from holdfast.risk.survival.follow_up import FollowUp, Values, checked_horizon

__all__ = ["CensoringDistribution", "known_weights"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CensoringDistribution:
    """G: Kaplan-Meier of the time to censoring, in which an event is what stops one from seeing it.

    At equal times events come first: whoever has the event at t is no longer at risk of being censored at t. So
    S(t) G(t) is exactly the share of people still followed up after t.

    Attributes:
        times: Shape (k,), ascending: years at which at least one person was censored.
        uncensored: Shape (k,): G just after each time, 0 to 1.
        longest_years: The longest follow-up it rests on.
    """

    times: Values
    uncensored: Values
    longest_years: float

    @classmethod
    def of(cls, follow_up: FollowUp) -> "CensoringDistribution":
        """Estimate from everyone in ``follow_up``; with nobody censored it is 1 throughout."""
        times, censored = np.unique(follow_up.years[~follow_up.event], return_counts=True)
        followed = len(follow_up) - np.searchsorted(np.sort(follow_up.years), times, side="left")
        events = np.sort(follow_up.years[follow_up.event])
        same_time = np.searchsorted(events, times, side="right") - np.searchsorted(events, times, side="left")
        at_risk = followed - same_time
        return cls(
            times=times,
            uncensored=np.cumprod((at_risk - censored) / at_risk, dtype=np.float64),
            longest_years=follow_up.longest_years,
        )

    def uncensored_before(self, years: ArrayLike) -> Values:
        """G just before each of these years, G(t-), in the shape given: 1 up to and with the first censoring."""
        steps = np.concatenate([[1.0], self.uncensored])
        return np.asarray(steps[np.searchsorted(self.times, np.asarray(years), side="left")])


def known_weights(
    follow_up: FollowUp, horizon_years: float, censoring: CensoringDistribution | None = None
) -> Values | Unscored:
    """Weigh each person by how many they stand for at a horizon, shape (n,), or say why that cannot be.

    1 / G(t-) for an event at t up to the horizon h; 1 / G(h-) for who is known to be event-free at h; 0 for who was
    censored before h, whose state is unknown (Graf et al. 1999, Stat Med 18:2529-2545, with G just before h instead of
    at h, so that people all censored at h by design are still seen there; without such ties the two are the same).

    Args:
        follow_up: Of n people.
        horizon_years: h, within follow-up.
        censoring: Fitted on other people; None: on these.

    Raises:
        RiskError: A horizon that is not finite or not above 0.
    """
    horizon = checked_horizon(horizon_years)
    if horizon > follow_up.longest_years:
        return Unscored(f"nobody was followed up for {horizon:g} years")
    known = follow_up.event_by(horizon) | follow_up.event_free_at(horizon)
    chance = (censoring or CensoringDistribution.of(follow_up)).uncensored_before(np.minimum(follow_up.years, horizon))
    if (chance[known] <= 0).any():
        return Unscored("the horizon lies beyond the follow-up that censoring was fitted on")
    weights = np.zeros(len(follow_up))
    weights[known] = 1.0 / chance[known]
    return weights
