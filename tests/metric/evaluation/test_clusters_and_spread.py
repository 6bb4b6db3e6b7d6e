"""NMI, silhouette, alignment and uniformity against scikit-learn, the authors' formulas and plain loops."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score, silhouette_score

from holdfast.measured import Unscored
from holdfast.metric.evaluation.report import EvaluationSettings, alignment, nmi, silhouette, uniformity

QUICK = EvaluationSettings(resamples=0)


def test_nmi_agrees_with_scikit_learn(queries):
    clusters = KMeans(5, n_init=3, random_state=0).fit_predict(queries.points)
    found = nmi(*queries)
    assert found.value == pytest.approx(normalized_mutual_info_score(queries.labels, clusters), abs=1e-9)
    assert found.n == len(queries.labels)
    assert found.interval is None


def test_nmi_of_groups_far_apart_is_one_whatever_the_labels_are_called():
    points = np.random.default_rng(0).normal(size=(60, 2)) + 100 * (np.arange(60) % 3)[:, None]
    assert nmi(points, np.array(["c", "a", "b"])[np.arange(60) % 3]).value == pytest.approx(1.0)


def test_silhouette_agrees_with_scikit_learn(queries):
    found = silhouette(*queries)
    assert found.value == pytest.approx(silhouette_score(*queries), abs=1e-12)
    assert found.interval.low < found.value < found.interval.high


def test_silhouette_of_a_large_set_looks_at_the_declared_number_of_points(queries):
    found = silhouette(*queries, settings=EvaluationSettings(sample=100, resamples=0))
    assert found.n == 100
    assert found.value != silhouette(*queries, settings=QUICK).value
    assert found.value == pytest.approx(silhouette(*queries, settings=QUICK).value, abs=0.1)
    assert found == silhouette(*queries, settings=EvaluationSettings(sample=100, resamples=0))
    assert found != silhouette(*queries, settings=EvaluationSettings(sample=100, resamples=0, seed=1))


def test_a_sample_has_no_point_twice_and_is_the_whole_set_where_that_is_smaller():
    assert len(set(EvaluationSettings(sample=90).sampled_rows(100).tolist())) == 90
    assert EvaluationSettings(sample=90).sampled_rows(90).tolist() == list(range(90))


def test_uniformity_is_the_authors_formula(queries):
    """``torch.pdist(x).pow(2).mul(-2).exp().mean().log()``, as printed in the paper."""
    directions = torch.nn.functional.normalize(torch.as_tensor(queries.points))
    expected = torch.pdist(directions).pow(2).mul(-2).exp().mean().log()
    for max_bytes in (1, 2**20):
        found = uniformity(*queries, settings=EvaluationSettings(max_bytes=max_bytes))
        assert found.value == pytest.approx(float(expected), abs=1e-12)
        assert found.interval.low < found.value < found.interval.high


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=15), st.integers(0, 50))
def test_alignment_is_the_mean_over_points_of_the_mean_over_their_partners(labels, seed):
    points = np.random.default_rng(seed).normal(size=(len(labels), 3))
    directions = [row / math.dist(row, [0, 0, 0]) for row in points]
    means = []
    for i, label in enumerate(labels):
        partners = [j for j, other in enumerate(labels) if other == label and j != i]
        if partners:
            means.append(np.mean([math.dist(directions[i], directions[j]) ** 2 for j in partners]))
    found = alignment(points, labels, settings=QUICK)
    if means:
        assert found.value == pytest.approx(np.mean(means), abs=1e-12)
        assert found.n == len(means)
    else:
        assert found == Unscored("no class has two points")


@pytest.mark.parametrize("measure", [alignment, uniformity])
def test_lengths_play_no_part_in_directions(queries, measure):
    lengths = np.random.default_rng(3).uniform(1e-3, 1e3, size=(len(queries.labels), 1))
    stretched = measure(queries.points * lengths, queries.labels, settings=QUICK)
    assert stretched.value == pytest.approx(measure(*queries, settings=QUICK).value, abs=1e-9)


def test_uniformity_is_lowest_for_points_spread_out_and_zero_for_one_spot():
    angles = np.linspace(0, 2 * np.pi, 50, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    spot = circle * 0 + 1
    half = circle[:25]
    labels = np.zeros(50, dtype=int)
    assert uniformity(spot, labels).value == pytest.approx(0.0, abs=1e-12)
    assert uniformity(circle, labels).value < uniformity(half, labels[:25]).value < -0.1


@pytest.mark.parametrize("measure", [alignment, uniformity])
def test_the_intervals_cover_the_value_of_the_population_about_as_often_as_they_say(measure):
    """A mean over pairs varies more than its values do: resampling pairs or points alone would cover far less."""
    centres = np.array([[2.0, 0.0], [0.0, 2.0], [-1.0, -1.0]])

    def drawn(generator, n):
        labels = generator.integers(3, size=n)
        return centres[labels] + 0.8 * generator.normal(size=(n, 2)), labels

    truth = measure(
        *drawn(np.random.default_rng(0), 40_000), settings=EvaluationSettings(resamples=0, sample=4000)
    ).value
    covered = 0
    for seed in range(100):
        found = measure(
            *drawn(np.random.default_rng(seed + 1), 120), settings=EvaluationSettings(resamples=200, level=0.9)
        )
        covered += found.interval.low <= truth <= found.interval.high
    assert 0.82 <= covered / 100 <= 0.96


@pytest.mark.parametrize(
    ("measure", "points", "labels", "reason"),
    [
        (nmi, [[0.0], [1.0]], [1, 1], "fewer than two classes"),
        (nmi, [[0.0], [0.0], [0.0]], [0, 1, 1], "fewer different points than classes to cluster"),
        (silhouette, [[0.0], [1.0]], [1, 1], "fewer than two classes"),
        (silhouette, [[0.0], [1.0]], [1, 2], "each point is a class of its own"),
        (alignment, [[0.5], [1.0]], [1, 2], "no class has two points"),
        (alignment, [[0.0], [1.0]], [1, 1], "an embedding of length zero has no direction"),
        (uniformity, [[1.0]], [1], "fewer than two points"),
        (uniformity, [[0.0], [1.0]], [1, 1], "an embedding of length zero has no direction"),
    ],
)
def test_what_is_not_defined_is_unscored_with_its_reason(measure, points, labels, reason):
    assert measure(points, labels) == Unscored(reason)


def test_clusters_that_k_means_cannot_tell_apart_are_unscored_without_a_warning():
    points = np.array([[0.0], [5e-324], [1.0], [1.0]])
    assert nmi(points, [0, 1, 2, 2]) == Unscored("k-means found fewer clusters than classes")
