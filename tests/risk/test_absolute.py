"""Absolute risks against lifelines, a known hazard, and their own order."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from holdfast.measured import Unscored
from holdfast.risk.absolute import AbsoluteRisk, Covariates
from holdfast.risk.error import RiskError
from holdfast.risk.spline import knots_of, spline_columns
from holdfast.risk.survival.follow_up import FollowUp


def made(n=1500, *, seed=0, shape=lambda s, age: s):
    """Scores, ages and exponential times with log hazard shape - 3, censored between 6 and 10 years."""
    generator = np.random.default_rng(seed)
    scores, age = 5 + 2 * generator.normal(size=n), generator.normal(size=n)
    log_hazard = shape((scores - 5) / 2, age) - 3
    years, censored = generator.exponential(np.exp(-log_hazard)), generator.uniform(6, 10, n)
    follow_up = FollowUp(np.minimum(years, censored), years <= censored)
    return scores, Covariates(names=("age",), values=age[:, None]), follow_up, log_hazard


def test_risks_are_those_of_lifelines():
    scores, covariates, follow_up, _ = made(shape=lambda s, age: s + 0.7 * age)
    found = AbsoluteRisk.fit(scores, follow_up, horizons_years=[5, 2], covariates=covariates)
    frame = pd.DataFrame({"s": scores, "age": covariates.values[:, 0], "t": follow_up.years, "e": follow_up.event})
    fitted = CoxPHFitter().fit(frame, "t", "e")
    expected = 1 - fitted.predict_survival_function(frame[:50], times=[2, 5]).T.to_numpy()
    np.testing.assert_allclose(found.of(scores[:50], covariates.take(slice(50))), expected, rtol=2e-3)
    assert found.horizons_years == (2.0, 5.0)


def test_risks_are_near_the_true_ones():
    scores, _, follow_up, log_hazard = made(6000)
    found = AbsoluteRisk.fit(scores, follow_up, horizons_years=[5], knots=4).of(scores)[:, 0]
    true = 1 - np.exp(-5 * np.exp(log_hazard))
    assert np.abs(found - true).mean() < 0.02


@pytest.mark.parametrize("knots", [0, 3, 4])
def test_risk_lies_in_0_to_1_and_never_falls_with_score_or_horizon_even_far_out(knots):
    scores, _, follow_up, _ = made(shape=lambda s, age: np.maximum(s, 0))
    fitted = AbsoluteRisk.fit(scores, follow_up, horizons_years=[1, 3, 6], knots=knots)
    risks = fitted.of(np.linspace(-1e4, 1e4, 4001))
    assert ((risks >= 0) & (risks <= 1)).all()
    assert (np.diff(risks, axis=0) >= 0).all()
    assert (np.diff(risks, axis=1) >= 0).all()


def test_a_spline_follows_a_bend_that_a_line_cannot():
    scores, _, follow_up, log_hazard = made(4000, shape=lambda s, age: 0.4 * s + 2 * np.maximum(s, 0))
    true = 1 - np.exp(-5 * np.exp(log_hazard))
    errors = {
        knots: np.abs(AbsoluteRisk.fit(scores, follow_up, horizons_years=[5], knots=knots).of(scores)[:, 0] - true)
        for knots in (0, 4)
    }
    assert errors[4].mean() < 0.7 * errors[0].mean()


def test_a_spline_that_falls_somewhere_gives_way_to_a_line():
    scores, _, follow_up, _ = made(4000, shape=lambda s, age: 1.2 * np.abs(s) + 0.4 * s)
    assert len(AbsoluteRisk.fit(scores, follow_up, horizons_years=[5], knots=4).knots) == 0


def test_scaling_and_moving_the_score_changes_no_risk():
    scores, _, follow_up, _ = made(600)
    here = AbsoluteRisk.fit(scores, follow_up, horizons_years=[5], knots=3).of(scores)
    there = AbsoluteRisk.fit(1e4 * scores - 7, follow_up, horizons_years=[5], knots=3).of(1e4 * scores - 7)
    np.testing.assert_allclose(there, here, rtol=1e-6)


def test_the_spline_is_straight_beyond_its_outer_knots_and_smooth_at_each():
    knots = np.array([-1.0, 0.0, 0.5, 2.0])
    beyond = spline_columns(np.array([2.0, 3.0, 4.0, 5.0]), knots)
    np.testing.assert_allclose(np.diff(beyond, n=2, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(spline_columns(np.array([-3.0, -1.0]), knots)[:, 1:], 0)
    step = 1e-4
    for knot in knots:
        around = spline_columns(knot + step * np.arange(-2, 3), knots)
        np.testing.assert_allclose(np.diff(around, n=2, axis=0) / step**2 * step, 0, atol=1e-2)


def test_the_spline_of_four_knots_by_hand():
    """At 3, with knots 0, 1, 2 and 4: (27 - 1 * 4 / 2) / 16 and (8 - 1 * 3 / 2) / 16."""
    found = spline_columns(np.array([3.0]), np.array([0.0, 1.0, 2.0, 4.0]))
    np.testing.assert_allclose(found, [[3.0, 25 / 16, 6.5 / 16]])


def test_knots_that_coincide_make_a_straight_line():
    values = np.concatenate([np.zeros(95), np.arange(1.0, 6.0)])
    assert spline_columns(values, knots_of(values, 3)).shape == (100, 1)


@pytest.mark.parametrize(
    ("case", "reason"),
    [("falling", "does not go with sooner events"), ("alike", "all alike"), ("few", "fewer than 10 events")],
)
def test_what_the_data_cannot_tell_is_unscored_with_its_reason(case, reason):
    scores, _, follow_up, _ = made(500)
    if case == "few":
        event = follow_up.event & (np.cumsum(follow_up.event) <= 9)
        follow_up = FollowUp(follow_up.years, event)
    scores = {"falling": -scores, "alike": np.full(500, 3.7), "few": scores}[case]
    found = AbsoluteRisk.fit(scores, follow_up, horizons_years=[5])
    assert isinstance(found, Unscored)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"horizons_years": [11]}, "10 people or more were followed up for, got 11 years, of which 0"),
        ({"horizons_years": [5, 9.99]}, "got 9.99 years, of which"),
        ({"horizons_years": []}, "Horizons must be one or more years above 0"),
        ({"horizons_years": [0]}, "Horizons must be one or more years above 0"),
        ({"horizons_years": [float("nan")]}, "Horizons must be one or more years above 0"),
        ({"knots": 5}, "Knots must be 3, 4 or 0"),
        ({"covariates": Covariates(names=("age",), values=np.zeros((3, 1)))}, "Covariates must have 300 rows, got 3"),
    ],
)
def test_what_cannot_be_asked_is_refused(given, match):
    scores, _, follow_up, _ = made(300)
    with pytest.raises(RiskError, match=match):
        AbsoluteRisk.fit(scores, follow_up, **{"horizons_years": [5], **given})


def test_all_censored_and_missing_scores_are_refused():
    scores, _, follow_up, _ = made(300)
    with pytest.raises(RiskError, match="Follow-up must hold events, got 0"):
        AbsoluteRisk.fit(scores, FollowUp(follow_up.years, np.zeros(300, dtype=bool)), horizons_years=[5])
    with pytest.raises(RiskError, match="Scores must be 300 finite numbers"):
        AbsoluteRisk.fit(np.where(scores > 8, np.nan, scores), follow_up, horizons_years=[5])


def test_covariates_other_than_those_it_was_fitted_with_are_refused():
    scores, covariates, follow_up, _ = made(300, shape=lambda s, age: s + age)
    fitted = AbsoluteRisk.fit(scores, follow_up, horizons_years=[5], covariates=covariates)
    with pytest.raises(RiskError, match="Covariates must be age, one row a person, got none"):
        fitted.of(scores)
    with pytest.raises(RiskError, match="Covariates must be age, one row a person, got sex"):
        fitted.of(scores, Covariates(names=("sex",), values=covariates.values))
    with pytest.raises(RiskError, match="Covariates must be known, got 1 of 2 rows"):
        Covariates(names=("age",), values=np.array([[np.nan], [1.0]]))
    with pytest.raises(RiskError, match="Covariates must have 2 columns"):
        Covariates(names=("age", "sex"), values=np.zeros((3, 1)))


@pytest.mark.parametrize("knots", [0, 3])
def test_what_is_stored_gives_the_same_risks(knots):
    scores, covariates, follow_up, _ = made(400)
    fitted = AbsoluteRisk.fit(scores, follow_up, horizons_years=[2, 5], knots=knots, covariates=covariates)
    back = AbsoluteRisk.from_stored(fitted.to_json(), fitted.arrays())
    np.testing.assert_array_equal(back.of(scores, covariates), fitted.of(scores, covariates))
    assert (back.n_people, back.n_events) == (400, follow_up.n_events)
