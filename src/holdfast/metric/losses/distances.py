"""Euclidean distances, not squared, whose gradient at distance zero is zero instead of undefined."""

import torch
from torch import Tensor

from holdfast.metric.losses.triplets import Triplets

__all__ = ["distance_matrix", "row_distances", "triplet_distances", "unit_rows"]


def row_distances(x: Tensor, y: Tensor) -> Tensor:
    """Measure each row of ``x`` against the same row of ``y``: (n, d) and (n, d) give (n,)."""
    distances: Tensor = torch.linalg.vector_norm(x - y, dim=1)
    return distances


def distance_matrix(x: Tensor, y: Tensor) -> Tensor:
    """Measure every row of ``x`` against every row of ``y``: (n, d) and (m, d) give (n, m).

    The differences are squared themselves, without the matrix product that loses what close points have apart:
    duplicates are at distance zero, exactly.
    """
    return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")


def triplet_distances(x: Tensor, references: Tensor | None, triplets: Triplets) -> tuple[Tensor, Tensor, Tensor]:
    """Measure d(a,p), d(a,n) and d(p,n) of each triplet, each (T,).

    Few triplets are gathered row by row; many are read from matrices of all distances, whichever is smaller.

    Args:
        x: Embeddings, (B, d): the anchors' rows.
        references: The positives' and negatives' rows, (R, d); None when they are the embeddings.
        triplets: Row numbers, on any device.
    """
    others = x if references is None else references
    anchor, positive, negative = (rows.to(x.device) for rows in triplets)
    if len(triplets) * x.shape[1] <= len(x) * len(others):
        a, p, n = x[anchor], others[positive], others[negative]
        return row_distances(a, p), row_distances(a, n), row_distances(p, n)
    to_anchor = distance_matrix(x, others)
    between = to_anchor if references is None else distance_matrix(others, others)
    return to_anchor[anchor, positive], to_anchor[anchor, negative], between[positive, negative]


def unit_rows(x: Tensor) -> Tensor:
    """Scale every row to length one. A row of zeros stays zero and passes its gradient on unscaled."""
    length = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    return x / torch.where(length > 0, length, torch.ones_like(length))
