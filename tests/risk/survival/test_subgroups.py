"""Figures by subgroup: each is the figure of those people alone, and nobody is dropped without a word."""

import numpy as np
import pytest

from holdfast.measured import Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival import FollowUp, by_subgroup, harrell_concordance, horizon_auc, subgroup_gaps


def concordance(risk, follow_up):
    return harrell_concordance(risk, follow_up).index


def made(n=300):
    g = np.random.default_rng(0)
    sex = np.where(g.random(n) < 0.5, "female", "male")
    risk = g.normal(size=n)
    strength = np.where(sex == "female", 2.0, 0.2)
    times = g.exponential(np.exp(-strength * risk))
    return risk, FollowUp(times, g.random(n) < 0.8), sex


def test_each_figure_is_that_of_its_people_alone():
    risk, follow_up, sex = made()
    found = by_subgroup(concordance, risk, follow_up, attributes={"sex": sex.tolist()})
    assert [(group.attribute, group.level) for group in found] == [("sex", "female"), ("sex", "male")]
    for group in found:
        own = sex == group.level
        assert group.people == own.sum()
        assert group.events == follow_up.event[own].sum()
        assert group.figure == harrell_concordance(risk[own], follow_up.take(own)).index


def test_any_figure_will_do():
    risk, follow_up, sex = made()
    found = by_subgroup(
        lambda r, f: horizon_auc(r, f, horizon_years=0.5), risk, follow_up, attributes={"sex": sex.tolist()}
    )
    own = sex == "male"
    assert found[1].figure == horizon_auc(risk[own], follow_up.take(own), horizon_years=0.5)


def test_people_and_events_add_up_to_everyone_with_those_not_recorded_last():
    risk, follow_up, _ = made()
    origin = [["b", "a", None][i % 3] for i in range(300)]
    found = by_subgroup(concordance, risk, follow_up, attributes={"origin": origin})
    assert [group.level for group in found] == ["a", "b", "not recorded"]
    assert sum(group.people for group in found) == 300
    assert sum(group.events for group in found) == follow_up.n_events


def test_a_small_group_stays_with_its_counts_and_the_reason():
    risk, follow_up, _ = made()
    origin = ["small" if i < 5 else "large" for i in range(300)]
    large, small = by_subgroup(concordance, risk, follow_up, attributes={"origin": origin}, fewest_events=20)
    assert isinstance(large.figure, Scored)
    assert (small.people, small.figure) == (5, Unscored("fewer than 20 events"))


def test_a_group_with_just_enough_events_is_scored():
    people = FollowUp([1.0, 2.0, 3.0], np.array([True, True, False]))
    (all_two,) = by_subgroup(concordance, [3, 2, 1], people, attributes={"sex": ["f"] * 3}, fewest_events=2)
    assert all_two.figure == Scored(value=1.0, n=3)


def test_the_gap_is_the_largest_less_the_smallest_of_the_scored():
    risk, follow_up, sex = made()
    origin = ["small" if i < 5 else "large" for i in range(300)]
    groups = by_subgroup(concordance, risk, follow_up, attributes={"sex": sex.tolist(), "origin": origin})
    of_sex, of_origin = subgroup_gaps(groups)
    values = {group.level: group.figure.value for group in groups if isinstance(group.figure, Scored)}
    assert (of_sex.smallest, of_sex.largest, of_sex.left_out) == ("male", "female", ())
    assert of_sex.gap == Scored(value=values["female"] - values["male"], n=2)
    assert of_sex.gap.value > 0.1
    assert (of_origin.gap, of_origin.largest) == (Unscored("fewer than two groups with enough events"), None)
    assert of_origin.left_out == ("small",)


def test_unusable_attributes_are_refused_by_name_and_count():
    people = FollowUp([1.0, 2.0], np.array([True, False]))
    with pytest.raises(RiskError, match="Attribute 'sex' must be one for each of 2 people, got 1") as caught:
        by_subgroup(concordance, [1, 2], people, attributes={"sex": ["f"]})
    assert caught.value.columns == ("sex",)
    with pytest.raises(RiskError, match="Attribute 'sex' must be text, or None where not known, got 1 others"):
        by_subgroup(concordance, [1, 2], people, attributes={"sex": ["f", 1]})
    with pytest.raises(RiskError, match="must be text, or None where not known, got 'not recorded'"):
        by_subgroup(concordance, [1, 2], people, attributes={"sex": ["f", "not recorded"]})
    with pytest.raises(RiskError, match="Fewest events must be at least 1, got 0"):
        by_subgroup(concordance, [1, 2], people, attributes={}, fewest_events=0)
