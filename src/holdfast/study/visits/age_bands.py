"""Ages as bands, so that figures can be broken down by them and compared within them."""

import itertools

import numpy as np
from numpy.typing import NDArray

from holdfast.study.visits.visits import NOT_RECORDED, Words

__all__ = ["AGE_BAND", "AGE_EDGES", "age_bands"]

AGE_BAND = "age band"
AGE_EDGES = (40, 50, 60, 70, 80)
"""Years at which a new band begins."""


def age_bands(age: NDArray[np.float64], edges: tuple[int, ...] = AGE_EDGES) -> Words:
    """Return each person's band: "under 40", "40 to 49", ..., "80 and over"; "not recorded" where age is missing."""
    middle = [f"{low} to {high - 1}" for low, high in itertools.pairwise(edges)]
    labels = np.array([f"under {edges[0]}", *middle, f"{edges[-1]} and over", NOT_RECORDED], dtype=object)
    places = np.searchsorted(edges, age, side="right")
    chosen: Words = labels[np.where(np.isnan(age), len(labels) - 1, places)]
    return chosen
