"""The benchmark's figures, computed where embeddings lie, are those of the evaluation that needs no torch."""

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score
from sklearn.neighbors import KNeighborsClassifier

from holdfast.measured import Failed, Unscored
from holdfast.metric.benchmark import scores as benchmark_scores
from holdfast.metric.benchmark.scores import RetrievalScores, retrieval_scores
from holdfast.metric.evaluation.report import EvaluationSettings, evaluate

NAMES = ("knn_weighted_f1", "knn_accuracy", "precision_at_1", "map_at_r")


def points(n: int, m: int, *, classes: int, seed: int, d: int = 5):
    generator = np.random.default_rng(seed)
    labels = generator.integers(classes, size=n + m)
    x = generator.normal(size=(n + m, d)) + labels[:, None] * 0.4
    return x[:n].astype(np.float32), labels[:n], x[n:].astype(np.float32), labels[n:]


def as_tensors(arrays):
    return [torch.from_numpy(array) for array in arrays]


@pytest.mark.parametrize(
    ("n", "m", "classes", "seed"), [(80, 200, 4, 0), (50, 33, 7, 1), (30, 400, 2, 2), (9, 6, 3, 3)]
)
def test_figures_equal_those_of_the_evaluation(n, m, classes, seed):
    queries, truth, reference, known = points(n, m, classes=classes, seed=seed)
    ours = retrieval_scores(*as_tensors((queries, truth, reference, known)))
    theirs = evaluate(
        queries, truth, reference=reference, reference_labels=known, settings=EvaluationSettings(resamples=0)
    )
    for name in NAMES:
        mine, other = getattr(ours, name), getattr(theirs, name)
        assert mine.value == pytest.approx(other.value, abs=1e-6), name
        assert mine.n == other.n


def test_the_vote_and_its_f1_equal_those_of_scikit_learn():
    queries, truth, reference, known = points(120, 300, classes=5, seed=4)
    voted = KNeighborsClassifier(5).fit(reference, known).predict(queries)
    ours = retrieval_scores(*as_tensors((queries, truth, reference, known)))
    assert ours.knn_weighted_f1.value == pytest.approx(f1_score(truth, voted, average="weighted"), abs=1e-9)
    assert ours.knn_accuracy.value == pytest.approx((voted == truth).mean(), abs=1e-9)


def test_average_precision_of_a_list_worked_out_by_hand():
    """Three of the class in the reference, found at places 1 and 3 of the first 3: (1/1 + 2/3) / 3."""
    reference = torch.tensor([[1.0], [2.0], [3.0], [9.0]])
    known = torch.tensor([0, 1, 0, 0])
    scores = retrieval_scores(torch.tensor([[0.0]]), torch.tensor([0]), reference, known, k=1)
    assert scores.map_at_r.value == pytest.approx((1 + 2 / 3) / 3)
    assert scores.precision_at_1.value == 1.0


def test_working_in_small_chunks_changes_nothing(monkeypatch):
    arrays = as_tensors(points(60, 90, classes=3, seed=5))
    whole = retrieval_scores(*arrays)
    monkeypatch.setattr(benchmark_scores, "_CHUNK_BYTES", {"cpu": 1})
    assert retrieval_scores(*arrays) == whole


def test_a_far_offset_does_not_blur_distances():
    queries, truth, reference, known = as_tensors(points(60, 90, classes=3, seed=6))
    near = retrieval_scores(queries, truth, reference, known)
    moved = retrieval_scores(queries + 4096, truth, reference + 4096, known)
    assert moved.knn_accuracy.value == pytest.approx(near.knn_accuracy.value, abs=0.02)


def test_queries_of_an_unknown_class_have_no_precision_but_count_as_wrong():
    scores = retrieval_scores(
        torch.zeros(2, 1), torch.tensor([5, 5]), torch.tensor([[0.0], [1.0]]), torch.tensor([0, 1])
    )
    assert scores.map_at_r == Unscored("no query has its class in the reference")
    assert scores.knn_accuracy.value == 0.0


def test_a_failure_is_said_of_every_figure():
    failed = RetrievalScores.failed("diverged")
    assert {getattr(failed, name) for name in NAMES} == {Failed("diverged")}
