"""Thresholds of the groups, and the cut between lower and higher, against lifelines and plain loops."""

import math

import numpy as np
import pytest
from lifelines.statistics import logrank_test

from holdfast.measured import Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.groups import GROUP_NAMES, GroupSettings, RiskGroups, best_cut
from holdfast.risk.percentile import HealthyPercentile
from holdfast.risk.survival.follow_up import FollowUp


def made(n, hazard, *, seed=0):
    """Scores spread evenly over 0 to 1 with a hazard that is a function of them."""
    generator = np.random.default_rng(seed)
    scores = generator.permutation(np.linspace(0, 1, n))
    years, censored = generator.exponential(1 / hazard(scores)), generator.uniform(4, 8, n)
    return scores, FollowUp(np.minimum(years, censored), years <= censored)


def looped_statistic(scores, follow_up, cut):
    """Hothorn and Lausen's standardised statistic, from log-rank scores summed one by one."""
    n, a = len(scores), []
    for years, event in zip(follow_up.years, follow_up.event, strict=True):
        hazard = sum(
            1 / sum(follow_up.years >= other)
            for other, died in zip(follow_up.years, follow_up.event, strict=True)
            if died and other <= years
        )
        a.append(event - hazard)
    m = sum(scores >= cut)
    total = sum(one for one, score in zip(a, scores, strict=True) if score >= cut)
    return total / math.sqrt(m * (n - m) / (n * (n - 1)) * sum(one**2 for one in a))


def test_the_cut_is_found_where_the_hazard_jumps():
    scores, follow_up = made(2000, lambda s: np.where(s < 0.7, 0.05, 0.5))
    cut, statistic = best_cut(scores, follow_up, smallest_share=0.1, fewest_events=10)
    assert abs(cut - 0.7) < 0.02
    assert statistic > 10


def test_the_statistic_is_that_of_the_paper_and_no_other_cut_has_a_larger_one():
    scores, follow_up = made(60, lambda s: 0.05 + 0.4 * s)
    cut, statistic = best_cut(scores, follow_up, smallest_share=0.2, fewest_events=3)
    others = []
    for other in scores:
        above = scores >= other
        events = min(follow_up.event[above].sum(), follow_up.event[~above].sum())
        if min(above.mean(), 1 - above.mean()) >= 0.2 and events >= 3:
            others.append(looped_statistic(scores, follow_up, other))
    assert statistic == pytest.approx(looped_statistic(scores, follow_up, cut))
    assert statistic == pytest.approx(max(others))


def test_its_square_is_about_the_log_rank_test_of_lifelines():
    """The permutation variance and the hypergeometric one differ little when few have an event."""
    scores, follow_up = made(1500, lambda s: 0.01 + 0.04 * s)
    cut, statistic = best_cut(scores, follow_up, smallest_share=0.1, fewest_events=10)
    above = scores >= cut
    y, e = follow_up.years, follow_up.event
    expected = logrank_test(y[above], y[~above], e[above], e[~above]).test_statistic
    assert statistic**2 == pytest.approx(expected, rel=0.05)


def test_both_sides_of_the_cut_hold_the_smallest_share_and_the_fewest_events():
    scores, follow_up = made(400, lambda s: np.where(s < 0.98, 0.05, 3.0))
    cut, _ = best_cut(scores, follow_up, smallest_share=0.25, fewest_events=10)
    assert np.mean(scores >= cut) >= 0.25
    cut, _ = best_cut(scores, follow_up, smallest_share=0.001, fewest_events=30)
    assert follow_up.event[scores >= cut].sum() >= 30


def test_equal_scores_are_never_parted():
    scores, follow_up = made(300, lambda s: 0.02 + s)
    steps = np.round(scores * 4)
    cut, _ = best_cut(steps, follow_up, smallest_share=0.05, fewest_events=5)
    assert cut in steps


@pytest.mark.parametrize(
    ("hazard", "few", "reason"),
    [
        (lambda s: 2.0 - 1.9 * s, 5, "events are no sooner above any cut"),
        (lambda s: 0.1 + s, 10_000, "no cut leaves enough people and events"),
    ],
)
def test_where_no_cut_serves_the_reason_is_said(hazard, few, reason):
    scores, follow_up = made(300, hazard)
    found = best_cut(scores, follow_up, smallest_share=0.1, fewest_events=few)
    assert isinstance(found, Unscored)
    assert reason in found.reason


def test_normal_goes_to_the_percentile_and_the_rest_is_cut_by_their_events():
    scores, follow_up = made(2000, lambda s: np.where(s < 0.8, 0.05, 0.6))
    healthy = HealthyPercentile.fit(np.linspace(0, 0.6, 300))
    groups = RiskGroups.fit(scores, healthy, follow_up, settings=GroupSettings())
    assert groups.normal_to == pytest.approx(0.54, abs=0.01)
    assert groups.higher_from == pytest.approx(0.8, abs=0.02)
    assert isinstance(groups.cut, float)
    codes = groups.of(np.array([0.0, groups.normal_to, 0.7, groups.higher_from, 9.0]))
    assert [GROUP_NAMES[code] for code in codes] == ["normal", "normal", "lower", "higher", "higher"]


@pytest.mark.parametrize("case", ["no follow-up", "too few events above normal"])
def test_without_events_to_tell_a_fixed_percentile_is_taken_and_that_is_said(case):
    scores, follow_up = made(500, lambda s: np.full_like(s, 1e-9))
    healthy = HealthyPercentile.fit(scores)
    groups = RiskGroups.fit(scores, healthy, None if case == "no follow-up" else follow_up, settings=GroupSettings())
    assert groups.cut == Unscored(case)
    assert groups.higher_from == healthy.score_at(99)


def test_healthy_people_who_are_all_alike_still_leave_higher_above_normal():
    healthy = HealthyPercentile.fit(np.ones(20))
    groups = RiskGroups.fit(np.arange(20.0), healthy, None, settings=GroupSettings())
    assert groups.normal_to < groups.higher_from
    assert groups.of(np.array([1.0, 2.0])).tolist() == [0, 2]


@pytest.mark.parametrize("follow_up", [None, made(500, lambda s: 0.05 + s)[1]])
def test_what_is_stored_is_the_same(follow_up):
    scores, _ = made(500, lambda s: 0.05 + s)
    groups = RiskGroups.fit(scores, HealthyPercentile.fit(scores[:200] / 2), follow_up, settings=GroupSettings())
    assert RiskGroups.from_json(groups.to_json()) == groups


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"normal_percentile": 99.5}, "must ascend between 0 and 100"),
        ({"normal_percentile": 0.0}, "must ascend between 0 and 100"),
        ({"smallest_share": 0.6}, "share of up to 0.5"),
        ({"fewest_events": 0}, "an event on either side"),
    ],
)
def test_settings_out_of_range_are_refused(given, match):
    with pytest.raises(RiskError, match=match):
        GroupSettings(**given)
