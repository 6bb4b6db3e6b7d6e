"""The losses over triplets: the plain hinge, the hinge with distance swap, and No Pairs Left Behind."""

from abc import abstractmethod

import torch
from torch import Tensor

from holdfast.metric.losses.all_triplets import all_triplet_sums
from holdfast.metric.losses.distances import row_distances, triplet_distances
from holdfast.metric.losses.loss_batch import LossBatch
from holdfast.metric.losses.loss_parts import LossParts, Reduction, checked_reduction
from holdfast.metric.losses.loss_settings import even_power, max_bytes_or_default, non_negative
from holdfast.metric.losses.metric_loss import MetricLoss, Setting
from holdfast.metric.losses.swap_sums import swap_sums
from holdfast.metric.losses.triplets import Indices, Triplets

__all__ = ["DistanceSwapLoss", "NPLBLoss", "TripletLoss"]


class _HingeLoss(MetricLoss):
    """What the three have in common; they are siblings, since none can stand in for another."""

    def __init__(self, *, margin: float, reduction: str, normalize: bool, max_bytes: int | None) -> None:
        super().__init__(normalize=normalize)
        self.margin = non_negative("margin", margin)
        self.reduction: Reduction = checked_reduction(reduction)
        self.max_bytes = None if max_bytes is None else max_bytes_or_default(max_bytes)

    def settings(self) -> dict[str, Setting]:
        """Give every setting as the loss was made with."""
        return {
            "margin": self.margin,
            "reduction": self.reduction,
            "normalize": self.normalize,
            "max_bytes": self.max_bytes,
        }

    def _parts_of(self, batch: LossBatch, indices: Indices | None) -> LossParts:
        if indices is None:
            return self._over_all(batch)
        triplets = Triplets.from_indices_tuple(indices)
        triplets.check_within(rows=len(batch.embeddings), references=len(batch.others))
        return self._from_distances(*triplet_distances(batch.embeddings, batch.references, triplets))

    def _parts_on(self, a: Tensor, p: Tensor, n: Tensor) -> LossParts:
        return self._from_distances(row_distances(a, p), row_distances(a, n), row_distances(p, n))

    @abstractmethod
    def _over_all(self, batch: LossBatch) -> LossParts: ...

    @abstractmethod
    def _from_distances(self, d_ap: Tensor, d_an: Tensor, d_pn: Tensor) -> LossParts: ...

    def _over_all_with(self, batch: LossBatch, *, power: int | None, weight: float) -> LossParts:
        labels, ref_labels = batch.known_labels()
        sums = all_triplet_sums(
            batch.embeddings,
            labels,
            margin=self.margin,
            power=power,
            ref_emb=batch.references,
            ref_labels=ref_labels,
            max_bytes=self.max_bytes,
        )
        return LossParts.reduced(
            hinge=sums.hinge,
            penalty=sums.penalty,
            triplets=sums.triplets,
            active=sums.active,
            weight=weight,
            reduction=self.reduction,
        )

    def _reduced(self, hinge: Tensor, penalty: Tensor, *, weight: float) -> LossParts:
        return LossParts.reduced(
            hinge=hinge.sum(),
            penalty=penalty.sum(),
            triplets=len(hinge),
            active=int((hinge.detach() > 0).sum()),
            weight=weight,
            reduction=self.reduction,
        )


class TripletLoss(_HingeLoss):
    """The plain hinge: pull positives closer to the anchor than negatives by a margin.

    Over triplets (a, p, n), with d Euclidean and not squared::

        L = mean of max(0, d(a,p) - d(a,n) + margin)

    With labels and no ``indices_tuple``, exact over all triplets of the batch without enumerating them. Lower is
    better; zero when every positive is closer than every negative by the margin. No triplets: zero, with zero
    gradients. Ties in distance need no rule; the gradient of a distance of zero, and of a hinge of zero, is zero.

    Equal to pytorch-metric-learning's ``TripletMarginLoss`` with ``LpDistance(normalize_embeddings=normalize)``; its
    default there is ``normalize=True`` and ``reduction="mean-active"``.

    Source: Schroff, Kalenichenko and Philbin, FaceNet, CVPR 2015 (there with squared distances); Weinberger and Saul,
    Distance metric learning for large margin nearest neighbor classification, JMLR 2009. The default margin is ours.

    Args:
        margin: In units of distance, at least 0.
        reduction: ``mean`` over triplets, ``sum``, or ``mean-active`` over triplets with a positive hinge.
        normalize: Scale every embedding to length one first.
        max_bytes: Bound on the working memory of the sum over all triplets; None leaves the default.

    Raises:
        MetricError: A setting is out of range.
    """

    def __init__(
        self, *, margin: float = 1.0, reduction: str = "mean", normalize: bool = False, max_bytes: int | None = None
    ) -> None:
        super().__init__(margin=margin, reduction=reduction, normalize=normalize, max_bytes=max_bytes)

    def _over_all(self, batch: LossBatch) -> LossParts:
        return self._over_all_with(batch, power=None, weight=0.0)

    def _from_distances(self, d_ap: Tensor, d_an: Tensor, d_pn: Tensor) -> LossParts:  # noqa: ARG002  # not in the hinge
        return self._reduced(torch.relu(d_ap - d_an + self.margin), torch.zeros_like(d_ap), weight=0.0)


class NPLBLoss(_HingeLoss):
    """No Pairs Left Behind: the hinge, and a regulariser that pulls d(p,n) towards d(a,n).

    Over triplets (a, p, n), with d Euclidean and not squared::

        L = mean of max(0, d(a,p) - d(a,n) + margin) + weight * (d(p,n) - d(a,n)) ** power

    so that no pair of the triplet is left unconstrained. This is the working form: the full text of the paper was not
    at hand, and every other choice here (default margin, reductions, normalisation, all triplets) is ours. With labels
    and no ``indices_tuple``, exact over all triplets of the batch without enumerating them.

    Lower is better. What is provable: the loss is zero if and only if, for every triplet, d(a,p) <= d(a,n) - margin and
    d(p,n) = d(a,n) (for a weight above 0); and |d(p,n) - d(a,n)| <= d(a,p), so the regulariser is at most
    d(a,p) ** power: it fades where positives are close. No triplets: zero, with zero gradients. The gradient of a
    distance of zero is zero.

    Source: Heydari, Rezaei, McDuff and Prieto, No Pairs Left Behind: Improving Metric Learning with Regularized Triplet
    Objective, 2022.

    Args:
        margin: In units of distance, at least 0.
        weight: Of the regulariser, at least 0; 0 is `TripletLoss`.
        power: Even, at least 2. An odd power has no lower bound and is refused.
        reduction: ``mean`` over triplets, ``sum``, or ``mean-active``: the hinge over triplets in which it is positive,
            the regulariser over all.
        normalize: Scale every embedding to length one first.
        max_bytes: Bound on the working memory of the sum over all triplets; None leaves the default.

    Raises:
        MetricError: A setting is out of range.
    """

    def __init__(
        self,
        *,
        margin: float = 1.0,
        weight: float = 1.0,
        power: int = 2,
        reduction: str = "mean",
        normalize: bool = False,
        max_bytes: int | None = None,
    ) -> None:
        super().__init__(margin=margin, reduction=reduction, normalize=normalize, max_bytes=max_bytes)
        self.weight = non_negative("weight", weight)
        self.power = even_power(power)

    def settings(self) -> dict[str, Setting]:
        """Give margin, weight, power, reduction, normalize and max_bytes."""
        return super().settings() | {"weight": self.weight, "power": self.power}

    def _over_all(self, batch: LossBatch) -> LossParts:
        return self._over_all_with(batch, power=self.power, weight=self.weight)

    def _from_distances(self, d_ap: Tensor, d_an: Tensor, d_pn: Tensor) -> LossParts:
        hinge = torch.relu(d_ap - d_an + self.margin)
        return self._reduced(hinge, (d_pn - d_an) ** self.power, weight=self.weight)


class DistanceSwapLoss(_HingeLoss):
    """The hinge with distance swap: the negative must be far from the anchor and from the positive.

    Over triplets (a, p, n), with d Euclidean and not squared::

        L = mean of max(0, d(a,p) - min(d(a,n), d(p,n)) + margin)

    With labels and no ``indices_tuple``, over all triplets of the batch, enumerated in chunks: O(B^3) time, memory
    bounded by ``max_bytes`` besides the matrix of distances (B^2). For batches of thousands give triplets instead.
    Lower is better. No triplets: zero, with zero gradients. Where d(a,n) = d(p,n) each takes half of the gradient; the
    gradient of a distance of zero is zero.

    Equal to pytorch-metric-learning's ``TripletMarginLoss(swap=True)`` and, on explicit triplets, to
    ``torch.nn.TripletMarginLoss(swap=True)`` up to the latter's epsilon.

    Source: Balntas, Riba, Ponsa and Mikolajczyk, Learning local feature descriptors with triplets and shallow
    convolutional neural networks, BMVC 2016. The default margin is ours.

    Args:
        margin: In units of distance, at least 0.
        reduction: ``mean`` over triplets, ``sum``, or ``mean-active`` over triplets with a positive hinge.
        normalize: Scale every embedding to length one first.
        max_bytes: Bound on the working memory of a chunk of triplets; None is 64 MiB.

    Raises:
        MetricError: A setting is out of range.
    """

    def __init__(
        self, *, margin: float = 1.0, reduction: str = "mean", normalize: bool = False, max_bytes: int | None = None
    ) -> None:
        super().__init__(margin=margin, reduction=reduction, normalize=normalize, max_bytes=max_bytes)

    def _over_all(self, batch: LossBatch) -> LossParts:
        sums = swap_sums(batch, margin=self.margin, max_bytes=max_bytes_or_default(self.max_bytes))
        return LossParts.reduced(
            hinge=sums.hinge,
            penalty=torch.zeros_like(sums.hinge),
            triplets=sums.triplets,
            active=sums.active,
            weight=0.0,
            reduction=self.reduction,
        )

    def _from_distances(self, d_ap: Tensor, d_an: Tensor, d_pn: Tensor) -> LossParts:
        hinge = torch.relu(d_ap - torch.minimum(d_an, d_pn) + self.margin)
        return self._reduced(hinge, torch.zeros_like(d_ap), weight=0.0)
