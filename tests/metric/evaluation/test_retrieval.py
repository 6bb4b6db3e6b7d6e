"""Classification and retrieval against scikit-learn, pytorch-metric-learning and plain loops."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN
from sklearn.metrics import accuracy_score, f1_score
from sklearn.neighbors import KNeighborsClassifier

from holdfast.measured import Scored, Unscored
from holdfast.metric.evaluation.labelled_points import labelled_pair
from holdfast.metric.evaluation.report import (
    EvaluationSettings,
    evaluate,
    knn_accuracy,
    knn_weighted_f1,
    map_at_r,
    precision_at_1,
    r_precision,
    recall_at_k,
)
from holdfast.metric.evaluation.retrieval import retrieve

QUICK = EvaluationSettings(resamples=0)


def library_figures(queries, reference):
    calculator = AccuracyCalculator(
        include=("precision_at_1", "r_precision", "mean_average_precision_at_r"),
        k="max_bin_count",
        device=torch.device("cpu"),
        knn_func=CustomKNN(LpDistance(normalize_embeddings=False)),
        kmeans_func=lambda *_: None,
    )
    others = {} if reference is None else {"reference": reference.points, "reference_labels": reference.labels}
    return calculator.get_accuracy(queries.points, queries.labels, **others)


@pytest.mark.parametrize("own", [True, False])
def test_retrieval_agrees_with_pytorch_metric_learning(queries, reference, own):
    expected = library_figures(queries, None if own else reference)
    others = {} if own else {"reference": reference.points, "reference_labels": reference.labels}
    found = evaluate(queries.points, queries.labels, settings=QUICK, **others)
    assert found.precision_at_1.value == pytest.approx(expected["precision_at_1"], abs=1e-12)
    assert found.r_precision.value == pytest.approx(expected["r_precision"], abs=1e-12)
    assert found.map_at_r.value == pytest.approx(expected["mean_average_precision_at_r"], abs=1e-7)
    assert 0.2 < found.map_at_r.value < found.r_precision.value < 0.9


@pytest.mark.parametrize("k", [1, 2, 5, 12])
def test_the_vote_of_neighbours_agrees_with_scikit_learn(queries, reference, k):
    model = KNeighborsClassifier(n_neighbors=k).fit(reference.points, reference.labels)
    predicted = model.predict(queries.points)
    others = {"reference": reference.points, "reference_labels": reference.labels, "k": k, "settings": QUICK}
    accuracy = knn_accuracy(queries.points, queries.labels, **others)
    f1 = knn_weighted_f1(queries.points, queries.labels, **others)
    assert accuracy.value == pytest.approx(accuracy_score(queries.labels, predicted), abs=1e-12)
    assert f1.value == pytest.approx(f1_score(queries.labels, predicted, average="weighted"), abs=1e-12)
    assert accuracy.n == f1.n == len(queries.labels)


def test_a_set_that_is_its_own_reference_agrees_with_leave_one_out_in_scikit_learn(queries):
    n = len(queries.labels)
    predicted = [
        KNeighborsClassifier(5)
        .fit(np.delete(queries.points, i, axis=0), np.delete(queries.labels, i))
        .predict(queries.points[[i]])[0]
        for i in range(n)
    ]
    assert knn_accuracy(queries.points, queries.labels, settings=QUICK).value == np.mean(predicted == queries.labels)
    expected = f1_score(queries.labels, predicted, average="weighted")
    assert knn_weighted_f1(queries.points, queries.labels, settings=QUICK).value == pytest.approx(expected)


def looped(points, labels, pool, pool_labels, k):
    """Every measure from its words, one query at a time; positions on a line, so that ties are exact."""
    own = pool is None
    pool, pool_labels = (points, labels) if own else (pool, pool_labels)
    right, first, among, r_precisions, average_precisions = [], [], [], [], []
    for i, (point, label) in enumerate(zip(points, labels, strict=True)):
        others = [j for j in range(len(pool)) if not (own and i == j)]
        ranked = [pool_labels[j] for j in sorted(others, key=lambda j: (abs(pool[j] - point), j))]
        votes = {y: ranked[:k].count(y) for y in ranked[:k]}
        right.append(min(y for y in votes if votes[y] == max(votes.values())) == label)
        r = ranked.count(label)
        if r == 0:
            continue
        first.append(ranked[0] == label)
        among.append(label in ranked[:k])
        r_precisions.append(ranked[:r].count(label) / r)
        precisions = [ranked[:i].count(label) / i for i in range(1, r + 1) if ranked[i - 1] == label]
        average_precisions.append(sum(precisions) / r)
    return right, first, among, r_precisions, average_precisions


lines = st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("abcd")), min_size=4, max_size=14)


@settings(deadline=None)
@given(lines, st.one_of(st.none(), lines), st.integers(1, 3))
def test_every_measure_is_what_its_definition_says_with_ties_lone_classes_and_missing_ones(line, other, k):
    points, labels = [x for x, _ in line], [y for _, y in line]
    pool, pool_labels = (None, None) if other is None else ([x for x, _ in other], [y for _, y in other])
    queries, reference = labelled_pair(
        np.array(points, dtype=float)[:, None],
        labels,
        reference=None if pool is None else np.array(pool, dtype=float)[:, None],
        reference_labels=pool_labels,
    )
    found = retrieve(queries, reference, k=k, max_bytes=300)
    accuracy, f1 = found.knn_accuracy(QUICK), found.knn_weighted_f1(QUICK)
    measured = [found.precision_at_1(QUICK), found.recall_at_k(QUICK)]
    measured += [found.mean_r_precision(QUICK), found.map_at_r(QUICK)]
    right, *retrieval = looped(points, labels, pool, pool_labels, k)
    if len(set(labels) | set(pool_labels or labels)) < 2:
        assert {accuracy, f1, *measured} == {Unscored("fewer than two classes")}
        return
    assert accuracy.value == pytest.approx(np.mean(right))
    for figure, expected in zip(measured, retrieval, strict=True):
        if expected:
            assert figure.value == pytest.approx(np.mean(expected))
            assert figure.n == len(expected)
        else:
            assert figure == Unscored("no query has another point of its class to find")


def test_the_single_functions_give_the_figures_of_the_report(queries, reference):
    others = {"reference": reference.points, "reference_labels": reference.labels}
    report = evaluate(queries.points, queries.labels, k=3, **others)
    arguments = (queries.points, queries.labels)
    assert knn_accuracy(*arguments, k=3, **others) == report.knn_accuracy
    assert knn_weighted_f1(*arguments, k=3, **others) == report.knn_weighted_f1
    assert precision_at_1(*arguments, **others) == report.precision_at_1
    assert recall_at_k(*arguments, k=3, **others) == report.recall_at_k
    assert r_precision(*arguments, **others) == report.r_precision
    assert map_at_r(*arguments, **others) == report.map_at_r


def test_the_report_counts_the_queries_that_have_nothing_to_find():
    report = evaluate([[0.0], [1.0], [2.0]], ["a", "a", "b"], k=1, settings=QUICK)
    assert (report.queries, report.alone, report.k) == (3, 1, 1)
    assert report.precision_at_1.n == 2
    assert report.knn_accuracy.n == 3


def test_a_class_apart_from_all_others_is_found_perfectly():
    points = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]])
    report = evaluate(points, ["x"] * 3 + ["y"] * 3, k=2)
    for figure in (report.knn_accuracy, report.precision_at_1, report.recall_at_k, report.r_precision, report.map_at_r):
        assert figure.value == 1.0


def test_intervals_hold_the_figure_narrow_with_more_queries_and_are_left_out_when_not_wanted(queries, reference):
    others = {"reference": reference.points, "reference_labels": reference.labels}
    all_of_them = evaluate(queries.points, queries.labels, **others)
    a_few = evaluate(queries.points[:30], queries.labels[:30], **others)
    for name in ("knn_accuracy", "knn_weighted_f1", "precision_at_1", "recall_at_k", "r_precision", "map_at_r"):
        wide, narrow = getattr(a_few, name), getattr(all_of_them, name)
        assert narrow.interval.low < narrow.value < narrow.interval.high
        assert narrow.interval.high - narrow.interval.low < wide.interval.high - wide.interval.low
        assert getattr(evaluate(*queries, settings=QUICK, **others), name).interval is None


def test_the_interval_of_weighted_f1_is_that_of_resampling_the_queries(queries, reference):
    predicted = KNeighborsClassifier(5).fit(*reference).predict(queries.points)
    generator, n = np.random.default_rng(5), len(predicted)
    rows = generator.integers(n, size=(400, n))
    draws = [f1_score(queries.labels[r], predicted[r], average="weighted") for r in rows]
    expected = np.quantile(draws, [0.025, 0.975])
    found = knn_weighted_f1(
        *queries,
        reference=reference.points,
        reference_labels=reference.labels,
        settings=EvaluationSettings(resamples=8000),
    )
    assert (found.interval.low, found.interval.high) == pytest.approx(expected, abs=0.01)


def test_the_same_seed_gives_the_same_report_and_another_seed_other_intervals(queries):
    first, again = (evaluate(*queries, settings=EvaluationSettings(seed=4, resamples=200)) for _ in range(2))
    other = evaluate(*queries, settings=EvaluationSettings(seed=5, resamples=200))
    assert first == again
    assert other.knn_accuracy.value == first.knn_accuracy.value
    assert other.knn_accuracy.interval != first.knn_accuracy.interval


@pytest.mark.parametrize("scale", [1e-120, 1.0, 1e120])
def test_no_figure_is_ever_nan(queries, scale):
    report = evaluate(queries.points * scale, queries.labels, settings=QUICK)
    for name in ("knn_accuracy", "r_precision", "map_at_r", "nmi", "silhouette", "alignment", "uniformity"):
        assert isinstance(getattr(report, name), Scored)
        assert np.isfinite(getattr(report, name).value)


def test_collapsed_embeddings_are_judged_without_failing():
    report = evaluate(np.ones((12, 3)), np.arange(12) % 3, settings=QUICK)
    assert report.nmi == Unscored("fewer different points than classes to cluster")
    assert report.silhouette.value == 0.0
    assert report.alignment.value == pytest.approx(0.0, abs=1e-12)
    assert report.uniformity.value == pytest.approx(0.0, abs=1e-12)
    assert report.knn_accuracy.value < 0.6
