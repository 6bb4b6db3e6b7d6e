"""The partial likelihood against lifelines, plain loops and a general optimiser."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from scipy.optimize import minimize

from holdfast.risk.cox import cumulative_hazard, fit_cox
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp
from risk_people import made_people


def tied(people):
    """Round times to half years, so that many share one."""
    return FollowUp(np.ceil(people.follow_up.years * 2) / 2, people.follow_up.event)


def looped_likelihood(beta, x, follow_up):
    """Efron's partial log-likelihood, term by term."""
    total = 0.0
    risk = [math.exp(row @ beta) for row in x]
    for time in sorted(set(follow_up.years[follow_up.event].tolist())):
        dead = [i for i in range(len(x)) if follow_up.event[i] and follow_up.years[i] == time]
        at_risk = sum(risk[i] for i in range(len(x)) if follow_up.years[i] >= time)
        total += sum(x[i] @ beta for i in dead)
        for place in range(len(dead)):
            total -= math.log(at_risk - place / len(dead) * sum(risk[i] for i in dead))
    return total


@pytest.mark.parametrize("is_tied", [False, True])
def test_coefficients_and_baseline_are_those_of_lifelines(is_tied):
    people = made_people(400, 3)
    follow_up = tied(people) if is_tied else people.follow_up
    frame = pd.DataFrame(people.embeddings, columns=["a", "b", "c"])
    fitted = CoxPHFitter().fit(frame.assign(t=follow_up.years, e=follow_up.event), "t", "e")
    beta = fit_cox(people.embeddings, follow_up)
    np.testing.assert_allclose(beta, fitted.params_.to_numpy(), rtol=1e-4)
    centred = people.embeddings - people.embeddings.mean(axis=0)
    at = np.array([0.0, 1.0, 4.0, 9.5])
    expected = fitted.baseline_cumulative_hazard_["baseline cumulative hazard"]
    expected = [expected[expected.index <= time].iloc[-1] if time > 0 else 0.0 for time in at]
    np.testing.assert_allclose(cumulative_hazard(centred @ beta, follow_up, at=at), expected, rtol=1e-3)


def test_a_ridge_gives_what_a_general_optimiser_finds_on_looped_terms():
    people = made_people(60, 2, seed=3)
    follow_up, x = tied(people), people.embeddings - people.embeddings.mean(axis=0)
    for ridge in (0.05, 2.0):
        found = minimize(
            lambda beta, ridge=ridge: (
                -looped_likelihood(beta, x, follow_up) / follow_up.n_events + ridge / 2 * beta @ beta
            ),
            np.zeros(2),
            tol=1e-12,
        )
        np.testing.assert_allclose(fit_cox(x, follow_up, ridge=ridge), found.x, atol=1e-5)


def test_baseline_hazard_of_three_people_by_hand():
    follow_up = FollowUp(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]))
    log_ratios = np.log([1.0, 2.0, 4.0])
    found = cumulative_hazard(log_ratios, follow_up, at=np.array([0.5, 1.0, 2.9, 3.0, 9.0]))
    np.testing.assert_allclose(found, [0.0, 1 / 7, 1 / 7, 1 / 7 + 1 / 4, 1 / 7 + 1 / 4])


def test_the_order_of_people_and_an_offset_change_nothing():
    people = made_people(200, 2)
    order = np.random.default_rng(1).permutation(200)
    beta = fit_cox(people.embeddings, people.follow_up, ridge=0.1)
    shuffled = fit_cox(people.embeddings[order] + 1e3, people.follow_up.take(order), ridge=0.1)
    np.testing.assert_allclose(beta, shuffled, rtol=1e-8)


def test_what_has_no_maximum_is_refused_without_a_ridge_and_fitted_with_one():
    years = np.arange(1.0, 21.0)
    follow_up = FollowUp(years, np.ones(20, dtype=bool))
    x = -years[:, None]
    with pytest.raises(RiskError, match=r"Cox model must converge|nor part events from the rest"):
        fit_cox(x, follow_up)
    assert fit_cox(x, follow_up, ridge=0.1)[0] > 0


@pytest.mark.parametrize(
    ("columns", "event", "match"),
    [
        (lambda x: x, lambda e: np.zeros_like(e), "Follow-up must hold events, got 0"),
        (lambda x: x * [1.0, 0.0], lambda e: e, "Covariates must vary, got 1 that do not"),
        (lambda x: x[:, [0, 0]], lambda e: e, "sums of one another|must converge"),
    ],
)
def test_what_cannot_be_fitted_is_refused(columns, event, match):
    people = made_people(80, 2)
    follow_up = FollowUp(people.follow_up.years, event(people.follow_up.event))
    with pytest.raises(RiskError, match=match):
        fit_cox(columns(people.embeddings), follow_up)


def test_every_order_of_tied_events_gives_one_answer():
    years, event = np.array([1.0, 1.0, 1.0, 2.0]), np.array([True, True, False, False])
    x = np.array([[0.3], [1.0], [0.1], [-0.4]])
    answers = [
        fit_cox(x[list(order)], FollowUp(years[list(order)], event[list(order)]), ridge=0.2)[0]
        for order in itertools.permutations(range(4))
    ]
    np.testing.assert_allclose(answers, answers[0])
