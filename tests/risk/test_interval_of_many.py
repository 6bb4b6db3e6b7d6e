"""Intervals where there are more people than resamples are drawn from."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.risk.distances.relative import Relative
from holdfast.risk.error import RiskError
from holdfast.risk.estimates import RiskIntervals
from holdfast.risk.interval import IntervalSettings
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.settings import RiskSettings
from holdfast.risk.single_time_risk import SingleTimeRisk

ASKED = np.array([[0.5, 0.0], [1.5, 1.0], [3.0, -1.0]])


def intervals(n: int, most: int) -> RiskIntervals:
    """Half healthy about 0, half ill about (2, 0); drawn from at most so many."""
    where = np.arange(n) % 2
    people = np.random.default_rng(0).normal(size=(n, 2)) + where[:, None] * [2.0, 0.0]
    groups = ReferenceGroups.from_codes(where, ["well", "ill"], healthy="well")
    settings = RiskSettings(
        distance=Relative(weighting="equal"), interval=IntervalSettings(replicates=300, most_people=most)
    )
    fitted = SingleTimeRisk.fit(people, groups, settings=settings, generator=np.random.default_rng(1))
    found = fitted.score(ASKED, with_interval=True).intervals
    assert isinstance(found, RiskIntervals)
    return found


def widths(found: RiskIntervals) -> NDArray[np.float64]:
    return found.score_high - found.score_low


def test_they_are_as_wide_as_those_of_so_many_people_so_too_wide_by_the_square_root_of_the_share() -> None:
    all_, some = widths(intervals(32_000, 50_000)), widths(intervals(32_000, 2_000))
    np.testing.assert_allclose(some / all_, 4.0, rtol=0.25)


def test_fewer_people_than_that_are_all_drawn_from() -> None:
    one, other = intervals(3_000, 3_000), intervals(3_000, 50_000)
    np.testing.assert_array_equal(one.score_low, other.score_low)


def test_a_small_group_is_drawn_from_whole() -> None:
    is_ill = np.arange(100_000) < 500
    people = np.random.default_rng(0).normal(size=(100_000, 2)) + is_ill[:, None] * [2.0, 0.0]
    groups = ReferenceGroups(healthy=~is_ill, classes={"ill": is_ill})
    settings = RiskSettings(distance=Relative(weighting="equal"), interval=IntervalSettings(replicates=100))
    found = []
    for most in (1_000, 100_000):
        at = replace(settings, interval=replace(settings.interval, most_people=most))
        fitted = SingleTimeRisk.fit(people, groups, settings=at, generator=np.random.default_rng(1))
        said = fitted.score(ASKED, with_interval=True).intervals
        assert isinstance(said, RiskIntervals)
        found.append(widths(said))
    assert (found[0] / found[1] < 2.0).all()  # the 500 alone: 1; 5 of them: 10


def test_too_few_are_refused() -> None:
    with pytest.raises(RiskError, match=r"^Resamples must be of 1000 people or more, got 999; 50000 is the default\.$"):
        IntervalSettings(most_people=999)
