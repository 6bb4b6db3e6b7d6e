"""The encoder keeps scikit-learn's conventions: its own checks, pipelines, searches, clones."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from holdfast.metric.encoder.triplet_encoder import TripletEncoder

QUICK = {"epochs": 2, "hidden": (16,), "embedding_dim": 4, "random_state": 0}

BEYOND = [
    estimator_checks.check_dataframe_column_names_consistency,
    estimator_checks.check_transformer_get_feature_names_out,
    estimator_checks.check_transformer_get_feature_names_out_pandas,
    estimator_checks.check_set_output_transform,
    estimator_checks.check_set_output_transform_pandas,
    estimator_checks.check_set_output_transform_polars,
    estimator_checks.check_estimators_partial_fit_n_features,
    estimator_checks.check_inplace_ensure_writeable,
]
"""Checks that scikit-learn runs on its own estimators but ``check_estimator`` leaves out."""


@parametrize_with_checks([TripletEncoder(epochs=2)])
def test_every_check_of_check_estimator_passes_and_none_is_expected_to_fail(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names")  # two checks mix frames and arrays
@pytest.mark.parametrize("check", BEYOND, ids=lambda check: check.__name__)
def test_checks_that_scikit_learn_keeps_for_its_own_estimators_pass_too(check: Any) -> None:
    check("TripletEncoder", TripletEncoder(epochs=2, random_state=0))


@pytest.fixture
def blobs() -> tuple[np.ndarray, np.ndarray]:
    rows, labels = make_blobs(150, centers=3, n_features=5, cluster_std=3.0, random_state=1)
    return rows, np.array(["a", "b", "c"])[labels]


def test_a_clone_has_the_settings_and_none_of_what_was_learnt(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    encoder = TripletEncoder(**QUICK, loss="supcon", loss_settings={"temperature": 0.2}).fit(*blobs)
    copy = clone(encoder)
    assert copy.get_params() == encoder.get_params()
    assert not hasattr(copy, "network_")


def test_a_pipeline_ending_in_neighbours_classifies_what_it_has_not_seen(
    blobs: tuple[np.ndarray, np.ndarray],
) -> None:
    encoder = TripletEncoder(**QUICK | {"epochs": 30, "learning_rate": 3e-3})
    pipeline = make_pipeline(StandardScaler(), encoder, KNeighborsClassifier(5))
    rows, labels = blobs
    fitted = pipeline.fit(rows[:100], labels[:100])
    assert fitted.score(rows[100:], labels[100:]) > 0.8


def test_a_grid_search_chooses_by_retrieval_and_finds_that_training_beats_not_training(
    blobs: tuple[np.ndarray, np.ndarray],
) -> None:
    """A learning rate of next to nothing leaves a random map to two dimensions, which must lose."""
    grid = {"learning_rate": np.array([1e-12, 3e-3]), "epochs": [np.int64(20)], "embedding_dim": [2]}
    search = GridSearchCV(TripletEncoder(**QUICK), grid, cv=StratifiedKFold(2)).fit(*blobs)
    assert search.best_params_["learning_rate"] == 3e-3
    assert search.best_estimator_.transform(blobs[0]).shape == (150, 2)


def test_cross_validation_scores_each_fold_within_itself(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    scores = cross_val_score(TripletEncoder(**QUICK), *blobs, cv=StratifiedKFold(3))
    rows, labels = blobs
    for score, (train, held) in zip(scores, StratifiedKFold(3).split(rows, labels), strict=True):
        embeddings = TripletEncoder(**QUICK).fit(rows[train], labels[train]).transform(rows[held])
        distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)
        np.fill_diagonal(distances, np.inf)
        assert score == np.mean(labels[held][distances.argmin(axis=1)] == labels[held])


def test_output_columns_are_named_after_the_encoder(blobs: tuple[np.ndarray, np.ndarray]) -> None:
    encoder = TripletEncoder(**QUICK).set_output(transform="pandas").fit(*blobs)
    assert list(encoder.transform(blobs[0]).columns) == [f"tripletencoder{place}" for place in range(4)]
