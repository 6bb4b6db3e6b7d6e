"""Brier scores: a plain loop, scikit-learn where nobody is censored, and the truth where many are."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from holdfast.measured import Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import (
    CensoringDistribution,
    FollowUp,
    KaplanMeier,
    brier_score,
    integrated_brier_score,
    scaled_brier_score,
)


def looped(predicted, follow_up, horizon):
    censoring, total = CensoringDistribution.of(follow_up), 0.0
    for p, years, event in zip(predicted, follow_up.years, follow_up.event, strict=True):
        if event and years <= horizon:
            total += (1 - p) ** 2 / float(censoring.uncensored_before(years))
        elif years >= horizon:
            total += p**2 / float(censoring.uncensored_before(horizon))
    return total / len(follow_up)


def test_it_is_the_plain_loop(tied):
    g = np.random.default_rng(0)
    for _ in range(40):
        predicted, follow_up = tied(g, 30)
        horizon = float(g.integers(1, int(follow_up.longest_years) + 1))
        found = brier_score(predicted, follow_up, horizon_years=horizon)
        assert found.value == pytest.approx(looped(predicted, follow_up, horizon), abs=1e-13)


def test_without_censoring_it_is_that_of_scikit_learn():
    g = np.random.default_rng(1)
    predicted, follow_up = g.random(200), FollowUp(g.exponential(size=200), np.ones(200, dtype=bool))
    expected = brier_score_loss(follow_up.years <= 0.7, predicted)
    assert brier_score(predicted, follow_up, horizon_years=0.7).value == pytest.approx(expected, abs=1e-14)


def test_heavy_censoring_does_not_move_it():
    g = np.random.default_rng(2)
    risk = g.normal(size=40_000)
    times, censored_at = g.exponential(np.exp(-risk)), g.exponential(1.0, size=40_000)
    predicted = 1 - np.exp(-np.exp(risk) * 0.8)
    truth = brier_score_loss(times <= 0.8, predicted)
    seen = FollowUp(np.minimum(times, censored_at), times <= censored_at)
    assert brier_score(predicted, seen, horizon_years=0.8).value == pytest.approx(truth, abs=0.004)


def test_giving_everyone_the_event_rate_scales_to_0_and_knowing_the_outcome_to_1():
    g = np.random.default_rng(3)
    times, censored_at = g.exponential(size=300), g.exponential(2.0, size=300)
    seen = FollowUp(np.minimum(times, censored_at), times <= censored_at)
    rate = KaplanMeier.of(seen).event_rate_at(1.0).value
    assert scaled_brier_score(np.full(300, rate), seen, horizon_years=1.0).value == pytest.approx(0.0, abs=1e-12)
    knowing = (times <= 1.0).astype(float)
    assert scaled_brier_score(knowing, seen, horizon_years=1.0).value == pytest.approx(1.0)
    assert scaled_brier_score(1 - knowing, seen, horizon_years=1.0).value < 0


def test_the_scaled_score_worked_by_hand():
    """Two of four have the event; 0.75 and 0.25 predicted: BS 1/16, of one half for all 1/4: 1 - 1/4 = 0.75."""
    people = FollowUp([1.0, 2.0, 8.0, 9.0], np.ones(4, dtype=bool))
    assert scaled_brier_score([0.75, 0.75, 0.25, 0.25], people, horizon_years=5.0).value == pytest.approx(0.75)


def test_the_integrated_score_is_the_area_by_trapezoids(tied):
    predicted, follow_up = tied(np.random.default_rng(4), 40)
    grid = [0.5, 1.5, 2.0]
    rising = np.stack([predicted / 2, predicted / 1.5, predicted], axis=1)
    each = [looped(column, follow_up, at) for at, column in zip(grid, rising.T, strict=True)]
    expected = (1.0 * (each[0] + each[1]) / 2 + 0.5 * (each[1] + each[2]) / 2) / 1.5
    assert integrated_brier_score(rising, follow_up, horizons_years=grid).value == pytest.approx(expected)


def test_the_interval_holds_the_value_and_comes_from_the_generator():
    g = np.random.default_rng(5)
    predicted, follow_up = g.random(80), FollowUp(g.exponential(size=80), g.random(80) < 0.7)
    runs = [
        scaled_brier_score(
            predicted, follow_up, horizon_years=0.5, resamples=60, generator=np.random.default_rng(seed)
        ).interval
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]
    assert runs[0].low < scaled_brier_score(predicted, follow_up, horizon_years=0.5).value < runs[0].high


def test_what_cannot_be_scored_says_why():
    nobody = FollowUp([1.0, 2.0], np.array([False, False]))
    assert brier_score([0.1, 0.2], nobody, horizon_years=1.0).value == pytest.approx(0.025)
    assert scaled_brier_score([0.1, 0.2], nobody, horizon_years=1.0) == Unscored(
        "no events by 1 years, or nobody without"
    )
    assert brier_score([0.1, 0.2], nobody, horizon_years=3.0) == Unscored("nobody was followed up for 3 years")
    assert scaled_brier_score([0.1, 0.2], nobody, horizon_years=3.0) == Unscored("nobody was followed up for 3 years")
    assert integrated_brier_score([[0.1, 0.2], [0.1, 0.2]], nobody, horizons_years=[1.0, 3.0]) == Unscored(
        "nobody was followed up for 3 years"
    )


def test_unusable_predictions_and_horizons_are_refused():
    people = FollowUp([1.0, 2.0], np.array([True, False]))
    with pytest.raises(RiskError, match="Predicted risk must lie in 0 to 1, got 1 of 2"):
        brier_score([0.5, 1.5], people, horizon_years=1.0)
    with pytest.raises(RiskError, match="Predicted risk must not fall over time, got 1 rows"):
        integrated_brier_score([[0.2, 0.1], [0.1, 0.1]], people, horizons_years=[1.0, 2.0])
    with pytest.raises(RiskError, match="Horizons must be two or more and ascend"):
        integrated_brier_score([[0.2], [0.1]], people, horizons_years=[1.0])
    with pytest.raises(RiskError, match=r"a column for each horizon, got shape \(2, 3\) for 2 horizons"):
        integrated_brier_score(np.zeros((2, 3)), people, horizons_years=[1.0, 2.0])
