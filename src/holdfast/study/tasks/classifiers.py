"""The classifiers that every representation is judged with, and their settings: fixed, tuned for none of them."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import UnknownNameError

__all__ = ["CLASSIFIERS", "SETTINGS", "Scores", "fit_and_score"]

CLASSIFIERS: Mapping[str, str] = MappingProxyType(
    {
        "knn": "nearest neighbours",
        "lda": "linear discriminant analysis with shrinkage",
        "logistic": "logistic regression",
        "boosted": "boosted trees",
        "mlp": "a small neural network",
    }
)
"""Name to what it is."""

SETTINGS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "knn": {"n_neighbors": 50},
        "lda": {"solver": "lsqr", "shrinkage": "auto"},
        "logistic": {"C": 1.0, "max_iter": 1000},
        "boosted": {"max_iter": 100, "learning_rate": 0.05, "max_leaf_nodes": 15, "min_samples_leaf": 20},
        "mlp": {"hidden_layer_sizes": [32], "alpha": 3.0, "max_iter": 500},
    }
)
"""Of scikit-learn's estimators; all but trees read embeddings standardised on the training people.

The network is held back by its penalty alone: stopped early by accuracy, as scikit-learn does it, it stops within a few
steps where few people have the condition.
"""

_SEEDED = ("boosted", "mlp")
_ITERATING = ("logistic", "mlp")


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """What a classifier said of the test people.

    Attributes:
        values: Estimated probability of the condition, (people,): higher is more likely.
        is_converged: False where fitting ended at its last allowed step.
    """

    values: NDArray[np.float64]
    is_converged: bool


def fit_and_score(
    name: str, train: NDArray[np.float32], has: NDArray[np.bool_], test: NDArray[np.float32], *, seed: int
) -> Scores:
    """Fit a classifier on training people's embeddings and score others.

    Args:
        name: A key of ``CLASSIFIERS``.
        train: (people, dimensions).
        has: Whether each of them has the condition; some must and some must not.
        test: (others, dimensions).
        seed: What is drawn while fitting follows from it.

    Raises:
        UnknownNameError: There is no classifier of that name.
        ValueError: scikit-learn cannot fit it: fewer people than neighbours, for example.
    """
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]  # it ships no types
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

    last = _estimator(name, seed)
    model = last if name == "boosted" else make_pipeline(StandardScaler(), last)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said in is_converged
        model.fit(train, has)
    values = np.asarray(model.predict_proba(test)[:, 1], dtype=np.float64)
    return Scores(values=values, is_converged=name not in _ITERATING or _is_converged(last))


def _is_converged(fitted: Any) -> bool:
    return int(np.max(fitted.n_iter_)) < int(fitted.max_iter)


def _estimator(name: str, seed: int) -> Any:
    if name not in CLASSIFIERS:
        raise UnknownNameError("classifier", name, CLASSIFIERS)
    settings = dict(SETTINGS[name]) | ({"random_state": seed} if name in _SEEDED else {})
    return _class_of(name)(**settings)


def _class_of(name: str) -> Any:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis  # type: ignore[import-untyped]
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.neighbors import KNeighborsClassifier  # type: ignore[import-untyped]
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]

    return {
        "knn": KNeighborsClassifier,
        "lda": LinearDiscriminantAnalysis,
        "logistic": LogisticRegression,
        "boosted": HistGradientBoostingClassifier,
        "mlp": MLPClassifier,
    }[name]
