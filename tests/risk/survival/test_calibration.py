"""Calibration and the Cox slope: lifelines, a published trial, finite differences, and predictions that are true."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter

from holdfast.measured import Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import FollowUp, KaplanMeier, calibration, cox_slope
from holdfast.risk.survival.cox_slope import EventOrder


def true_predictions(n, *, seed=0):
    """Chance of the event by 1 year as it truly is, and censored follow-up drawn from it."""
    g = np.random.default_rng(seed)
    hazard = np.exp(g.normal(-0.5, 0.8, size=n))
    times, censored_at = g.exponential(1 / hazard), g.exponential(3.0, size=n)
    return 1 - np.exp(-hazard), FollowUp(np.minimum(times, censored_at), times <= censored_at)


def test_the_slope_of_the_6_mp_trial_is_the_published_one(trial):
    """R's coxph(Surv(time, cens) ~ treat, MASS::gehan), ties by Efron: 1.5721, standard error 0.4124."""
    placebo, follow_up = trial
    found = cox_slope(placebo, follow_up)
    assert found.value == pytest.approx(1.5721, abs=5e-5)
    assert found.interval.high - found.value == pytest.approx(1.95996 * 0.4124, abs=1e-4)
    in_tenths = cox_slope(placebo * 10, follow_up)
    assert (in_tenths.interval.low, in_tenths.interval.high) == pytest.approx(
        (found.interval.low / 10, found.interval.high / 10)
    )


def test_the_slope_is_that_of_lifelines_with_ties(tied):
    g, compared = np.random.default_rng(1), 0
    for _ in range(8):
        _, follow_up = tied(g, 80)
        covariate = g.normal(size=80) * 10 + 50
        table = pd.DataFrame({"x": covariate, "t": follow_up.years, "e": follow_up.event})
        fitted = CoxPHFitter().fit(table, "t", "e")
        found = cox_slope(covariate, follow_up)
        error = fitted.standard_errors_["x"]
        assert found.value == pytest.approx(fitted.params_["x"], abs=1e-3 * error)  # as far as lifelines iterates
        assert found.interval.high - found.value == pytest.approx(1.959964 * error, rel=1e-3)
        compared += 1
    assert compared == 8


@pytest.mark.filterwarnings("error")
def test_the_slope_is_the_maximum_where_newtons_step_overshoots_on_a_heavy_tailed_covariate():
    """Without halving, steps run off in about one of four of these."""
    for seed in range(20):
        g = np.random.default_rng(seed)
        covariate = np.exp(3 * g.normal(size=30))
        follow_up = FollowUp(g.exponential(1 / (1 + 3 * (covariate > 1))), g.random(30) < 0.7)
        best = cox_slope(covariate, follow_up)
        assert best.interval.low < best.value < best.interval.high
        step = (best.interval.high - best.value) / 20
        at = [looped_likelihood(covariate, follow_up, best.value + shift) for shift in (-step, 0.0, step)]
        assert at[1] > max(at[0], at[2])


def looped_likelihood(covariate, follow_up, slope):
    """Efron's log partial likelihood, time by time and tie by tie."""
    hazard, total = np.exp(slope * covariate), 0.0
    for time in np.unique(follow_up.years[follow_up.event]):
        tied = follow_up.event & (follow_up.years == time)
        total += slope * covariate[tied].sum()
        for gone in range(tied.sum()):
            total -= np.log(hazard[follow_up.years >= time].sum() - gone / tied.sum() * hazard[tied].sum())
    return total


@pytest.mark.parametrize("slope", [-1.5, 0.0, 0.7])
def test_the_likelihood_is_the_plain_loop_and_the_slope_its_maximum(tied, slope):
    g = np.random.default_rng(6)
    _, follow_up = tied(g, 50)
    covariate = g.normal(size=50)
    value = EventOrder.of(covariate, follow_up).likelihood(slope).value
    assert value == pytest.approx(looped_likelihood(covariate, follow_up, slope))
    best = cox_slope(covariate, follow_up).value
    around = [looped_likelihood(covariate, follow_up, best + step) for step in (-0.01, 0.0, 0.01)]
    assert around[1] > max(around[0], around[2])


@pytest.mark.parametrize("slope", [-1.5, 0.0, 0.7])
def test_the_gradient_and_the_information_are_the_likelihoods_derivatives(tied, slope):
    g = np.random.default_rng(2)
    _, follow_up = tied(g, 50)
    people, h = EventOrder.of(g.normal(size=50), follow_up), 1e-5
    below, at, above = (people.likelihood(slope + step) for step in (-h, 0.0, h))
    assert at.gradient == pytest.approx((above.value - below.value) / (2 * h), rel=1e-6, abs=1e-6)
    assert at.information == pytest.approx(-(above.gradient - below.gradient) / (2 * h), rel=1e-6)


def test_what_has_no_slope_says_why():
    assert cox_slope([1, 2], FollowUp([1.0, 2.0], np.array([False, False]))) == Unscored("no events")
    three = FollowUp([1.0, 2.0, 3.0], np.array([True, True, True]))
    assert cox_slope([5, 5, 5], three) == Unscored("the covariate is the same for everyone")
    assert isinstance(cox_slope([3, 2, 1], three), Unscored)
    last = FollowUp([1.0, 2.0, 3.0], np.array([False, False, True]))
    assert isinstance(cox_slope([3, 1, 2], last), Unscored)


def test_true_predictions_are_calibrated_and_squeezed_ones_show_a_higher_slope_by_as_much():
    predicted, follow_up = true_predictions(20_000)
    found = calibration(predicted, follow_up, horizon_years=1.0)
    assert found.slope.value == pytest.approx(1.0, abs=0.05)
    assert found.observed_to_expected.value == pytest.approx(1.0, abs=0.03)
    squeezed = 1 - np.exp(-np.sqrt(-np.log1p(-predicted)))  # half the complementary log-log
    again = calibration(squeezed, follow_up, horizon_years=1.0)
    assert again.slope.value == pytest.approx(found.slope.value * 2)
    halved = calibration(predicted / 2, follow_up, horizon_years=1.0)
    assert halved.observed_to_expected.value == pytest.approx(2 * found.observed_to_expected.value)


def test_the_ratio_is_the_event_rate_of_everyone_over_the_mean_with_its_interval_alike():
    predicted, follow_up = true_predictions(200, seed=5)
    rate = KaplanMeier.of(follow_up).event_rate_at(1.0)
    found = calibration(predicted, follow_up, horizon_years=1.0).observed_to_expected
    expected = np.array([rate.value, rate.interval.low, rate.interval.high]) / predicted.mean()
    assert [found.value, found.interval.low, found.interval.high] == pytest.approx(expected)


def test_what_happens_after_the_horizon_does_not_move_any_figure():
    predicted, follow_up = true_predictions(300, seed=6)
    cut = follow_up.censored_at(1.0)
    assert calibration(predicted, follow_up, horizon_years=1.0) == calibration(predicted, cut, horizon_years=1.0)


def test_intervals_of_groups_hold_true_predictions_as_often_as_they_say():
    inside = [
        group.observed.interval.low <= group.predicted <= group.observed.interval.high
        for seed in range(30)
        for group in calibration(*true_predictions(1000, seed=seed), horizon_years=1.0).groups
    ]
    assert 0.91 <= np.mean(inside) <= 0.985  # 0.95 with a standard error of 0.013


def test_groups_are_deciles_with_the_event_rate_of_lifelines():
    predicted, follow_up = true_predictions(500, seed=3)
    found = calibration(predicted, follow_up, horizon_years=1.0).groups
    assert [group.people for group in found] == [50] * 10
    order = np.argsort(predicted)
    for number, group in enumerate(found):
        rows = order[50 * number : 50 * (number + 1)]
        fitted = KaplanMeierFitter().fit(follow_up.years[rows], follow_up.event[rows])
        assert group.observed.value == pytest.approx(1 - fitted.predict(1.0), abs=1e-12)
        assert group.predicted == pytest.approx(predicted[rows].mean())
        assert (group.lowest, group.highest) == (predicted[rows[0]], predicted[rows[-1]])
        assert group.events == np.sum(follow_up.event[rows] & (follow_up.years[rows] <= 1.0))


def test_equal_predictions_are_never_parted():
    predicted = np.repeat([0.1, 0.2, 0.3], [30, 5, 65])
    follow_up = FollowUp(np.linspace(0.1, 3.0, 100), np.ones(100, dtype=bool))
    found = calibration(predicted, follow_up, horizon_years=1.0).groups
    assert [(group.people, group.lowest, group.highest) for group in found] == [
        (30, 0.1, 0.1),
        (5, 0.2, 0.2),
        (65, 0.3, 0.3),
    ]


def test_beyond_follow_up_nothing_is_observed_and_a_short_group_is_unscored_alone():
    predicted, follow_up = true_predictions(100, seed=4)
    far = calibration(predicted, follow_up, horizon_years=99.0)
    reason = Unscored("nobody was followed up for 99 years")
    assert far.observed_to_expected == far.slope == far.groups[0].observed == reason
    short = FollowUp([0.5, 0.6, 2.0, 3.0], np.array([False, True, True, False]))
    low, high = calibration([0.1, 0.1, 0.9, 0.9], short, horizon_years=2.5, groups=2).groups
    assert low.observed.value == 1.0  # the last of them had the event
    assert high.observed.value == 0.5
    censored = FollowUp([0.5, 0.6, 2.0, 3.0], np.array([True, False, True, False]))
    assert isinstance(
        calibration([0.1, 0.1, 0.9, 0.9], censored, horizon_years=2.5, groups=2).groups[0].observed, Unscored
    )


def test_predictions_of_exactly_0_or_1_leave_the_slope_unscored_and_the_rest_not():
    people = FollowUp([1.0, 2.0, 3.0], np.array([True, True, False]))
    found = calibration([1.0, 0.0, 0.5], people, horizon_years=2.5, groups=1)
    assert found.slope == Unscored("2 predicted risks are exactly 0 or 1")
    assert found.observed_to_expected.value == pytest.approx((2 / 3) / 0.5)
    nothing = calibration([0.0, 0.0, 0.0], people, horizon_years=2.5, groups=1)
    assert nothing.observed_to_expected == Unscored("every predicted risk is 0")


def test_unusable_calls_are_refused():
    people = FollowUp([1.0, 2.0], np.array([True, False]))
    with pytest.raises(RiskError, match="Groups must be at least 1, got 0"):
        calibration([0.1, 0.2], people, horizon_years=1.0, groups=0)
    with pytest.raises(RiskError, match="Predicted risk must lie in 0 to 1"):
        calibration([0.1, -0.2], people, horizon_years=1.0)
    with pytest.raises(RiskError, match="Covariate must be one for each of 2 people"):
        cox_slope([1.0], people)
