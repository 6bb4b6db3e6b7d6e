"""Kaplan-Meier: the share still without the event over time, its interval, event rates and the median."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri  # type: ignore[import-untyped]

from holdfast.measured import Interval, Scored, Unscored
from holdfast.risk.survival.follow_up import FollowUp, Values, checked_horizon
from holdfast.risk.survival.resampling import checked_level

__all__ = ["KaplanMeier"]

Counts = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class KaplanMeier:
    """The product-limit estimate (Kaplan & Meier 1958, JASA 53:457-481). Make it with ``of``.

    At equal times events come before censorings. With nobody having the event it is 1 throughout.

    Attributes:
        times: Shape (k,), ascending: years at which at least one event happened.
        survival: Shape (k,): share without the event just after each time, 0 to 1.
        at_risk: Shape (k,): people followed up at least until just before each time.
        events: Shape (k,): events at each time.
        ends: Shape (n,), ascending: everyone's years of follow-up.
    """

    times: Values
    survival: Values
    at_risk: Counts
    events: Counts
    ends: Values

    @classmethod
    def of(cls, follow_up: FollowUp) -> "KaplanMeier":
        """Estimate from everyone in ``follow_up``."""
        ends = np.sort(follow_up.years)
        times, events = np.unique(follow_up.years[follow_up.event], return_counts=True)
        at_risk = len(ends) - np.searchsorted(ends, times, side="left")
        survival = np.cumprod((at_risk - events) / at_risk, dtype=np.float64)
        return cls(times=times, survival=survival, at_risk=at_risk, events=events, ends=ends)

    @property
    def n_people(self) -> int:
        """How many people it rests on."""
        return len(self.ends)

    def at_risk_at(self, years: ArrayLike) -> Counts:
        """Count the people followed up for at least each of these years."""
        return np.asarray(self.n_people - np.searchsorted(self.ends, np.asarray(years), side="left"), dtype=np.int64)

    def survival_at(self, years: float, *, level: float = 0.95) -> Scored | Unscored:
        """Estimate the share without the event through ``years``, an event exactly then included.

        The interval is Greenwood's on the log-log scale: S^exp(+-z se / log S), se^2 the sum of d / (n (n - d))
        (Kalbfleisch & Prentice 2002, section 1.4). Before the first event it runs from the exact binomial bound
        (alpha / 2)^(1 / m), with the m people followed up that long, to 1. Once all are known to have had the event
        the share is 0 and has no interval. Unscored where nobody was followed up that long and some were censored.

        Raises:
            RiskError: Years that are not finite or not above 0, or a level outside 0 to 1.
        """
        at, level = checked_horizon(years), checked_level(level)
        step = int(np.searchsorted(self.times, at, side="right"))
        if step and self.survival[step - 1] == 0:
            return Scored(value=0.0, n=self.n_people)
        if at > self.ends[-1]:
            return Unscored(f"nobody was followed up for {at:g} years")
        if step == 0:
            low = float(((1.0 - level) / 2.0) ** (1.0 / int(self.at_risk_at(at))))
            return Scored(value=1.0, n=self.n_people, interval=Interval(low, 1.0, level))
        low, high = (float(bound[step - 1]) for bound in self._bounds(level))
        return Scored(value=float(self.survival[step - 1]), n=self.n_people, interval=Interval(low, high, level))

    def event_rate_at(self, years: float, *, level: float = 0.95) -> Scored | Unscored:
        """Estimate the share that has the event by ``years``: 1 less ``survival_at``, interval turned round.

        Raises:
            RiskError: As ``survival_at``.
        """
        found = self.survival_at(years, level=level)
        if not isinstance(found, Scored):
            return found
        turned = found.interval and Interval(1.0 - found.interval.high, 1.0 - found.interval.low, level)
        return Scored(value=1.0 - found.value, n=found.n, interval=turned)

    def median_years(self, *, level: float = 0.95) -> Scored | Unscored:
        """Find the first time at which half or fewer are without the event (Brookmeyer & Crowley 1982).

        The interval holds the times at which the band of ``survival_at`` includes one half; without it where the upper
        bound never comes down to one half. Unscored where more than half are without the event to the end.

        Raises:
            RiskError: A level outside 0 to 1.
        """
        checked_level(level)
        reached = np.flatnonzero(self.survival <= 0.5)
        if len(reached) == 0:
            return Unscored("more than half are without the event to the end of follow-up")
        low, high = (np.flatnonzero(bound <= 0.5) for bound in self._bounds(level))
        interval = None
        if len(low) and len(high):
            interval = Interval(float(self.times[low[0]]), float(self.times[high[0]]), level)
        return Scored(value=float(self.times[reached[0]]), n=self.n_people, interval=interval)

    def _bounds(self, level: float) -> tuple[Values, Values]:
        """Lower and upper bound just after each time; where all have had the event both are 0."""
        left = self.at_risk - self.events
        alive = left > 0
        greenwood = np.cumsum(self.events[alive] / (self.at_risk[alive] * left[alive]))
        log = np.log(self.survival[alive])
        half = ndtri(0.5 + level / 2.0) * np.sqrt(greenwood) / log  # below 0
        low, high = np.zeros_like(self.survival), np.zeros_like(self.survival)
        low[alive], high[alive] = np.exp(log * np.exp(-half)), np.exp(log * np.exp(half))
        return low, high
