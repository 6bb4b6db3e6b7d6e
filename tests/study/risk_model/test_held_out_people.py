"""Who is held out follows from the id and the seed alone."""

import numpy as np
import pytest

from holdfast.study.error import StudyError
from holdfast.study.risk_model.held_out_people import held_out_people

PEOPLE = np.array([f"p{i}" for i in range(20_000)], dtype=object)


def test_the_share_is_held_out() -> None:
    assert held_out_people(PEOPLE, share=0.25, seed=0).mean() == pytest.approx(0.25, abs=0.01)


def test_a_person_stays_on_one_side_whoever_else_is_there() -> None:
    everybody = held_out_people(PEOPLE, share=0.25, seed=3)
    assert (held_out_people(PEOPLE[::7], share=0.25, seed=3) == everybody[::7]).all()


def test_a_larger_share_holds_out_the_same_people_and_more() -> None:
    few, many = (held_out_people(PEOPLE, share=share, seed=0) for share in (0.1, 0.4))
    assert not (few & ~many).any()


def test_another_seed_holds_out_others() -> None:
    one, other = (held_out_people(PEOPLE, share=0.25, seed=seed) for seed in (0, 1))
    assert (one & other).mean() == pytest.approx(0.0625, abs=0.01)


def test_nobody_is_held_out_of_none() -> None:
    assert not held_out_people(PEOPLE, share=0.0, seed=0).any()


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(StudyError, match=r"^Share held out must lie in 0 to below 1, got "):
        held_out_people(PEOPLE, share=share, seed=0)
