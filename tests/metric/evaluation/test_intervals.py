"""Intervals and paired tests against scipy, enumeration, published tables and their own coverage."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from holdfast.measured import Scored, Unscored
from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.intervals import bootstrap_mean, paired_test, percentile_interval, seed_interval

# Student 1908 ("The probable error of a mean", Biometrika 6:1-25): hours of sleep gained, two drugs, ten patients.
DEXTRO = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
LAEVO = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_the_paired_test_gives_the_published_figures_of_students_sleep_data():
    """R prints t = -4.0621, df = 9, p = 0.002833, interval -2.4598858 to -0.7001142, mean -1.58 for these."""
    found = paired_test(DEXTRO, LAEVO)
    assert found.difference.value == pytest.approx(-1.58)
    assert found.difference.interval.low == pytest.approx(-2.4598858, abs=1e-7)
    assert found.difference.interval.high == pytest.approx(-0.7001142, abs=1e-7)
    assert found.p_t.value == pytest.approx(0.002833, abs=5e-7)
    assert found.pairs == found.difference.n == found.p_t.n == found.p_sign_flip.n == 10


figures = st.lists(st.floats(-5, 5).map(lambda x: round(x, 3)), min_size=2, max_size=7)


@settings(deadline=None)
@given(figures, st.data())
def test_the_sign_flip_p_is_the_share_of_sign_patterns_at_least_as_extreme(a, data):
    b = data.draw(st.lists(st.floats(-5, 5).map(lambda x: round(x, 3)), min_size=len(a), max_size=len(a)))
    thousandths = [round(1000 * (x - y)) for x, y in zip(a, b, strict=True)]
    patterns = list(itertools.product([1, -1], repeat=len(a)))
    extreme = sum(
        abs(sum(s * d for s, d in zip(p, thousandths, strict=True))) >= abs(sum(thousandths)) for p in patterns
    )
    found = paired_test(a, b)
    assert found.p_sign_flip.value == extreme / len(patterns)
    assert found.p_sign_flip.value >= found.smallest_p_sign_flip


def test_the_sign_flip_p_is_that_of_scipy():
    found = paired_test(DEXTRO, LAEVO)
    exact = stats.permutation_test(
        (np.subtract(DEXTRO, LAEVO), np.zeros(10)), lambda x, y: np.mean(x - y), permutation_type="samples"
    )
    assert found.p_sign_flip.value == pytest.approx(exact.pvalue, abs=1e-12)


def test_five_pairs_all_one_way_reach_a_sixteenth_and_no_less():
    found = paired_test([2.0, 3.1, 4.2, 5.0, 6.3], [1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.p_sign_flip.value == found.smallest_p_sign_flip == 0.0625


def test_a_positive_difference_means_that_the_first_is_larger():
    assert paired_test([3.0, 4.0, 6.0], [1.0, 1.0, 1.0]).difference.value > 0
    assert paired_test([1.0, 1.0, 1.0], [3.0, 4.0, 6.0]).difference.value < 0


@settings(deadline=None)
@given(figures, st.sampled_from([0.5, 0.9, 0.99]))
def test_the_seed_interval_is_that_of_scipy(values, level):
    found = seed_interval(values, level=level)
    assert found.value == pytest.approx(np.mean(values), abs=1e-12)
    if len(set(values)) == 1:
        assert found.interval is None
        return
    low, high = stats.t.interval(level, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.interval.level == level


def test_without_spread_there_is_a_mean_but_no_interval_and_no_t_test():
    assert seed_interval([0.9]) == Scored(value=0.9, n=1)
    assert seed_interval([0.7, 0.7, 0.7]).interval is None
    same_shift = paired_test([0.1, 0.2, 0.3], [0.3, 0.4, 0.5])  # equal but for rounding
    assert same_shift.difference.value == pytest.approx(-0.2)
    assert same_shift.difference.interval is None
    assert same_shift.p_t == Unscored("all differences are equal: no spread to test against")
    assert same_shift.p_sign_flip.value == 0.25


def test_methods_that_do_not_differ_at_all_have_a_sign_flip_p_of_one():
    found = paired_test([0.1 + 0.2, 1.0], [0.3, 1.0])
    assert found.difference.value == 0.0
    assert found.p_sign_flip.value == 1.0


def test_with_too_little_or_too_much_nothing_is_made_up():
    assert seed_interval([]) == Unscored("no seeds")
    nothing = paired_test([], [])
    assert nothing.difference == nothing.p_sign_flip == Unscored("no pairs")
    assert nothing.p_t == Unscored("fewer than two pairs")
    assert nothing.smallest_p_sign_flip == 1.0
    single = paired_test([1.0], [0.5])
    assert single.difference == Scored(value=0.5, n=1)
    assert single.p_t == Unscored("fewer than two pairs")
    many = paired_test(np.arange(17.0), np.zeros(17))
    assert many.p_sign_flip == Unscored("more than 16 pairs: too many sign patterns to try them all")
    assert isinstance(many.p_t, Scored)


def test_the_bootstrap_interval_of_a_mean_agrees_with_the_normal_one_on_many_values():
    values = np.random.default_rng(0).normal(3.0, 2.0, size=4000)
    found = bootstrap_mean(values, generator=np.random.default_rng(1), resamples=4000)
    half = 1.96 * values.std() / np.sqrt(4000)
    assert found.low == pytest.approx(values.mean() - half, abs=0.08 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.08 * half)


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says():
    generator, covered = np.random.default_rng(2), 0
    for _ in range(300):
        found = bootstrap_mean(generator.exponential(size=80), generator=generator, resamples=400, level=0.9)
        covered += found.low <= 1.0 <= found.high
    assert 0.83 <= covered / 300 <= 0.95


def test_the_bootstrap_is_the_same_for_the_same_generator_and_differs_for_another():
    values = np.random.default_rng(0).normal(size=50)
    first, again, other = (bootstrap_mean(values, generator=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_percentile_interval_is_the_middle_of_the_draws():
    found = percentile_interval(np.arange(101.0), level=0.9)
    assert (found.low, found.high) == pytest.approx((5.0, 95.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paired_test([1.0, 2.0], [1.0]), "Figures of a and b must be paired, got 2 and 1"),
        (lambda: paired_test([1.0, float("nan")], [1.0, 2.0]), "Figures of a must be one finite number each"),
        (lambda: paired_test([1.0], ["x"]), "Figures of b must be numbers"),
        (lambda: seed_interval([1.0, float("inf")]), "Values must be one finite number each"),
        (lambda: seed_interval([[1.0]]), r"got shape \(1, 1\)"),
        (lambda: seed_interval([1.0], level=1.0), "Level must lie between 0 and 1, got 1.0"),
        (lambda: percentile_interval([]), "Draws must be at least one"),
        (lambda: bootstrap_mean([], generator=np.random.default_rng(0)), "Values and resamples must be at least one"),
        (lambda: bootstrap_mean([1.0], generator=np.random.default_rng(0), resamples=0), "at least one"),
    ],
)
def test_figures_that_cannot_be_used_are_refused(call, message):
    with pytest.raises(MetricError, match=message):
        call()
