"""Cases and assessments: who is learnt from, who is judged on, what is kept, what is named."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast.measured import Unscored
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.evaluation.assessment import assess
from holdfast.study.evaluation.case import repeated_halves, train_and_test
from holdfast.study.evaluation.risk_store import RiskStore
from holdfast.study.visits import Visits

IDENTITY = {"command": "evaluate", "data": [["train", "abc"]]}


def test_halves_split_people_and_events_evenly_and_each_is_tested_once(risky: Visits) -> None:
    cases = repeated_halves(risky, seeds=(4, 5))
    assert [case.name for case in cases] == [f"repeat {s}, half {h}" for s in (4, 5) for h in (0, 1)]
    assert len({case.seed for case in cases}) == 4
    for first, second in (cases[:2], cases[2:]):
        assert sorted([*first.test_rows, *second.test_rows]) == list(range(240))
        for case in (first, second):
            assert not set(case.train.persons) & set(case.test.persons)
            assert case.test.persons.tolist() == risky.persons[case.test_rows].tolist()
            assert abs(case.test.outcome.n_events - risky.outcome.n_events / 2) <= 1
            assert abs(case.test.n_people - 120) <= 1
    assert cases[0].test_rows.tolist() != cases[2].test_rows.tolist()


def test_the_same_seed_halves_alike(risky: Visits) -> None:
    once, twice = (repeated_halves(risky, seeds=(1,)) for _ in range(2))
    assert [c.test_rows.tolist() for c in once] == [c.test_rows.tolist() for c in twice]


def test_halves_of_the_all_censored_are_refused(risky: Visits) -> None:
    censored = replace(risky, follow_up=FollowUp(risky.outcome.years, np.zeros(240, dtype=np.bool_)))
    with pytest.raises(StudyError, match=r"^Halves must hold two events each, got 0 in all; use more people\.$"):
        repeated_halves(censored, seeds=(0,))


def test_training_and_test_tables_make_a_case_a_seed(risky: Visits) -> None:
    train, test = risky.take(np.arange(150)), risky.take(np.arange(150, 240))
    cases = train_and_test(train, test, seeds=(3, 9))
    assert [(case.name, case.seed) for case in cases] == [("seed 3", 3), ("seed 9", 9)]
    assert all(case.train is train and case.test is test for case in cases)
    assert all(case.test_rows.tolist() == list(range(90)) for case in cases)


def test_every_method_is_fitted_on_every_case_with_its_seed(risky: Visits, column: Any) -> None:
    cases = repeated_halves(risky, seeds=(0, 1))
    told: list[tuple[int, int, str]] = []
    methods = (column("one", 0), column("two", 1))
    found = assess(cases, methods, progress=lambda *said: told.append(said))
    assert [m.fits for m in methods] == [[0, 1, 2, 3], [0, 1, 2, 3]]
    for name, place in (("one", 0), ("two", 1)):
        for risk, case in zip(found.risks[name], cases, strict=True):
            np.testing.assert_array_equal(risk, case.test.values[:, place].astype(np.float64))
    assert found.titles == {"one": "Column 0", "two": "Column 1"}
    assert told[0] == (0, 8, "one, repeat 0, half 0")
    assert told[-1] == (8, 8, "")


def test_an_assessment_goes_on_from_its_store_without_fitting_again(risky: Visits, column: Any, tmp_path: Path) -> None:
    cases = repeated_halves(risky, seeds=(0, 1))
    first = (column("one", 0), column("odd", 2, refuses="no age"))
    assess(cases[:3], first, store=RiskStore(tmp_path / "risks", IDENTITY))
    again = (column("one", 0), column("odd", 2, refuses="no age"))
    found = assess(cases, again, store=RiskStore(tmp_path / "risks", IDENTITY))
    assert again[0].fits == [cases[3].seed]
    assert again[1].fits == []
    assert found.unscored == {"odd": Unscored("no age")}
    fresh = assess(cases, (column("one", 0),))
    for kept, made in zip(found.risks["one"], fresh.risks["one"], strict=True):
        assert kept.tobytes() == made.tobytes()


def test_a_store_of_something_else_is_refused(tmp_path: Path) -> None:
    RiskStore(tmp_path / "run" / "risks", IDENTITY)
    RiskStore(tmp_path / "run" / "risks", dict(reversed(IDENTITY.items())))
    with pytest.raises(
        StudyError,
        match=r"^Folder 'run' must hold this very run, got one with other settings or data; name another folder",
    ):
        RiskStore(tmp_path / "run" / "risks", {**IDENTITY, "data": [["train", "abd"]]})


def test_what_is_stored_is_found_under_its_own_case_and_method_only(tmp_path: Path) -> None:
    store = RiskStore(tmp_path, IDENTITY)
    store.put("seed 1", "a-b", np.array([0.1, 1 / 3]))
    store.put("seed 1-a", "b", np.array([2.0]))
    store.put("seed 2", "a-b", Unscored("no age"))
    found = store.get("seed 1", "a-b")
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [0.1, 1 / 3]
    other = store.get("seed 1-a", "b")
    assert isinstance(other, np.ndarray)
    assert other.tolist() == [2.0]
    assert store.get("seed 2", "a-b") == Unscored("no age")
    assert store.get("seed 3", "a-b") is None


def test_a_method_that_cannot_score_one_case_is_unscored_as_a_whole_with_the_reason(risky: Visits, column: Any) -> None:
    cases = repeated_halves(risky, seeds=(0, 1))
    late = column("late", 0, refuses="a marker is missing", refuses_at=2)
    found = assess(cases, (late, column("one", 0)))
    assert found.unscored == {"late": Unscored("a marker is missing")}
    assert list(found.risks) == ["one"]
    assert late.fits == [0, 1, 2]  # and it is not fitted in vain
    assert list(found.titles) == ["late", "one"]


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
def test_a_risk_that_is_not_finite_is_refused(risky: Visits, column: Any, spoilt: float) -> None:
    message = r"^Risk of 'one' must be one finite number a person, got 1 of 120 that are not; report it"
    with pytest.raises(StudyError, match=message):
        assess(repeated_halves(risky, seeds=(0,)), (column("one", 0, spoilt=spoilt),))
