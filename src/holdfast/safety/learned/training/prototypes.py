"""Choose the reference points of each kind among embedded examples."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans  # type: ignore[import-untyped]  # it ships no types

from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.references import Kind, References
from holdfast.safety.learned.training.examples import KINDS

__all__ = ["choose_references"]

_EXAMPLES_A_POINT = 25
_MOST_POINTS = 80


def choose_references(vectors: Vectors, labels: NDArray[np.int64], *, seed: int) -> References:
    """Return the centres of k-means within each kind, about one for 25 examples, at least three and at most 80.

    A kind without examples is left out.
    """
    points: list[Vectors] = []
    owners: list[int] = []
    kinds: list[Kind] = []
    for number, kind in enumerate(KINDS):
        members = vectors[labels == number]
        if not len(members):
            continue
        count = min(len(members), max(3, min(_MOST_POINTS, len(members) // _EXAMPLES_A_POINT)))
        points.append(KMeans(n_clusters=count, n_init=2, random_state=seed).fit(members).cluster_centers_)
        owners += [len(kinds)] * count
        kinds.append(kind)
    return References(tuple(kinds), np.concatenate(points).astype(np.float32), np.array(owners, dtype=np.int64))
