"""Resample people with replacement, and read an interval off what a figure does under it."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import Values

__all__ = [
    "bootstrap_p",
    "bootstrapped",
    "checked_generator",
    "checked_level",
    "checked_resamples",
    "measured_draws",
    "measured_p",
    "percentile_interval",
    "resample_counts",
]

LEAST_DEFINED = 0.95
"""Share of resamples in which a figure must be defined for its interval to be given."""

_CELLS_AT_ONCE = 2**22


def percentile_interval(draws: ArrayLike, *, resamples: int | None = None, level: float = 0.95) -> Interval | None:
    """Take the middle ``level`` of resampled values (Efron 1979, The Annals of Statistics 7:1-26).

    Args:
        draws: One for each resample in which the figure was defined (some may hold no events, for example).
        resamples: How many were tried; None: as many as there are draws. Where fewer than 95% of them were defined
            there is no interval: those left would not speak for all.
        level: Nominal coverage.

    Raises:
        RiskError: Draws that are not finite, no resamples, fewer than there are draws, or a level outside 0 to 1.
    """
    values = np.asarray(draws, dtype=np.float64)
    tail = (1.0 - checked_level(level)) / 2.0
    tried = checked_resamples(values.size if resamples is None else resamples)
    if values.ndim != 1 or not np.isfinite(values).all() or len(values) > tried:
        raise RiskError("Draws must be finite and at most one a resample", f"shape {values.shape!r}", "check them")
    if len(values) < LEAST_DEFINED * tried:
        return None
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return Interval(float(low), float(high), level)


def bootstrap_p(draws: ArrayLike) -> float:
    """Two-sided p of a difference of zero: twice the smaller tail of resampled differences, ends counted in both.

    One is added to each count and to their number (Davison & Hinkley 1997, section 4.2), so that p is never 0: with B
    draws it is at least 2 / (B + 1).
    """
    values = np.asarray(draws, dtype=np.float64)
    tail = min(np.count_nonzero(values <= 0), np.count_nonzero(values >= 0))
    return min(1.0, 2.0 * (float(tail) + 1.0) / (len(values) + 1.0))


def measured_draws(value: float, draws: Values, *, people: int, level: float, undefined: str) -> Measurement:
    """Return a figure with the percentile interval of its draws; NaN draws were not defined, and are left out.

    Args:
        value: On everyone; NaN where it is not defined, which is then said with ``undefined``.
        draws: In every resample, (resamples,).
        people: How many.
        level: Nominal coverage.
        undefined: Why a figure may not be defined.
    """
    if np.isnan(value):
        return Unscored(undefined)
    interval = percentile_interval(draws[~np.isnan(draws)], resamples=len(draws), level=level)
    return Scored(value=value, n=people, interval=interval)


def measured_p(found: Measurement, draws: Values, *, people: int, undefined: str) -> Measurement:
    """Return the two-sided bootstrap p of a difference, where it has an interval; else ``undefined`` says why not."""
    if not isinstance(found, Scored) or found.interval is None:
        return Unscored(undefined)
    return Scored(value=bootstrap_p(draws[~np.isnan(draws)]), n=people)


def resample_counts(people: int, *, resamples: int, generator: np.random.Generator) -> Iterator[Values]:
    """Yield how often each person is drawn, shape (people, some resamples), some resamples at a time.

    The draws depend on the generator alone, not on how many come at a time; memory stays bounded.
    """
    at_once = max(1, _CELLS_AT_ONCE // people)
    for done in range(0, checked_resamples(resamples), at_once):
        counts = np.empty((people, min(at_once, resamples - done)))
        for column in range(counts.shape[1]):
            counts[:, column] = np.bincount(generator.integers(people, size=people), minlength=people)
        yield counts


def bootstrapped(
    figure: Callable[[NDArray[np.int64]], Measurement],
    people: int,
    *,
    resamples: int,
    generator: np.random.Generator | None,
    level: float = 0.95,
) -> Measurement:
    """Measure a figure on everyone and give it a percentile interval from resampling people.

    Args:
        figure: Row numbers (repeats allowed) to the figure for those people.
        people: How many there are.
        resamples: How many; 0 gives the figure as it is, without an interval.
        generator: Where the resamples come from; needed unless ``resamples`` is 0.
        level: Nominal coverage.

    Raises:
        RiskError: Resamples without a generator, negative resamples, or a level outside 0 to 1.
    """
    found = figure(np.arange(people))
    checked_level(level)
    if resamples == 0 or not isinstance(found, Scored):
        return found
    drawing = checked_generator(generator)
    drawn = (figure(drawing.integers(people, size=people)) for _ in range(checked_resamples(resamples)))
    values = [one.value for one in drawn if isinstance(one, Scored)]
    interval = percentile_interval(values, resamples=resamples, level=level)
    return Scored(value=found.value, n=found.n, interval=interval)


def checked_generator(generator: np.random.Generator | None) -> np.random.Generator:
    """Return the generator, or refuse to resample without one."""
    if generator is None:
        raise RiskError("Generator must be given to resample", "None", "pass numpy.random.default_rng(seed)")
    return generator


def checked_level(level: float) -> float:
    """Return a level strictly between 0 and 1, or refuse it."""
    if not 0.0 < level < 1.0:
        raise RiskError("Level must lie between 0 and 1", repr(level), "0.95 is usual")
    return level


def checked_resamples(resamples: int) -> int:
    """Return a number of resamples of at least 1, or refuse it."""
    if resamples < 1:
        raise RiskError("Resamples must be at least one", repr(resamples), "1000 is usual")
    return resamples
