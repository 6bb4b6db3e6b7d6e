"""Learn to guess a text's language from what an encoder makes of it: one linear machine for each against the rest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]  # it ships no types

from holdfast.safety.learned.encoder import Vectors

__all__ = ["language_scores"]


def language_scores(rows: Any, languages: Sequence[str]) -> Vectors:
    """Return scores of each language, shape (features, languages), languages sorted; zeros where there is only one.

    Args:
        rows: A matrix, dense or sparse, shape (texts, features).
        languages: The language of each text.
    """
    names = sorted(set(languages))
    if len(names) < 2:
        return np.zeros((rows.shape[1], len(names)), dtype=np.float32)
    fit = LinearSVC(C=1.0, fit_intercept=False, random_state=0).fit(
        rows, np.array([names.index(one) for one in languages])
    )
    scores = fit.coef_ if len(names) > 2 else np.concatenate([-fit.coef_, fit.coef_])
    return np.ascontiguousarray(scores.T, dtype=np.float32)
