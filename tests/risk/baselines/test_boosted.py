"""Boosted trees on people whose hazard is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from lifelines.utils import concordance_index

from holdfast.risk.baselines import BoostedBaseline, BoostedSettings
from holdfast.risk.baselines.boosted import _labels
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp

COLUMNS = ("age", "marker", "noise")
QUICK = BoostedSettings(depths=(1, 3), most_rounds=120, patience=10, folds=3)


def test_the_risk_of_others_is_near_the_best_possible_concordance(make_people: Callable[..., Any]) -> None:
    some, others = make_people(n=1500), make_people(n=800, seed=5)

    trees = BoostedBaseline(QUICK).fit(some.rows, some.follow_up, columns=COLUMNS)
    found = concordance_index(others.follow_up.years, -trees.risk(others.rows), others.follow_up.event)
    best = concordance_index(others.follow_up.years, -others.hazard, others.follow_up.event)

    assert found > 0.6
    assert found > best - 0.03


def test_trees_see_a_hazard_that_is_high_at_both_ends() -> None:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(1500, 3))
    hazard = 2.0 * (np.abs(rows[:, 0]) > 1)
    years = generator.exponential(np.exp(-hazard) * 8)
    follow_up = FollowUp(np.minimum(years, 5.0) + 1e-9, years <= 5.0)

    trees = BoostedBaseline(QUICK).fit(rows, follow_up, columns=COLUMNS)

    assert np.corrcoef(trees.risk(rows), hazard)[0, 1] > 0.8


def test_missing_values_are_learnt_from_as_they_are() -> None:
    generator = np.random.default_rng(2)
    missing = generator.random(1000) < 0.5
    rows = np.column_stack([np.where(missing, np.nan, 1.0), generator.normal(size=1000)])
    years = generator.exponential(np.where(missing, 3.0, 20.0))
    follow_up = FollowUp(np.minimum(years, 5.0) + 1e-9, years <= 5.0)

    risk = BoostedBaseline(QUICK).fit(rows, follow_up, columns=("test", "noise")).risk(rows)

    assert risk[missing].min() > risk[~missing].max()


def test_the_number_of_trees_is_the_best_of_the_folds_and_noise_gets_few(make_people: Callable[..., Any]) -> None:
    signal, noise = make_people(seed=3), make_people(seed=3, strength=0.0)

    rounds = []
    for some in (signal, noise):
        trees = BoostedBaseline(QUICK).fit(some.rows, some.follow_up, columns=COLUMNS)
        assert trees.fitted is not None
        assert trees.fitted.trees.num_boosted_rounds() == trees.fitted.rounds
        assert trees.fitted.cross_validated[trees.fitted.depth] == min(trees.fitted.cross_validated.values())
        rounds.append(trees.fitted.rounds)

    assert rounds[1] < rounds[0] / 2


def test_another_seed_gives_other_trees(people: Any) -> None:
    first, second = (
        BoostedBaseline(BoostedSettings(depths=(2,), most_rounds=20, folds=2, seed=seed))
        .fit(people.rows, people.follow_up, columns=COLUMNS)
        .risk(people.rows)
        for seed in (0, 1)
    )

    assert (first != second).any()


def test_the_unit_of_time_does_not_matter_and_times_too_close_for_float32_stay_apart() -> None:
    follow_up = FollowUp(np.array([10.0, 10.0 + 1e-9, 10.0, 2.0]), np.array([True, False, False, True]))

    np.testing.assert_array_equal(_labels(follow_up), [2, -3, -2, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depths": ()}, "Depths must be 1 or more"),
        ({"depths": (0, 2)}, "Depths must be 1 or more"),
        ({"learning_rate": 0.0}, "learning_rate must lie above 0 and at most at 1"),
        ({"people_share": 1.5}, "people_share must lie above 0 and at most at 1"),
        ({"inputs_share": -1.0}, "inputs_share must lie above 0 and at most at 1"),
        ({"folds": 1}, "folds must be 2 or more, got `1`"),
        ({"threads": -1}, "threads must be 0 or more, got `-1`"),
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RiskError, match=message):
        BoostedSettings(**change)
