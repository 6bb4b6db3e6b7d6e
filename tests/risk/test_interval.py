"""Intervals in simulations with a known truth, and what widens or narrows them."""

import numpy as np
import pytest

from holdfast.measured import Unscored
from holdfast.risk.distances.centroid import Centroid
from holdfast.risk.distances.relative import Relative
from holdfast.risk.error import RiskError
from holdfast.risk.estimates import RiskIntervals
from holdfast.risk.interval import IntervalSettings, resamples
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.settings import RiskSettings
from holdfast.risk.single_time_risk import SingleTimeRisk
from risk_people import made_people


def intervals(people, asked, *, distance, replicates=200, seed=0):
    settings = RiskSettings(distance=distance, interval=IntervalSettings(replicates=replicates))
    fitted = SingleTimeRisk.fit(
        people.embeddings, people.groups, settings=settings, generator=np.random.default_rng(seed)
    )
    found = fitted.score(asked, with_interval=True)
    assert isinstance(found.intervals, RiskIntervals)
    return found, found.intervals


def sampled(n, *, seed):
    """Half healthy about 0, half ill about (2, 0)."""
    generator = np.random.default_rng(seed)
    embeddings = generator.normal(size=(n, 2)) + np.where(np.arange(n) % 2 == 0, 0.0, 2.0)[:, None] * [1.0, 0.0]
    return embeddings, ReferenceGroups.from_codes(np.arange(n) % 2, ["well", "ill"], healthy="well")


def test_they_cover_the_score_by_the_true_centres_about_as_often_as_they_say():
    """True relative score: |z|² - |z - (2, 0)|². 120 studies of 200 people; the share covered has sd 0.02 or so."""
    asked = np.array([[0.5, 0.0], [1.5, 1.0], [3.0, -1.0], [-1.0, 2.0]])
    true = (asked**2).sum(axis=1) - ((asked - [2.0, 0.0]) ** 2).sum(axis=1)
    covered = []
    for seed in range(120):
        embeddings, groups = sampled(200, seed=seed)
        settings = RiskSettings(distance=Relative(weighting="equal"), interval=IntervalSettings(level=0.9))
        fitted = SingleTimeRisk.fit(embeddings, groups, settings=settings, generator=np.random.default_rng(seed))
        found = fitted.score(asked, with_interval=True).intervals
        assert isinstance(found, RiskIntervals)
        covered.append((found.score_low <= true) & (true <= found.score_high))
    assert 0.83 < np.mean(covered) < 0.95


@pytest.mark.parametrize("distance", [Centroid(), Relative(weighting="equal")])
def test_they_shrink_as_the_reference_grows(distance):
    asked = made_people(100, seed=1).embeddings
    widths = {}
    for n in (400, 6400):
        _, found = intervals(made_people(n), asked, distance=distance)
        widths[n] = [
            np.mean(found.score_high - found.score_low),
            np.mean(found.percentile_high - found.percentile_low),
        ]
    assert all(large < 0.5 * small for large, small in zip(widths[6400], widths[400], strict=True))


def test_scores_lie_in_their_intervals_and_percentiles_within_0_to_100():
    people = made_people(600)
    found, ranges = intervals(people, made_people(200, seed=1).embeddings, distance=Relative(weighting="equal"))
    assert np.mean((ranges.score_low <= found.score) & (found.score <= ranges.score_high)) > 0.98
    assert np.mean((ranges.percentile_low <= found.percentile) & (found.percentile <= ranges.percentile_high)) > 0.95
    assert (ranges.percentile_low >= 0).all()
    assert (ranges.percentile_high <= 100).all()


def test_members_that_differ_widen_an_ensembles_interval():
    """Members by one encoder, against members one of which adds noise of its own."""
    people, asked = made_people(2000), made_people(50, seed=1).embeddings
    generator = np.random.default_rng(3)
    noise, asked_noise = generator.normal(size=(2000, 4)), generator.normal(size=(50, 4))
    widths = []
    for strength in (0.0, 1.0):
        settings = RiskSettings(distance=Centroid(), interval=IntervalSettings(replicates=100))
        fitted = SingleTimeRisk.fit(
            [people.embeddings, people.embeddings + strength * noise],
            people.groups,
            settings=settings,
            generator=np.random.default_rng(0),
        )
        found = fitted.score([asked, asked + strength * asked_noise], with_interval=True).intervals
        assert isinstance(found, RiskIntervals)
        widths.append(np.median(found.score_high - found.score_low))
    assert widths[1] > 2 * widths[0]


def test_the_same_generator_gives_the_same_intervals():
    people, asked = made_people(200), made_people(20, seed=1).embeddings
    first = intervals(people, asked, distance=Centroid(), seed=4)[1]
    again = intervals(people, asked, distance=Centroid(), seed=4)[1]
    other = intervals(people, asked, distance=Centroid(), seed=5)[1]
    np.testing.assert_array_equal(first.score_low, again.score_low)
    assert (first.score_low != other.score_low).any()


def test_resamples_keep_the_size_of_every_combination_of_groups():
    people = made_people(300)
    both = {**people.groups.classes, "any": people.groups.in_any_class}
    groups = ReferenceGroups(healthy=people.groups.healthy, classes=both)
    for draw in resamples(groups, 5, np.random.default_rng(0)):
        assert len(draw) == 300
        assert groups.take(draw).counts == groups.counts
        assert len(np.unique(draw)) < 250


def test_without_resamples_or_with_few_healthy_people_the_reason_is_said():
    people = made_people(200)
    settings = RiskSettings(interval=IntervalSettings(replicates=0))
    generator = np.random.default_rng(0)
    none = SingleTimeRisk.fit(people.embeddings, people.groups, settings=settings, generator=generator)
    found = none.score(people.embeddings[:3], with_interval=True)
    assert found.intervals == Unscored("no resamples were asked for")
    few = ReferenceGroups(healthy=people.groups.healthy & (np.cumsum(people.groups.healthy) < 30))
    small = SingleTimeRisk.fit(people.embeddings, few, settings=RiskSettings(), generator=generator)
    assert small.bootstrap == Unscored("fewer than 30 healthy people")


@pytest.mark.parametrize("given", [{"replicates": -1}, {"level": 1.0}])
def test_settings_out_of_range_are_refused(given):
    with pytest.raises(RiskError, match="Replicates must be 0 or more and the level between 0 and 1"):
        IntervalSettings(**given)
