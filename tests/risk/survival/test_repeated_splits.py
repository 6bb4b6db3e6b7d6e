"""Tests over splits against arithmetic by hand, scipy, and their false alarms where splits share people."""

import numpy as np
import pytest
from scipy import stats

from holdfast.measured import Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import corrected_resampled_t, five_by_two_t


def test_the_corrected_t_worked_by_hand():
    """Differences 1, 2, 3, 2: mean 2, variance 2/3. Half tested on: (1/4 + 1) 2/3 = 5/6, t = 2 / sqrt(5/6) = 2.19."""
    found = corrected_resampled_t([1, 2, 3, 2], train_people=50, test_people=50)
    error = (5 / 6) ** 0.5
    half = error * stats.t.ppf(0.975, 3)
    assert found.difference.value == 2
    assert (found.difference.interval.low, found.difference.interval.high) == pytest.approx((2 - half, 2 + half))
    assert found.p.value == pytest.approx(2 * stats.t.sf(2 / error, 3))


def test_with_next_to_nobody_tested_on_it_is_the_plain_t_test():
    values = np.random.default_rng(0).normal(0.3, 1.0, 12)
    found = corrected_resampled_t(values, train_people=10**15, test_people=1)
    assert found.p.value == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=1e-12)


def test_the_5x2_t_worked_by_hand():
    """Each repeat differs by 2 around its mean: s^2 = 1 + 1 = 2 each, so t = d_11 / sqrt(2)."""
    differences = np.array([[3.0, 1.0], [2.0, 0.0], [1.0, -1.0], [4.0, 2.0], [0.0, -2.0]])
    found = five_by_two_t(differences)
    assert found.p.value == pytest.approx(2 * stats.t.sf(3 / 2**0.5, 5))
    assert found.difference.value == pytest.approx(1.0)
    assert found.difference.interval is None


def test_splits_that_share_people_fool_the_plain_t_test_and_not_the_corrected_one():
    """Means of random halves of one sample of mean 0: their agreement with each other is no evidence."""
    g, plain, corrected = np.random.default_rng(1), 0, 0
    for _ in range(300):
        sample = g.normal(size=60)
        means = [sample[g.permutation(60)[:30]].mean() for _ in range(10)]
        plain += stats.ttest_1samp(means, 0).pvalue < 0.05
        corrected += corrected_resampled_t(means, train_people=30, test_people=30).p.value < 0.05
    assert plain / 300 > 0.3
    assert corrected / 300 < 0.1


def test_without_spread_there_is_a_mean_but_no_test():
    reason = Unscored("the differences are all equal: no spread to test against")
    assert corrected_resampled_t([0.1, 0.1, 0.1], train_people=5, test_people=5).p == reason
    assert five_by_two_t(np.full((5, 2), 0.1)).p == reason
    assert corrected_resampled_t([0.0, 0.0], train_people=5, test_people=5).difference.value == 0.0


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(RiskError, match=r"at least 2, one a split, got shape \(1,\)"):
        corrected_resampled_t([1.0], train_people=5, test_people=5)
    with pytest.raises(RiskError, match="at least 1, got 5 and 0"):
        corrected_resampled_t([1.0, 2.0], train_people=5, test_people=0)
    with pytest.raises(RiskError, match=r"5 repeats by 2 folds, got shape \(2, 5\)"):
        five_by_two_t(np.ones((2, 5)))
    with pytest.raises(RiskError, match="Differences must be finite"):
        five_by_two_t(np.full((5, 2), np.nan))
