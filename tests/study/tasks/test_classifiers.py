"""Each classifier against scikit-learn's own, and what it says when it cannot."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from holdfast.errors import UnknownNameError
from holdfast.study.tasks.classifiers import CLASSIFIERS, SETTINGS, fit_and_score


def people(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(n, 4)) * [1, 10, 0.1, 1] + [0, 5, 0, -3]
    return rows.astype(np.float32), rows[:, 0] + rows[:, 1] / 10 + generator.normal(size=n) > 0.5


def test_every_classifier_has_settings() -> None:
    assert list(SETTINGS) == list(CLASSIFIERS)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("knn", KNeighborsClassifier(50)),
        ("lda", LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")),
        ("logistic", LogisticRegression(max_iter=1000)),
        (
            "boosted",
            HistGradientBoostingClassifier(
                max_iter=100, learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=20, random_state=1
            ),
        ),
        ("mlp", MLPClassifier([32], alpha=3.0, max_iter=500, random_state=1)),
    ],
)
def test_scores_are_scikit_learns_on_standardised_embeddings(name: str, theirs: object) -> None:
    rows, has = people()
    found = fit_and_score(name, rows[:200], has[:200], rows[200:], seed=1)
    mean, spread = rows[:200].mean(axis=0, dtype=np.float64), rows[:200].std(axis=0, dtype=np.float64)
    scaled = rows if name == "boosted" else (rows - mean) / spread
    expected = theirs.fit(scaled[:200], has[:200]).predict_proba(scaled[200:])[:, 1]  # type: ignore[attr-defined]
    np.testing.assert_allclose(found.values, expected, atol=0.01)
    assert roc_auc_score(has[200:], found.values) > 0.7


@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_the_same_seed_gives_the_same_scores_and_others_change_none(name: str) -> None:
    rows, has = people()
    one = fit_and_score(name, rows[:200], has[:200], rows[200:], seed=5).values
    np.testing.assert_array_equal(fit_and_score(name, rows[:200], has[:200], rows[200:], seed=5).values, one)
    some = fit_and_score(name, rows[:200], has[:200], rows[200:210], seed=5).values
    np.testing.assert_allclose(some, one[:10], rtol=1e-6)


@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_an_embedding_with_a_constant_column_is_no_trouble(name: str) -> None:
    rows, has = people()
    rows[:, 3] = 1.5
    assert np.isfinite(fit_and_score(name, rows[:200], has[:200], rows[200:], seed=0).values).all()


@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_a_rare_condition_is_told_too(name: str) -> None:
    generator = np.random.default_rng(2)
    rows = generator.normal(size=(600, 5)).astype(np.float32)
    has = rows[:, 0] + 0.5 * generator.normal(size=600) > 1.9
    assert 0.03 < has.mean() < 0.07
    found = fit_and_score(name, rows[:300], has[:300], rows[300:], seed=0)
    assert roc_auc_score(has[300:], found.values) > 0.85


def test_what_ends_at_its_last_step_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, has = people()
    assert fit_and_score("logistic", rows[:200], has[:200], rows[200:], seed=0).is_converged
    short = dict(SETTINGS) | {"logistic": {"max_iter": 1}, "mlp": {"max_iter": 1}}
    monkeypatch.setattr("holdfast.study.tasks.classifiers.SETTINGS", short)
    for name in ("logistic", "mlp"):
        assert not fit_and_score(name, rows[:200], has[:200], rows[200:], seed=0).is_converged


def test_an_unknown_classifier_suggests_the_closest() -> None:
    rows, has = people()
    with pytest.raises(UnknownNameError, match=r"^Classifier must be a known id, got 'logit'; did you mean logistic"):
        fit_and_score("logit", rows, has, rows, seed=0)
