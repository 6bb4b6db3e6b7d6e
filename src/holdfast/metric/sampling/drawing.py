"""Choose which triplets and which batches to learn from, seeded.

Random triplets are the NPLB paper's "no mining". Semi-hard and hard triplets are those of Schroff et al. 2015 (FaceNet,
CVPR) and Hermans, Beyer and Leibe 2017 ("In Defense of the Triplet Loss for Person Re-Identification", batch hard).
"""

from dataclasses import dataclass
from numbers import Integral

import torch
from torch import Tensor

from holdfast.metric.error import MetricError
from holdfast.metric.losses.triplets import Triplets
from holdfast.metric.sampling.batches import ClassBalancedBatches, ShuffledBatches
from holdfast.metric.sampling.class_members import Labels, class_members

__all__ = [
    "ClassBalancedBatches",
    "ShuffledBatches",
    "hard_triplets",
    "random_triplets",
    "semi_hard_triplets",
]


def random_triplets(labels: Labels, n: int, *, generator: torch.Generator) -> Triplets:
    """Draw ``n`` triplets independently, with replacement.

    The anchor is uniform among points with another of their class and one of another class, the positive uniform among
    the others of its class, the negative uniform among all points of other classes.

    Args:
        labels: Shape (N,): whole numbers, one class a point.
        n: How many triplets, at least 1.
        generator: Where they come from: the same state gives the same triplets.

    Raises:
        MetricError: ``n`` below 1, labels that are not whole numbers, a single class, or no class with two members.
    """
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
        raise MetricError(f"Number of triplets must be a whole number from 1, got {n!r}.")
    members = class_members(labels)
    members.require_triplets()
    eligible = torch.nonzero(members.sizes[members.codes] > 1).squeeze(1)
    anchor = eligible[_uniform(torch.full((int(n),), len(eligible)), generator, eligible.device)]
    code = members.codes[anchor]
    size, start = members.sizes[code], members.starts[code]
    positive = _uniform(size - 1, generator, size.device)
    positive += positive >= members.places[anchor] - start  # the anchor itself is passed over
    negative = _uniform(len(members.codes) - size, generator, size.device)
    negative += size * (negative >= start)  # and so is its class
    return Triplets(anchor, members.order[start + positive], members.order[negative])


def semi_hard_triplets(embeddings: Tensor, labels: Labels, *, margin: float, generator: torch.Generator) -> Triplets:
    """Draw one semi-hard negative for every pair of anchor and positive that has any.

    Semi-hard: further from the anchor than the positive, but by less than the margin, d(a,p) < d(a,n) < d(a,p) +
    margin; uniform among those. Pairs without one are left out, so that the result may be empty.

    Args:
        embeddings: Shape (B, d), finite; no gradient flows through the choice.
        labels: Shape (B,): whole numbers.
        margin: Of the loss, in units of distance, above 0.
        generator: Where the choices come from.

    Raises:
        MetricError: Embeddings or labels that cannot be used, a margin that is not above 0, a single class, or no
            class with two members.
    """
    if not 0.0 < margin < float("inf"):
        raise MetricError(
            f"Margin must be a finite number above 0, got {margin!r}; no negative is semi-hard otherwise."
        )
    batch = _batch(embeddings, labels)
    ascending, rows = batch.distances.masked_fill(batch.same, torch.inf).sort(dim=1, stable=True)
    first = torch.searchsorted(ascending, batch.distances, right=True)
    last = torch.searchsorted(ascending, batch.distances + margin)
    count = (last - first).clamp_(min=0)
    anchor, positive = torch.nonzero(batch.positive & (count > 0), as_tuple=True)
    drawn = _uniform(count[anchor, positive], generator, count.device)
    return Triplets(anchor, positive, rows[anchor, first[anchor, positive] + drawn])


def hard_triplets(embeddings: Tensor, labels: Labels) -> Triplets:
    """Take for every anchor its furthest positive and its nearest negative; of equals, the first row.

    Anchors without a positive are left out. Nothing is drawn: the same batch gives the same triplets.

    Args:
        embeddings: Shape (B, d), finite; no gradient flows through the choice.
        labels: Shape (B,): whole numbers.

    Raises:
        MetricError: Embeddings or labels that cannot be used, a single class, or no class with two members.
    """
    batch = _batch(embeddings, labels)
    anchor = torch.nonzero(batch.positive.any(dim=1)).squeeze(1)
    furthest = batch.distances.masked_fill(~batch.positive, -torch.inf).argmax(dim=1)
    nearest = batch.distances.masked_fill(batch.same, torch.inf).argmin(dim=1)
    return Triplets(anchor, furthest[anchor], nearest[anchor])


@dataclass(frozen=True, kw_only=True)
class _Batch:
    distances: Tensor
    same: Tensor
    positive: Tensor


@torch.no_grad()
def _batch(embeddings: Tensor, labels: Labels) -> _Batch:
    if not isinstance(embeddings, Tensor) or embeddings.ndim != 2 or not embeddings.is_floating_point():
        found = tuple(embeddings.shape) if isinstance(embeddings, Tensor) else type(embeddings).__name__
        raise MetricError(f"Embeddings must be a floating-point tensor of one row a point, got {found!r}.")
    members = class_members(labels)
    if len(members.codes) != len(embeddings):
        raise MetricError(f"Labels must be one for each of {len(embeddings)} points, got {len(members.codes)!r}.")
    members.require_triplets()
    points = embeddings.detach().to(torch.promote_types(embeddings.dtype, torch.float32))
    if not torch.isfinite(points).all():
        raise MetricError("Embeddings must be finite, got NaN or infinity; lower the learning rate or check the input.")
    codes = members.codes.to(points.device)
    same = codes[:, None] == codes
    positive = same & ~torch.eye(len(codes), dtype=torch.bool, device=points.device)
    exact = torch.cdist(points, points, compute_mode="donot_use_mm_for_euclid_dist")
    return _Batch(distances=exact, same=same, positive=positive)


def _uniform(sizes: Tensor, generator: torch.Generator, device: torch.device) -> Tensor:
    """Draw one of 0 to ``size - 1`` for each size."""
    drawn = torch.rand(sizes.shape, dtype=torch.float64, generator=generator, device=generator.device).to(device)
    sizes = sizes.to(device)
    return torch.minimum((drawn * sizes).long(), sizes - 1)
