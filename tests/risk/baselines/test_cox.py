"""Ridge Cox against lifelines, a loop and what is known of the people."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from numpy.typing import NDArray

from holdfast.risk.baselines import CoxBaseline, CoxSettings
from holdfast.risk.baselines.folds import fold_of_each
from holdfast.risk.baselines.partial_likelihood import partial_log_likelihood
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp

COLUMNS = ("age", "marker", "noise")


def lifelines_fit(rows: NDArray[np.float64], follow_up: FollowUp, penalty: float) -> CoxPHFitter:
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["years"], table["event"] = follow_up.years, follow_up.event
    return CoxPHFitter(penalizer=penalty).fit(table, "years", "event")


def loop_log_likelihood(predictor: NDArray[np.float64], follow_up: FollowUp) -> float:
    total = 0.0
    for time in sorted(set(follow_up.years[follow_up.event])):
        dying = [i for i in range(len(predictor)) if follow_up.event[i] and follow_up.years[i] == time]
        followed = [i for i in range(len(predictor)) if follow_up.years[i] >= time]
        total += sum(predictor[i] for i in dying)
        for k in range(len(dying)):
            hazard = sum(math.exp(predictor[i]) for i in followed)
            total -= math.log(hazard - k / len(dying) * sum(math.exp(predictor[i]) for i in dying))
    return total


@pytest.mark.parametrize("penalty", [1e-4, 0.01, 0.3])
def test_coefficients_are_those_of_lifelines_with_ties_and_a_penalty(people: Any, penalty: float) -> None:
    assert len(np.unique(people.follow_up.years)) < 0.3 * 600
    theirs = lifelines_fit(people.rows, people.follow_up, penalty)

    cox = CoxBaseline(CoxSettings(penalties=(penalty,), expand=False))
    cox.fit(people.rows, people.follow_up, columns=COLUMNS)

    assert cox.fitted is not None
    ours = np.array([cox.fitted.coefficients[name] for name in COLUMNS]) / people.rows.std(axis=0, ddof=1)
    np.testing.assert_allclose(ours, theirs.params_[list(COLUMNS)], atol=1e-4)
    ahead = theirs.predict_log_partial_hazard(pd.DataFrame(people.rows, columns=list(COLUMNS)))
    np.testing.assert_allclose(cox.risk(people.rows), ahead, atol=1e-3)


def test_the_partial_likelihood_is_that_of_lifelines_at_its_maximum(people: Any) -> None:
    theirs = lifelines_fit(people.rows, people.follow_up, 0.0)

    ours = partial_log_likelihood(people.rows @ theirs.params_[list(COLUMNS)].to_numpy(), people.follow_up)

    assert ours == pytest.approx(theirs.log_likelihood_, abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_partial_likelihood_is_a_plain_loop_of_its_equation(seed: int) -> None:
    generator = np.random.default_rng(seed)
    follow_up = FollowUp(generator.integers(1, 6, size=25).astype(float), generator.random(25) < 0.6)
    predictor = generator.normal(scale=2.0, size=25)

    assert partial_log_likelihood(predictor, follow_up) == pytest.approx(loop_log_likelihood(predictor, follow_up))


def test_the_partial_likelihood_without_events_is_zero_and_holds_for_vast_predictors() -> None:
    censored = FollowUp(np.array([1.0, 2.0]), np.array([False, False]))
    two = FollowUp(np.array([1.0, 2.0]), np.array([True, False]))

    assert partial_log_likelihood(np.array([3.0, -1.0]), censored) == 0.0
    assert partial_log_likelihood(np.array([5000.0, 5000.0]), two) == pytest.approx(-math.log(2))


def test_the_penalty_is_larger_on_noise_than_on_signal(make_people: Callable[..., Any]) -> None:
    chosen = []
    for strength in (1.0, 0.0):
        some = make_people(strength=strength, seed=3)
        cox = CoxBaseline(CoxSettings(expand=False)).fit(some.rows, some.follow_up, columns=COLUMNS)
        assert cox.fitted is not None
        chosen.append(cox.fitted.penalty)

    assert chosen[1] > 10 * chosen[0]


def test_the_cross_validated_likelihood_is_verweij_and_van_houwelingens_fitted_by_lifelines(
    make_people: Callable[..., Any],
) -> None:
    some = make_people(n=150)
    settings = CoxSettings(penalties=(0.01, 0.5), expand=False, folds=3, seed=7)
    cox = CoxBaseline(settings).fit(some.rows, some.follow_up, columns=COLUMNS)
    fold = fold_of_each(some.follow_up, folds=3, seed=7)

    expected = dict.fromkeys(settings.penalties, 0.0)
    for penalty in expected:
        for left_out in range(3):
            inside = fold != left_out
            beta = lifelines_fit(some.rows[inside], some.follow_up.take(inside), penalty).params_[list(COLUMNS)]
            predictor = some.rows @ beta.to_numpy()
            expected[penalty] += loop_log_likelihood(predictor, some.follow_up)
            expected[penalty] -= loop_log_likelihood(predictor[inside], some.follow_up.take(inside))

    assert cox.fitted is not None
    assert cox.fitted.cross_validated == pytest.approx(expected, abs=1e-3)
    assert cox.fitted.penalty == max(expected, key=lambda penalty: expected[penalty])


def test_folds_deal_out_events_and_people_evenly(people: Any) -> None:
    fold = fold_of_each(people.follow_up, folds=7, seed=1)

    events = np.bincount(fold, weights=people.follow_up.event)
    assert events.max() - events.min() <= 1
    assert np.bincount(fold).max() - np.bincount(fold).min() <= 2
    np.testing.assert_array_equal(fold, fold_of_each(people.follow_up, folds=7, seed=1))
    assert (fold != fold_of_each(people.follow_up, folds=7, seed=2)).any()


def test_hinges_find_a_hazard_that_is_high_at_both_ends() -> None:
    generator = np.random.default_rng(0)
    value = generator.normal(size=1500)
    hazard = 1.5 * np.maximum(0, np.abs(value) - 1)
    years = generator.exponential(np.exp(-hazard) * 8)
    follow_up = FollowUp(np.minimum(years, 5.0) + 1e-9, years <= 5.0)

    bent, straight = (
        CoxBaseline(CoxSettings(expand=expand)).fit(value[:, None], follow_up, columns=("value",)).risk(value[:, None])
        for expand in (True, False)
    )

    assert np.corrcoef(bent, hazard)[0, 1] > 0.95
    assert abs(np.corrcoef(straight, hazard)[0, 1]) < 0.3


def test_the_risk_follows_the_true_hazard_though_values_are_missing(make_people: Callable[..., Any]) -> None:
    some, others = make_people(n=1500, missing=0.1), make_people(n=500, seed=9)

    cox = CoxBaseline().fit(some.rows, some.follow_up, columns=COLUMNS)

    assert np.corrcoef(cox.risk(others.rows), others.hazard)[0, 1] > 0.95


def test_one_penalty_is_taken_as_given_and_one_event_is_enough() -> None:
    rows = np.array([[1.0], [2.0], [4.0]])
    follow_up = FollowUp(np.array([1.0, 2.0, 3.0]), np.array([False, False, True]))

    cox = CoxBaseline(CoxSettings(penalties=(0.1,))).fit(rows, follow_up, columns=("x",))

    assert cox.fitted is not None
    assert cox.fitted.penalty == 0.1
    assert cox.fitted.cross_validated == {}


@pytest.mark.parametrize("penalties", [(), (0.0, 1.0), (float("inf"),), (float("nan"),)])
def test_penalties_that_are_not_above_zero_are_refused(penalties: tuple[float, ...]) -> None:
    with pytest.raises(RiskError, match="Penalties must be finite and above 0"):
        CoxSettings(penalties=penalties)


def test_a_single_fold_is_refused() -> None:
    with pytest.raises(RiskError, match="Folds must be 2 or more, got `1`"):
        CoxSettings(folds=1)
