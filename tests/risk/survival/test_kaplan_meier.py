"""Kaplan-Meier against a published trial, lifelines, and its own identity with the censoring distribution."""

import math

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from holdfast.measured import Interval, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import CensoringDistribution, FollowUp, KaplanMeier
from holdfast.risk.survival.censoring import known_weights

# Kleinbaum & Klein, Survival Analysis, chapter 2: the 6-MP group.
PUBLISHED = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}


def test_the_6_mp_trial_gives_the_published_curve_counts_and_medians(treated, placebo):
    curve = KaplanMeier.of(treated)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival == pytest.approx(list(PUBLISHED.values()), abs=5e-5)
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.events.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert curve.median_years().value == 23
    assert KaplanMeier.of(placebo).median_years().value == 8
    assert curve.at_risk_at([1, 6, 6.5, 35, 36]).tolist() == [21, 21, 17, 1, 0]


def test_survival_and_its_interval_are_those_of_lifelines(tied):
    g = np.random.default_rng(0)
    compared = 0
    for _ in range(25):
        _, follow_up = tied(g, 40)
        fitted = KaplanMeierFitter(alpha=0.1).fit(follow_up.years, follow_up.event)
        bounds = fitted.confidence_interval_survival_function_
        for time in np.unique(follow_up.years):
            found = KaplanMeier.of(follow_up).survival_at(float(time), level=0.9)
            assert found.value == pytest.approx(fitted.predict(time), abs=1e-12)
            if 0 < found.value < 1:
                low, high = bounds.loc[time]
                assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-10)
                assert found.interval.level == 0.9
                compared += 1
    assert compared > 50


def test_the_medians_interval_is_that_of_lifelines(placebo):
    fitted = KaplanMeierFitter().fit(placebo.years, placebo.event)
    low, high = median_survival_times(fitted.confidence_interval_).to_numpy()[0]
    found = KaplanMeier.of(placebo).median_years()
    assert (found.interval.low, found.interval.high) == (low, high)


def test_the_median_is_reached_where_exactly_half_are_without_the_event():
    assert KaplanMeier.of(FollowUp([1.0, 2.0, 3.0, 4.0], np.ones(4, dtype=bool))).median_years().value == 2.0


def test_the_event_rate_is_survival_turned_round(treated):
    survival, rate = KaplanMeier.of(treated).survival_at(10), KaplanMeier.of(treated).event_rate_at(10)
    assert rate.value == 1 - survival.value
    assert rate.interval == Interval(1 - survival.interval.high, 1 - survival.interval.low, 0.95)


def test_before_the_first_event_the_bound_is_the_exact_binomial_one_of_those_followed_so_long():
    """With 0 events among m, the chance that has 2.5% of seeing none solves s^m = 0.025."""
    found = KaplanMeier.of(FollowUp(np.arange(1.0, 31.0), np.arange(30) == 29)).survival_at(11.0)
    assert found.value == 1.0
    assert found.interval.low**20 == pytest.approx(0.025)
    assert found.interval.high == 1.0


def test_without_events_it_is_one_throughout_and_the_median_unscored():
    curve = KaplanMeier.of(FollowUp([1.0, 2.0], np.array([False, False])))
    assert curve.survival_at(2.0).value == 1.0
    assert curve.median_years() == Unscored("more than half are without the event to the end of follow-up")


def test_beyond_follow_up_it_is_unscored_unless_everyone_had_the_event(treated, placebo):
    assert KaplanMeier.of(treated).survival_at(36.0) == Unscored("nobody was followed up for 36 years")
    assert KaplanMeier.of(treated).event_rate_at(36.0) == Unscored("nobody was followed up for 36 years")
    assert KaplanMeier.of(placebo).survival_at(36.0) == Scored(value=0.0, n=21)


def test_refusals_name_what_is_wrong(treated):
    with pytest.raises(RiskError, match="Horizon must be above 0"):
        KaplanMeier.of(treated).survival_at(0.0)
    with pytest.raises(RiskError, match=r"Level must lie between 0 and 1, got 1\.0"):
        KaplanMeier.of(treated).survival_at(6.0, level=1.0)


def test_being_free_of_the_event_times_being_uncensored_is_being_still_followed(tied):
    """S(t) G(t) = people followed beyond t / n holds exactly when events come before censorings of the same time."""
    g = np.random.default_rng(1)
    for _ in range(40):
        _, follow_up = tied(g, 30)
        events, censoring = KaplanMeier.of(follow_up), CensoringDistribution.of(follow_up)
        for time in np.unique(follow_up.years):
            without = events.survival_at(float(time)).value
            uncensored = float(censoring.uncensored_before(np.nextafter(time, np.inf)))
            assert without * uncensored == pytest.approx(np.mean(follow_up.years > time), abs=1e-12)


def test_the_censoring_distribution_is_taken_just_before_the_time_asked():
    """Censored at 2 (of 4 left but one event at 2: of 3 at risk) and at 5 (of 1)."""
    follow_up = FollowUp([1.0, 2.0, 2.0, 4.0, 5.0], np.array([True, True, False, True, False]))
    found = CensoringDistribution.of(follow_up).uncensored_before([1, 2, 2.1, 5, 6])
    assert found == pytest.approx([1, 1, 2 / 3, 2 / 3, 0])


def test_weights_of_the_known_sum_to_everyone(tied):
    """Those known at a horizon stand in for all n: the weights of inverse probability of censoring sum to n."""
    g = np.random.default_rng(2)
    for _ in range(40):
        _, follow_up = tied(g, 50)
        horizon = float(g.choice(follow_up.years))
        weights = known_weights(follow_up, horizon)
        assert weights.sum() == pytest.approx(50)
        unknown = ~(follow_up.event_by(horizon) | follow_up.event_free_at(horizon))
        assert (weights[unknown] == 0).all()


def test_weights_from_a_censoring_that_ends_too_early_are_unscored():
    short = CensoringDistribution.of(FollowUp([0.5, 0.6], np.array([False, False])))
    people = FollowUp([1.0, 2.0], np.array([True, False]))
    assert known_weights(people, 2.0, short) == Unscored(
        "the horizon lies beyond the follow-up that censoring was fitted on"
    )


def test_the_log_log_interval_covers_as_often_as_it_says():
    g = np.random.default_rng(3)
    truth, covered = math.exp(-0.5), 0
    for _ in range(400):
        times, censored_at = g.exponential(2.0, 100), g.uniform(0.5, 3.0, 100)
        found = KaplanMeier.of(FollowUp(np.minimum(times, censored_at), times <= censored_at)).survival_at(1.0)
        covered += found.interval.low <= truth <= found.interval.high
    assert 0.92 <= covered / 400 <= 0.98  # 0.95 with a standard error of 0.011
