"""What cannot be judged is refused with what would be accepted."""

import numpy as np
import pytest
import torch

from holdfast.measured import Scored
from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.report import (
    EvaluationSettings,
    alignment,
    evaluate,
    knn_accuracy,
    nmi,
    silhouette,
    uniformity,
)

POINTS = np.random.default_rng(0).normal(size=(6, 2))
LABELS = np.array([0, 1, 0, 1, 0, 1])


def spoilt(value):
    points = POINTS.copy()
    points[2, 1] = value
    return points


@pytest.mark.parametrize("measure", [lambda p, y: knn_accuracy(p, y, k=1), nmi, silhouette, alignment, uniformity])
@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        (spoilt(np.nan), LABELS, "Embeddings must be finite, got 1 rows with NaN or infinity"),
        (spoilt(np.inf), LABELS, "Embeddings must be finite, got 1 rows"),
        (spoilt(1e200), LABELS, "Embeddings must be finite, got 1 rows"),
        (POINTS[:, 0], LABELS, r"Embeddings must have rows and columns, got shape \(6,\)"),
        (POINTS[:0], LABELS[:0], r"Embeddings must have rows and columns, got shape \(0, 2\)"),
        (POINTS[:, :0], LABELS, "Embeddings must have rows and columns"),
        ([["a", "b"]] * 6, LABELS, "Embeddings must be a matrix of numbers, got 'list'"),
        ([[1.0], [1.0, 2.0]], LABELS[:2], "Embeddings must be a matrix of numbers"),
        (torch.zeros(6, 2, requires_grad=True), LABELS, "Embeddings must be a matrix of numbers, got 'Tensor'"),
        (POINTS, LABELS[:5], r"Labels must be one for each of 6 points, got shape \(5,\)"),
        (POINTS, LABELS[:, None], r"Labels must be one for each of 6 points, got shape \(6, 1\)"),
        (POINTS, [0, 1, 0, 1, 0, np.nan], "Labels must not be missing, got NaN"),
        (POINTS, [0, 1, 0, 1, 0, None], "Labels must not be missing, got None"),
        (POINTS, np.array([0, 1, "a", 1, 0, 1], dtype=object), r"Labels must be of one type, got \['int', 'str'\]"),
        (POINTS, [1j] * 6, "Labels must be numbers or text, got dtype 'complex128'"),
    ],
)
def test_embeddings_and_labels_that_cannot_be_used_are_refused_by_every_measure(measure, points, labels, message):
    with pytest.raises(MetricError, match=message):
        measure(points, labels)


@pytest.mark.parametrize("k", [6, 0, -1, 2.0, True, None])
def test_neighbours_beyond_those_there_are_are_refused(k):
    with pytest.raises(MetricError, match=r"Neighbours k must be a whole number from 1 to 5 \(the others to find\)"):
        evaluate(POINTS, LABELS, k=k)


def test_a_separate_reference_offers_all_its_points():
    found = knn_accuracy(POINTS, LABELS, reference=POINTS, reference_labels=LABELS, k=6)
    assert isinstance(found, Scored)
    with pytest.raises(MetricError, match="Neighbours k must be a whole number from 1 to 6"):
        knn_accuracy(POINTS, LABELS, reference=POINTS, reference_labels=LABELS, k=7)


@pytest.mark.parametrize(
    ("reference", "labels", "message"),
    [
        (POINTS, None, "Reference must come with its labels, got only one of them"),
        (None, LABELS, "Reference must come with its labels, got only one of them"),
        (POINTS[:, :1], LABELS, r"Reference embeddings must have as many dimensions as the queries \(2\), got 1"),
        (spoilt(np.nan), LABELS, "Reference embeddings must be finite"),
        (POINTS, LABELS[:4], r"Reference labels must be one for each of 6 points, got shape \(4,\)"),
        (POINTS, list("ababab"), "Labels must be numbers in both sets or text in both"),
    ],
)
def test_references_that_do_not_fit_are_refused(reference, labels, message):
    with pytest.raises(MetricError, match=message):
        evaluate(POINTS, LABELS, reference=reference, reference_labels=labels, k=2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resamples": -1}, "Setting resamples must be a whole number from 0, got -1"),
        ({"seed": -1}, "Setting seed must be a whole number from 0, got -1"),
        ({"sample": 1}, "Setting sample must be a whole number from 2, got 1"),
        ({"kmeans_starts": 0}, "Setting kmeans_starts must be a whole number from 1, got 0"),
        ({"max_bytes": 0.5}, "Setting max_bytes must be a whole number from 1, got 0.5"),
        ({"level": 1.0}, "Setting level must lie between 0 and 1, got 1.0"),
        ({"level": float("nan")}, "Setting level must lie between 0 and 1, got nan"),
    ],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(MetricError, match=message):
        EvaluationSettings(**change)


def test_labels_may_be_objects_of_one_type_or_text():
    expected = knn_accuracy(POINTS, LABELS, k=2)
    assert knn_accuracy(POINTS, LABELS.astype(object), k=2) == expected
    assert knn_accuracy(POINTS, np.array(["no", "yes"])[LABELS], k=2) == expected
    assert knn_accuracy(POINTS, np.array(["no", "yes"], dtype=object)[LABELS], k=2) == expected
    assert knn_accuracy(torch.as_tensor(POINTS), torch.as_tensor(LABELS), k=2) == expected
