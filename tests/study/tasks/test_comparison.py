"""Comparisons: what is learnt from whom, what is refused, and what a failure leaves."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from holdfast.errors import UnknownNameError
from holdfast.measured import Failed, Scored, Unscored
from holdfast.metric.error import MetricError
from holdfast.metric.representations import Classes
from holdfast.study.error import StudyError
from holdfast.study.tasks.classifiers import CLASSIFIERS
from holdfast.study.tasks.comparison import Comparison, Contender, Inputs, run_split
from holdfast.study.tasks.protocol import compare_on_task
from holdfast.study.tasks.result import PairResult, TaskResult
from holdfast.study.tasks.splits import repeated_splits


def pair(result: TaskResult, representation: str, classifier: str) -> PairResult:
    return next(p for p in result.pairs if (p.representation, p.classifier) == (representation, classifier))


def test_raw_and_logistic_regression_is_what_plain_scikit_learn_makes_of_the_same_splits(
    cohort: Any, quick: Comparison
) -> None:
    found = pair(compare_on_task(cohort.inputs, quick), "raw", "logistic")
    by_hand = []
    for split in repeated_splits(cohort.task, repeats=2, seed=3):
        train, test = cohort.task.rows[split.train], cohort.task.rows[split.test]
        scaler = StandardScaler().fit(cohort.values[train])
        model = LogisticRegression(max_iter=1000).fit(scaler.transform(cohort.values[train]), cohort.has[train])
        scores = model.predict_proba(scaler.transform(cohort.values[test]))[:, 1]
        by_hand.append(roc_auc_score(cohort.has[test], scores))
    assert isinstance(found.auroc, Scored)
    assert found.auroc.value == pytest.approx(np.mean(by_hand), abs=1e-4)
    assert found.auroc.n == len(cohort.task.has)
    assert found.ahead is None


def test_every_pair_has_figures_with_intervals(cohort: Any, quick: Comparison) -> None:
    result = compare_on_task(cohort.inputs, quick)
    assert [(p.representation, p.classifier) for p in result.pairs] == list(quick.pairs)
    for found in result.pairs:
        assert isinstance(found.auroc, Scored)
        assert found.auroc.interval is not None
        assert found.auroc.interval.low < found.auroc.value < found.auroc.interval.high
        assert found.auroc.value > 0.8
        assert isinstance(found.average_precision, Scored)
        assert found.unconverged_splits == 0
    ahead = pair(result, "pca", "knn").ahead
    assert ahead is not None
    assert isinstance(ahead.difference, Scored)
    reference, other = pair(result, "raw", "logistic").auroc, pair(result, "pca", "knn").auroc
    assert isinstance(reference, Scored)
    assert isinstance(other, Scored)
    assert ahead.difference.value == pytest.approx(other.value - reference.value)
    assert isinstance(ahead.over_splits, Scored)
    assert ahead.over_splits.value == pytest.approx(ahead.difference.value)
    assert (result.n_people, result.n_cases, result.n_splits) == (len(cohort.task.has), cohort.task.n_cases, 4)
    assert result.left_out == {"not known": int((~cohort.is_known).sum())}


def test_labels_drawn_at_random_cannot_be_told(cohort: Any, quick: Comparison) -> None:
    shuffled = replace(cohort.task, has=np.random.default_rng(0).permutation(cohort.task.has))
    found = pair(compare_on_task(replace(cohort.inputs, task=shuffled), quick), "raw", "logistic").auroc
    assert isinstance(found, Scored)
    assert 0.4 < found.value < 0.6


def test_what_the_test_people_are_like_changes_nothing_that_is_learnt(cohort: Any, quick: Comparison) -> None:
    """Only rows of training people are prepared from; labels of test people are never seen."""
    split = repeated_splits(cohort.task, repeats=1)[0]
    asked: list[np.ndarray] = []

    def prepare(train: np.ndarray) -> Any:
        asked.append(train)
        return cohort.prepare(train)

    one = run_split(quick, replace(cohort.inputs, prepare=prepare), split)
    assert asked[0].tolist() == cohort.task.rows[split.train].tolist()
    flipped = cohort.task.has.copy()
    flipped[split.test] = ~flipped[split.test]
    other = run_split(quick, replace(cohort.inputs, task=replace(cohort.task, has=flipped)), split)
    for key in quick.pairs:
        np.testing.assert_array_equal(one.outcomes[key], other.outcomes[key])


def test_representations_with_classes_learn_from_training_people_only(cohort: Any) -> None:
    everybody = Classes(rows=np.arange(320)[::-1].copy(), codes=np.arange(320)[::-1] % 3)
    split = repeated_splits(cohort.task, repeats=1)[1]
    found = Inputs(task=cohort.task, prepare=cohort.prepare, classes=everybody).training_classes(split)
    people = cohort.task.rows[split.train]
    assert sorted(found.rows) == list(range(len(people)))
    assert (found.codes == people[found.rows] % 3).all()
    own = cohort.inputs.training_classes(split)
    assert own.codes.tolist() == cohort.task.has[split.train].astype(int).tolist()


def test_nplb_takes_part_with_the_tasks_own_labels(cohort: Any, quick: Comparison) -> None:
    contenders = (
        Contender(representation="raw"),
        Contender(representation="nplb", label="ours", settings={"epochs": 10, "batch_size": 32, "hidden": (8,)}),
    )
    result = compare_on_task(cohort.inputs, replace(quick, contenders=contenders, repeats=1, threads=1))
    found = pair(result, "ours", "logistic").auroc
    assert isinstance(found, Scored)
    assert found.value > 0.75


def test_what_cannot_be_learnt_has_failed_and_the_others_go_on(cohort: Any, quick: Comparison) -> None:
    def collinear(train: np.ndarray) -> Any:
        _, everybody = cohort.prepare(train)
        doubled = np.column_stack([everybody, everybody[:, 0]])
        return doubled[train], doubled

    contenders = (Contender(representation="raw"), Contender(representation="ica"))
    inputs = replace(cohort.inputs, prepare=collinear)
    result = compare_on_task(inputs, replace(quick, contenders=contenders))
    found = pair(result, "ica", "logistic")
    message = "in 4 of 4 splits: ica dimensions must be at most the 6 directions in which the rows vary, got `7`; "
    assert isinstance(found.auroc, Failed)
    assert found.auroc.error.startswith(message)
    assert found.average_precision == found.auroc
    assert isinstance(pair(result, "raw", "knn").auroc, Scored)
    turned = compare_on_task(inputs, replace(quick, contenders=contenders, reference=("ica", "knn")))
    ahead = pair(turned, "raw", "knn").ahead
    assert ahead is not None
    assert ahead.difference == Unscored("the reference failed")


def test_a_failure_of_scikit_learns_is_named_by_its_type_alone(cohort: Any, quick: Comparison) -> None:
    few = cohort.task.among(np.arange(320) < 60, why="others")  # fewer training people than neighbours
    result = compare_on_task(Inputs(task=few, prepare=cohort.prepare), quick)
    assert pair(result, "raw", "knn").auroc == Failed("in 4 of 4 splits: ValueError")
    assert isinstance(pair(result, "raw", "logistic").auroc, Scored)


def test_where_everything_fails_nothing_is_measured(cohort: Any, quick: Comparison) -> None:
    few = cohort.task.among(np.arange(320) < 60, why="others")
    only = replace(quick, classifiers=("knn",), reference=("raw", "knn"))
    assert all(
        isinstance(p.auroc, Failed) for p in compare_on_task(Inputs(task=few, prepare=cohort.prepare), only).pairs
    )


def test_a_result_fits_json(cohort: Any, quick: Comparison) -> None:
    said = compare_on_task(cohort.inputs, quick).to_json()
    assert said["reference"] == ["raw", "logistic"]
    assert "ahead_of_reference" not in said["pairs"][0]
    assert said["pairs"][1]["ahead_of_reference"]["difference"]["outcome"] == "scored"


def test_comparisons_that_contradict_themselves_are_refused(quick: Comparison) -> None:
    with pytest.raises(UnknownNameError, match=r"^Representation must be a known id, got 'umap'"):
        replace(quick, contenders=(Contender(representation="umap"),))
    with pytest.raises(UnknownNameError, match=r"^Classifier must be a known id, got 'svm'"):
        replace(quick, classifiers=("svm",))
    with pytest.raises(
        StudyError, match=r"^Contenders and classifiers must have names, each once, got \['raw', 'raw'\]"
    ):
        replace(quick, contenders=(Contender(representation="raw"), Contender(representation="pca", label="raw")))
    with pytest.raises(StudyError, match=r"^Contenders and classifiers must have names, each once, got \[\]"):
        replace(quick, classifiers=())
    with pytest.raises(StudyError, match=r"^Reference must be one of the pairs compared, got \('raw', 'mlp'\)"):
        replace(quick, reference=("raw", "mlp"))


def test_by_default_every_representation_meets_every_classifier() -> None:
    assert len(Comparison().pairs) == 8 * len(CLASSIFIERS)


def test_settings_that_a_representation_does_not_have_fail_it(cohort: Any, quick: Comparison) -> None:
    contenders = (Contender(representation="raw"), Contender(representation="pca", settings={"colour": 1}))
    found = pair(compare_on_task(cohort.inputs, replace(quick, contenders=contenders)), "pca", "knn").auroc
    assert isinstance(found, Failed)
    assert "pca must be given settings it has" in found.error


def test_prepared_rows_of_other_people_are_refused(cohort: Any, quick: Comparison) -> None:
    def prepare(train: np.ndarray) -> Any:
        rows, everybody = cohort.prepare(train)
        return rows[1:], everybody

    with pytest.raises(
        StudyError, match=r"^Prepared rows must be of 1\d\d training people and all 320, got 1\d\d and 320"
    ):
        compare_on_task(replace(cohort.inputs, prepare=prepare), quick)


def test_an_error_of_prepare_is_not_taken_for_a_failed_representation(cohort: Any, quick: Comparison) -> None:
    def prepare(train: np.ndarray) -> Any:
        raise MetricError("no such column")

    with pytest.raises(MetricError, match=r"^no such column$"):
        compare_on_task(replace(cohort.inputs, prepare=prepare), quick)
