"""Choose the reference points of each kind among embedded examples."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans  # type: ignore[import-untyped]  # it ships no types

from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.references import Kind, References
from holdfast.safety.learned.training.examples import KINDS

__all__ = ["choose_references"]


def choose_references(
    vectors: Vectors, labels: NDArray[np.int64], *, seed: int, examples_a_point: int = 25, most: int = 80
) -> References:
    """Return the centres of k-means within each kind, at least three and at most ``most``.

    A kind without examples is left out.

    Args:
        vectors: Shape (examples, dimensions).
        labels: The kind of each example, as its place in ``KINDS``.
        seed: Of k-means.
        examples_a_point: For about how many examples of a kind there is a centre.
        most: Centres of a kind; the more, the slower are distances and the larger is the model.
    """
    points: list[Vectors] = []
    owners: list[int] = []
    kinds: list[Kind] = []
    for number, kind in enumerate(KINDS):
        members = vectors[labels == number]
        if not len(members):
            continue
        count = min(len(members), max(3, min(most, len(members) // examples_a_point)))
        points.append(KMeans(n_clusters=count, n_init=2, random_state=seed).fit(members).cluster_centers_)
        owners += [len(kinds)] * count
        kinds.append(kind)
    return References(tuple(kinds), np.concatenate(points).astype(np.float32), np.array(owners, dtype=np.int64))
