"""Who is in the reference, and which sets of people are refused."""

import numpy as np
import pytest

from holdfast.risk.error import RiskError
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.strata import StratumCentres
from risk_people import made_people


def mask(*places, n=6):
    found = np.zeros(n, dtype=bool)
    found[list(places)] = True
    return found


def test_codes_make_the_same_groups_as_masks_and_below_zero_is_in_none():
    groups = ReferenceGroups.from_codes(np.array([1, 0, -1, 0, 2, 1]), ["ill", "well", "dead"], healthy="well")
    assert groups.healthy.tolist() == mask(0, 5).tolist()
    assert {name: found.tolist() for name, found in groups.classes.items()} == {
        "ill": mask(1, 3).tolist(),
        "dead": mask(4).tolist(),
    }
    assert groups.counts == {"healthy": 2, "ill": 2, "dead": 1}
    assert groups.in_any_class.tolist() == mask(1, 3, 4).tolist()


def test_a_person_may_be_in_several_classes_and_repeat_when_taken():
    groups = ReferenceGroups(healthy=mask(0), classes={"a": mask(1, 2), "b": mask(2)}, strata=np.arange(6))
    taken = groups.take(np.array([2, 2, 0]))
    assert taken.counts == {"healthy": 1, "a": 2, "b": 2}
    assert taken.strata is not None
    assert taken.strata.tolist() == [2, 2, 0]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"healthy": mask()}, "'healthy reference' must hold people, got 0 of 6"),
        ({"healthy": mask(0), "classes": {"ill": mask()}}, "'ill' must hold people, got 0 of 6"),
        ({"healthy": mask(0), "classes": {"ill": mask(0, 1)}}, "in no class, got 1 of 6 in both"),
        ({"healthy": mask(0), "classes": {"ill": mask(1, n=5)}}, r"'ill' must be \(6,\) of true or false, got \(5,\)"),
        ({"healthy": mask(0).astype(float)}, "true or false, got .* of float64"),
        ({"healthy": mask(0), "strata": np.array([0, 0, 0, 0, 0, -1])}, "Strata must be .* codes of 0 or more"),
        ({"healthy": mask(0), "strata": np.zeros(6)}, "Strata must be .* got .*float64"),
    ],
)
def test_groups_that_cannot_be_are_refused(given, match):
    with pytest.raises(RiskError, match=match):
        ReferenceGroups(**given)


@pytest.mark.parametrize(
    ("codes", "names", "healthy", "match"),
    [
        ([0, 1], ["well", "ill"], "fit", "Names must be distinct and hold the healthy one"),
        ([0, 1], ["well", "well"], "well", "Names must be distinct"),
        ([0, 3], ["well", "ill"], "well", "Codes must be below 2, got 1 that are not"),
    ],
)
def test_codes_without_a_name_are_refused(codes, names, healthy, match):
    with pytest.raises(RiskError, match=match):
        ReferenceGroups.from_codes(np.array(codes), names, healthy=healthy)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda z: z[:5], "Embeddings must have 6 rows, got 5"),
        (lambda z: z.astype(int), "floating numbers, got .* of int64"),
        (lambda z: z[:, :0], r"floating numbers, got shape \(6, 0\)"),
        (lambda z: np.where(np.arange(6)[:, None] == 2, np.nan, z), "finite, got 1 of 6 rows"),
        (lambda z: np.where(np.arange(6)[:, None] < 2, [[np.inf, -np.inf]], z), "finite, got 2 of 6 rows"),
        (lambda z: np.ones_like(z), "Healthy embeddings must differ, got 3 that are alike"),
    ],
)
def test_embeddings_that_cannot_be_learnt_from_are_refused(change, match):
    groups = ReferenceGroups(healthy=mask(0, 1, 2), classes={"ill": mask(3, 4, 5)})
    embeddings = np.random.default_rng(0).normal(size=(6, 2))
    groups.check(embeddings, least=3)
    with pytest.raises(RiskError, match=match):
        groups.check(change(embeddings), least=3)


def test_small_groups_and_strata_are_refused():
    embeddings = np.random.default_rng(0).normal(size=(6, 2))
    with pytest.raises(RiskError, match="'ill' must hold at least 2 people, got 1"):
        ReferenceGroups(healthy=mask(0, 1), classes={"ill": mask(3)}).check(embeddings, least=2)
    uneven = ReferenceGroups(healthy=mask(0, 1, 3), strata=np.array([0, 0, 0, 4, 4, 4]))
    with pytest.raises(RiskError, match="Every stratum must hold at least 2 healthy people, got 1 that do not"):
        uneven.check(embeddings, least=2)


def test_a_large_finite_sum_that_overflows_is_not_taken_for_a_missing_number():
    embeddings = np.full((6, 2), 3e38, dtype=np.float32)
    embeddings[0] = 0
    ReferenceGroups(healthy=mask(0, 1)).check(embeddings, least=2)


def test_people_are_set_against_the_healthy_of_their_own_stratum():
    people = made_people(has_strata=True)
    strata, healthy = people.groups.strata, people.groups.healthy
    centres = StratumCentres.fit(people.embeddings, people.groups)
    recentred = centres.recentre(people.embeddings, strata)
    for person in range(20):
        own = [z for z, s, h in zip(people.embeddings, strata, healthy, strict=True) if s == strata[person] and h]
        np.testing.assert_allclose(recentred[person], people.embeddings[person] - np.mean(own, axis=0))


def test_a_healthy_person_is_left_out_of_the_centre_of_their_stratum():
    people = made_people(n=60, has_strata=True)
    centres = StratumCentres.fit(people.embeddings, people.groups)
    recentred = centres.recentre_training(people.embeddings, people.groups)
    for person in range(60):
        others = people.groups.healthy & (people.groups.strata == people.groups.strata[person])
        others[person] = False
        np.testing.assert_allclose(
            recentred[person], people.embeddings[person] - people.embeddings[others].mean(axis=0)
        )


def test_a_stratum_that_nobody_healthy_was_of_is_not_known():
    groups = ReferenceGroups(healthy=mask(0, 1, 2, 3), strata=np.array([0, 0, 2, 2, 1, 2]))
    centres = StratumCentres.fit(np.ones((6, 2)), groups)
    assert centres.knows(np.array([-1, 0, 1, 2, 3])).tolist() == [False, True, False, True, False]
