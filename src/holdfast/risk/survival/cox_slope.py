"""Cox regression on one covariate: how fast the hazard rises with it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri  # type: ignore[import-untyped]

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.risk.survival.follow_up import FollowUp, Values, column_of
from holdfast.risk.survival.resampling import checked_level

__all__ = ["CoxLikelihood", "EventOrder", "cox_slope"]

_MOST_STEPS = 50
_CLOSE = 1e-10


@dataclass(frozen=True, kw_only=True)
class CoxLikelihood:
    """The log partial likelihood at a slope, its gradient, and its information (minus the second derivative)."""

    value: float
    gradient: float
    information: float


@dataclass(frozen=True, kw_only=True, eq=False)
class EventOrder:
    """People by time, longest first, and for each event who was then at risk. Make it with ``of``.

    Attributes:
        covariate: Shape (n,), centred and of standard deviation 1.
        event: Shape (n,).
        last: Shape (E,): last person at risk at each event's time.
        tie: Shape (E,): number of the event's tie, 0 to the number of distinct event times.
        share: Shape (E,): l / d for the l-th of d tied events, from 0 (Efron).
    """

    covariate: Values
    event: np.ndarray[tuple[int], np.dtype[np.bool_]]
    last: np.ndarray[tuple[int], np.dtype[np.int64]]
    tie: np.ndarray[tuple[int], np.dtype[np.int64]]
    share: Values

    @classmethod
    def of(cls, covariate: Values, follow_up: FollowUp) -> "EventOrder":
        """Order people for a covariate that is centred and scaled already."""
        order = np.argsort(-follow_up.years, kind="stable")
        years, event = follow_up.years[order], follow_up.event[order]
        _, first, tie, size = np.unique(-years[event], return_index=True, return_inverse=True, return_counts=True)
        return cls(
            covariate=covariate[order],
            event=event,
            last=np.searchsorted(-years, -years[event], side="right") - 1,
            tie=tie,
            share=(np.arange(len(tie)) - first[tie]) / size[tie],
        )

    def likelihood(self, slope: float) -> CoxLikelihood:
        """Evaluate the log partial likelihood, ties by Efron; -inf at slopes so steep that hazards vanish."""
        x = self.covariate
        linear = slope * x
        most = float(linear.max())
        hazard = np.exp(linear - most)
        sums = [self._at_events(hazard * x**power) for power in range(3)]
        if not (sums[0] > 0).all():
            return CoxLikelihood(value=-np.inf, gradient=0.0, information=0.0)
        mean, square = sums[1] / sums[0], sums[2] / sums[0]
        return CoxLikelihood(
            value=float(linear[self.event].sum() - (np.log(sums[0]) + most).sum()),
            gradient=float((x[self.event] - mean).sum()),
            information=float((square - mean**2).sum()),
        )

    def _at_events(self, values: Values) -> Values:
        """Sum over those at risk at each event, less the share of the tied events that has gone already."""
        tied = np.bincount(self.tie, weights=values[self.event])
        return np.asarray(np.cumsum(values)[self.last] - self.share * tied[self.tie])


def cox_slope(covariate: ArrayLike, follow_up: FollowUp, *, level: float = 0.95) -> Measurement:
    """Fit the log hazard ratio of one unit of a covariate, above 0 where a higher value is worse.

    Maximises the partial likelihood (Cox 1972, J R Stat Soc B 34:187-220), ties by Efron 1977 (JASA 72:557-565), by
    Newton steps, halved where they overshoot; Wald interval. Unscored without events, where the covariate is the same
    for all, or where the likelihood has no maximum: the covariate orders the events perfectly, or nobody was left to
    compare them with.

    Args:
        covariate: Shape (n,), finite.
        follow_up: Of the same people.
        level: Nominal coverage of the interval.

    Raises:
        RiskError: Another shape, values that are not finite, or a level outside 0 to 1.
    """
    values, level = column_of(covariate, len(follow_up), subject="Covariate"), checked_level(level)
    spread = float(values.std())
    if follow_up.n_events == 0:
        return Unscored("no events")
    if spread <= 1e-12 * float(np.abs(values).max()):
        return Unscored("the covariate is the same for everyone")
    people = EventOrder.of((values - values.mean()) / spread, follow_up)
    fitted = _maximum(people)
    if fitted is None:
        return Unscored(
            "no finite slope fits best: the covariate orders the events perfectly, or they say nothing about it"
        )
    slope, information = fitted
    half = float(ndtri(0.5 + level / 2.0)) / np.sqrt(information)
    interval = Interval(float((slope - half) / spread), float((slope + half) / spread), level)
    return Scored(value=slope / spread, n=len(follow_up), interval=interval)


def _maximum(people: EventOrder) -> tuple[float, float] | None:
    slope, now = 0.0, people.likelihood(0.0)
    for _ in range(_MOST_STEPS):
        if now.information <= _CLOSE:
            return None
        step = now.gradient / now.information
        after = people.likelihood(slope + step)
        while after.value < now.value - _CLOSE * abs(now.value) and abs(step) > _CLOSE:
            step /= 2.0
            after = people.likelihood(slope + step)
        slope, now = slope + step, after
        if abs(step) <= _CLOSE * (1.0 + abs(slope)):
            return slope, now.information
    return None
