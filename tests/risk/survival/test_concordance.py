"""Concordance against a plain double loop, lifelines, a worked example and what weights must mean."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from holdfast.measured import Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import (
    CensoringDistribution,
    ConcordancePairs,
    FollowUp,
    concordance_within,
    harrell_concordance,
    uno_concordance,
)


def looped(risk, follow_up, *, strata=None, weights=None, event_weights=None):
    """Comparable, concordant and tied weight, pair by pair."""
    n = len(follow_up)
    strata = np.zeros(n) if strata is None else strata
    w = np.ones(n) if weights is None else weights
    e = np.ones(n) if event_weights is None else event_weights
    comparable = concordant = tied = 0.0
    for i in range(n):
        for j in range(n):
            longer = follow_up.years[j] > follow_up.years[i]
            censored_then = follow_up.years[j] == follow_up.years[i] and not follow_up.event[j]
            if follow_up.event[i] and strata[i] == strata[j] and (longer or censored_then):
                weight = w[i] * w[j] * e[i]
                comparable += weight
                concordant += weight * (risk[i] > risk[j])
                tied += weight * (risk[i] == risk[j])
    return comparable, concordant, tied


def test_five_people_worked_by_hand():
    """Events at 1, 3; censored at 2, 3, 5. Pairs: (1: all four), (3: censored at 3 and at 5) = 6.

    Risks by time 1, 2, 3 (event), 3 (censored), 5: 4, 4, 2, 3, 1. The first is above 2, 3, 1 and tied with 4; the
    second is above 1 and below 3: 4 concordant, 1 tied, 1 discordant: 4.5 / 6.
    """
    found = harrell_concordance(
        [4, 4, 2, 3, 1], FollowUp([1.0, 2.0, 3.0, 3.0, 5.0], np.array([True, False, True, False, False]))
    )
    assert found.index == Scored(value=0.75, n=5)
    assert (found.comparable, found.concordant, found.tied) == (6.0, 4.0, 1.0)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 60), st.integers(0, 2**32 - 1))
def test_it_is_the_plain_double_loop_with_ties_weights_and_strata(n, seed):
    g = np.random.default_rng(seed)
    follow_up = FollowUp(g.integers(1, 8, n).astype(float), g.random(n) < 0.5)
    risk, strata, weights = g.integers(0, 6, n).astype(float), g.integers(0, 3, n), g.integers(0, 3, n).astype(float)
    comparable, concordant, tied = looped(risk, follow_up, strata=strata, weights=weights)
    found = concordance_within(risk, follow_up, strata, weights=weights)
    assert (found.comparable, found.concordant, found.tied) == (comparable, concordant, tied)
    if comparable:
        assert found.index.value == pytest.approx((concordant + tied / 2) / comparable, abs=1e-14)
    else:
        assert isinstance(found.index, Unscored)


def test_it_is_that_of_lifelines_over_many_blocks(tied):
    g = np.random.default_rng(5)
    for n in (3, 70, 700, 3000):
        risk, follow_up = tied(g, n)
        expected = concordance_index(follow_up.years, -risk, follow_up.event)
        assert harrell_concordance(risk, follow_up).index.value == pytest.approx(expected, abs=1e-13)


def test_a_large_group_of_events_at_one_time_beside_a_large_group_censored_at_one_time():
    g = np.random.default_rng(6)
    years = np.repeat([1.0, 2.0, 3.0], [5000, 30, 6000])
    event = np.repeat([True, True, False], [5000, 30, 6000])
    risk = g.normal(size=len(years)) + event
    found = harrell_concordance(risk, FollowUp(years, event))
    assert found.comparable == 5000 * 6030 + 30 * 6000
    assert found.index.value == pytest.approx(concordance_index(years, -risk, event), abs=1e-13)


def test_a_weight_is_how_often_a_person_is_there():
    g = np.random.default_rng(7)
    follow_up, risk = FollowUp(g.integers(1, 20, 80).astype(float), g.random(80) < 0.6), g.normal(size=80).round(1)
    counts = g.integers(0, 4, 80)
    repeated = np.repeat(np.arange(80), counts)
    once, weighted = harrell_concordance(risk[repeated], follow_up.take(repeated)), None
    weighted = harrell_concordance(risk, follow_up, weights=counts)
    assert weighted.index.value == pytest.approx(once.index.value, abs=1e-14)
    assert (weighted.comparable, weighted.tied) == (once.comparable, once.tied)


def test_columns_of_weights_are_handled_as_if_one_by_one():
    g = np.random.default_rng(8)
    follow_up, risk = FollowUp(g.exponential(size=500), g.random(500) < 0.3), g.normal(size=500)
    pairs, weights = ConcordancePairs.of(follow_up), g.random((500, 7))
    together = pairs.concordant(risk, weights) / pairs.comparable(weights)
    single = [harrell_concordance(risk, follow_up, weights=column).index.value for column in weights.T]
    assert together == pytest.approx(single, abs=1e-13)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_turning_the_risk_round_turns_the_index_round_and_any_rising_map_leaves_it(seed):
    g = np.random.default_rng(seed)
    follow_up, risk = FollowUp(g.integers(1, 9, 40).astype(float), np.arange(40) < 20), g.integers(0, 5, 40) / 4.0
    if isinstance(harrell_concordance(risk, follow_up).index, Unscored):
        return
    value = harrell_concordance(risk, follow_up).index.value
    assert harrell_concordance(-risk, follow_up).index.value == pytest.approx(1 - value, abs=1e-14)
    assert harrell_concordance(np.exp(3 * risk), follow_up).index.value == value


def test_within_strata_what_orders_the_strata_alone_is_worth_nothing():
    g = np.random.default_rng(9)
    band = g.integers(0, 4, 2000)
    follow_up = FollowUp(g.exponential(np.exp(-band)), np.ones(2000, dtype=bool))
    assert harrell_concordance(band, follow_up).index.value > 0.7
    assert concordance_within(band, follow_up, band).index.value == 0.5


def test_without_pairs_it_is_unscored_and_says_why():
    censored = FollowUp([1.0, 2.0], np.array([False, False]))
    assert harrell_concordance([1, 2], censored).index == Unscored("no events")
    same = FollowUp([1.0, 1.0], np.array([True, True]))
    assert harrell_concordance([1, 2], same).index == Unscored("no two people can be compared")


def test_unusable_risks_strata_and_weights_are_refused():
    people = FollowUp([1.0, 2.0], np.array([True, False]))
    with pytest.raises(RiskError, match=r"Risk must be one for each of 2 people, got shape \(3,\)"):
        harrell_concordance([1, 2, 3], people)
    with pytest.raises(RiskError, match="Weights must be finite and 0 or more"):
        harrell_concordance([1, 2], people, weights=[1, -1])
    with pytest.raises(RiskError, match="Strata must be known"):
        concordance_within([1, 2], people, np.array(["a", None], dtype=object))
    with pytest.raises(RiskError, match="Strata must be known"):
        concordance_within([1, 2], people, [1.0, float("nan")])
    with pytest.raises(RiskError, match="Strata must be one for each of 2"):
        concordance_within([1, 2], people, ["a"])
    with pytest.raises(RiskError, match="a row for each person and a column for each resample"):
        ConcordancePairs.of(people).comparable(np.ones(2))
    with pytest.raises(RiskError, match="Event weights must be 0 or more, got 1 below"):
        ConcordancePairs.of(people, event_weights=[-1.0, 0.0])


def test_unos_index_weighs_each_pair_by_the_plain_loop(tied):
    g = np.random.default_rng(10)
    compared = 0
    for _ in range(30):
        risk, follow_up = tied(g, 40)
        until = float(np.median(follow_up.years)) + 0.5
        if until > follow_up.longest_years:
            continue
        weights = CensoringDistribution.of(follow_up).uncensored_before(follow_up.years)
        counted = np.where(follow_up.event & (follow_up.years < until), 1 / np.maximum(weights, 1e-9) ** 2, 0.0)
        comparable, concordant, tie = looped(risk, follow_up, event_weights=counted)
        found = uno_concordance(risk, follow_up, until_years=until)
        if comparable:
            assert found.index.value == pytest.approx((concordant + tie / 2) / comparable, rel=1e-12)
            compared += 1
    assert compared > 15


def test_unos_index_stays_where_censoring_moves_harrells():
    """Hazards cross: risk matters early and turns round late, so what long follow-up sees differs from short."""
    g = np.random.default_rng(11)
    risk = g.normal(size=20_000)
    early = g.exponential(np.exp(-risk))
    times = np.where(early < 0.7, early, 0.7 + g.exponential(np.exp(risk)))
    full = FollowUp(times, np.ones(20_000, dtype=bool))
    censored_at = g.exponential(1.2, size=20_000)
    seen = FollowUp(np.minimum(times, censored_at), times <= censored_at)
    truth = uno_concordance(risk, full, until_years=2.0).index.value
    assert uno_concordance(risk, seen, until_years=2.0).index.value == pytest.approx(truth, abs=0.015)
    cut = harrell_concordance(risk, seen.censored_at(2.0)).index.value
    assert abs(cut - truth) > 0.03


def test_unos_index_without_censoring_is_harrells_cut_at_the_horizon():
    g = np.random.default_rng(12)
    follow_up, risk = FollowUp(g.exponential(size=300), np.ones(300, dtype=bool)), g.normal(size=300)
    cut = harrell_concordance(risk, follow_up.censored_at(1.0)).index.value
    assert uno_concordance(risk, follow_up, until_years=1.0).index.value == pytest.approx(cut, abs=1e-13)


def test_unos_index_is_unscored_beyond_follow_up_and_without_events_before_the_horizon():
    people = FollowUp([1.0, 2.0, 3.0], np.array([False, True, False]))
    assert uno_concordance([1, 2, 3], people, until_years=4.0).index == Unscored("nobody was followed up for 4 years")
    assert uno_concordance([1, 2, 3], people, until_years=1.5).index == Unscored("no events before 1.5 years")
    short = CensoringDistribution.of(FollowUp([0.5, 0.6], np.array([False, False])))
    assert uno_concordance([1, 2, 3], people, until_years=3.0, censoring=short).index == Unscored(
        "an event lies beyond the follow-up that censoring was fitted on"
    )
