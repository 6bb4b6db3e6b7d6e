"""How sure a figure is: percentile bootstrap over queries, t intervals over seeds, paired tests of two methods."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped]

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.metric.error import MetricError

__all__ = ["PairedDifference", "bootstrap_mean", "paired_test", "percentile_interval", "seed_interval"]

_DRAWS_AT_ONCE = 2**22
_MOST_FLIPPED = 16  # pairs: 65,536 sign patterns
_NO_SPREAD = 1e-12  # of the largest value: spread below this is rounding

Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """Whether ``a`` and ``b`` differ, over runs that share seed and data.

    Attributes:
        difference: Mean of ``a - b``, positive where ``a`` is the larger, with its t interval.
        p_t: Two-sided p of the paired t test: smaller is more evidence of a difference. Assumes the differences are
            about normal.
        p_sign_flip: Two-sided p of the exact sign-flip test of the mean: assumes only that the differences are
            symmetric about zero if the methods are alike.
        smallest_p_sign_flip: The least that ``p_sign_flip`` can be with so many pairs: 0.0625 with five, so five seeds
            alone never reach 0.05 by it.
        pairs: How many pairs.
    """

    difference: Measurement
    p_t: Measurement
    p_sign_flip: Measurement
    smallest_p_sign_flip: float
    pairs: int


def percentile_interval(draws: ArrayLike, *, level: float = 0.95) -> Interval:
    """Take the middle ``level`` of resampled values (Efron 1979, The Annals of Statistics 7:1-26).

    Raises:
        MetricError: No draws, draws that are not finite, or a level outside 0 to 1.
    """
    values = _column(draws, "Draws")
    tail = (1.0 - _checked_level(level)) / 2.0
    if len(values) == 0:
        raise MetricError("Draws must be at least one, got `0`; resample at least once.")
    low, high = np.quantile(values, [tail, 1.0 - tail])
    return Interval(float(low), float(high), level)


def bootstrap_mean(
    values: ArrayLike, *, generator: np.random.Generator, resamples: int = 1000, level: float = 0.95
) -> Interval:
    """Estimate an interval of a mean by resampling its values with replacement.

    Args:
        values: One value a query.
        generator: Where the resamples come from: the same state gives the same interval.
        resamples: How many.
        level: Nominal coverage, between 0 and 1.

    Raises:
        MetricError: No values, values that are not finite, no resamples, or a level outside 0 to 1.
    """
    column = _column(values, "Values")
    if len(column) == 0 or resamples < 1:
        raise MetricError(f"Values and resamples must be at least one, got {(len(column), resamples)!r}.")
    at_once = max(1, _DRAWS_AT_ONCE // len(column))
    means = [
        column[generator.integers(len(column), size=(min(at_once, resamples - done), len(column)))].mean(axis=1)
        for done in range(0, resamples, at_once)
    ]
    return percentile_interval(np.concatenate(means), level=level)


def seed_interval(values: ArrayLike, *, level: float = 0.95) -> Measurement:
    """Average a figure over seeds, with Student's t interval.

    Without values it is unscored. One value, or values that are all equal, have no spread to estimate from: the mean
    then comes without an interval rather than with one of no width.

    Raises:
        MetricError: Values that are not finite, or a level outside 0 to 1.
    """
    column, level = _column(values, "Values"), _checked_level(level)
    if len(column) == 0:
        return Unscored("no seeds")
    error = _standard_error(column, scale=float(np.abs(column).max()))
    mean = float(column.mean())
    if error is None:
        return Scored(value=mean, n=len(column))
    half = error * float(stdtrit(len(column) - 1, 0.5 + level / 2.0))
    return Scored(value=mean, n=len(column), interval=Interval(mean - half, mean + half, level))


def paired_test(a: ArrayLike, b: ArrayLike, *, level: float = 0.95) -> PairedDifference:
    """Compare two methods over the same seeds: pair by pair, two-sided.

    Both tests are of one comparison: over several, correct for their number.

    Args:
        a: Figure of the first method, one a seed.
        b: Figure of the second, in the same order of seeds.
        level: Nominal coverage of the t interval, between 0 and 1.

    Raises:
        MetricError: Different lengths, values that are not finite, or a level outside 0 to 1.
    """
    first, second = _column(a, "Figures of a"), _column(b, "Figures of b")
    if len(first) != len(second):
        raise MetricError(
            f"Figures of a and b must be paired, got {len(first)!r} and {len(second)!r}; use the same seeds for both."
        )
    differences = first - second
    scale = float(max(np.abs(first).max(), np.abs(second).max())) if len(first) else 0.0
    differences[np.abs(differences) <= _NO_SPREAD * scale] = 0.0
    return PairedDifference(
        difference=_difference(differences, scale=scale, level=_checked_level(level)),
        p_t=_paired_t(differences, scale=scale),
        p_sign_flip=_sign_flip(differences),
        smallest_p_sign_flip=min(1.0, 2.0 ** (1 - len(differences))),
        pairs=len(differences),
    )


def _difference(differences: Values, *, scale: float, level: float) -> Measurement:
    if len(differences) == 0:
        return Unscored("no pairs")
    if _standard_error(differences, scale=scale) is None:
        return Scored(value=float(differences.mean()), n=len(differences))
    return seed_interval(differences, level=level)


def _paired_t(differences: Values, *, scale: float) -> Measurement:
    if len(differences) < 2:
        return Unscored("fewer than two pairs")
    error = _standard_error(differences, scale=scale)
    if error is None:
        return Unscored("all differences are equal: no spread to test against")
    statistic = abs(float(differences.mean())) / error
    return Scored(value=float(2.0 * stdtr(len(differences) - 1, -statistic)), n=len(differences))


def _sign_flip(differences: Values) -> Measurement:
    n = len(differences)
    if n == 0:
        return Unscored("no pairs")
    if n > _MOST_FLIPPED:
        return Unscored(f"more than {_MOST_FLIPPED} pairs: too many sign patterns to try them all")
    signs = 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    observed = abs(float(differences.sum()))
    slack = _NO_SPREAD * float(np.abs(differences).sum())
    return Scored(value=float((np.abs(signs @ differences) >= observed - slack).mean()), n=n)


def _standard_error(values: Values, *, scale: float) -> float | None:
    if len(values) < 2:
        return None
    spread = float(values.std(ddof=1))
    return spread / float(np.sqrt(len(values))) if spread > _NO_SPREAD * scale else None


def _column(values: ArrayLike, subject: str) -> Values:
    try:
        column = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MetricError(f"{subject} must be numbers, got {type(values).__name__!r}.") from error
    if column.ndim != 1 or not np.isfinite(column).all():
        raise MetricError(
            f"{subject} must be one finite number each, got shape {column.shape!r} or NaN; leave out failed runs."
        )
    return column


def _checked_level(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise MetricError(f"Level must lie between 0 and 1, got {level!r}; 0.95 is usual.")
    return level
