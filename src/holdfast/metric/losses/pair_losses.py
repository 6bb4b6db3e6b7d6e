"""The losses that compare by a softmax over similarities: N-pair and supervised contrastive."""

from dataclasses import dataclass
from numbers import Integral
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import softplus

from holdfast.metric.error import MetricError
from holdfast.metric.losses.loss_batch import LossBatch
from holdfast.metric.losses.loss_parts import LossParts, Reduction, checked_reduction
from holdfast.metric.losses.loss_settings import non_negative, positive
from holdfast.metric.losses.metric_loss import MetricLoss, Setting
from holdfast.metric.losses.triplets import Indices, Pairs

__all__ = ["NPairLoss", "SupConLoss"]


class NPairLoss(MetricLoss):
    """Multi-class N-pair loss: each anchor must find its own positive among the positives of other classes.

    Over rounds of pairs (a_i, p_i), one of each class, with inner products::

        L = mean over pairs of  log(1 + sum over j != i of exp(a_i . p_j - a_i . p_i))
            + weight * mean over pairs of  (|a_i|^2 + |p_i|^2) / 4

    Lower is better. Without ``indices_tuple``, the members of a class are paired in order of their rows: the first two
    make its pair of the first round, the next two of the second, and so on; so a class-balanced batch is used whole
    (ours: the paper draws two rows of each class, which is one round). With references, the k-th anchor of a class and
    its k-th reference make a pair. With ``indices_tuple``, a class's different positive pairs go into rounds in the
    order given; its negatives are not used. A single left-over member, and a class alone in its round, have nothing to
    be compared with and do not count; if that is so for all, the loss is zero, with zero gradients.

    ``rounds=1`` and ``weight=0`` equal pytorch-metric-learning's ``NPairsLoss`` with
    ``DotProductSimilarity(normalize_embeddings=normalize)``, which takes no references (for pairs of a miner, as long
    as its first pair of each class is the same).

    Source: Sohn, Improved Deep Metric Learning with Multi-class N-pair Loss Objective, NIPS 2016. It regularises the
    embeddings' squared length; the form and weight of that term here are those of ``npairs_loss`` in TensorFlow.

    Args:
        weight: Of the squared lengths, at least 0.
        rounds: At most so many pairs of each class, at least 1; None for as many as there are.
        reduction: ``mean`` over pairs, or ``sum``.
        normalize: Scale every embedding to length one first (the paper does not).

    Raises:
        MetricError: A setting is out of range.
    """

    def __init__(
        self, *, weight: float = 0.002, rounds: int | None = None, reduction: str = "mean", normalize: bool = False
    ) -> None:
        super().__init__(normalize=normalize)
        self.weight = non_negative("weight", weight)
        if rounds is not None and (isinstance(rounds, bool) or not isinstance(rounds, Integral) or rounds < 1):
            raise MetricError(f"rounds must be a whole number above 0 or None, got `{rounds!r}`; 1 is the paper's.")
        self.rounds = None if rounds is None else int(rounds)
        self.reduction = _mean_or_sum(reduction)

    def settings(self) -> dict[str, Setting]:
        """Give every setting as the loss was made with."""
        return {
            "weight": self.weight,
            "rounds": self.rounds,
            "reduction": self.reduction,
            "normalize": self.normalize,
        }

    def _parts_of(self, batch: LossBatch, indices: Indices | None) -> LossParts:
        rounds = self._rounds(batch, indices)
        anchors, positives = batch.embeddings[rounds.anchor], batch.others[rounds.positive]
        crossed, used = rounds.tabulated(anchors), rounds.tabulated(torch.ones_like(anchors[:, :1]))[:, :, 0] > 0
        similar = torch.bmm(crossed, rounds.tabulated(positives).transpose(1, 2))
        others = torch.logsumexp(similar.masked_fill(~used[:, None, :], -torch.inf)[used], dim=1)
        cross_entropy = others - similar.diagonal(dim1=1, dim2=2)[used]
        lengths = (anchors.square().sum(1) + positives.square().sum(1)) / 4
        in_round = used.sum(1)
        return self._reduced(cross_entropy.sum(), lengths.sum(), len(anchors), int((in_round * (in_round - 1)).sum()))

    def _parts_on(self, a: Tensor, p: Tensor, n: Tensor) -> LossParts:
        cross_entropy = softplus((a * n).sum(1) - (a * p).sum(1))
        lengths = (a.square().sum(1) + p.square().sum(1)) / 4
        return self._reduced(cross_entropy.sum(), lengths.sum(), len(a), len(a))

    def _rounds(self, batch: LossBatch, indices: Indices | None) -> "_Rounds":
        labels, ref_labels = batch.known_labels()
        if indices is None:
            anchor, positive = _paired(labels, ref_labels)
        else:
            pairs = Pairs.from_indices_tuple(indices)
            pairs.check_within(rows=len(batch.embeddings), references=len(batch.others))
            anchor, positive = _without_repeats(pairs.anchor, pairs.positive)
        anchor, positive = anchor.to(labels.device), positive.to(labels.device)
        return _Rounds.of(anchor, positive, labels[anchor], limit=self.rounds)

    def _reduced(self, hinge: Tensor, penalty: Tensor, pairs: int, triplets: int) -> LossParts:
        if self.reduction == "mean":
            hinge, penalty = hinge / max(pairs, 1), penalty / max(pairs, 1)
        total = hinge + self.weight * penalty
        return LossParts(total=total, hinge=hinge, penalty=penalty, triplets=triplets, active=triplets)


class SupConLoss(MetricLoss):
    """Supervised contrastive loss: each row's positives must stand out among all other rows.

    For every row i with positives P(i), among the rows A(i) it is compared with (all but itself), with embeddings z of
    length one::

        L_i = - mean over p in P(i) of  log( exp(z_i . z_p / T) / sum over k in A(i) of exp(z_i . z_k / T) )

    and L is the mean over rows that have a positive. Lower is better. With ``indices_tuple``, P(i) and A(i) are the
    rows paired with i there. Where no row has a negative (one class) the formula would only spread the class out; the
    loss is then zero, with zero gradients, as it is where no row has a positive.

    Equal to pytorch-metric-learning's ``SupConLoss`` with ``CosineSimilarity`` (the same default temperature), except
    that the latter calls a list of at most one pair of each kind nothing, and gives zero.

    Source: Khosla and others, Supervised Contrastive Learning, NeurIPS 2020: the form with the sum outside of the
    logarithm. The paper sums over rows; the mean is that of its reference code.

    Args:
        temperature: T, above 0; smaller attends more to the hardest negatives.
        reduction: ``mean`` over rows with a positive, or ``sum``.
        normalize: Scale every embedding to length one first; the paper does. Without it large embeddings make the
            softmax as sharp as they please.

    Raises:
        MetricError: A setting is out of range.
    """

    def __init__(self, *, temperature: float = 0.1, reduction: str = "mean", normalize: bool = True) -> None:
        super().__init__(normalize=normalize)
        self.temperature = positive("temperature", temperature)
        self.reduction = _mean_or_sum(reduction)

    def settings(self) -> dict[str, Setting]:
        """Give every setting as the loss was made with."""
        return {"temperature": self.temperature, "reduction": self.reduction, "normalize": self.normalize}

    def _parts_of(self, batch: LossBatch, indices: Indices | None) -> LossParts:
        is_positive, is_negative = _masks(batch, indices)
        if not bool(is_negative.any()):
            is_positive = torch.zeros_like(is_positive)
        rows = is_positive.any(dim=1)
        chosen, others = is_positive[rows], is_negative[rows]
        logits = batch.embeddings[rows] @ batch.others.T / self.temperature
        among = torch.logsumexp(logits.masked_fill(~(chosen | others), -torch.inf), dim=1)
        each = among - (logits * chosen).sum(1) / chosen.sum(1)
        return self._reduced(each, int((chosen.sum(1) * others.sum(1)).sum()))

    def _parts_on(self, a: Tensor, p: Tensor, n: Tensor) -> LossParts:
        each = softplus(((a * n).sum(1) - (a * p).sum(1)) / self.temperature)
        return self._reduced(each, len(each))

    def _reduced(self, each: Tensor, triplets: int) -> LossParts:
        hinge = each.sum() / max(len(each), 1) if self.reduction == "mean" else each.sum()
        return LossParts(total=hinge, hinge=hinge, penalty=torch.zeros_like(hinge), triplets=triplets, active=triplets)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Rounds:
    """Pairs in rounds: in a round, every class has at most one."""

    anchor: Tensor
    positive: Tensor
    round: Tensor
    place: Tensor

    @classmethod
    def of(cls, anchor: Tensor, positive: Tensor, labels: Tensor, *, limit: int | None) -> Self:
        """Put each class's pairs into rounds in order; leave out pairs that are alone in theirs."""
        number = _rank_within(labels)
        kept = number < (len(number) if limit is None else limit)
        kept &= torch.bincount(number)[number] > 1
        number = number[kept]
        return cls(anchor=anchor[kept], positive=positive[kept], round=number, place=_rank_within(number))

    def tabulated(self, rows: Tensor) -> Tensor:
        """Lay (pairs, d) out as (rounds, places, d), zero where a round has fewer pairs than the fullest."""
        if not len(rows):
            return rows.reshape(0, 0, rows.shape[1])
        size = (int(self.round.max()) + 1, int(self.place.max()) + 1, rows.shape[1])
        return rows.new_zeros(size).index_put((self.round, self.place), rows)


def _rank_within(labels: Tensor) -> Tensor:
    """Number the entries of each label from 0 in their order."""
    order = torch.argsort(labels, stable=True)
    sorted_labels = labels[order].contiguous()
    begins = torch.searchsorted(sorted_labels, sorted_labels)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device) - begins
    return rank


def _paired(labels: Tensor, ref_labels: Tensor | None) -> tuple[Tensor, Tensor]:
    """Pair the members of each class in order, or its k-th anchor with its k-th reference."""
    rank = _rank_within(labels)
    if ref_labels is None:
        row = {"even": torch.nonzero(rank % 2 == 0)[:, 0], "odd": torch.nonzero(rank % 2 == 1)[:, 0]}
        return _matched(labels, rank // 2, row["even"], row["odd"])
    both = torch.cat([labels, ref_labels])
    ranks = torch.cat([rank, _rank_within(ref_labels)])
    rows = torch.arange(len(both), device=both.device)
    anchor, reference = _matched(both, ranks, rows[: len(labels)], rows[len(labels) :])
    return anchor, reference - len(labels)


def _matched(labels: Tensor, number: Tensor, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Match the rows of ``left`` and ``right`` that share label and number (each at most once), in order of left."""
    _, codes = torch.unique(labels, return_inverse=True)
    keys = codes * (len(labels) + 1) + number
    order = torch.argsort(keys[right])
    sorted_keys = keys[right][order].contiguous()
    at = torch.searchsorted(sorted_keys, keys[left].contiguous())
    found = torch.zeros_like(left, dtype=torch.bool)
    inside = at < len(sorted_keys)
    found[inside] = sorted_keys[at[inside]] == keys[left][inside]
    return left[found], right[order][at[found]]


def _without_repeats(anchor: Tensor, positive: Tensor) -> tuple[Tensor, Tensor]:
    """Keep the first of equal pairs, in order."""
    if not len(anchor):
        return anchor, positive
    _, codes = torch.unique(torch.stack([anchor, positive], dim=1), dim=0, return_inverse=True)
    first = _rank_within(codes) == 0
    return anchor[first], positive[first]


def _masks(batch: LossBatch, indices: Indices | None) -> tuple[Tensor, Tensor]:
    """Say for each row and reference whether they are a positive pair, and whether a negative one."""
    x = batch.embeddings
    if indices is None:
        labels, ref_labels = batch.known_labels()
        same = labels[:, None] == (labels if ref_labels is None else ref_labels)[None, :]
        different = ~same
        if ref_labels is None:
            same.fill_diagonal_(False)
        return same, different
    pairs = Pairs.from_indices_tuple(indices)
    pairs.check_within(rows=len(x), references=len(batch.others))
    masks = torch.zeros(2, len(x), len(batch.others), dtype=torch.bool, device=x.device)
    masks[0, pairs.anchor.to(x.device), pairs.positive.to(x.device)] = True
    masks[1, pairs.negative_anchor.to(x.device), pairs.negative.to(x.device)] = True
    return masks[0], masks[1]


def _mean_or_sum(reduction: str) -> Reduction:
    checked = checked_reduction(reduction) if reduction in {"mean", "sum"} else None
    if checked is None:
        raise MetricError(f"reduction must be mean or sum for this loss, got `{reduction!r}`; choose one.")
    return checked
