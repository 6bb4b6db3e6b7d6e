"""AUC at a horizon: a plain loop, scikit-learn where nobody is censored, and the truth where many are."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from holdfast.measured import Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import CensoringDistribution, FollowUp, horizon_auc


def looped(risk, follow_up, horizon):
    censoring = CensoringDistribution.of(follow_up)
    won = total = 0.0
    for i in range(len(follow_up)):
        if not (follow_up.event[i] and follow_up.years[i] <= horizon):
            continue
        weight = 1 / float(censoring.uncensored_before(follow_up.years[i]))
        for j in range(len(follow_up)):
            if follow_up.years[j] > horizon or (follow_up.years[j] == horizon and not follow_up.event[j]):
                won += weight * ((risk[i] > risk[j]) + 0.5 * (risk[i] == risk[j]))
                total += weight
    return won / total if total else None


def test_it_is_the_plain_double_loop(tied):
    g, compared = np.random.default_rng(0), 0
    for _ in range(60):
        risk, follow_up = tied(g, 30)
        horizon = float(g.integers(1, int(follow_up.longest_years) + 1))
        expected, found = looped(risk, follow_up, horizon), horizon_auc(risk, follow_up, horizon_years=horizon)
        if expected is None:
            assert isinstance(found, Unscored)
        else:
            assert found.value == pytest.approx(expected, abs=1e-12)
            compared += 1
    assert compared > 30


def test_without_censoring_it_is_that_of_scikit_learn():
    g = np.random.default_rng(1)
    risk, follow_up = g.normal(size=300).round(1), FollowUp(g.exponential(size=300), np.ones(300, dtype=bool))
    expected = roc_auc_score(follow_up.years <= 0.7, risk)
    assert horizon_auc(risk, follow_up, horizon_years=0.7).value == pytest.approx(expected, abs=1e-13)


def test_heavy_censoring_does_not_move_it_where_leaving_the_censored_out_would():
    """Hazards fall with time for high risks, so early events, which censoring favours, are easier to foretell."""
    g = np.random.default_rng(2)
    risk = g.normal(size=40_000)
    times = g.weibull(np.where(risk > 0, 0.5, 2.0)) * 1.2
    truth = roc_auc_score(times <= 1.0, risk)
    censored_at = g.exponential(0.8, size=40_000)
    seen = FollowUp(np.minimum(times, censored_at), times <= censored_at)
    assert horizon_auc(risk, seen, horizon_years=1.0).value == pytest.approx(truth, abs=0.012)
    known = seen.event_by(1.0) | seen.event_free_at(1.0)
    assert abs(roc_auc_score(seen.event_by(1.0)[known], risk[known]) - truth) > 0.03


def test_people_censored_by_design_at_the_horizon_are_event_free_there():
    people = FollowUp([1.0, 5.0, 5.0], np.array([True, False, False]))
    assert horizon_auc([3, 1, 2], people, horizon_years=5.0).value == 1.0


def test_its_interval_covers_as_often_as_it_says():
    g, covered = np.random.default_rng(3), 0
    large = g.normal(size=400_000)
    truth = roc_auc_score(g.exponential(np.exp(-large)) <= 0.8, large)
    for _ in range(120):
        risk, censored_at = g.normal(size=150), g.exponential(1.5, size=150)
        times = g.exponential(np.exp(-risk))
        seen = FollowUp(np.minimum(times, censored_at), times <= censored_at)
        interval = horizon_auc(risk, seen, horizon_years=0.8, resamples=120, generator=g).interval
        covered += interval.low <= truth <= interval.high
    assert 0.87 <= covered / 120 <= 0.99  # 0.95 with a standard error of 0.02


def test_without_cases_others_or_follow_up_it_is_unscored_and_says_why():
    people = FollowUp([1.0, 2.0, 3.0], np.array([False, True, True]))
    assert horizon_auc([1, 2, 3], people, horizon_years=1.5) == Unscored("no events by 1.5 years")
    assert horizon_auc([1, 2, 3], people, horizon_years=3.0) == Unscored("nobody is known to be event-free at 3 years")
    assert horizon_auc([1, 2, 3], people, horizon_years=9.0) == Unscored("nobody was followed up for 9 years")


def test_it_refuses_unusable_risks_and_resampling_without_a_generator():
    people = FollowUp([1.0, 2.0], np.array([True, False]))
    with pytest.raises(RiskError, match="Risk must be finite, got 1 of 2"):
        horizon_auc([1.0, float("inf")], people, horizon_years=1.5)
    with pytest.raises(RiskError, match="Generator must be given"):
        horizon_auc([1.0, 2.0], people, horizon_years=1.5, resamples=10)
    with pytest.raises(RiskError, match="Resamples must be at least one, got -1"):
        horizon_auc([1.0, 2.0], people, horizon_years=1.5, resamples=-1, generator=np.random.default_rng(0))
