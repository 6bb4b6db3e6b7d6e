"""Follow-up: what is refused, with counts and never a value, and who is known to be in which state when."""

import re

import numpy as np
import pytest

from holdfast.risk.error import RiskError
from holdfast.risk.survival import FollowUp
from holdfast.risk.survival.follow_up import column_of, probabilities_of

NAN = float("nan")


@pytest.mark.parametrize(
    ("years", "event", "message"),
    [
        ([1.0, NAN, float("inf")], [True, False, True], "must be finite, got 2 of 3 that are not"),
        ([1.0, 0.0, -2.0], [True, False, True], "must be above 0, got 2 of 3 that are not"),
        ([1.0, 2.0], [True], r"one each a person, got shapes \(2,\) and \(1,\)"),
        ([[1.0], [2.0]], [[True], [False]], r"one each a person, got shapes \(2, 1\)"),
        ([], np.array([], dtype=bool), "at least one person, got 0 people"),
        ([1.0, 2.0], [1, 0], "Event must be true or false, got dtype 'int64'"),
        (["a", "b"], [True, False], "Follow-up years must be numbers, got list"),
    ],
)
def test_unusable_follow_up_is_refused_with_counts(years, event, message):
    with pytest.raises(RiskError, match=message):
        FollowUp(years, event)


def test_an_error_never_quotes_a_persons_time():
    with pytest.raises(RiskError, match="above 0") as caught:
        FollowUp([4.5, -73.25], [True, True])
    assert not re.search("73", str(caught.value))
    assert caught.value.rows == 1


def test_all_censored_can_be_made_and_counted():
    nobody = FollowUp([1.0, 2.0, 3.0], [False, False, False])
    assert (nobody.n_people, len(nobody), nobody.n_events, nobody.longest_years) == (3, 3, 0, 3.0)


def test_arrays_are_copied_and_read_only():
    years = np.array([1.0, 2.0])
    made = FollowUp(years, np.array([True, False]))
    years[0] = 9.0
    assert made.years[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        made.years[0] = 3.0


def test_censoring_at_a_horizon_keeps_events_exactly_there_and_drops_later_ones():
    cut = FollowUp([1.0, 5.0, 5.0, 7.0, 9.0], [True, True, False, True, False]).censored_at(5.0)
    assert cut.years.tolist() == [1.0, 5.0, 5.0, 5.0, 5.0]
    assert cut.event.tolist() == [True, True, False, False, False]


def test_each_person_is_known_to_have_had_the_event_or_to_be_free_of_it_or_neither():
    people = FollowUp([1.0, 5.0, 5.0, 7.0, 3.0], [True, True, False, True, False])
    assert people.event_by(5.0).tolist() == [True, True, False, False, False]
    assert people.event_free_at(5.0).tolist() == [False, False, True, True, False]


def test_people_are_taken_by_row_with_repeats_or_by_mask():
    people = FollowUp([1.0, 2.0, 3.0], [True, False, True])
    assert people.take([2, 0, 2]).years.tolist() == [3.0, 1.0, 3.0]
    assert people.take(np.array([False, True, True])).event.tolist() == [False, True]
    with pytest.raises(RiskError, match="at least one person"):
        people.take(np.zeros(3, dtype=bool))


@pytest.mark.parametrize("horizon", [0.0, -1.0, float("inf"), NAN])
def test_a_horizon_that_is_no_time_ahead_is_refused(horizon):
    with pytest.raises(RiskError, match="Horizon must be above 0"):
        FollowUp([1.0], [True]).censored_at(horizon)


def test_a_column_must_be_one_finite_number_a_person():
    with pytest.raises(RiskError, match=r"Risk must be one for each of 3 people, got shape \(2,\)"):
        column_of([1.0, 2.0], 3, subject="Risk")
    with pytest.raises(RiskError, match="Risk must be finite, got 1 of 2"):
        column_of([1.0, NAN], 2, subject="Risk")


def test_a_probability_must_lie_in_0_to_1():
    with pytest.raises(RiskError, match="must lie in 0 to 1, got 2 of 3"):
        probabilities_of([1.1, -0.1, 0.5], 3)
    assert probabilities_of([0.0, 1.0], 2).tolist() == [0.0, 1.0]
