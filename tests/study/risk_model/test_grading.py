"""Grades, against a plain loop and an example by hand; and groups of what was seen."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.risk.cox import fit_cox
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.risk_model.grade_groups import grade_groups, grades_of
from holdfast.study.risk_model.grading import Grades, Grading, grade_people
from holdfast.study.risk_model.outcome_groups import outcome_groups


def by_loop(eta: NDArray[np.float64], follow_up: FollowUp, a: float) -> list[float]:
    """Work out everybody's posterior log hazard one by one."""
    people = list(zip(eta, follow_up.years, follow_up.event, strict=True))

    def cumulated(t: float) -> float:
        total = 0.0
        for _, years, event in people:
            if event and years <= t:
                total += 1 / sum(math.exp(other) for other, until, _ in people if until >= years)
        return total

    return [e + math.log((a + d) / (a + math.exp(e) * cumulated(t))) for e, t, d in people]


@pytest.fixture(scope="module")
def graded(make: Any) -> tuple[NDArray[np.float64], FollowUp]:
    eta = np.random.default_rng(0).normal(size=400)
    return eta, make.follow_up(eta, seed=1)


@pytest.mark.parametrize("frailty", [0.3, 1.0, 5.0])
def test_the_posterior_hazard_is_that_of_a_plain_loop(graded: Any, frailty: float) -> None:
    eta, follow_up = graded[0][:150], graded[1].take(np.arange(150))
    found = grade_people(eta, follow_up, Grading(frailty=frailty))
    np.testing.assert_allclose(found.hazard, by_loop(eta, follow_up, frailty), rtol=1e-9, atol=1e-12)


def test_three_people_by_hand() -> None:
    """All foretold alike: cumulated hazards of 1/3, 1/3 + 1/2 and the same; (1 + d) / (1 + L) of each."""
    follow_up = FollowUp(np.array([1.0, 2.0, 3.0]), np.array([True, True, False]))
    found = grade_people(np.zeros(3), follow_up, Grading(cuts=(0.5,)))
    np.testing.assert_allclose(np.exp(found.hazard), [1.5, 12 / 11, 6 / 11])
    assert found.codes.tolist() == [1, 0, 0]
    assert found.n_grades == 2


def test_the_sooner_the_event_the_worse_and_the_longer_without_the_better() -> None:
    years = np.tile(np.arange(1.0, 11), 2)
    event = np.repeat([True, False], 10)
    hazard = grade_people(np.zeros(20), FollowUp(years, event), Grading()).hazard
    assert all(sooner > later for sooner, later in pairwise(hazard[:10]))
    assert all(shorter > longer for shorter, longer in pairwise(hazard[10:]))
    assert (hazard[:10] > hazard[10:]).all()


def test_of_two_with_the_same_end_the_one_foretold_worse_is_graded_worse(graded: Any) -> None:
    eta, _ = graded
    for event in (True, False):
        ends = np.where(np.arange(400) < 200, 5.0, np.linspace(1, 9, 400))
        events = np.where(np.arange(400) < 200, event, np.arange(400) % 2 == 0)
        hazard = grade_people(eta, FollowUp(ends, events), Grading()).hazard[:200]
        order = np.argsort(eta[:200])
        assert (np.diff(hazard[order]) > 0).all()


def test_who_is_censored_early_stays_where_the_teacher_put_them(graded: Any) -> None:
    eta, follow_up = graded
    years, event = follow_up.years.copy(), follow_up.event.copy()
    years[:50], event[:50] = 1e-6, False
    found = grade_people(eta, FollowUp(years, event), Grading())
    np.testing.assert_allclose(found.hazard[:50], eta[:50], atol=1e-12)


def test_the_larger_the_frailty_shape_the_less_what_was_seen_counts(graded: Any) -> None:
    eta, follow_up = graded
    moved = [np.abs(grade_people(eta, follow_up, Grading(frailty=a)).hazard - eta).mean() for a in (0.5, 1, 4, 1e6)]
    assert all(more > less for more, less in pairwise(moved))
    assert moved[-1] < 1e-5


def test_grades_are_cut_at_shares_of_people_and_order_them(graded: Any) -> None:
    eta, follow_up = graded
    found = grade_people(eta, follow_up, Grading())
    assert found.n_grades == 6
    np.testing.assert_allclose(np.bincount(found.codes) / 400, [0.35, 0.25, 0.15, 0.1, 0.08, 0.07], atol=0.005)
    for grade in range(5):
        assert found.hazard[found.codes == grade].max() < found.hazard[found.codes == grade + 1].min()


def test_ties_share_a_grade_and_empty_grades_are_closed_up() -> None:
    eta = np.repeat([0.0, 1.0], [90, 10])
    follow_up = FollowUp(np.full(100, 2.0), np.tile([True, False], 50))
    found = grade_people(eta, follow_up, Grading())
    assert 2 <= found.n_grades <= 4
    assert sorted(set(found.codes)) == list(range(found.n_grades))
    for hazard in set(found.hazard):
        assert len(set(found.codes[found.hazard == hazard])) == 1


def test_one_hazard_for_all_is_refused() -> None:
    follow_up = FollowUp(np.full(20, 2.0), np.ones(20, dtype=np.bool_))
    with pytest.raises(StudyError, match=r"^People must differ in what is foretold, got one hazard for all; check"):
        grade_people(np.zeros(20), follow_up, Grading())


def test_grades_follow_what_several_teachers_foretold_on_the_scale_that_fits(make: Any) -> None:
    eta = np.random.default_rng(5).normal(size=800)
    follow_up = make.follow_up(eta, seed=6)
    teachers = np.column_stack([100 * eta + 7, eta / 50])  # each on a scale of its own
    (scale,) = fit_cox(((eta - eta.mean()) / eta.std())[:, None], follow_up, ridge=1e-4)
    found = grades_of(teachers, follow_up, Grading())
    by_hand = grade_people(scale * (eta - eta.mean()) / eta.std(), follow_up, Grading())
    np.testing.assert_allclose(found.hazard, by_hand.hazard, atol=1e-6)
    assert scale == pytest.approx(1.0, abs=0.15)


def test_teachers_who_foretold_the_reverse_do_not_grade_people_upside_down(make: Any) -> None:
    eta = np.random.default_rng(5).normal(size=400)
    follow_up = make.follow_up(eta, seed=6)
    found = grades_of(-eta[:, None], follow_up, Grading())
    seen_alone = grade_people(np.zeros(400), follow_up, Grading())
    np.testing.assert_array_equal(found.codes, seen_alone.codes)


def test_the_best_grade_is_the_centre_and_the_worse_half_of_the_others_are_classes() -> None:
    grades = Grades(codes=np.repeat(np.arange(6), 60), hazard=np.zeros(360))
    found = grade_groups(grades, None)
    assert found.counts == {"healthy": 60, "grade 3": 60, "grade 4": 60, "grade 5": 60}
    assert np.flatnonzero(found.healthy).tolist() == list(range(60))
    assert np.flatnonzero(found.classes["grade 3"]).tolist() == list(range(180, 240))
    two = grade_groups(Grades(codes=np.repeat([0, 1], 60), hazard=np.zeros(120)), None)
    assert two.counts == {"healthy": 60, "grade 1": 60}


def test_the_centre_is_healthy_where_enough_are_known_to_be() -> None:
    grades = Grades(codes=np.repeat(np.arange(2), 100), hazard=np.zeros(200))
    for known, counted in ((50, 50), (49, 100)):
        found = grade_groups(grades, np.arange(200) < known)
        assert found.counts == {"healthy": counted, "grade 1": 100}


@pytest.mark.parametrize(
    "settings", [{"cuts": ()}, {"cuts": (0.5, 0.5)}, {"cuts": (0.0,)}, {"cuts": (0.5, 1.0)}, {"frailty": 0.0}]
)
def test_gradings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(
        StudyError, match=r"^Grading must have increasing cuts within 0 to 1 and a frailty above 0, got"
    ):
        Grading(**settings)


def test_groups_are_event_free_for_long_or_by_when_the_event_came() -> None:
    years = np.array([1.0, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    event = np.arange(16) < 6
    found = outcome_groups(FollowUp(years, event))
    assert found.codes.tolist() == [3, 3, 2, 2, 1, 1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0]
    assert found.names == ("event-free for long", "event 1", "event 2", "event 3")
    assert found.rows.tolist() == [*range(6), *range(9, 16)]
    assert found.reference.counts == {"healthy": 7, "event 1": 2, "event 2": 2, "event 3": 2}


def test_the_event_free_must_be_healthy_where_that_is_known() -> None:
    years, event = np.arange(1.0, 21), np.arange(20) < 9
    healthy = np.arange(20) >= 17
    found = outcome_groups(FollowUp(years, event), healthy)
    assert np.flatnonzero(found.codes == 0).tolist() == [17, 18, 19]
    with pytest.raises(StudyError, match=r"^Healthy reference must hold people, got 0 event-free for long; relax"):
        outcome_groups(FollowUp(years, event), np.arange(20) < 9)


def test_tied_event_times_give_fewer_groups() -> None:
    years, event = np.full(20, 3.0), np.arange(20) < 9
    found = outcome_groups(FollowUp(years, event))
    assert found.names == ("event-free for long", "event 1")
    assert (found.codes[:9] == 1).all()


@pytest.mark.parametrize("had_event", [True, False])
def test_follow_up_without_both_kinds_of_end_is_refused(had_event: bool) -> None:
    follow_up = FollowUp(np.arange(1.0, 11), np.full(10, had_event))
    with pytest.raises(StudyError, match=r"^Follow-up must hold people with and without the event, got (0|10) of 10"):
        outcome_groups(follow_up)
