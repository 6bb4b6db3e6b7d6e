"""Claims about the boundary between danger and none, which moves relative distances."""

import numpy as np
import pytest

from holdfast.safety.detection.verdict import Category, Subject
from holdfast.safety.learned import BENIGN, Kind, References
from holdfast.safety.learned.boundary import BOUNDARY, Boundary
from holdfast.safety.learned.linear_head import LinearHead

pytest.importorskip("sklearn", reason="the metric extra is not installed")

from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # it ships no types

from holdfast.safety.learned.training.boundary_fitting import fit_boundary

LINE = LinearHead(weights=np.array([2, -1], dtype=np.float32), offset=np.array([0.5], dtype=np.float32))
KINDS = (Kind.risk(Category.SUICIDE, Subject.SELF), BENIGN)


def test_the_log_odds_of_a_distance_are_moved_by_the_weighed_score() -> None:
    relative, vectors = np.array([0.3, 0.8]), np.array([[1, 1], [-1, 0.5]])
    moved = Boundary(line=LINE, weight=0.4).moved(relative, vectors)
    for number in range(2):
        score = 2 * vectors[number, 0] - vectors[number, 1] + 0.5
        odds = relative[number] / (1 - relative[number]) * np.exp(0.4 * score)
        assert moved[number] == pytest.approx(odds / (1 + odds), rel=1e-5)


def test_without_weight_nothing_is_moved_and_nothing_leaves_the_scale() -> None:
    relative, vectors = np.array([0.0, 0.2, 1.0]), np.array([[50.0, 0], [0, 50], [-50, 0]])
    assert Boundary(line=LINE, weight=0.0).moved(relative, vectors) == pytest.approx(relative, abs=1e-5)
    moved = Boundary(line=LINE, weight=1.0).moved(relative, vectors)
    assert ((moved >= 0) & (moved <= 1)).all()


def test_what_is_stored_is_read_back_and_a_model_without_it_judges_by_distances_alone() -> None:
    found = Boundary.read({BOUNDARY: {"weight": 0.4}}, LINE.tensors(BOUNDARY))
    assert found is not None
    assert (found.line.weights == LINE.weights).all()
    assert found.weight == 0.4
    assert Boundary.read({}, {}) is None


@pytest.mark.parametrize("weight", [-0.1, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="boundary weight"):
        Boundary(line=LINE, weight=weight)


def test_moved_distances_tell_danger_better_where_one_direction_tells_and_the_others_only_differ() -> None:
    draw = np.random.default_rng(0)
    is_danger = np.arange(600) % 2 == 0
    vectors = draw.normal(size=(600, 8)).astype(np.float32) * 3
    vectors[:, 0] = np.where(is_danger, 0.7, -0.7) + draw.normal(size=600)
    points = np.zeros((2, 8), dtype=np.float32)
    points[:, 0] = 1, -1
    references = References(KINDS, points, np.arange(2))
    shown, held = slice(0, 400), slice(400, None)
    boundary = fit_boundary(vectors[shown], is_danger[shown], references)
    relative = references.relative_distance(vectors)[:, 0]
    scores = boundary.weight * boundary.line.scores(vectors[shown])
    distances = np.log(relative[shown] / (1 - relative[shown]))
    assert scores.std() == pytest.approx(distances.std(), rel=1e-3), "both have the same say"
    moved = boundary.moved(relative, vectors)
    assert roc_auc_score(is_danger[held], moved[held]) > roc_auc_score(is_danger[held], relative[held])
