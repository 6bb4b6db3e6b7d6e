"""Labels of a task: given where they are known, left out and counted where not."""

import numpy as np
import pytest

from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.tasks.task import Task


def test_people_whose_label_is_not_known_are_left_out_and_counted() -> None:
    has = np.array([True, False, True, True])
    task = Task.prevalent("asthma", has, is_known=np.array([True, True, False, True]))
    assert task.rows.tolist() == [0, 1, 3]
    assert task.has.tolist() == [True, False, True]
    assert (task.n_people, task.n_cases, task.left_out) == (4, 2, {"not known": 1})


def test_a_label_that_is_not_known_changes_nothing_whatever_it_says() -> None:
    known = np.array([True, True, False])
    one, other = (Task.prevalent("x", np.array([True, False, said]), is_known=known) for said in (True, False))
    assert one.rows.tolist() == other.rows.tolist()
    assert one.has.tolist() == other.has.tolist()


def test_incident_labels_by_hand() -> None:
    cases = [  # years, event, at risk -> label, None left out
        (2.0, True, True, True),
        (10.0, True, True, True),  # exactly at the horizon
        (10.1, True, True, False),  # later: free of it to the horizon
        (12.0, False, True, False),
        (10.0, False, True, False),  # censored exactly there: known to be free through it
        (9.9, False, True, None),
        (3.0, True, False, None),
        (4.0, False, False, None),
    ]
    years, event, at_risk, labels = (list(column) for column in zip(*cases, strict=True))
    task = Task.incident(
        "stroke", FollowUp(np.array(years), np.array(event)), horizon_years=10.0, is_at_risk=np.array(at_risk)
    )
    assert task.rows.tolist() == [i for i, label in enumerate(labels) if label is not None]
    assert task.has.tolist() == [label for label in labels if label is not None]
    assert task.left_out == {"had it at the visit": 2, "censored before the horizon": 1}


def test_among_keeps_some_people_and_counts_the_labelled_others() -> None:
    task = Task.prevalent("x", np.array([True, False, True, False]), is_known=np.array([True, True, True, False]))
    women = task.among(np.array([True, False, True, False]), why="men")
    assert women.rows.tolist() == [0, 2]
    assert women.n_people == 4
    assert women.left_out == {"not known": 1, "men": 1}
    assert task.left_out == {"not known": 1}


@pytest.mark.parametrize(
    ("labels", "given"),
    [
        (np.array([1.0, np.nan]), r"float64 of shape \(2,\)"),
        (np.array([0, 1]), r"int64 of shape \(2,\)"),
        ([True, False], "list"),
    ],
)
def test_labels_that_are_not_true_or_false_are_refused(labels: object, given: str) -> None:
    with pytest.raises(StudyError, match=rf"^Labels must be true or false for each of 2 people, got {given}; "):
        Task.prevalent("x", labels)  # type: ignore[arg-type]


def test_masks_of_other_lengths_and_horizons_of_nothing_are_refused() -> None:
    two = np.array([True, False])
    with pytest.raises(
        StudyError, match=r"^Known must be true or false for each of 2 people, got bool of shape \(1,\)"
    ):
        Task.prevalent("x", two, is_known=two[:1])
    with pytest.raises(StudyError, match=r"^Chosen must be true or false for each of 2 people"):
        Task.prevalent("x", two).among(two[:1], why="men")
    follow_up = FollowUp(np.array([1.0, 2.0]), two)
    with pytest.raises(RiskError, match=r"^Horizon must be above 0 years and finite, got 0"):
        Task.incident("x", follow_up, horizon_years=0)
    with pytest.raises(StudyError, match=r"^At risk must be true or false for each of 2 people"):
        Task.incident("x", follow_up, horizon_years=1, is_at_risk=two[:1])
