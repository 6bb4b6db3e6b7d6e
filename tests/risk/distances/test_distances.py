"""What holds for every distance: against plain loops, under rotation and scaling, and without oneself."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from holdfast.risk.cox import fit_cox
from holdfast.risk.distances.centroid import Centroid
from holdfast.risk.distances.mahalanobis import Mahalanobis
from holdfast.risk.distances.neighbours import Neighbours
from holdfast.risk.distances.registry import DISTANCES, FITTED_DISTANCES, distance_from_json
from holdfast.risk.distances.relative import Relative
from holdfast.risk.distances.relative_neighbours import RelativeNeighbours
from holdfast.risk.error import RiskError
from holdfast.risk.interval import resamples
from holdfast.risk.reference import ReferenceGroups
from risk_people import made_people, rotation

PLAIN = [Centroid(), Mahalanobis(), Neighbours(k=3)]
RELATIVE = [
    kind(weighting=weighting)
    for kind in (Relative, RelativeNeighbours)
    for weighting in ("nearest", "equal", "learned", "learned with reference")
]
SEVERAL = [Relative(prototypes=3), Relative(prototypes=2, weighting="nearest")]
ALL = [*PLAIN, *RELATIVE, *SEVERAL]


def name(distance):
    return "-".join(str(part) for part in distance.to_json().values())


def looped_near(z, pool, k):
    return np.array([np.mean(sorted(np.linalg.norm(row - other) for other in pool)[:k]) for row in z])


def test_centroid_of_three_people_by_hand():
    z = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 3.0], [2.0, 5.0]])
    fitted = Centroid().fit(z, ReferenceGroups(healthy=np.array([True, True, True, False])))
    np.testing.assert_allclose(fitted.score(z), [np.sqrt(5), np.sqrt(5), 2.0, 4.0])


def test_mahalanobis_is_that_of_scikit_learn():
    people = made_people(200, 5)
    z, healthy = people.embeddings, people.groups.healthy
    expected = np.sqrt(LedoitWolf().fit(z[healthy]).mahalanobis(z))
    np.testing.assert_allclose(Mahalanobis().fit(z, people.groups).score(z), expected)


def test_neighbours_are_those_of_a_plain_loop():
    people = made_people(90, 3)
    z, healthy = people.embeddings, people.groups.healthy
    others = np.random.default_rng(7).normal(size=(15, 3))
    np.testing.assert_allclose(
        Neighbours(k=4).fit(z, people.groups).score(others), looped_near(others, z[healthy], 4), rtol=1e-7
    )


def test_relative_distances_are_those_of_their_definition():
    people = made_people(120, 3)
    z, groups = people.embeddings, people.groups
    others = np.random.default_rng(7).normal(size=(15, 3))
    squares = {
        kind: ((others - z[members].mean(axis=0)) ** 2).sum(axis=1)
        for kind, members in {"healthy": groups.healthy, **groups.classes}.items()
    }
    contrasts = np.column_stack([squares["healthy"] - squares[kind] for kind in ("early", "late")])
    nearest = Relative(weighting="nearest").fit(z, groups).score(others)
    np.testing.assert_allclose(nearest, contrasts.max(axis=1))
    np.testing.assert_allclose(Relative(weighting="equal").fit(z, groups).score(others), contrasts.mean(axis=1))
    fitted = Relative(weighting="learned with reference").fit(z, groups, people.follow_up)
    assert fitted.weights is not None
    np.testing.assert_allclose(
        fitted.score(others), np.column_stack([squares["healthy"], contrasts]) @ fitted.weights, rtol=1e-6
    )


def test_relative_neighbours_are_those_of_a_plain_loop():
    people = made_people(120, 3)
    z, groups = people.embeddings, people.groups
    others = np.random.default_rng(7).normal(size=(15, 3))
    near = {
        kind: looped_near(others, z[members], 3)
        for kind, members in {"healthy": groups.healthy, **groups.classes}.items()
    }
    contrasts = np.column_stack([near["healthy"] - near[kind] for kind in ("early", "late")])
    fitted = RelativeNeighbours(k=3, weighting="nearest").fit(z, groups)
    np.testing.assert_allclose(fitted.score(others), contrasts.max(axis=1), rtol=1e-6)


def test_learnt_weights_are_coxs_on_contrasts_that_leave_each_person_out():
    people = made_people(80, 3)
    z, groups = people.embeddings, people.groups
    contrasts = np.empty((80, 2))
    for person in range(80):
        away = {}
        for kind, members in {"healthy": groups.healthy, **groups.classes}.items():
            others = members.copy()
            others[person] = False
            away[kind] = ((z[person] - z[others].mean(axis=0)) ** 2).sum()
        contrasts[person] = [away["healthy"] - away["early"], away["healthy"] - away["late"]]
    spread = contrasts.std(axis=0)
    expected = fit_cox((contrasts - contrasts.mean(axis=0)) / spread, people.follow_up, ridge=0.05) / spread
    fitted = Relative(ridge=0.05).fit(z, groups, people.follow_up)
    np.testing.assert_allclose(fitted.weights, [0.0, *expected], rtol=1e-6)
    np.testing.assert_allclose(fitted.leave_one_out(z, groups), contrasts @ expected, rtol=1e-6)


@pytest.mark.parametrize(
    "distance", [Centroid(), Neighbours(k=3), Relative(weighting="nearest"), Relative(weighting="equal")], ids=name
)
def test_leaving_one_out_is_fitting_without_that_person(distance):
    people = made_people(70, 3)
    z, groups = people.embeddings, people.groups
    left_out = distance.fit(z, groups).leave_one_out(z, groups)
    for person in range(0, 70, 3):
        others = np.delete(np.arange(70), person)
        again = distance.fit(z[others], groups.take(others)).score(z[[person]])
        np.testing.assert_allclose(left_out[person], again[0], rtol=1e-7)


def test_leaving_one_out_of_a_covariance_is_estimating_it_from_the_others_with_the_shrinkage_held():
    people = made_people(40, 3)
    z, groups = people.embeddings, people.groups
    fitted = Mahalanobis().fit(z, groups)
    left_out = fitted.leave_one_out(z, groups)
    ridge = fitted.shrinkage * np.trace(fitted.covariance) / 3 * np.eye(3)
    for person in range(40):
        others = groups.healthy.copy()
        others[person] = False
        if groups.healthy[person]:
            covariance = (1 - fitted.shrinkage) * np.cov(z[others].T, bias=True) + ridge
        else:
            covariance = fitted.covariance
        away = z[person] - z[others].mean(axis=0)
        np.testing.assert_allclose(left_out[person] ** 2, away @ np.linalg.solve(covariance, away))


@pytest.mark.parametrize("distance", ALL, ids=name)
def test_without_themselves_in_the_reference_healthy_people_are_further_out(distance):
    """Learnt weights may be below 0, so that their scores only differ."""
    people = made_people(100, 3)
    z, groups = people.embeddings, people.groups
    fitted = distance.fit(z, groups, people.follow_up)
    own, other = fitted.score(z)[groups.healthy], fitted.leave_one_out(z, groups)[groups.healthy]
    if distance in PLAIN or getattr(distance, "weighting", "") in ("nearest", "equal"):
        assert (other > own).all()
    else:
        assert not np.allclose(other, own)


@pytest.mark.parametrize("distance", ALL, ids=name)
def test_rotating_and_moving_embeddings_leaves_the_score_as_it_is(distance):
    people = made_people(200, 4)
    z = people.embeddings
    moved = z @ rotation(4) + np.array([1e3, -20.0, 5.0, 0.1])
    here = distance.fit(z, people.groups, people.follow_up).score(z)
    there = distance.fit(moved, people.groups, people.follow_up).score(moved)
    np.testing.assert_allclose(there, here, rtol=1e-5, atol=1e-5 * np.abs(here).max())


@pytest.mark.parametrize(
    ("distance", "power"),
    [
        (Centroid(), 1),
        (Neighbours(), 1),
        (Mahalanobis(), 0),
        (Relative(weighting="nearest"), 2),
        (Relative(weighting="equal"), 2),
        (Relative(), 0),
        (Relative(weighting="learned with reference"), 0),
        (RelativeNeighbours(weighting="nearest"), 1),
        (RelativeNeighbours(), 0),
    ],
    ids=str,
)
def test_scaling_embeddings_scales_the_score_as_documented(distance, power):
    people = made_people(200, 4)
    z = people.embeddings
    here = distance.fit(z, people.groups, people.follow_up).score(z)
    there = distance.fit(10 * z, people.groups, people.follow_up).score(10 * z)
    np.testing.assert_allclose(there, here * 10.0**power, rtol=1e-6, atol=1e-6 * np.abs(there).max())


@pytest.mark.parametrize("distance", ALL, ids=name)
def test_a_score_does_not_depend_on_the_rows_beside_it_or_on_their_precision(distance):
    people = made_people(200, 4)
    z = people.embeddings.astype(np.float32)
    fitted = distance.fit(z, people.groups, people.follow_up)
    whole = fitted.score(z)
    np.testing.assert_allclose(whole[50:60], fitted.score(z[50:60]), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(whole, fitted.score(z.astype(np.float64)), rtol=1e-9, atol=1e-9)
    assert fitted.score(z[:0]).shape == (0,)


@pytest.mark.parametrize("distance", [*RELATIVE, *SEVERAL], ids=name)
def test_the_score_rises_from_the_healthy_to_those_with_early_events(distance):
    people = made_people(600, 4)
    fitted = distance.fit(people.embeddings, people.groups, people.follow_up)
    fresh = made_people(600, 4, seed=1)
    assert np.corrcoef(fitted.score(fresh.embeddings), fresh.log_hazard)[0, 1] > 0.7


@pytest.mark.parametrize("distance", ALL, ids=name)
def test_what_is_stored_scores_the_same_and_so_do_its_replicates(distance):
    people = made_people(150, 3)
    z, groups = people.embeddings, people.groups
    fitted = distance.fit(z, groups, people.follow_up)
    back = FITTED_DISTANCES[distance.name].from_stored(fitted.to_json(), fitted.arrays())
    np.testing.assert_array_equal(back.score(z), fitted.score(z))
    draws = resamples(groups, 4, np.random.default_rng(0))
    replicates = distance.resample(z, groups, people.follow_up, draws)
    again = back.replicates_from_stored(replicates.arrays())
    np.testing.assert_array_equal(again.score(z), replicates.score(z))
    assert distance_from_json(distance.to_json()) == distance


@pytest.mark.parametrize("distance", [Centroid(), Mahalanobis(), *RELATIVE[:4], *SEVERAL], ids=name)
def test_replicates_are_fits_to_each_resample(distance):
    people = made_people(150, 3)
    z, groups = people.embeddings, people.groups
    draws = resamples(groups, 3, np.random.default_rng(0))
    together = distance.resample(z, groups, people.follow_up, draws).score(z)
    for b, draw in enumerate(draws):
        alone = distance.fit(z[draw], groups.take(draw), people.follow_up.take(draw))
        np.testing.assert_allclose(together[:, b], alone.score(z), rtol=1e-7, atol=1e-9)


def test_a_neighbour_drawn_twice_counts_twice():
    people = made_people(100, 3)
    z, groups = people.embeddings, people.groups
    draws = resamples(groups, 3, np.random.default_rng(0))
    fresh = np.random.default_rng(5).normal(size=(10, 3))
    for distance in (Neighbours(k=5), RelativeNeighbours(k=5, weighting="equal")):
        together = distance.resample(z, groups, None, draws).score(fresh)
        for b, draw in enumerate(draws):
            near = [
                looped_near(fresh, z[draw][members[draw]], 5)
                for members in (groups.healthy, groups.classes["early"], groups.classes["late"])
            ]
            expected = near[0] if distance.name == "neighbours" else near[0] - (near[1] + near[2]) / 2
            np.testing.assert_allclose(together[:, b], expected, rtol=1e-6)


def test_a_large_reference_is_drawn_from_and_a_draw_is_repeatable():
    people = made_people(300, 3)
    few = Neighbours(k=2, most=50)
    first, second = few.fit(people.embeddings, people.groups), few.fit(people.embeddings, people.groups)
    assert len(first.people.points) == 50
    np.testing.assert_array_equal(first.people.places, second.people.places)
    assert people.groups.healthy[first.people.places].all()


def test_several_prototypes_follow_a_reference_of_two_clusters():
    """Between two healthy clusters lies their mean, which nobody healthy is near to."""
    generator = np.random.default_rng(0)
    z = np.concatenate([generator.normal(size=(50, 2)) + side for side in ([-20, 0], [20, 0], [0, 30])])
    groups = ReferenceGroups.from_codes(np.repeat([0, 0, 1], 50), ["well", "ill"], healthy="well")
    asked = np.array([[-20.0, 0.0], [0.0, 0.0]])
    one = Relative(weighting="equal").fit(z, groups).score(asked)
    two = Relative(weighting="equal", prototypes=2).fit(z, groups).score(asked)
    assert one[0] > one[1]
    assert two[0] < two[1]


@pytest.mark.parametrize("distance", RELATIVE, ids=name)
def test_relative_distances_need_a_class(distance):
    people = made_people(100, 3)
    with pytest.raises(RiskError, match="Relative distance must have a class, got none"):
        distance.fit(people.embeddings, ReferenceGroups(healthy=people.groups.healthy), people.follow_up)


def test_learnt_weights_need_follow_up():
    people = made_people(100, 3)
    with pytest.raises(RiskError, match="Learnt class weights must have follow-up, got none"):
        Relative().fit(people.embeddings, people.groups)


@pytest.mark.parametrize("distance", ALL, ids=name)
def test_other_dimensions_and_missing_numbers_are_refused_at_scoring(distance):
    people = made_people(100, 3)
    fitted = distance.fit(people.embeddings, people.groups, people.follow_up)
    with pytest.raises(RiskError, match="must have 3 dimensions, got 2"):
        fitted.score(people.embeddings[:, :2])
    with pytest.raises(RiskError, match="finite, got 1 of 2 rows"):
        fitted.score(np.array([[0.0, 0.0, np.nan], [0.0, 0.0, 0.0]]))


def test_more_neighbours_than_healthy_people_are_refused():
    people = made_people(100, 3)
    with pytest.raises(RiskError, match="'healthy' must hold at least 101 people"):
        Neighbours(k=100).fit(people.embeddings, people.groups)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Relative(weighting="best"), "Weighting must be known, got 'best'"),
        (lambda: Relative(ridge=0.0), "Ridge must be above 0, got 0.0"),
        (lambda: Relative(prototypes=0), "Prototypes must number 1 or more, got 0"),
        (lambda: Neighbours(k=0), "Neighbours must number 1 or more"),
        (lambda: RelativeNeighbours(k=10, most=10), "got 10 of 10"),
        (lambda: distance_from_json({"name": "cosine"}), "Distance must be known, got 'cosine'"),
        (lambda: distance_from_json({"name": "centroid", "k": 3}), "Settings of 'centroid' must be its own, got k"),
    ],
)
def test_settings_out_of_range_are_refused(make, match):
    with pytest.raises(RiskError, match=match):
        make()


def test_every_distance_is_in_the_registry_under_its_own_name():
    assert {type(distance) for distance in ALL} == set(DISTANCES.values())
    assert all(DISTANCES[key].name == key == FITTED_DISTANCES[key].name for key in DISTANCES)
