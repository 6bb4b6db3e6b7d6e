"""Figures, against lifelines' concordance averaged by hand."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from lifelines.utils import concordance_index
from sklearn.metrics import roc_auc_score

from holdfast.measured import Scored, Unscored
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.evaluation.assessment import Assessment, assess
from holdfast.study.evaluation.case import Case, repeated_halves, train_and_test
from holdfast.study.evaluation.figures import Figures, MethodFigures, figures_of
from holdfast.study.visits import Visits
from holdfast.study.visits.age_bands import AGE_BAND
from holdfast.study.visits.visits import NOT_RECORDED


def by_lifelines(assessment: Assessment, name: str) -> float:
    """Return the mean over cases of lifelines' concordance, to which higher is later."""
    found = [
        concordance_index(case.test.outcome.years, -risk, case.test.outcome.event)
        for risk, case in zip(assessment.risks[name], assessment.cases, strict=True)
    ]
    return float(np.mean(found))


def pairs_of_one_band(case: Case, risk: Any) -> tuple[float, int]:
    """Count pairs of one age band that the risk puts in order, and all that can be compared."""
    years, event, band = case.test.outcome.years, case.test.outcome.event, case.test.attributes[AGE_BAND]
    right, total = 0.0, 0
    for i in np.flatnonzero(event):
        for j in np.flatnonzero((band == band[i]) & ((years > years[i]) | ((years == years[i]) & ~event))):
            right += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
            total += 1
    return right, total


@pytest.fixture
def assessed(risky: Visits, column: Any) -> Assessment:
    methods = (
        column("good", 0),
        column("noise", 2),
        column("none", 0, refuses="no age"),
        column("nplb", 1),
    )
    return assess(repeated_halves(risky, seeds=(0, 1)), methods)


@pytest.fixture
def figures(assessed: Assessment, risky: Visits) -> Figures:
    return figures_of(assessed, risky.outcome, age_band=risky.attributes[AGE_BAND], resamples=100)


def of(figures: Figures, name: str) -> MethodFigures:
    return next(method for method in figures.methods if method.name == name)


def value(measured: Any) -> float:
    assert isinstance(measured, Scored)
    return measured.value


def test_concordance_is_lifelines_averaged_over_cases(figures: Figures, assessed: Assessment) -> None:
    for name in ("good", "noise", "nplb"):
        found = of(figures, name).concordance
        assert value(found) == pytest.approx(by_lifelines(assessed, name), abs=1e-9)
        assert isinstance(found, Scored)
        assert found.interval is not None
        assert found.interval.low < found.value < found.interval.high
    assert value(of(figures, "good").concordance) > value(of(figures, "nplb").concordance) > 0.55
    assert (figures.n_people, figures.n_cases, figures.resamples) == (240, 4, 100)


def test_within_age_bands_only_people_of_one_band_are_compared(figures: Figures, assessed: Assessment) -> None:
    counts = [pairs_of_one_band(c, r) for c, r in zip(assessed.cases, assessed.risks["good"], strict=True)]
    by_hand = np.mean([right / total for right, total in counts])
    assert value(of(figures, "good").within_age) == pytest.approx(by_hand, abs=1e-9)


def test_the_lead_is_ours_less_theirs(figures: Figures) -> None:
    for name, sign in (("good", -1), ("noise", 1)):
        lead = of(figures, name).lead
        assert lead is not None
        difference = value(of(figures, "nplb").concordance) - value(of(figures, name).concordance)
        assert value(lead.overall) == pytest.approx(difference, abs=1e-12)
        assert value(lead.overall) * sign > 0
        assert value(lead.over_splits) == pytest.approx(difference, abs=1e-9)
        within = value(of(figures, "nplb").within_age) - value(of(figures, name).within_age)
        assert value(lead.within_age) == pytest.approx(within, abs=1e-12)
        assert value(lead.p) < 0.05
    assert of(figures, "nplb").lead is None


def test_the_auc_at_a_horizon_is_that_of_who_had_the_event_by_then(risky: Visits, column: Any) -> None:
    """Nobody is censored before 5 years here, so that it is the plain AUC of an event by 4."""
    assessed = assess(repeated_halves(risky, seeds=(0,)), (column("nplb", 1),))
    figures = figures_of(assessed, risky.outcome, age_band=None, horizon_years=4.0, resamples=20)
    by_hand = [
        roc_auc_score(case.test.outcome.event_by(4.0), risk)
        for case, risk in zip(assessed.cases, assessed.risks["nplb"], strict=True)
    ]
    assert value(of(figures, "nplb").horizon_auc) == pytest.approx(np.mean(by_hand), abs=1e-9)
    assert figures.horizon_years == 4.0


def test_the_horizon_lies_where_events_are_before_and_people_beyond(figures: Figures, risky: Visits) -> None:
    events = np.quantile(risky.outcome.years[risky.outcome.event], 0.75)
    assert figures.horizon_years == pytest.approx(min(events, np.quantile(risky.outcome.years, 0.75)))


def test_methods_without_a_risk_are_named_with_their_reason(figures: Figures) -> None:
    found = of(figures, "none")
    assert found.title == "Column 0"
    assert found.concordance == found.within_age == found.horizon_auc == Unscored("no age")
    assert found.lead is None
    assert [method.name for method in figures.methods] == ["good", "noise", "none", "nplb"]


def test_where_age_is_not_known_nothing_is_said_within_bands(assessed: Assessment, risky: Visits) -> None:
    found = of(figures_of(assessed, risky.outcome, age_band=None, resamples=20), "good")
    assert found.within_age == Unscored("age is not known")
    assert found.lead is not None
    assert found.lead.within_age == Unscored("age is not known")


def test_without_our_method_there_is_no_lead(risky: Visits, column: Any) -> None:
    assessed = assess(repeated_halves(risky, seeds=(0,)), (column("good", 0),))
    assert of(figures_of(assessed, risky.outcome, age_band=None, resamples=20), "good").lead is None


def test_seeds_of_one_training_set_are_no_spread_over_training_sets(risky: Visits, column: Any) -> None:
    train, test = risky.take(np.arange(120)), risky.take(np.arange(120, 240))
    assessed = assess(train_and_test(train, test, seeds=(0, 1, 2)), (column("good", 0), column("nplb", 1)))
    lead = of(figures_of(assessed, test.outcome, age_band=None, resamples=20), "good").lead
    assert lead is not None
    assert lead.over_splits == Unscored("fewer than three training sets")
    assert isinstance(lead.overall, Scored)


def test_the_same_seed_resamples_alike(assessed: Assessment, risky: Visits, figures: Figures) -> None:
    band = risky.attributes[AGE_BAND]
    again = figures_of(assessed, risky.outcome, age_band=band, resamples=100)
    other = figures_of(assessed, risky.outcome, age_band=band, resamples=100, seed=1)
    assert again.to_json() == figures.to_json()
    assert value(of(other, "good").concordance) == value(of(figures, "good").concordance)
    assert of(other, "good").concordance != of(figures, "good").concordance


def test_where_everybody_is_censored_nothing_is_scored(risky: Visits, column: Any) -> None:
    test = risky.take(np.arange(120, 240))
    censored = FollowUp(test.outcome.years, np.zeros(120, dtype=np.bool_))
    assessed = assess(train_and_test(risky.take(np.arange(120)), test, seeds=(0,)), (column("nplb", 1),))
    found = of(figures_of(assessed, censored, age_band=None, resamples=20), "nplb")
    assert isinstance(found.concordance, Unscored)
    assert isinstance(found.horizon_auc, Unscored)


def test_where_no_method_has_a_risk_every_one_says_why(risky: Visits, column: Any) -> None:
    assessed = assess(repeated_halves(risky, seeds=(0,)), (column("nplb", 0, refuses="no age"),))
    (found,) = figures_of(assessed, risky.outcome, age_band=risky.attributes[AGE_BAND], resamples=20).methods
    assert found.concordance == found.within_age == found.horizon_auc == Unscored("no age")


def test_figures_fit_json(figures: Figures) -> None:
    said = json.loads(json.dumps(figures.to_json(), allow_nan=False))
    assert said["people"] == 240
    assert [method["method"] for method in said["methods"]] == ["good", "noise", "none", "nplb"]
    assert set(said["methods"][0]["lead_of_nplb"]) == {"overall", "p", "within_age", "over_splits"}
    assert said["methods"][2]["concordance"] == {"outcome": "unscored", "reason": "no age"}
    assert "lead_of_nplb" not in said["methods"][3]


def test_people_of_unknown_age_are_of_no_band(assessed: Assessment, risky: Visits) -> None:
    band = risky.attributes[AGE_BAND].copy()
    band[::3] = NOT_RECORDED
    found = figures_of(assessed, risky.outcome, age_band=band, resamples=20)
    counts = []
    for case, risk in zip(assessed.cases, assessed.risks["good"], strict=True):
        known = np.flatnonzero(band[case.test_rows] != NOT_RECORDED)
        counts.append(pairs_of_one_band(replace(case, test=case.test.take(known)), risk[known]))
    by_hand = np.mean([right / total for right, total in counts])
    assert value(of(found, "good").within_age) == pytest.approx(by_hand, abs=1e-9)
    assert value(of(found, "good").concordance) == pytest.approx(by_lifelines(assessed, "good"), abs=1e-9)
    nobody = figures_of(assessed, risky.outcome, age_band=np.full(240, NOT_RECORDED, dtype=object), resamples=5)
    assert of(nobody, "good").within_age == Unscored("age is not known")
