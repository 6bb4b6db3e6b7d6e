"""Sum the distance-swap hinge over all triplets, in chunks of bounded memory.

The minimum of d(a,n) and d(p,n) ties all three rows together, so the sum does not fall apart into sorted rows as the
plain hinge does: this enumerates, O(B^3) time (512 rows in ten classes: 12 million triplets). Memory is that of the
distance matrices and one chunk: once it is known which triplets are active the sum is linear in the distances, so only
the coefficient of each distance is kept for the gradient.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from holdfast.metric.losses.distances import distance_matrix
from holdfast.metric.losses.loss_batch import LossBatch

__all__ = ["SwapSums", "swap_sums"]

_WORKING_TENSORS = 6  # of a chunk's size, alive at once


@dataclass(frozen=True, eq=False, kw_only=True)
class SwapSums:
    """The sum of hinges over all triplets (a differentiable scalar), how many there are, how many are positive."""

    hinge: Tensor
    triplets: int
    active: int


def swap_sums(batch: LossBatch, *, margin: float, max_bytes: int) -> SwapSums:
    """Sum max(0, d(a,p) - min(d(a,n), d(p,n)) + margin) over every triplet of the batch.

    Where d(a,n) equals d(p,n) each takes half of the gradient, as in ``torch.minimum``; a hinge of zero has none.

    Args:
        batch: Embeddings with labels, and references with labels or none.
        margin: At least 0.
        max_bytes: Bound on the working memory of a chunk; a chunk is at least one anchor, one positive and all its
            negatives. The matrices of distances and their coefficients come on top.
    """
    to_anchor = distance_matrix(batch.embeddings, batch.others)
    between = to_anchor if batch.references is None else distance_matrix(batch.others, batch.others)
    with torch.no_grad():
        counted = _Coefficients(to_anchor, between, margin)
        for a, p, n in _chunks(batch, max_bytes // (_WORKING_TENSORS * to_anchor.element_size())):
            counted.add(a, p, n, exclude_self=batch.references is None)
    linear = (to_anchor * counted.of_anchor).sum()
    if batch.references is not None:
        linear = linear + (between * counted.of_between).sum()
    hinge = counted.hinge.to(linear.dtype) + (linear - linear.detach())
    return SwapSums(hinge=hinge, triplets=counted.triplets, active=counted.active)


class _Coefficients:
    """How often each distance counts in the sum, gathered chunk by chunk."""

    def __init__(self, to_anchor: Tensor, between: Tensor, margin: float) -> None:
        self.to_anchor, self.between, self.margin = to_anchor.detach(), between.detach(), margin
        self.of_anchor = torch.zeros_like(self.to_anchor)
        self.of_between = self.of_anchor if between is to_anchor else torch.zeros_like(self.between)
        self.hinge = torch.zeros((), dtype=torch.float64, device=to_anchor.device)
        self.triplets = self.active = 0

    def add(self, a: Tensor, p: Tensor, n: Tensor, *, exclude_self: bool) -> None:
        """Count the triplets of some anchors, some positives and all negatives of one class."""
        d_an, d_pn = self.to_anchor[a[:, None], n][:, None, :], self.between[p[:, None], n][None, :, :]
        over = self.to_anchor[a[:, None], p][:, :, None] - torch.minimum(d_an, d_pn) + self.margin
        if exclude_self:
            over.masked_fill_((a[:, None] == p)[:, :, None], 0)
        active = (over > 0).to(over.dtype)
        taken_from_an = active * ((torch.sign(d_pn - d_an) + 1) / 2)
        self.hinge += torch.relu_(over).sum(dtype=torch.float64)
        self.of_anchor[a[:, None], p] += active.sum(2)
        self.of_anchor[a[:, None], n] -= taken_from_an.sum(1)
        self.of_between[p[:, None], n] -= active.sum(0) - taken_from_an.sum(0)
        self.active += int(active.sum(dtype=torch.float64))
        pairs = len(a) * len(p) - (int((a[:, None] == p).sum()) if exclude_self else 0)
        self.triplets += pairs * len(n)


def _chunks(batch: LossBatch, elements: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    labels, ref_labels = batch.known_labels()
    others = labels if ref_labels is None else ref_labels
    for label in torch.unique(labels):
        anchors, positives = torch.nonzero(labels == label)[:, 0], torch.nonzero(others == label)[:, 0]
        negatives = torch.nonzero(others != label)[:, 0]
        if not len(positives) or not len(negatives):
            continue
        p_step = min(len(positives), max(1, elements // len(negatives)))
        a_step = max(1, elements // (p_step * len(negatives)))
        for p in torch.split(positives, p_step):
            for a in torch.split(anchors, a_step):
                yield a, p, negatives
