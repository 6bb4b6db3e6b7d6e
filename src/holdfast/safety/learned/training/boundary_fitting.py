"""Teach the boundary between danger and none on the vectors of a trained encoder."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

from holdfast.safety.learned.boundary import Boundary
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.linear_head import LinearHead, log_odds
from holdfast.safety.learned.references import References

__all__ = ["fit_boundary"]

_AGAINST_EXTREMES = 0.1
_SMALLEST = 1e-6


def fit_boundary(vectors: Vectors, is_danger: NDArray[np.bool_], references: References) -> Boundary:
    """Return the boundary, weighed so that over ``vectors`` it moves texts as much as their distances differ.

    Args:
        vectors: Shape (texts, dimensions).
        is_danger: Which of the texts speak of danger; some must and some must not.
        references: What relative distances are measured by.
    """
    fit = LogisticRegression(C=_AGAINST_EXTREMES, max_iter=1000).fit(vectors, is_danger)
    line = LinearHead(weights=fit.coef_[0].astype(np.float32), offset=fit.intercept_.astype(np.float32))
    distances = log_odds(references.relative_distance(vectors).max(axis=1))
    return Boundary(line=line, weight=float(distances.std() / max(float(line.scores(vectors).std()), _SMALLEST)))
