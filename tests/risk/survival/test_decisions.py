"""Decision curves and reclassification: counts where nobody is censored, hand-worked figures, truth where many are."""

import numpy as np
import pytest

from holdfast.measured import Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import (
    FollowUp,
    category_reclassification,
    continuous_reclassification,
    decision_curve,
)


def drawn(n, *, seed, censored=True):
    g = np.random.default_rng(seed)
    risk = g.normal(size=n)
    hazard = np.exp(risk - 1)
    times = g.exponential(1 / hazard)
    ends = g.exponential(2.0, size=n) if censored else np.full(n, np.inf)
    return 1 - np.exp(-hazard), times, FollowUp(np.minimum(times, ends), times <= ends)


def counted_benefit(flagged, event, threshold):
    return np.mean(flagged & event) - np.mean(flagged & ~event) * threshold / (1 - threshold)


def test_without_censoring_net_benefit_is_counts_and_odds():
    predicted, times, follow_up = drawn(300, seed=0, censored=False)
    for point in decision_curve(predicted, follow_up, horizon_years=1.0, thresholds=[0.1, 0.3, 0.6]):
        flagged, event = predicted >= point.threshold, times <= 1.0
        assert point.flagged == flagged.sum()
        assert point.net_benefit.value == pytest.approx(counted_benefit(flagged, event, point.threshold))
        everyone = np.ones(300, dtype=bool)
        assert point.of_acting_on_all.value == pytest.approx(counted_benefit(everyone, event, point.threshold))


def test_with_censoring_it_estimates_what_full_follow_up_would_have_shown():
    predicted, times, follow_up = drawn(40_000, seed=1)
    (point,) = decision_curve(predicted, follow_up, horizon_years=1.0, thresholds=[0.3])
    full = counted_benefit(predicted >= 0.3, times <= 1.0, 0.3)
    assert point.net_benefit.value == pytest.approx(full, abs=0.006)
    assert point.net_benefit.value > max(0.0, point.of_acting_on_all.value) + 0.02


def test_flagging_nobody_is_worth_exactly_0_and_somebody_at_the_threshold_is_flagged():
    people = FollowUp([1.0, 2.0, 3.0], np.array([True, False, False]))
    low, high = decision_curve([0.2, 0.2, 0.1], people, horizon_years=1.5, thresholds=[0.2, 0.5])
    assert low.flagged == 2
    assert low.net_benefit.value == pytest.approx(1 / 3 - 1 / 3 * 0.25)
    assert high.net_benefit == Scored(value=0.0, n=3)


def test_net_benefit_has_an_interval_from_people_when_asked():
    predicted, _, follow_up = drawn(150, seed=2)
    (point,) = decision_curve(
        predicted, follow_up, horizon_years=1.0, thresholds=[0.2], resamples=50, generator=np.random.default_rng(0)
    )
    assert point.net_benefit.interval.low < point.net_benefit.value < point.net_benefit.interval.high
    assert point.of_acting_on_all.interval.low < point.of_acting_on_all.interval.high


def test_beyond_follow_up_a_decision_curve_is_unscored_and_so_are_flagged_people_followed_too_short():
    people = FollowUp([1.0, 0.5, 3.0], np.array([False, True, False]))
    (far,) = decision_curve([0.9, 0.9, 0.1], people, horizon_years=5.0, thresholds=[0.5])
    assert far.net_benefit == far.of_acting_on_all == Unscored("nobody was followed up for 5 years")
    (short,) = decision_curve([0.9, 0.9, 0.1], people, horizon_years=2.0, thresholds=[0.5])
    assert short.net_benefit == Unscored("of those flagged, nobody was followed up for 2 years")
    assert isinstance(short.of_acting_on_all, Scored)


@pytest.mark.parametrize("thresholds", [[], [0.0], [0.5, 1.0]])
def test_thresholds_that_are_no_risk_to_act_at_are_refused(thresholds):
    with pytest.raises(RiskError, match="Thresholds must lie between 0 and 1"):
        decision_curve([0.1], FollowUp([1.0], np.array([True])), horizon_years=1.0, thresholds=thresholds)


def counted_moves(up, down, event):
    of_events = np.mean(up[event]) - np.mean(down[event])
    of_free = np.mean(down[~event]) - np.mean(up[~event])
    return of_events, of_free, of_events + of_free


def test_reclassification_worked_by_hand():
    """Of 4 with the event 2 rise and 1 falls: 1/4. Of 5 without 2 fall and 1 rises: 1/5."""
    event = np.array([True] * 4 + [False] * 5)
    people = FollowUp(np.where(event, 1.0, 9.0), event)
    old = np.array([0.05, 0.05, 0.30, 0.05, 0.30, 0.30, 0.05, 0.05, 0.30])
    new = np.array([0.30, 0.20, 0.05, 0.05, 0.05, 0.19, 0.30, 0.10, 0.25])
    found = category_reclassification(old, new, people, horizon_years=5.0, thresholds=[0.2])
    assert (found.moved_up, found.moved_down) == (3, 3)
    assert found.of_events.value == pytest.approx(1 / 4)
    assert found.of_event_free.value == pytest.approx(1 / 5)
    assert found.total.value == pytest.approx(9 / 20)


def test_without_censoring_it_is_counts_of_moves():
    new, times, follow_up = drawn(400, seed=3, censored=False)
    old, event = np.clip(new + np.random.default_rng(4).normal(0, 0.2, 400), 0, 1), times <= 1.0
    any_move = continuous_reclassification(old, new, follow_up, horizon_years=1.0)
    expected = counted_moves(new > old, new < old, event)
    assert [any_move.of_events.value, any_move.of_event_free.value, any_move.total.value] == pytest.approx(expected)
    cuts = np.array([0.2, 0.5])
    before, after = (np.array([sum(p >= c for c in cuts) for p in column]) for column in (old, new))
    found = category_reclassification(old, new, follow_up, horizon_years=1.0, thresholds=cuts)
    expected = counted_moves(after > before, after < before, event)
    assert [found.of_events.value, found.of_event_free.value, found.total.value] == pytest.approx(expected)


def test_with_censoring_reclassification_is_what_full_follow_up_would_have_shown():
    new, times, follow_up = drawn(40_000, seed=5)
    old = np.full(40_000, new.mean())
    found = continuous_reclassification(old, new, follow_up, horizon_years=1.0)
    expected = counted_moves(new > old, new < old, times <= 1.0)
    assert [found.of_events.value, found.of_event_free.value] == pytest.approx(expected[:2], abs=0.02)
    assert found.total.value > 0.5


def test_swapping_old_and_new_turns_every_sign_and_no_change_is_worth_0():
    new, _, follow_up = drawn(200, seed=7)
    old = np.clip(new + np.random.default_rng(8).normal(0, 0.2, 200), 0, 1)
    there = continuous_reclassification(old, new, follow_up, horizon_years=1.0)
    back = continuous_reclassification(new, old, follow_up, horizon_years=1.0)
    assert back.total.value == pytest.approx(-there.total.value)
    assert (back.moved_up, back.moved_down) == (there.moved_down, there.moved_up)
    assert continuous_reclassification(new, new, follow_up, horizon_years=1.0).total == Scored(value=0.0, n=200)


def test_reclassification_intervals_hold_the_figures_and_follow_the_generator():
    new, _, follow_up = drawn(150, seed=9)
    old = np.clip(new + np.random.default_rng(10).normal(0, 0.2, 150), 0, 1)
    runs = [
        continuous_reclassification(
            old, new, follow_up, horizon_years=1.0, resamples=60, generator=np.random.default_rng(seed)
        )
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]
    for figure in (runs[0].of_events, runs[0].of_event_free, runs[0].total):
        assert figure.interval.low < figure.value < figure.interval.high


def test_reclassification_without_events_or_follow_up_is_unscored():
    people = FollowUp([1.0, 2.0, 3.0], np.array([False, False, True]))
    none = continuous_reclassification([0.1] * 3, [0.2] * 3, people, horizon_years=2.5)
    assert none.total == none.of_events == Unscored("no events by 2.5 years, or nobody without")
    assert none.moved_up == 3
    far = continuous_reclassification(
        [0.1] * 3, [0.2] * 3, FollowUp([1.0] * 3, people.event & False), horizon_years=9.0
    )
    assert far.total == Unscored("nobody was followed up for 9 years")
    short = FollowUp([1.0, 2.0, 3.0], np.array([False, True, False]))
    one_way = continuous_reclassification([0.1] * 3, [0.2, 0.1, 0.1], short, horizon_years=2.5)
    assert one_way.total == Unscored("nobody of those moved one way was followed up for 2.5 years")


def test_unusable_reclassifications_are_refused():
    people = FollowUp([1.0, 2.0], np.array([True, False]))
    with pytest.raises(RiskError, match="Old risk must lie in 0 to 1, got 1 of 2"):
        continuous_reclassification([2.0, 0.1], [0.1, 0.1], people, horizon_years=1.0)
    with pytest.raises(RiskError, match="New risk must be one for each of 2"):
        continuous_reclassification([0.1, 0.1], [0.1], people, horizon_years=1.0)
    with pytest.raises(RiskError, match="Thresholds must ascend between 0 and 1"):
        category_reclassification([0.1, 0.1], [0.1, 0.1], people, horizon_years=1.0, thresholds=[0.5, 0.2])
