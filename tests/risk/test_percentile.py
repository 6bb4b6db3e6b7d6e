"""Percentiles of the healthy distribution against their definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import percentileofscore

from holdfast.risk.error import RiskError
from holdfast.risk.percentile import HealthyPercentile

scores = st.lists(st.integers(-50, 50), min_size=1, max_size=60).map(lambda found: np.array(found, dtype=float))


@given(scores)
def test_at_healthy_scores_it_is_the_mid_rank(healthy):
    found = HealthyPercentile.fit(healthy).of(healthy)
    np.testing.assert_allclose(found, percentileofscore(healthy, healthy, kind="mean"))


@given(scores, st.lists(st.floats(-60, 60), min_size=2, max_size=30))
def test_it_never_falls_as_the_score_rises_and_stays_in_0_to_100(healthy, asked):
    found = HealthyPercentile.fit(healthy).of(np.sort(np.array(asked)))
    assert (np.diff(found) >= 0).all()
    assert (found >= 0).all()
    assert (found <= 100).all()


def test_beyond_the_healthy_range_it_is_exactly_0_or_100_and_at_its_ends_it_is_not():
    table = HealthyPercentile.fit(np.array([1.0, 2.0, 3.0, 4.0]))
    assert table.of(np.array([0.999, 1.0, 4.0, 4.001])).tolist() == [0.0, 12.5, 87.5, 100.0]


def test_between_healthy_scores_it_is_linear():
    table = HealthyPercentile.fit(np.array([0.0, 1.0, 1.0, 3.0]))
    np.testing.assert_allclose(table.of(np.array([0.5, 2.0])), [(12.5 + 50) / 2, (50 + 87.5) / 2])


def test_people_who_are_all_alike_stand_in_the_middle():
    table = HealthyPercentile.fit(np.full(9, 2.0))
    assert table.of(np.array([1.0, 2.0, 3.0])).tolist() == [0.0, 50.0, 100.0]


def test_a_short_table_of_many_people_errs_by_a_tenth_of_a_percentile_at_most():
    generator = np.random.default_rng(0)
    healthy = generator.lognormal(sigma=2, size=50_000)
    table = HealthyPercentile.fit(healthy)
    assert len(table.values) <= 1001
    asked = generator.lognormal(sigma=2, size=2000)
    expected = 100 * (np.searchsorted(np.sort(healthy), asked) / len(healthy))
    assert np.abs(table.of(asked) - expected).max() <= 0.1


def test_the_score_at_a_percentile_has_that_percentile():
    table = HealthyPercentile.fit(np.random.default_rng(0).normal(size=500))
    np.testing.assert_allclose(table.of(np.array([table.score_at(p) for p in (5, 50, 90)])), [5, 50, 90])
    assert table.score_at(0) == table.values[0]
    assert table.score_at(100) == table.values[-1]


def test_what_is_stored_is_the_same_table():
    table = HealthyPercentile.fit(np.random.default_rng(0).normal(size=50))
    back = HealthyPercentile.from_stored(table.arrays())
    asked = np.linspace(-3, 3, 40)
    np.testing.assert_array_equal(back.of(asked), table.of(asked))
    assert back.n_healthy == 50


@pytest.mark.parametrize("healthy", [np.zeros(0), np.array([1.0, np.nan]), np.zeros((2, 2))])
def test_scores_that_are_no_distribution_are_refused(healthy):
    with pytest.raises(RiskError, match="Healthy scores must be a column of finite numbers, at least one"):
        HealthyPercentile.fit(healthy)


@pytest.mark.parametrize("percent", [-0.1, 100.1])
def test_percentiles_outside_0_to_100_are_refused(percent):
    with pytest.raises(RiskError, match="Percentile must lie in 0 to 100"):
        HealthyPercentile.fit(np.arange(3.0)).score_at(percent)
