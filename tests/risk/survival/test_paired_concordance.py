"""Bootstraps of people: against resampling by hand, and against how often the truth lies inside."""

import numpy as np
import pytest
from lifelines.utils import concordance_index
from scipy.integrate import quad
from scipy.stats import norm

from holdfast.errors import UnknownNameError
from holdfast.measured import Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import (
    FollowUp,
    SplitRisks,
    bootstrapped,
    concordance_within,
    paired_concordance,
    split_concordance,
)
from holdfast.risk.survival.resampling import bootstrap_p, percentile_interval, resample_counts


def people(g, n, *, strength=1.0):
    """Risk of unit variance, exponential times with that log hazard ratio, about a third censored."""
    risk = g.normal(size=n)
    times, censored_at = g.exponential(np.exp(-strength * risk)), g.exponential(2.0, size=n)
    return risk, FollowUp(np.minimum(times, censored_at), times <= censored_at)


def by_hand(follow_up, rows, risk):
    return concordance_index(follow_up.years[rows], -risk[rows], follow_up.event[rows])


def test_intervals_are_those_of_resampling_rows_and_asking_lifelines():
    g = np.random.default_rng(0)
    risk, follow_up = people(g, 60)
    noisy = risk + g.normal(size=60).round(1)
    found = paired_concordance(
        {"a": risk, "b": noisy}, follow_up, generator=np.random.default_rng(1), resamples=80, level=0.8
    )
    again, draws = np.random.default_rng(1), []
    for _ in range(80):
        rows = again.integers(60, size=60)
        draws.append([by_hand(follow_up, rows, risk), by_hand(follow_up, rows, noisy)])
    a, b = np.array(draws).T
    for measured, column in (
        (found.index("a"), a),
        (found.index("b"), b),
        (found.difference("a", "b").difference, a - b),
    ):
        low, high = np.quantile(column, [0.1, 0.9])
        assert (measured.interval.low, measured.interval.high) == pytest.approx((low, high), abs=1e-12)
    assert found.index("a").value == pytest.approx(by_hand(follow_up, np.arange(60), risk))


def test_splits_average_over_test_sets_of_one_resample_of_people():
    g = np.random.default_rng(2)
    risk, follow_up = people(g, 50)
    halves = [g.permutation(50)[:25] for _ in range(4)]
    said = [risk[half] + g.normal(size=25) for half in halves]
    splits = [SplitRisks(test=half, risks={"only": values}) for half, values in zip(halves, said, strict=True)]
    found = split_concordance(splits, follow_up, generator=np.random.default_rng(3), resamples=60)
    again, draws = np.random.default_rng(3), []
    for _ in range(60):
        counts = np.bincount(again.integers(50, size=50), minlength=50)
        parts = []
        for half, values in zip(halves, said, strict=True):
            rows = np.repeat(np.arange(25), counts[half])
            parts.append(by_hand(follow_up.take(half), rows, values))
        draws.append(np.mean(parts))
    interval = found.index("only").interval
    assert (interval.low, interval.high) == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=1e-12)
    whole = [by_hand(follow_up.take(half), np.arange(25), values) for half, values in zip(halves, said, strict=True)]
    assert found.index("only").value == pytest.approx(np.mean(whole))


def test_draws_do_not_depend_on_how_many_are_held_at_a_time(monkeypatch):
    whole = np.hstack(list(resample_counts(10, resamples=9, generator=np.random.default_rng(4))))
    monkeypatch.setattr("holdfast.risk.survival.resampling._CELLS_AT_ONCE", 20)
    pieces = list(resample_counts(10, resamples=9, generator=np.random.default_rng(4)))
    assert [piece.shape[1] for piece in pieces] == [2, 2, 2, 2, 1]
    assert (np.hstack(pieces) == whole).all()
    assert (whole.sum(axis=0) == 10).all()


def test_the_interval_covers_the_true_concordance_as_often_as_it_says():
    """Exponential times: the one with risk r first with chance sigmoid(r - s), and r - s has variance 2."""
    truth = quad(lambda d: 2 * norm.pdf(d, scale=2**0.5) / (1 + np.exp(-d)), 0, np.inf)[0]
    g, covered = np.random.default_rng(5), 0
    for _ in range(300):
        risk = g.normal(size=120)
        everyone = FollowUp(g.exponential(np.exp(-risk)), np.ones(120, dtype=bool))
        interval = paired_concordance({"risk": risk}, everyone, generator=g, resamples=200).index("risk").interval
        covered += interval.low <= truth <= interval.high
    assert 0.90 <= covered / 300 <= 0.98  # 0.95 with a standard error of 0.013; percentiles run a little short


def test_alike_methods_are_told_apart_about_as_rarely_as_p_says_and_pairing_is_what_narrows_the_interval():
    g, found, widths = np.random.default_rng(6), [], []
    for _ in range(250):
        risk, follow_up = people(g, 120)
        alike = {name: risk + 0.3 * g.normal(size=120) for name in "ab"}
        draws = paired_concordance(alike, follow_up, generator=g, resamples=200)
        compared = draws.difference("a", "b")
        found.append(compared.p.value)
        lone = draws.index("a").interval
        paired = compared.difference.interval
        widths.append((paired.high - paired.low) / (lone.high - lone.low))
    assert 0.01 <= np.mean(np.array(found) < 0.05) <= 0.10  # 0.05 with a standard error of 0.014
    assert 0.4 <= np.mean(np.array(found) < 0.5) <= 0.6
    assert np.mean(widths) < 0.8


def test_a_better_method_is_told_apart_and_the_sign_says_which():
    g = np.random.default_rng(7)
    risk, follow_up = people(g, 400)
    methods = {"noise": g.normal(size=400), "risk": risk, "copy": risk.copy()}
    found = paired_concordance(methods, follow_up, generator=g, resamples=300)
    against = found.against("noise")
    assert list(against) == ["risk", "copy"]
    assert against["risk"].difference.interval.low > 0.1
    assert against["risk"].p.value == pytest.approx(2 / 301)
    assert found.difference("noise", "risk").difference.value == -against["risk"].difference.value
    assert found.difference("risk", "copy").difference == Scored(
        value=0.0, n=400, interval=type(against["risk"].difference.interval)(0.0, 0.0, 0.95)
    )
    assert found.difference("risk", "copy").p.value == 1.0


def test_within_strata_age_alone_gets_one_half_in_every_resample():
    g = np.random.default_rng(8)
    band = g.integers(0, 3, 300)
    follow_up = FollowUp(g.exponential(np.exp(-band)), np.ones(300, dtype=bool))
    found = paired_concordance({"age": band}, follow_up, generator=g, strata=band, resamples=50).index("age")
    assert (found.value, found.interval.low, found.interval.high) == (0.5, 0.5, 0.5)


def test_each_split_compares_inside_the_strata_of_its_own_people():
    g = np.random.default_rng(15)
    risk, follow_up = people(g, 60)
    band, tests = g.integers(0, 3, 60), [g.permutation(60)[:30] for _ in range(3)]
    splits = [SplitRisks(test=test, risks={"only": risk[test]}) for test in tests]
    found = split_concordance(splits, follow_up, generator=g, strata=band, resamples=5).index("only")
    each = [concordance_within(risk[test], follow_up.take(test), band[test]).index.value for test in tests]
    assert found.value == pytest.approx(np.mean(each))


def test_without_events_every_figure_is_unscored():
    nobody = FollowUp([1.0, 2.0, 3.0], np.zeros(3, dtype=bool))
    found = paired_concordance(
        {"a": [1, 2, 3], "b": [3, 2, 1]}, nobody, generator=np.random.default_rng(9), resamples=5
    )
    assert found.index("a") == Unscored("no two people can be compared")
    assert found.difference("a", "b").difference == Unscored("no two people can be compared")
    assert isinstance(found.difference("a", "b").p, Unscored)


def test_where_many_resamples_hold_no_event_there_is_a_value_but_no_interval_and_no_p():
    """One event among 30: a resample misses it with chance 0.36."""
    lone = FollowUp(np.arange(1.0, 31.0), np.arange(30) == 0)
    risks = {"a": -np.arange(30.0), "b": np.arange(30.0)}
    found = paired_concordance(risks, lone, generator=np.random.default_rng(10), resamples=100)
    assert found.index("a") == Scored(value=1.0, n=30)
    assert found.difference("a", "b").p == Unscored("too few resamples in which people could be compared")


def test_percentiles_are_those_of_numpy_and_need_nearly_all_resamples():
    draws = np.random.default_rng(11).normal(size=95)
    found = percentile_interval(draws, resamples=100, level=0.9)
    assert (found.low, found.high) == pytest.approx(np.quantile(draws, [0.05, 0.95]))
    assert percentile_interval(draws[:94], resamples=100) is None


def test_the_bootstrap_p_counts_both_tails_and_is_never_0():
    assert bootstrap_p([1.0] * 99) == 2 / 100
    assert bootstrap_p([-1.0, 1.0, 2.0]) == 1.0
    assert bootstrap_p([-1.0] + [1.0] * 98) == 4 / 100


def test_bootstrapped_is_the_figure_on_everyone_with_the_spread_over_people():
    values = np.random.default_rng(12).normal(size=200)
    found = bootstrapped(
        lambda rows: Scored(value=float(values[rows].mean()), n=len(rows)),
        200,
        resamples=2000,
        generator=np.random.default_rng(13),
    )
    half = 1.96 * values.std() / 200**0.5
    assert found.value == values.mean()
    assert found.interval.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert found.interval.high == pytest.approx(values.mean() + half, abs=0.1 * half)


G = np.random.default_rng(14)
TWO = FollowUp([1.0, 2.0], np.array([True, False]))


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ([], "at least one, got 0 splits"),
        ([SplitRisks(test=np.array([0]), risks={})], "Methods and splits must be at least one"),
        ([SplitRisks(test=np.array([0, 0]), risks={"a": [1, 2]})], "Test rows must be different"),
        ([SplitRisks(test=np.array([0, 2]), risks={"a": [1, 2]})], "must lie in 0 to 1, got others"),
        ([SplitRisks(test=np.array([True, False]), risks={"a": [1, 2]})], "Test rows must be row numbers, got bool"),
        ([SplitRisks(test=np.array([0, 1]), risks={"a": [1]})], "Risk 'a' must be one for each of 2 people"),
        (
            [SplitRisks(test=np.array([0, 1]), risks={name: [1, 2]}) for name in "ab"],
            "must all have the same methods, got 1 that differ",
        ),
    ],
)
def test_unusable_splits_are_refused(splits, message):
    with pytest.raises(RiskError, match=message):
        split_concordance(splits, TWO, generator=G)


def test_unusable_settings_and_names_are_refused():
    with pytest.raises(RiskError, match="Resamples must be at least one, got 0"):
        paired_concordance({"a": [1, 2]}, TWO, generator=G, resamples=0)
    with pytest.raises(RiskError, match="Level must lie between 0 and 1"):
        paired_concordance({"a": [1, 2]}, TWO, generator=G, level=0.0)
    with pytest.raises(RiskError, match="Generator must be given to resample"):
        bootstrapped(lambda rows: Scored(value=1.0, n=len(rows)), 3, resamples=5, generator=None)
    with pytest.raises(RiskError, match="Draws must be finite"):
        percentile_interval([1.0, float("nan")])
    with pytest.raises(UnknownNameError, match="Method must be a known id, got 'nblp'; did you mean nplb"):
        paired_concordance({"nplb": [1, 2]}, TWO, generator=G, resamples=2).index("nblp")
