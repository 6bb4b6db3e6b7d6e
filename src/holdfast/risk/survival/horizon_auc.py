"""How well a risk parts those who have the event by a horizon from those who are then still without it."""

import numpy as np
from numpy.typing import ArrayLike

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.risk.survival.censoring import CensoringDistribution, known_weights
from holdfast.risk.survival.follow_up import FollowUp, Values, column_of
from holdfast.risk.survival.resampling import bootstrapped

__all__ = ["horizon_auc"]


def horizon_auc(
    risk: ArrayLike,
    follow_up: FollowUp,
    *,
    horizon_years: float,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
    level: float = 0.95,
) -> Measurement:
    """Measure the cumulative/dynamic AUC at a horizon, 0.5 is chance and 1 perfect.

    The chance that somebody with the event by the horizon has a higher risk than somebody without it then, equal risks
    counting half. Events are weighed by 1 / G(t-), so that people censored before the horizon, who count as neither,
    do not bias it if censoring depends on nothing (Uno et al. 2007, JASA 102:527-537; Hung & Chiang 2010, Can J Stat
    38:8-26). Somebody censored exactly at the horizon is without the event there. ``n`` is the people who count.

    Unscored without events by the horizon, without anybody known to be event-free then, or where nobody was followed
    up so long. With resamples it has a percentile interval; the censoring is fitted anew in each.

    Args:
        risk: Shape (n,), finite, higher is worse.
        follow_up: Of the same people.
        horizon_years: Above 0.
        resamples: Bootstrap resamples of people; 0: no interval.
        generator: Where they come from.
        level: Nominal coverage of the interval.

    Raises:
        RiskError: Another shape, values that are not finite, a horizon not above 0, or resamples without a generator.
    """
    values = column_of(risk, len(follow_up), subject="Risk")
    return bootstrapped(
        lambda rows: _auc(values[rows], follow_up.take(rows), horizon_years),
        len(follow_up),
        resamples=resamples,
        generator=generator,
        level=level,
    )


def _auc(risk: Values, follow_up: FollowUp, horizon_years: float) -> Measurement:
    weights = known_weights(follow_up, horizon_years, CensoringDistribution.of(follow_up))
    if isinstance(weights, Unscored):
        return weights
    had, free = follow_up.event_by(horizon_years), follow_up.event_free_at(horizon_years)
    if not had.any():
        return Unscored(f"no events by {horizon_years:g} years")
    if not free.any():
        return Unscored(f"nobody is known to be event-free at {horizon_years:g} years")
    others = np.sort(risk[free])
    lower = (np.searchsorted(others, risk[had], "left") + np.searchsorted(others, risk[had], "right")) / 2.0
    auc = float(np.average(lower, weights=weights[had])) / len(others)
    return Scored(value=min(1.0, auc), n=int(had.sum() + free.sum()))
