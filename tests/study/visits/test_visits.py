"""Visits in memory, and ages in bands."""

from typing import Any

import numpy as np
import pytest

from holdfast.errors import UnknownNameError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.visits.age_bands import age_bands


def test_taking_people_takes_all_that_is_known_of_them(make: Any) -> None:
    visits = make.visits(
        np.arange(8.0).reshape(4, 2),
        age=np.array([30.0, 40, 50, 60]),
        attributes={"sex": np.array(["f", "m", "f", "m"], dtype=object)},
        follow_up=FollowUp(np.array([1.0, 2, 3, 4]), np.array([True, False, True, False])),
        is_healthy=np.array([True, True, False, False]),
    )
    taken = visits.take(np.array([3, 0]))
    assert taken.persons.tolist() == ["p3", "p0"]
    assert taken.values.tolist() == [[6, 7], [0, 1]]
    assert taken.age.tolist() == [60, 30]
    assert taken.attributes["sex"].tolist() == ["m", "f"]
    assert taken.outcome.years.tolist() == [4, 1]
    assert taken.outcome.event.tolist() == [False, True]
    assert taken.is_healthy.tolist() == [False, True]
    assert visits.take(np.array([True, False, False, True])).persons.tolist() == ["p0", "p3"]


def test_selecting_columns_keeps_their_values_with_them(make: Any) -> None:
    visits = make.visits(np.arange(6.0).reshape(2, 3))
    chosen = visits.select(["c2", "c0"])
    assert chosen.names == ("c2", "c0")
    assert chosen.values.tolist() == [[2, 0], [5, 3]]
    with pytest.raises(UnknownNameError, match=r"^Feature must be a known id, got 'c9'"):
        visits.select(["c9"])


def test_values_of_another_shape_are_refused(make: Any) -> None:
    with pytest.raises(StudyError, match=r"^Values must be 2 people by 1 columns, got shape \(2, 3\); give one row"):
        make.visits(np.zeros((2, 3)), (make.number("only"),))


def test_an_age_is_in_the_band_that_begins_with_it() -> None:
    said = age_bands(np.array([0, 39.99, 40, 49.99, 50, 79.9, 80, 130, np.nan]))
    assert said.tolist() == [
        *("under 40", "under 40", "40 to 49", "40 to 49", "50 to 59", "70 to 79", "80 and over", "80 and over"),
        "not recorded",
    ]
    assert age_bands(np.array([20.0]), edges=(18, 65)).tolist() == ["18 to 64"]
