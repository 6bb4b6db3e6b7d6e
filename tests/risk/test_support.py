"""Whom the training people speak for."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.neighbors import NearestNeighbors

from holdfast.risk.error import RiskError
from holdfast.risk.support import Support, SupportSettings


def people(n=2000, d=5, *, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)) * np.arange(1, d + 1)


@pytest.mark.parametrize("how", ["mahalanobis", "neighbours"])
def test_people_like_those_in_the_training_are_inside_and_far_ones_outside(how):
    support = Support.fit(people(), settings=SupportSettings(how=how, quantile=0.99))
    fresh = np.mean(support.reach(people(seed=1)) > 1)
    assert 0.003 < fresh < 0.02
    assert (support.reach(people(20, seed=2) + 60) > 1).all()


@pytest.mark.parametrize("how", ["mahalanobis", "neighbours"])
def test_of_the_training_people_the_quantile_lies_outside_when_each_is_left_out(how):
    """Scored with themselves in, fewer do."""
    z = people(500)
    support = Support.fit(z, settings=SupportSettings(how=how, quantile=0.9, k=1))
    others = np.array(
        [
            Support.fit(np.delete(z, i, axis=0), settings=SupportSettings(how=how, quantile=0.9, k=1)).reach(z[[i]])[0]
            for i in range(0, 500, 10)
        ]
    )
    assert np.mean(others > 1) == pytest.approx(0.1, abs=0.08)
    assert np.mean(support.reach(z) > 1) <= 0.1


def test_the_cheap_distance_is_scikit_learns():
    z = people(300)
    support = Support.fit(z, settings=SupportSettings())
    reach = support.reach(z)
    expected = np.sqrt(LedoitWolf().fit(z).mahalanobis(z))
    np.testing.assert_allclose(reach * support.limit, expected)


def test_the_neighbours_are_scikit_learns_and_nobody_is_their_own():
    z, fresh = people(300), people(40, seed=1)
    support = Support.fit(z, settings=SupportSettings(how="neighbours", k=4, quantile=1.0))
    found = NearestNeighbors(n_neighbors=5).fit(z)
    np.testing.assert_allclose(support.reach(fresh) * support.limit, found.kneighbors(fresh, 4)[0][:, -1])
    assert support.limit == pytest.approx(found.kneighbors(z)[0][:, -1].max())


def test_a_hole_between_two_clusters_is_outside_for_neighbours_only():
    side = np.array([30, 0])
    z = np.concatenate([people(400, 2) - side, people(400, 2, seed=1) + side])
    middle = np.zeros((1, 2))
    assert Support.fit(z, settings=SupportSettings(how="neighbours")).reach(middle)[0] > 1
    assert Support.fit(z, settings=SupportSettings()).reach(middle)[0] < 1


@pytest.mark.parametrize("how", ["mahalanobis", "neighbours"])
def test_what_is_stored_reaches_as_far(how):
    support = Support.fit(people(200), settings=SupportSettings(how=how))
    back = Support.from_stored(support.arrays())
    np.testing.assert_array_equal(back.reach(people(30, seed=1)), support.reach(people(30, seed=1)))


@pytest.mark.parametrize("z", [people(11), np.ones((50, 3))])
def test_too_few_people_or_people_all_alike_are_refused(z):
    with pytest.raises(RiskError, match="Support must have 12 training people or more who differ"):
        Support.fit(z, settings=SupportSettings())


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"how": "density"}, "Support must be mahalanobis or neighbours, got 'density'"),
        ({"quantile": 0.0}, "Quantile and missing share must lie in 0 to 1"),
        ({"most_missing": 1.5}, "Quantile and missing share must lie in 0 to 1"),
        ({"k": 0}, "Neighbours must number 1 or more"),
    ],
)
def test_settings_out_of_range_are_refused(given, match):
    with pytest.raises(RiskError, match=match):
        SupportSettings(**given)
