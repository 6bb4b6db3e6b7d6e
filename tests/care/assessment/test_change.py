"""Claims about change between two results."""

import pytest

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.change import Change, Direction, reliable_change
from holdfast.errors import AnswersError
from holdfast.measured import Unscored

THRESHOLDS = {"phq-9": (5, "Löwe", 2004), "gad-7": (4, "Toussaint", 2020), "pcl-5": (15, "Marx", 2022)}
"""Points, first author and year of the published thresholds."""


@pytest.mark.parametrize("name", sorted(THRESHOLDS))
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_move_counts_from_the_published_threshold_on(catalogue: Catalogue, name: str, sign: int) -> None:
    points, author, year = THRESHOLDS[name]
    middle = (catalogue.get(name).maximum or 0) // 2
    for size in range(points + 3):
        change = reliable_change(catalogue.get(name), middle, middle + sign * size)
        assert isinstance(change, Change)
        assert change.difference == sign * size
        assert change.is_reliable is (size >= points)
        assert change.source.year == year
        assert change.source.authors.startswith(author)


def test_higher_is_worse_and_the_direction_is_named(catalogue: Catalogue) -> None:
    worse, better, same = (reliable_change(catalogue.get("phq-9"), 10, later) for later in (16, 4, 10))
    assert isinstance(worse, Change)
    assert isinstance(better, Change)
    assert isinstance(same, Change)
    assert (worse.direction, better.direction, same.direction) == (Direction.WORSE, Direction.BETTER, Direction.SAME)
    assert worse.text == (
        "Your score has risen by 6 points. That is a clear change, and things may feel harder than before "
        "(threshold: 5; Löwe and others, 2004)."
    )
    assert "fallen by 6 points" in better.text
    assert same.text == "Your score has stayed the same."


def test_a_small_move_is_not_made_much_of(catalogue: Catalogue) -> None:
    change = reliable_change(catalogue.get("gad-7"), 10, 11)
    assert isinstance(change, Change)
    assert change.text.startswith("Your score has risen by 1 point. Small moves like this are common")
    assert change.to_dict()["reliable"] is False


@pytest.mark.parametrize("name", ["phq-8", "phq-4", "phq-2", "gad-2", "pc-ptsd-5", "audit-c", "k6", "asq"])
def test_without_a_published_threshold_change_is_unscored(catalogue: Catalogue, name: str) -> None:
    change = reliable_change(catalogue.get(name), 0, 5)
    assert isinstance(change, Unscored)
    assert "no published threshold" in change.reason


@pytest.mark.parametrize(("earlier", "later"), [(-1, 5), (5, 28)])
def test_a_total_out_of_range_is_refused(catalogue: Catalogue, earlier: int, later: int) -> None:
    with pytest.raises(AnswersError, match="PHQ-9 total must lie in 0 to 27, got"):
        reliable_change(catalogue.get("phq-9"), earlier, later)
