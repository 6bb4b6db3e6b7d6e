"""Saying a thing over and over makes nothing surer: shares and means rest on clusters."""

import math

import numpy as np
import pytest
from scipy import stats

from holdfast.measured import Scored, Unscored, wilson
from holdfast.proof.suites.estimate import clustered_mean, clustered_share


def scored(found: object) -> Scored:
    assert isinstance(found, Scored)
    assert found.interval is not None
    return found


def test_a_share_of_answers_that_stand_alone_is_wilsons() -> None:
    assert clustered_share([(str(n), n < 3) for n in range(10)]) == wilson(3, 10)


def test_answers_that_hang_together_count_once() -> None:
    once = [(str(n), n < 3) for n in range(10)]
    assert clustered_share(once * 50) == wilson(3, 10)


def test_a_cluster_counts_with_the_mean_of_its_answers_however_many_it_has() -> None:
    found = scored(clustered_share([("a", 1.0), ("a", 0.0), ("b", 1.0), ("b", 1.0), ("b", 1.0), ("c", 0.0)]))
    assert (found.value, found.n) == (pytest.approx(0.5), 3)


def test_the_interval_of_clusters_holds_the_truth_at_least_as_often_as_it_says() -> None:
    """Shares that differ from cluster to cluster; the truth is their mean, 0.8."""
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(500):
        shares = chance.beta(4, 1, size=30)
        answers = [(str(n), bool(a)) for n, share in enumerate(shares) for a in chance.random(12) < share]
        interval = scored(clustered_share(answers)).interval
        assert interval is not None
        held += interval.low <= 0.8 <= interval.high
    assert held >= 0.95 * 500


@pytest.mark.parametrize("n", [6, 12, 48, 192])
def test_the_interval_of_a_mean_is_students(n: int) -> None:
    numbers = [math.sin(k) for k in range(n)]
    found = scored(clustered_mean([(str(k), number) for k, number in enumerate(numbers)]))
    low, high = stats.t.interval(0.95, n - 1, loc=np.mean(numbers), scale=stats.sem(numbers))
    assert found.interval is not None
    half = (high - low) / 2
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=0.01 * half)


def test_without_answers_there_is_no_value_and_with_one_cluster_no_interval() -> None:
    assert clustered_share([]) == clustered_mean([]) == Unscored("no cases")
    assert clustered_mean([("a", 2.0), ("a", 4.0)]) == Scored(value=3.0, n=1)
