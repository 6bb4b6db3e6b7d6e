"""Multi-level distance regularization: a triplet loss whose distances are also drawn to a few learnt levels."""

import torch
from torch import Tensor, nn

from holdfast.metric.losses.distances import distance_matrix
from holdfast.metric.losses.loss_batch import LossBatch
from holdfast.metric.losses.loss_parts import LossParts
from holdfast.metric.losses.loss_settings import fraction, max_bytes_or_default, non_negative
from holdfast.metric.losses.metric_loss import MetricLoss, Setting
from holdfast.metric.losses.triplet_losses import TripletLoss
from holdfast.metric.losses.triplets import Indices

__all__ = ["MDRLoss"]

INITIAL_LEVELS = (-3.0, 0.0, 3.0)
SMALLEST_STD_SHARE = 1e-6
"""Distances that vary by less than this share of their mean are taken as equal: they are then not divided."""


class MDRLoss(MetricLoss):
    """The plain hinge and multi-level distance regularization, whose levels are learnt.

    With the distances D of all pairs of the batch, standardised by running mean m and deviation s (constants to the
    gradient), and levels v::

        L = mean of max(0, d(a,p) - d(a,n) + margin)
            + weight * mean over pairs of  min over levels of |(D - m) / s - v|
            + level_weight * sum of v^2

    The levels begin at -3, 0 and 3 and are parameters: pass ``loss.parameters()`` to the optimiser. Mean and deviation
    are those of the first batch, then ``momentum`` of the old and the rest of the new, before they are used; they are
    buffers, saved with the module, and not updated in evaluation mode (ours). Each process keeps its own.

    Lower is better. `LossParts.penalty` is the middle mean, before ``weight``; ``total`` also holds the term of the
    levels, which is there even when no pair is. Without labels of two classes the hinge is zero, the rest is not. The
    pairs are all of the batch whatever the triplets: the 3T rows of T explicit triplets have 3T(3T-1)/2. With
    references, they are rows with references.

    Source: Kim and Park, Multi-level Distance Regularization for Deep Metric Learning, AAAI 2021, and their code:
    initial levels, momentum 0.9, level_weight 0.01, margin 0.2, weight 0.1 to 0.6. Ours: the hinge over all triplets or
    the given ones, where they draw them weighted by distance; mean and deviation over pairs of different rows, where
    their code counts each row's zero distance to itself; the deviation as of a population; equal distances are not
    divided by their deviation of zero.

    Args:
        margin: In units of distance, at least 0.
        weight: Of the distance to the nearest level, at least 0.
        level_weight: Of the squared levels, at least 0.
        momentum: Share of the old mean and deviation that is kept, at least 0 and below 1.
        normalize: Scale every embedding to length one first (the paper does not).
        max_bytes: Bound on the working memory of the hinge over all triplets; None leaves the default. The matrix of
            distances comes on top.

    Raises:
        MetricError: A setting is out of range.
    """

    running_mean: Tensor
    running_std: Tensor
    batches: Tensor

    def __init__(
        self,
        *,
        margin: float = 0.2,
        weight: float = 0.1,
        level_weight: float = 0.01,
        momentum: float = 0.9,
        normalize: bool = False,
        max_bytes: int | None = None,
    ) -> None:
        super().__init__(normalize=normalize)
        self.margin = non_negative("margin", margin)
        self.weight = non_negative("weight", weight)
        self.level_weight = non_negative("level_weight", level_weight)
        self.momentum = fraction("momentum", momentum)
        self.max_bytes = None if max_bytes is None else max_bytes_or_default(max_bytes)
        self.levels = nn.Parameter(torch.tensor(INITIAL_LEVELS))
        self.register_buffer("running_mean", torch.zeros(()))
        self.register_buffer("running_std", torch.ones(()))
        self.register_buffer("batches", torch.zeros((), dtype=torch.long))
        self._hinge = TripletLoss(margin=margin, max_bytes=max_bytes)

    def settings(self) -> dict[str, Setting]:
        """Give every setting as the loss was made with; what it has learnt is in ``state_dict``."""
        return {
            "margin": self.margin,
            "weight": self.weight,
            "level_weight": self.level_weight,
            "momentum": self.momentum,
            "normalize": self.normalize,
            "max_bytes": self.max_bytes,
        }

    def _parts_of(self, batch: LossBatch, indices: Indices | None) -> LossParts:
        hinge = self._hinge._parts_of(batch, indices)
        if batch.references is None:
            return self._with_levels(hinge, _all_pairs(batch.embeddings))
        return self._with_levels(hinge, distance_matrix(batch.embeddings, batch.references).flatten())

    def _parts_on(self, a: Tensor, p: Tensor, n: Tensor) -> LossParts:
        return self._with_levels(self._hinge._parts_on(a, p, n), _all_pairs(torch.cat([a, p, n])))

    def _with_levels(self, hinge: LossParts, distances: Tensor) -> LossParts:
        levels = self.levels.to(distances.dtype)
        penalty = distances.sum()  # zero without pairs, and still differentiable
        if len(distances):
            mean, std = self._statistics(distances.detach())
            to_levels = ((distances - mean) / std)[:, None] - levels
            penalty = to_levels.abs().min(dim=1).values.mean()
        total = hinge.total + self.weight * penalty + self.level_weight * levels.square().sum()
        return LossParts(total=total, hinge=hinge.hinge, penalty=penalty, triplets=hinge.triplets, active=hinge.active)

    @torch.no_grad()
    def _statistics(self, distances: Tensor) -> tuple[Tensor, Tensor]:
        mean, std = distances.mean(), distances.std(correction=0)
        is_first = bool(self.batches == 0)
        if not is_first:
            kept = self.momentum if self.training else 1.0
            mean = kept * self.running_mean + (1 - kept) * mean
            std = kept * self.running_std + (1 - kept) * std
        if self.training:
            self.running_mean.copy_(mean)
            self.running_std.copy_(std)
            self.batches += 1
        return mean, torch.where(std > SMALLEST_STD_SHARE * mean, std, torch.ones_like(std))


def _all_pairs(points: Tensor) -> Tensor:
    matrix = distance_matrix(points, points)
    left, right = torch.triu_indices(len(points), len(points), offset=1, device=points.device)
    return matrix[left, right]
