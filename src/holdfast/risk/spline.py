"""Restricted cubic splines: a smooth curve that is straight beyond its outer knots."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["knots_of", "spline_columns"]

_PLACES = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95)}
"""Quantiles for so many knots (Harrell, Regression Modeling Strategies, 2nd edition, table 2.3)."""


def knots_of(values: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """Place 3 or 4 knots at quantiles. Fewer come back where quantiles coincide; fewer than 3 make a straight line."""
    return np.unique(np.quantile(values, _PLACES[number])) if number in _PLACES else np.zeros(0)


def spline_columns(values: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the basis, (n, knots - 1): the value itself, then one cubic term a knot but the last two.

    With knots t[1] ... t[k] and (x)+ for max(x, 0), term j is, over (t[k] - t[1])²::

        (x - t[j])+³ - (x - t[k-1])+³ (t[k] - t[j]) / (t[k] - t[k-1]) + (x - t[k])+³ (t[k-1] - t[j]) / (t[k] - t[k-1])

    (Harrell, section 2.4.5.) Without at least 3 knots: the value alone, (n, 1).
    """
    if len(knots) < 3:
        return values[:, None]
    last, before = knots[-1], knots[-2]
    cubes = np.maximum(values[:, None] - knots, 0.0) ** 3
    terms = [
        cubes[:, j]
        - cubes[:, -2] * (last - knots[j]) / (last - before)
        + cubes[:, -1] * (before - knots[j]) / (last - before)
        for j in range(len(knots) - 2)
    ]
    return np.column_stack([values, *(term / (last - knots[0]) ** 2 for term in terms)])
