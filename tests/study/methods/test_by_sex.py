"""A method learnt for each sex apart ranks everybody on one scale."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from holdfast.measured import Unscored
from holdfast.risk.survival.concordance import harrell_concordance
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.methods.by_sex import BySex
from holdfast.study.methods.method import MethodSettings
from holdfast.study.methods.registry import make_methods
from holdfast.study.visits import Visits

N = 1200


@pytest.fixture(scope="module")
def opposite(make: Any) -> Visits:
    """People in whom one marker raises the hazard of women and lowers that of men, who die twice as often."""
    generator = np.random.default_rng(3)
    marker, is_man = generator.normal(size=N), generator.random(N) < 0.5
    log_hazard = np.where(is_man, np.log(2) - marker, marker)
    visits: Visits = make.visits(
        np.column_stack([marker, generator.normal(size=N)]), follow_up=make.follow_up(log_hazard, seed=5)
    )
    return replace(visits, attributes={"sex": np.where(is_man, "man", "woman").astype(object)})


def concordance(risk: Any, follow_up: FollowUp) -> float:
    index = harrell_concordance(risk, follow_up).index
    return float(getattr(index, "value", 0))


def fitted(visits: Visits, *, apart: bool) -> Any:
    (cox,) = make_methods(["cox"], MethodSettings())
    method = BySex(method=cox, sex="sex") if apart else cox
    found = method.fit(visits.take(np.arange(N) < N // 2), seed=0)
    assert not isinstance(found, Unscored)
    return found.risk(visits.take(np.arange(N) >= N // 2))


def test_what_differs_between_the_sexes_is_found_only_apart(opposite: Visits) -> None:
    follow_up = opposite.outcome.take(np.arange(N) >= N // 2)
    assert concordance(fitted(opposite, apart=False), follow_up) < 0.6
    assert concordance(fitted(opposite, apart=True), follow_up) > 0.7


def test_the_sex_that_dies_more_often_has_the_higher_risk(opposite: Visits) -> None:
    risk = fitted(opposite, apart=True)
    is_man = opposite.attributes["sex"][N // 2 :] == "man"
    marker = opposite.values[N // 2 :, 0]
    near = np.abs(marker) < 0.2
    assert risk[is_man & near].mean() - risk[~is_man & near].mean() == pytest.approx(np.log(2), abs=0.45)


def test_within_a_sex_the_order_is_the_methods_own(opposite: Visits) -> None:
    (cox,) = make_methods(["cox"], MethodSettings())
    train, test = opposite.take(np.arange(N) < N // 2), opposite.take(np.arange(N) >= N // 2)
    men_train, men_test = (v.take(v.attributes["sex"] == "man") for v in (train, test))
    alone = cox.fit(men_train, seed=0)
    assert not isinstance(alone, Unscored)
    expected = alone.risk(men_test)
    found = fitted(opposite, apart=True)[test.attributes["sex"] == "man"]
    assert (np.argsort(found) == np.argsort(expected)).all()


def test_a_sex_nobody_was_learnt_from_is_unscored(opposite: Visits) -> None:
    (cox,) = make_methods(["cox"], MethodSettings())
    women = opposite.take(opposite.attributes["sex"] == "woman")
    found = BySex(method=cox, sex="sex").fit(women, seed=0)
    assert not isinstance(found, Unscored)
    assert found.risk(opposite) == Unscored("nobody of 'man' was learnt from")


def test_people_without_a_sex_are_refused(opposite: Visits) -> None:
    (cox,) = make_methods(["cox"], MethodSettings())
    with pytest.raises(StudyError, match=r"^People must have a sex to be learnt apart by it, got no 'gender'"):
        BySex(method=cox, sex="gender").fit(opposite, seed=0)
