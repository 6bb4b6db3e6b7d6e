"""Sum the NPLB objective over every triplet of a batch, exactly, without listing the triplets.

For distances ``D``, an anchor ``a``, a positive ``p`` of its class and a negative ``n`` of another:

- **Hinge**, ``max(0, D[a,p] - D[a,n] + margin)``. It is linear in ``D`` once one knows which triplets are active, and
  for a fixed anchor that is a matter of order: sort its negatives and its thresholds ``D[a,p] + margin`` together;
  every threshold is active with the negatives in front of it, every negative with the thresholds behind it. The counts
  are the gradient, and the sum is their inner product with the distances: O(B² log B).
- **Penalty**, ``(D[p,n] - D[a,n])^power``. For a fixed negative and a class of ``m`` members the sum over ordered pairs
  ``(a, p)`` is ``2 m Σ y²`` with ``y`` the distances to that negative about their mean: the regulariser of NPLB *is*
  the variance, within each class, of the distances to each negative: O(B²). Higher even powers need higher moments.

Both are sums over rows of ``D``, so rows are taken in chunks and memory stays under ``max_bytes`` however large the
batch is. Gradients are computed in the same sweep. Sums and distances are float64 inside, whatever comes in; float32
rounding of distances decides only the order of (nearly) equal ones. Derivation: ``docs/explanation/all-triplets.md``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from holdfast.metric.error import MetricError
from holdfast.metric.losses.distance_rows import DistanceRows
from holdfast.metric.losses.loss_settings import even_power, max_bytes_or_default, non_negative
from holdfast.metric.losses.paired_powers import moments, paired_powers, paired_slope, variance_penalty
from holdfast.metric.losses.signed_counts import signed_counts
from holdfast.metric.losses.sorted_points import SortedPoints, TripletBatch
from holdfast.metric.losses.untraced import untraced

__all__ = ["TripletSums", "all_triplet_sums"]

BYTES_PER_PAIR = 64
"""Bytes of working memory for each distance held at a time; a test holds the peak to it."""

DEFAULT_BYTES = {"cpu": 32 * 2**20, "cuda": 2 * 2**30}
"""Working memory where the caller names none: near the size of a processor's cache, and enough to fill a GPU."""


@dataclass(frozen=True, kw_only=True)
class TripletSums:
    """What all triplets of a batch add up to.

    ``hinge`` and ``penalty`` are scalars through which gradients flow (once; not twice). ``active`` counts the triplets
    whose hinge is above zero, out of ``triplets``. With ``rows``, all four are that share only.
    """

    hinge: Tensor
    penalty: Tensor
    triplets: int
    active: int


@untraced
def all_triplet_sums(  # noqa: PLR0913 - the call of a loss with references, and how to share and bound its work
    embeddings: Tensor,
    labels: Tensor,
    *,
    margin: float,
    power: int | None = 2,
    ref_emb: Tensor | None = None,
    ref_labels: Tensor | None = None,
    rows: slice | None = None,
    max_bytes: int | None = None,
) -> TripletSums:
    """Sum hinge and penalty over every triplet, with gradients.

    Args:
        embeddings: Points, shape (B, d), of any floating type; anchors, and without ``ref_emb`` all three roles.
        labels: Their classes, integers of shape (B,).
        margin: By how much, in units of distance, a negative must be farther than a positive; 0 or more.
        power: Even power of the penalty. None leaves the penalty out: it is then zero.
        ref_emb: Where positives and negatives come from, shape (R, d). An anchor is then never its own reference.
        ref_labels: Classes of ``ref_emb``, shape (R,).
        rows: Sum only the triplets whose anchor (hinge) or negative (penalty) lies in this slice, of the embeddings
            and, for negatives, of the references. Slices that partition the batch add up to the whole.
        max_bytes: Upper bound of the working memory beside the embeddings and their gradients. By default 32 MiB on a
            processor and 2 GiB on a GPU. One row is always held.

    Returns:
        The sums. No triplet (one class, or only classes of one) gives zeros whose gradient is zero. A distance of zero
        has gradient zero. A hinge of exactly zero is not active.

    Raises:
        MetricError: Points are not finite or not 2-D, labels do not fit, the margin is negative or the power not even.
    """
    _check(embeddings, labels, "Embeddings", "Labels")
    _check_settings(margin, power, max_bytes, rows)
    if (ref_emb is None) != (ref_labels is None):
        raise MetricError("References must come with labels of their own, got only one of them; pass both.")
    if ref_emb is not None and ref_labels is not None:
        _check(ref_emb, ref_labels, "Reference embeddings", "Reference labels")
        _check_together(embeddings, ref_emb)
    batch = TripletBatch.of(embeddings.detach(), labels, ref_emb, ref_labels)
    sweep = _Sweep(batch, margin=float(margin), power=power, rows=rows or slice(None), max_bytes=max_bytes)
    hinge, penalty = _Sums.apply(embeddings, ref_emb, sweep)  # type: ignore[no-untyped-call]
    return TripletSums(hinge=hinge, penalty=penalty, triplets=sweep.triplets(), active=sweep.active)


def _check(points: Tensor, labels: Tensor, what: str, whose: str) -> None:
    for name, given in ((what, points), (whose, labels)):
        if not isinstance(given, Tensor):
            raise MetricError(
                f"{name} must be a tensor, got `{type(given).__name__}`; convert it with torch.as_tensor."
            )
    if points.ndim != 2 or not points.is_floating_point():
        raise MetricError(
            f"{what} must be a floating-point tensor of shape (points, dimensions), got {points.dtype} of shape "
            f"{tuple(points.shape)!r}; pass one row a point."
        )
    if labels.shape != points.shape[:1]:
        raise MetricError(
            f"{whose} must be one a row, shape {tuple(points.shape[:1])!r}, got {tuple(labels.shape)!r}; "
            "pass a class for every row."
        )
    if labels.is_floating_point() or labels.is_complex():
        raise MetricError(f"{whose} must be whole numbers, got {labels.dtype}; encode classes as integers.")
    if not bool(torch.isfinite(points).all()):
        bad = int((~torch.isfinite(points)).any(dim=1).sum())
        raise MetricError(f"{what} must be finite, got NaN or infinity in {bad!r} rows; look at the network's output.")


def _check_together(embeddings: Tensor, references: Tensor) -> None:
    if embeddings.shape[1] != references.shape[1] or embeddings.device != references.device:
        raise MetricError(
            f"Reference embeddings must have the dimensions and device of the embeddings ({embeddings.shape[1]}, "
            f"{embeddings.device}), got {references.shape[1]!r}, {references.device}; embed both with one network."
        )


def _check_settings(margin: float, power: int | None, max_bytes: int | None, rows: slice | None) -> None:
    non_negative("margin", margin)
    if power is not None:
        even_power(power)
    max_bytes_or_default(max_bytes)
    if not isinstance(rows, slice | None):
        raise MetricError(f"rows must be a slice or None, got `{rows!r}`; give slice(first, last).")


class _Sweep:
    """One pass over the rows of the distance matrix, gathering sums and gradients."""

    def __init__(
        self, batch: TripletBatch, *, margin: float, power: int | None, rows: slice, max_bytes: int | None
    ) -> None:
        self.batch, self.margin, self.power, self.rows = batch, margin, power, rows
        device = batch.anchors.codes.device.type
        self.max_bytes = max_bytes or DEFAULT_BYTES.get(device, DEFAULT_BYTES["cuda"])
        self.active = 0

    def triplets(self) -> int:
        """Count the triplets of the hinge: anchors times their positives times their negatives."""
        anchors, references = self.batch.anchors, self.batch.references
        same = references.sizes[anchors.codes[anchors.places(self.rows)]]
        positives = same - 1 if self.batch.is_own_reference else same
        return int((positives * (len(references.codes) - same)).sum())

    def run(self, *, with_gradients: bool) -> tuple["_Term", "_Term"]:
        """Return the hinge and the penalty."""
        anchors, references = self.batch.anchors, self.batch.references
        hinge = _Term(anchors, references, with_gradients=with_gradients)
        penalty = _Term(anchors, references, with_gradients=with_gradients)
        if not len(anchors.codes) or not len(references.codes):
            return hinge, penalty
        for place in self._chunks(anchors, len(references.codes)):
            pairs = DistanceRows.of(anchors, references, place)
            self.active += self._add_hinge(hinge, pairs)
            if self.power is not None and self.batch.is_own_reference:
                self._add_penalty(penalty, pairs, pairs)
        if self.power is not None and not self.batch.is_own_reference:
            for place in self._chunks(references, len(references.codes) + len(anchors.codes)):
                to_anchors = DistanceRows.of(references, anchors, place)
                self._add_penalty(penalty, to_anchors, DistanceRows.of(references, references, place))
        return hinge, penalty

    def _chunks(self, side: SortedPoints, columns: int) -> Iterator[Tensor]:
        places = side.places(self.rows)
        yield from torch.split(places, max(1, self.max_bytes // (BYTES_PER_PAIR * columns)))

    def _add_hinge(self, term: "_Term", pairs: DistanceRows) -> int:
        own = pairs.place if self.batch.is_own_reference else None
        slope = signed_counts(pairs, own, margin=self.margin, exact=self.batch.exact).to(pairs.distances.dtype)
        active = round(float(torch.linalg.vector_norm(slope, 1)) / 2)  # each is counted at its positive and negative
        term.value += torch.dot(slope.view(-1), pairs.distances.view(-1)) + self.margin * active
        term.add(pairs, slope)
        return active

    def _add_penalty(self, term: "_Term", to_anchors: DistanceRows, to_positives: DistanceRows) -> None:
        power = self.power or 2
        if to_anchors is to_positives and power == 2:
            value, slope = variance_penalty(to_anchors)
            term.value += value
            term.add(to_anchors, slope)
            return
        centre = to_positives.means()
        first, second = moments(to_anchors, centre, power), moments(to_positives, centre, power)
        term.value += paired_powers(first.sums, second.sums, power)
        term.add(to_anchors, paired_slope(first, second, to_anchors, power))
        term.add(to_positives, paired_slope(second, first, to_positives, power))


class _Term:
    """A sum of functions of distances, with its gradient in the points of both sides."""

    def __init__(self, anchors: SortedPoints, references: SortedPoints, *, with_gradients: bool) -> None:
        self.value = anchors.squares.new_zeros(())
        self.weighed: dict[int, Tensor] = {}
        if with_gradients:
            self.weighed = {id(side): torch.zeros_like(side.homogeneous) for side in (anchors, references)}

    def add(self, pairs: DistanceRows, slope: Tensor) -> None:
        """Add the gradient where ``slope`` (overwritten) is the derivative in each distance."""
        if not self.weighed:
            return
        pull = slope.mul_(pairs.inverse)
        self.weighed[id(pairs.rows)].index_add_(0, pairs.place, pull @ pairs.columns.homogeneous)
        self.weighed[id(pairs.columns)].addmm_(pull.T, pairs.rows.homogeneous[pairs.place])

    def gradient(self, side: SortedPoints) -> Tensor:
        """Return the gradient in the points of a side, in the caller's order."""
        return side.gradient(self.weighed[id(side)])


class _Sums(torch.autograd.Function):
    """Hinge and penalty as functions of the points; their gradients were gathered on the way."""

    @staticmethod
    def forward(ctx: Any, embeddings: Tensor, references: Tensor | None, sweep: _Sweep) -> tuple[Tensor, Tensor]:
        inputs = [embeddings] if references is None else [embeddings, references]
        needs = any(points.requires_grad for points in inputs)
        with torch.autocast(embeddings.device.type, enabled=False):
            hinge, penalty = sweep.run(with_gradients=needs)
        if needs:
            sides = (sweep.batch.anchors, sweep.batch.references)
            ctx.save_for_backward(
                *(term.gradient(side) for term in (hinge, penalty) for side, _ in zip(sides, inputs, strict=False))
            )
            ctx.kinds = [points.dtype for points in inputs]
        kind = torch.promote_types(embeddings.dtype, torch.float32)
        return hinge.value.to(kind), penalty.value.to(kind)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, hinge: Tensor, penalty: Tensor) -> tuple[Tensor | None, ...]:
        saved, kinds = ctx.saved_tensors, ctx.kinds
        pairs = zip(saved[: len(kinds)], saved[len(kinds) :], kinds, strict=True)
        mixed = [(first * hinge + second * penalty).to(kind) for first, second, kind in pairs]
        return (mixed[0], mixed[1] if len(mixed) == 2 else None, None)
