"""How far predicted absolute risks are from what happened: Brier score at a horizon, scaled, and over a span."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival.censoring import CensoringDistribution, known_weights
from holdfast.risk.survival.follow_up import FollowUp, Values, probabilities_of
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.risk.survival.resampling import bootstrapped

__all__ = ["brier_score", "integrated_brier_score", "scaled_brier_score"]


@dataclass(frozen=True, kw_only=True)
class _Horizon:
    """What the three scores share: the horizon, and the censoring, fitted on these people or on others."""

    years: float
    censoring: CensoringDistribution | None

    def score(self, predicted: Values, follow_up: FollowUp) -> Measurement:
        weights = known_weights(follow_up, self.years, self.censoring)
        if isinstance(weights, Unscored):
            return weights
        missed = (follow_up.event_by(self.years) - predicted) ** 2
        return Scored(value=float(np.mean(weights * missed)), n=len(follow_up))

    def scaled(self, predicted: Values, follow_up: FollowUp) -> Measurement:
        rate = KaplanMeier.of(follow_up).event_rate_at(self.years)
        found = self.score(predicted, follow_up)
        if not isinstance(rate, Scored) or not isinstance(found, Scored):
            return found if isinstance(rate, Scored) else rate
        same_for_all = self.score(np.full(len(follow_up), rate.value), follow_up)
        if not isinstance(same_for_all, Scored) or same_for_all.value == 0:
            return Unscored(f"no events by {self.years:g} years, or nobody without")
        return Scored(value=1.0 - found.value / same_for_all.value, n=found.n)


def brier_score(
    predicted: ArrayLike,
    follow_up: FollowUp,
    *,
    horizon_years: float,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
    censoring: CensoringDistribution | None = None,
) -> Measurement:
    """Average the squared distance of predicted risk and event by a horizon: 0 is perfect, lower is better.

    BS(h) = mean of w (event by h - predicted)^2, with the weights of ``known_weights``: people censored before the
    horizon count 0 and those like them more (Graf et al. 1999, Stat Med 18:2529-2545). Unscored where nobody was
    followed up so long; defined without events. The interval is a 95% percentile bootstrap over people.

    Args:
        predicted: Shape (n,), 0 to 1: chance of the event by the horizon.
        follow_up: Of the same people.
        horizon_years: Above 0.
        resamples: Bootstrap resamples of people; 0: no interval.
        generator: Where they come from.
        censoring: Fitted on other people; None: on these, anew in each resample.

    Raises:
        RiskError: Predictions outside 0 to 1 or of another shape, or a horizon not above 0.
    """
    values, at = probabilities_of(predicted, len(follow_up)), _Horizon(years=horizon_years, censoring=censoring)
    return bootstrapped(
        lambda rows: at.score(values[rows], follow_up.take(rows)),
        len(follow_up),
        resamples=resamples,
        generator=generator,
    )


def scaled_brier_score(
    predicted: ArrayLike,
    follow_up: FollowUp,
    *,
    horizon_years: float,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
    censoring: CensoringDistribution | None = None,
) -> Measurement:
    """Compare the Brier score with that of giving everyone the Kaplan-Meier event rate: 1 - BS / BS of that.

    The index of prediction accuracy (Kattan & Gerds 2018, Diagn Progn Res 2:7): 1 is perfect, 0 no better than one
    number for all, below 0 worse than that. Unscored where that number leaves nothing to explain: no events, or all.

    Args:
        predicted: Shape (n,), 0 to 1: chance of the event by the horizon.
        follow_up: Of the same people.
        horizon_years: Above 0.
        resamples: Bootstrap resamples of people; 0: no interval.
        generator: Where they come from.
        censoring: Fitted on other people; None: on these, anew in each resample.

    Raises:
        RiskError: As ``brier_score``.
    """
    values, at = probabilities_of(predicted, len(follow_up)), _Horizon(years=horizon_years, censoring=censoring)
    return bootstrapped(
        lambda rows: at.scaled(values[rows], follow_up.take(rows)),
        len(follow_up),
        resamples=resamples,
        generator=generator,
    )


def integrated_brier_score(
    predicted: ArrayLike,
    follow_up: FollowUp,
    *,
    horizons_years: Sequence[float],
    censoring: CensoringDistribution | None = None,
) -> Measurement:
    """Average the Brier score over a span of horizons, by trapezoids: 0 is perfect, lower is better.

    Args:
        predicted: Shape (n, k): chance of the event by each horizon, 0 to 1, never falling as the horizon grows.
        follow_up: Of the same people.
        horizons_years: k of them, at least two, ascending. Unscored where one lies beyond follow-up.
        censoring: Fitted on other people; None: on these.

    Raises:
        RiskError: Fewer than two horizons or not ascending, or predictions of another shape, outside 0 to 1 or falling.
    """
    grid, columns = _ascending(horizons_years), np.asarray(predicted, dtype=np.float64)
    if columns.shape != (len(follow_up), len(grid)):
        raise RiskError(
            f"Predicted risk must be a row for each of {len(follow_up)} people and a column for each horizon",
            f"shape {columns.shape!r} for {len(grid)} horizons",
            "line them up",
        )
    falling = int((np.diff(columns, axis=1) < 0).any(axis=1).sum())
    if falling:
        raise RiskError("Predicted risk must not fall over time", f"{falling} rows that do", "check it", rows=falling)
    scores: list[float] = []
    for at, column in zip(grid, columns.T, strict=True):
        found = brier_score(column, follow_up, horizon_years=float(at), censoring=censoring)
        if not isinstance(found, Scored):
            return found
        scores.append(found.value)
    return Scored(value=float(np.trapezoid(scores, grid) / (grid[-1] - grid[0])), n=len(follow_up))


def _ascending(horizons_years: Sequence[float]) -> Values:
    grid = np.asarray(horizons_years, dtype=np.float64)
    if grid.ndim != 1 or len(grid) < 2 or not (np.diff(grid) > 0).all():
        raise RiskError("Horizons must be two or more and ascend", repr(tuple(horizons_years)), "sort them")
    return grid
