"""Whether a new risk moves people the right way: net reclassification by a horizon, with censored follow-up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import Flags, FollowUp, checked_horizon, probabilities_of
from holdfast.risk.survival.kaplan_meier import KaplanMeier
from holdfast.risk.survival.resampling import (
    checked_generator,
    checked_resamples,
    percentile_interval,
)

__all__ = ["Reclassification", "category_reclassification", "continuous_reclassification"]


@dataclass(frozen=True, kw_only=True)
class Reclassification:
    """How a new risk reclassifies people, against an old one. Above 0 the new one is better.

    Attributes:
        moved_up: How many the new risk puts higher.
        moved_down: How many it puts lower.
        of_events: P(up | event) - P(down | event), -1 to 1.
        of_event_free: P(down | no event) - P(up | no event), -1 to 1.
        total: Their sum, -2 to 2; not a share of people. It can be above 0 for a useless addition where the new risk is
            badly calibrated (Pepe et al. 2015, Stat Biosci 7:282-295): read the two parts and the calibration.
    """

    moved_up: int
    moved_down: int
    of_events: Measurement
    of_event_free: Measurement
    total: Measurement


def category_reclassification(
    old: ArrayLike,
    new: ArrayLike,
    follow_up: FollowUp,
    *,
    horizon_years: float,
    thresholds: Sequence[float],
    resamples: int = 0,
    generator: np.random.Generator | None = None,
) -> Reclassification:
    """Count moves between categories of risk (Pencina et al. 2011, Stat Med 30:11-21).

    P(up | event) = P(event | up) P(up) / P(event), with P(event | up) by Kaplan-Meier at the horizon among those moved
    up; and so on. A prediction equal to a threshold is in the higher category. Unscored where nobody of those moved
    either way was followed up to the horizon, or with no events, or only events, by then. Intervals are 95% percentile
    bootstraps over people.

    Args:
        old: Shape (n,), 0 to 1: chance of the event by the horizon from the older method.
        new: Shape (n,), 0 to 1: from the newer.
        follow_up: Of the same people.
        horizon_years: Above 0.
        thresholds: Ascending, each above 0 and below 1: where categories begin.
        resamples: Bootstrap resamples of people; 0: no intervals.
        generator: Where they come from.

    Raises:
        RiskError: Predictions outside 0 to 1 or of another shape, thresholds that do not ascend between 0 and 1, a
            horizon not above 0, or resamples without a generator.
    """
    cuts = np.asarray(thresholds, dtype=np.float64)
    if cuts.ndim != 1 or len(cuts) == 0 or not ((cuts > 0) & (cuts < 1)).all() or not (np.diff(cuts) > 0).all():
        raise RiskError("Thresholds must ascend between 0 and 1", repr(tuple(thresholds)), "give 0.1, for example")
    before = np.searchsorted(cuts, probabilities_of(old, len(follow_up), subject="Old risk"), side="right")
    after = np.searchsorted(cuts, probabilities_of(new, len(follow_up), subject="New risk"), side="right")
    return _moved(after - before, follow_up, horizon_years, resamples, generator)


def continuous_reclassification(
    old: ArrayLike,
    new: ArrayLike,
    follow_up: FollowUp,
    *,
    horizon_years: float,
    resamples: int = 0,
    generator: np.random.Generator | None = None,
) -> Reclassification:
    """Count every rise and fall of a person's risk, however small (Pencina et al. 2011, Stat Med 30:11-21).

    As ``category_reclassification``, with every change a move; equal predictions are none.

    Args:
        old: Shape (n,), 0 to 1: chance of the event by the horizon from the older method.
        new: Shape (n,), 0 to 1: from the newer.
        follow_up: Of the same people.
        horizon_years: Above 0.
        resamples: Bootstrap resamples of people; 0: no intervals.
        generator: Where they come from.

    Raises:
        RiskError: Predictions outside 0 to 1 or of another shape, a horizon not above 0, or resamples without a
            generator.
    """
    before = probabilities_of(old, len(follow_up), subject="Old risk")
    after = probabilities_of(new, len(follow_up), subject="New risk")
    return _moved(np.sign(after - before).astype(np.int64), follow_up, horizon_years, resamples, generator)


def _moved(
    moves: NDArray[np.int64],
    follow_up: FollowUp,
    horizon_years: float,
    resamples: int,
    generator: np.random.Generator | None,
) -> Reclassification:
    horizon = checked_horizon(horizon_years)
    up, down = moves > 0, moves < 0
    found = _parts(up, down, follow_up, horizon)
    counts = {"moved_up": int(up.sum()), "moved_down": int(down.sum())}
    if isinstance(found, Unscored):
        return Reclassification(**counts, of_events=found, of_event_free=found, total=found)
    intervals = _intervals(up, down, follow_up, horizon, resamples, checked_generator(generator)) if resamples else ()
    events, event_free, total = (
        Scored(value=value, n=len(follow_up), interval=interval)
        for value, interval in zip(found, intervals or (None, None, None), strict=True)
    )
    return Reclassification(**counts, of_events=events, of_event_free=event_free, total=total)


def _intervals(
    up: Flags, down: Flags, follow_up: FollowUp, horizon: float, resamples: int, generator: np.random.Generator
) -> list[Interval | None]:
    drawn: list[tuple[float, float, float]] = []
    for _ in range(checked_resamples(resamples)):
        rows = generator.integers(len(follow_up), size=len(follow_up))
        parts = _parts(up[rows], down[rows], follow_up.take(rows), horizon)
        if not isinstance(parts, Unscored):
            drawn.append(parts)
    columns = np.array(drawn, dtype=np.float64).reshape(-1, 3).T
    return [percentile_interval(column, resamples=resamples) for column in columns]


def _parts(up: Flags, down: Flags, follow_up: FollowUp, horizon: float) -> tuple[float, float, float] | Unscored:
    rate = KaplanMeier.of(follow_up).event_rate_at(horizon)
    if not isinstance(rate, Scored):
        return Unscored(f"nobody was followed up for {horizon:g} years")
    if not 0 < rate.value < 1:
        return Unscored(f"no events by {horizon:g} years, or nobody without")
    found = [_event_and_event_free(moved, follow_up, horizon) for moved in (up, down)]
    if found[0] is None or found[1] is None:
        return Unscored(f"nobody of those moved one way was followed up for {horizon:g} years")
    (up_event, up_free), (down_event, down_free) = found[0], found[1]
    of_events = (up_event - down_event) / rate.value
    of_free = (down_free - up_free) / (1.0 - rate.value)
    return of_events, of_free, of_events + of_free


def _event_and_event_free(moved: Flags, follow_up: FollowUp, horizon: float) -> tuple[float, float] | None:
    """P(event, moved) and P(no event, moved); None where the moved were not followed up so long."""
    if not moved.any():
        return 0.0, 0.0
    rate = KaplanMeier.of(follow_up.take(moved)).event_rate_at(horizon)
    share = float(moved.mean())
    return (share * rate.value, share * (1.0 - rate.value)) if isinstance(rate, Scored) else None
