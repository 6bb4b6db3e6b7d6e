"""Whether two methods differ, judged by their differences over repeated splits that share training people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped]

from holdfast.measured import Interval, Measurement, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import Values
from holdfast.risk.survival.resampling import checked_level

__all__ = ["SplitsTest", "corrected_resampled_t", "five_by_two_t"]

_NO_SPREAD = 1e-12  # of the largest difference: spread below this is rounding


@dataclass(frozen=True, kw_only=True)
class SplitsTest:
    """The outcome of one test over splits.

    Attributes:
        difference: Mean difference over the splits, with an interval where the test defines one; ``n`` is splits.
        p: Two-sided p; unscored where the differences have no spread to test against.
    """

    difference: Measurement
    p: Measurement


def corrected_resampled_t(
    differences: ArrayLike, *, train_people: int, test_people: int, level: float = 0.95
) -> SplitsTest:
    """Test the mean difference over J splits by the corrected resampled t (Nadeau & Bengio 2003).

    Splits share training people, so that their differences are not independent: the variance of the mean is taken as
    (1 / J + n_test / n_train) s^2 instead of s^2 / J, with J - 1 degrees of freedom (Machine Learning 52:239-281).

    Args:
        differences: Shape (J,), at least 2: figure of the first method less that of the second, one a split.
        train_people: How many were fitted on in a split, at least 1.
        test_people: How many were tested on, at least 1.
        level: Nominal coverage of the interval.

    Raises:
        RiskError: Fewer than 2 differences, values that are not finite, or nobody to fit or test on.
    """
    values = _finite(differences)
    if values.ndim != 1 or len(values) < 2:
        raise RiskError("Differences must be at least 2, one a split", f"shape {values.shape!r}", "split again")
    if min(train_people, test_people) < 1:
        raise RiskError(
            "People to fit and to test on must be at least 1", f"{train_people} and {test_people}", "count them"
        )
    checked_level(level)
    mean, spread, splits = float(values.mean()), float(values.std(ddof=1)), len(values)
    if spread <= _NO_SPREAD * float(np.abs(values).max()):
        return SplitsTest(difference=Scored(value=mean, n=splits), p=_no_spread())
    error = spread * float(np.sqrt(1.0 / splits + test_people / train_people))
    half = error * float(stdtrit(splits - 1, 0.5 + level / 2.0))
    return SplitsTest(
        difference=Scored(value=mean, n=splits, interval=Interval(mean - half, mean + half, level)),
        p=Scored(value=2.0 * float(stdtr(splits - 1, -abs(mean) / error)), n=splits),
    )


def five_by_two_t(differences: ArrayLike) -> SplitsTest:
    """Test 5 repeats of 2-fold cross-validation by the 5x2cv paired t (Dietterich 1998, Neural Comput 10:1895-1923).

    t = d_11 / sqrt(mean over repeats of s_i^2), s_i^2 = (d_i1 - d_i)^2 + (d_i2 - d_i)^2, 5 degrees of freedom. It looks
    at the mean of one difference alone, the first, so the order of the repeats matters; it defines no interval.

    Args:
        differences: Shape (5, 2): repeat by fold, figure of the first method less that of the second.

    Raises:
        RiskError: Another shape, or values that are not finite.
    """
    values = _finite(differences)
    if values.shape != (5, 2):
        raise RiskError("Differences must be 5 repeats by 2 folds", f"shape {values.shape!r}", "reshape them")
    difference = Scored(value=float(values.mean()), n=10)
    spread = float(np.sqrt(values.var(axis=1, ddof=1).mean()))
    if spread <= _NO_SPREAD * float(np.abs(values).max()):
        return SplitsTest(difference=difference, p=_no_spread())
    return SplitsTest(
        difference=difference, p=Scored(value=2.0 * float(stdtr(5, -abs(float(values[0, 0])) / spread)), n=10)
    )


def _no_spread() -> Unscored:
    return Unscored("the differences are all equal: no spread to test against")


def _finite(differences: ArrayLike) -> Values:
    values = np.asarray(differences, dtype=np.float64)
    if not np.isfinite(values).all():
        raise RiskError("Differences must be finite", "others among them", "leave out splits that failed, and say so")
    return values
