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

import itertools
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from holdfast.metric.error import MetricError

__all__ = ["TripletSums", "all_triplet_sums"]

Array = np.ndarray[Any, Any]
F = TypeVar("F", bound=Callable[..., Any])

BYTES_PER_PAIR = 64
"""Bytes of working memory for each distance held at a time; a test holds the peak to it."""

DEFAULT_BYTES = {"cpu": 32 * 2**20, "cuda": 2 * 2**30}
"""Working memory where the caller names none: near the size of a processor's cache, and enough to fill a GPU."""

FEW_CLASSES = 64
"""Up to so many classes, sums by class are a product with an indicator matrix; above, differences of running sums."""

PAIRS_WORTH_A_THREAD = 2**14
"""Fewer distances than this are sorted sooner than a thread starts."""

SAME_POINT = 1e-14
"""Two points are one, and their distance has gradient zero, where its square is below this share of their norms'."""


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


def _untraced(function: F) -> F:
    """Break a compiled model's graph at the call: sorting in numpy and counting cannot be traced."""
    wrapped: F = torch.compiler.disable(function)  # type: ignore[no-untyped-call]
    return wrapped


@_untraced
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
    _check_settings(margin, power)
    if (ref_emb is None) != (ref_labels is None):
        raise MetricError("References must come with labels of their own, got only one of them; pass both.")
    if ref_emb is not None and ref_labels is not None:
        _check(ref_emb, ref_labels, "Reference embeddings", "Reference labels")
        _check_together(embeddings, ref_emb)
    batch = _Batch.of(embeddings.detach(), labels, ref_emb, ref_labels)
    sweep = _Sweep(batch, margin=float(margin), power=power, rows=rows or slice(None), max_bytes=max_bytes)
    hinge, penalty = _Sums.apply(embeddings, ref_emb, sweep)  # type: ignore[no-untyped-call]
    return TripletSums(hinge=hinge, penalty=penalty, triplets=sweep.triplets(), active=sweep.active)


def _check(points: Tensor, labels: Tensor, what: str, whose: str) -> None:
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


def _check_settings(margin: float, power: int | None) -> None:
    if not (math.isfinite(margin) and margin >= 0):
        raise MetricError(f"Margin must be a finite number of 0 or more, got {margin!r}; pass a distance.")
    if power is not None and (power <= 0 or power % 2):
        raise MetricError(
            f"Power must be even and above 0, got {power!r}; an odd power is unbounded below. Use 2 as in the paper."
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Side:
    """One set of points in float64 about the common centre, sorted by class so that each class is one run of rows.

    ``homogeneous`` is (points, 1), so that one product gives both the weighed points and the weights of a gradient.
    """

    homogeneous: Tensor
    squares: Tensor
    codes: Tensor
    order: Tensor
    starts: Tensor
    sizes: Tensor
    indicator: Tensor | None
    """(points, classes), one where a point is of a class; None where there are too many classes for it to pay."""

    @classmethod
    def of(cls, points: Tensor, codes: Tensor, n_classes: int) -> "_Side":
        order = torch.argsort(codes, stable=True)
        sizes = torch.bincount(codes, minlength=n_classes)
        ordered, codes = points[order], codes[order]
        few = n_classes <= FEW_CLASSES
        return cls(
            homogeneous=torch.nn.functional.pad(ordered, (0, 1), value=1.0),
            squares=(ordered * ordered).sum(1),
            codes=codes,
            order=order,
            starts=torch.cumsum(sizes, 0) - sizes,
            sizes=sizes,
            indicator=torch.nn.functional.one_hot(codes, max(1, n_classes)).to(points.dtype) if few else None,
        )

    def places(self, rows: slice) -> Tensor:
        """Return where the rows of the caller's order lie in ours, ascending."""
        chosen = torch.zeros(len(self.order), dtype=torch.bool, device=self.order.device)
        chosen[rows] = True
        return torch.nonzero(chosen[self.order]).squeeze(1)

    def sums(self, values: Tensor) -> Tensor:
        """Sum the columns of ``values`` (rows, points) by class: (rows, classes)."""
        if self.indicator is not None:
            return values @ self.indicator
        running = torch.nn.functional.pad(torch.cumsum(values, 1), (1, 0))
        return running[:, self.starts + self.sizes] - running[:, self.starts]

    def less(self, values: Tensor, by_class: Tensor) -> Tensor:
        """Return ``values`` (rows, points) less what ``by_class`` (rows, classes) says for each point's class."""
        if self.indicator is not None:
            return torch.addmm(values, by_class, self.indicator.T, alpha=-1.0)
        return by_class.index_select(1, self.codes).neg_().add_(values)

    def gradient(self, weighed: Tensor) -> Tensor:
        """Turn sums of (w·other, w) into ``Σ w (own - other)``, in the caller's order."""
        gradient = weighed[:, -1:] * self.homogeneous[:, :-1] - weighed[:, :-1]
        return torch.empty_like(gradient).index_copy_(0, self.order, gradient)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Batch:
    """Anchors and references; without references of their own, both are one side."""

    anchors: _Side
    references: _Side
    exact: bool
    """Whether to order distances in float64, as for points that came in it."""

    @property
    def is_own_reference(self) -> bool:
        return self.anchors is self.references

    @classmethod
    def of(cls, points: Tensor, labels: Tensor, ref_emb: Tensor | None, ref_labels: Tensor | None) -> "_Batch":
        inside = torch.float32 if points.device.type == "mps" else torch.float64  # that device has no float64
        exact = points.dtype == torch.float64
        if ref_emb is None or ref_labels is None:
            classes, codes = torch.unique(labels, return_inverse=True)
            wide = points.to(inside)
            side = _Side.of(wide - _centre(wide), codes, len(classes))
            return cls(anchors=side, references=side, exact=exact)
        classes, codes = torch.unique(torch.cat([labels, ref_labels.to(labels)]), return_inverse=True)
        references = ref_emb.detach().to(inside)
        centre = _centre(references)
        return cls(
            anchors=_Side.of(points.to(inside) - centre, codes[: len(labels)], len(classes)),
            references=_Side.of(references - centre, codes[len(labels) :], len(classes)),
            exact=exact or ref_emb.dtype == torch.float64,
        )


def _centre(points: Tensor) -> Tensor:
    return points.mean(0) if len(points) else points.new_zeros(points.shape[1])


class _Sweep:
    """One pass over the rows of the distance matrix, gathering sums and gradients."""

    def __init__(self, batch: _Batch, *, margin: float, power: int | None, rows: slice, max_bytes: int | None) -> None:
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
            pairs = _Pairs.of(anchors, references, place)
            self.active += self._add_hinge(hinge, pairs)
            if self.power is not None and self.batch.is_own_reference:
                self._add_penalty(penalty, pairs, pairs)
        if self.power is not None and not self.batch.is_own_reference:
            for place in self._chunks(references, len(references.codes) + len(anchors.codes)):
                to_anchors = _Pairs.of(references, anchors, place)
                self._add_penalty(penalty, to_anchors, _Pairs.of(references, references, place))
        return hinge, penalty

    def _chunks(self, side: _Side, columns: int) -> Iterator[Tensor]:
        places = side.places(self.rows)
        yield from torch.split(places, max(1, self.max_bytes // (BYTES_PER_PAIR * columns)))

    def _add_hinge(self, term: "_Term", pairs: "_Pairs") -> int:
        own = pairs.place if self.batch.is_own_reference else None
        slope = _signed_counts(pairs, own, margin=self.margin, exact=self.batch.exact).to(pairs.distances.dtype)
        active = round(float(torch.linalg.vector_norm(slope, 1)) / 2)  # each is counted at its positive and negative
        term.value += torch.dot(slope.view(-1), pairs.distances.view(-1)) + self.margin * active
        term.add(pairs, slope)
        return active

    def _add_penalty(self, term: "_Term", to_anchors: "_Pairs", to_positives: "_Pairs") -> None:
        power = self.power or 2
        if to_anchors is to_positives and power == 2:
            value, slope = _variance_penalty(to_anchors)
            term.value += value
            term.add(to_anchors, slope)
            return
        centre = to_positives.means()
        first, second = to_anchors.moments(centre, power), to_positives.moments(centre, power)
        term.value += _paired_powers(first.sums, second.sums, power)
        term.add(to_anchors, _paired_slope(first, second, to_anchors, power))
        term.add(to_positives, _paired_slope(second, first, to_positives, power))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Pairs:
    """Distances from some rows of one side, at ``place`` in its order, to all of another."""

    rows: _Side
    columns: _Side
    place: Tensor
    distances: Tensor
    inverse: Tensor
    """One over each distance, and zero for a distance of zero."""
    is_other: Tensor
    """Which pairs are of different classes, shape (rows, columns)."""

    @classmethod
    def of(cls, rows: _Side, columns: _Side, place: Tensor) -> "_Pairs":
        squares = rows.squares[place, None]
        squared = torch.addmm(squares, _with_squares(rows, place), _negated(columns).T)
        same = squared <= SAME_POINT * squares
        distances = squared.masked_fill_(same, 0.0).sqrt_()
        inverse = distances.reciprocal().masked_fill_(same, 0.0)
        is_other = rows.codes[place, None] != columns.codes[None]
        return cls(rows=rows, columns=columns, place=place, distances=distances, inverse=inverse, is_other=is_other)

    def means(self) -> Tensor:
        """Return the mean distance to each class, (rows, classes); zero for a class without members."""
        return self.columns.sums(self.distances) / self.columns.sizes.clamp(min=1)

    def moments(self, centre: Tensor, power: int) -> "_Moments":
        """Return powers of the distances about ``centre`` (rows, classes) and their sums by class."""
        about = self.columns.less(self.distances, centre)
        sums = [self.columns.sums(about**k) for k in range(power + 1)]
        other = torch.ones_like(sums[0])
        other.scatter_(1, self.rows.codes[self.place, None], 0.0)  # a negative's own class forms no triplet with it
        return _Moments(about=about, sums=[total * other for total in sums])


def _with_squares(side: _Side, place: Tensor) -> Tensor:
    return side.homogeneous[place]


def _negated(side: _Side) -> Tensor:
    """Return (-2 points, squares), whose product with (points, 1) is the squared distance less the first's square."""
    return torch.cat([side.homogeneous[:, :-1] * -2.0, side.squares[:, None]], dim=1)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Moments:
    about: Tensor
    sums: list[Tensor]


def _variance_penalty(pairs: _Pairs) -> tuple[Tensor, Tensor]:
    """Return ``Σ 2 m y²`` over other classes, and its slope ``4 m y`` in each distance."""
    about = pairs.columns.less(pairs.distances, pairs.means())
    slope = (about * (4 * pairs.columns.sizes[pairs.columns.codes])).mul_(pairs.is_other)
    return torch.dot(slope.view(-1), about.view(-1)) / 2, slope


def _paired_powers(first: list[Tensor], second: list[Tensor], power: int) -> Tensor:
    """Return ``Σ_ij (x_i - z_j)^power`` from the moments of both sides, by the binomial theorem."""
    terms = [math.comb(power, k) * (-1) ** k * (first[power - k] * second[k]).sum() for k in range(power + 1)]
    return torch.stack(terms).sum()


def _paired_slope(mine: _Moments, others: _Moments, pairs: _Pairs, power: int) -> Tensor:
    """Return the derivative of ``Σ_ij (x_i - z_j)^power`` in each ``x_i``."""
    slope = torch.zeros_like(mine.about)
    for k in range(power):
        factor = power * math.comb(power - 1, k) * (-1) ** (power - 1 - k)
        slope += factor * mine.about**k * others.sums[power - 1 - k][:, pairs.columns.codes]
    return slope


class _Term:
    """A sum of functions of distances, with its gradient in the points of both sides."""

    def __init__(self, anchors: _Side, references: _Side, *, with_gradients: bool) -> None:
        self.value = anchors.squares.new_zeros(())
        self.weighed: dict[int, Tensor] = {}
        if with_gradients:
            self.weighed = {id(side): torch.zeros_like(side.homogeneous) for side in (anchors, references)}

    def add(self, pairs: _Pairs, slope: Tensor) -> None:
        """Add the gradient where ``slope`` (overwritten) is the derivative in each distance."""
        if not self.weighed:
            return
        pull = slope.mul_(pairs.inverse)
        self.weighed[id(pairs.rows)].index_add_(0, pairs.place, pull @ pairs.columns.homogeneous)
        self.weighed[id(pairs.columns)].addmm_(pull.T, pairs.rows.homogeneous[pairs.place])

    def gradient(self, side: _Side) -> Tensor:
        """Return the gradient in the points of a side, in the caller's order."""
        return side.gradient(self.weighed[id(side)])


def _signed_counts(pairs: _Pairs, own: Tensor | None, *, margin: float, exact: bool) -> Tensor:
    """Count, for each distance, the active triplets it is in: positives above zero, negatives below.

    Args:
        pairs: Distances from anchors to references.
        own: Column of each anchor itself, which is neither its positive nor its negative.
        margin: Of the hinge.
        exact: Whether to order in the distances' own precision rather than float32.
    """
    if pairs.distances.device.type == "cpu" and not exact:
        return _counts_by_packed_sort(pairs, own, margin)
    return _counts_by_search(pairs, own, margin, exact=exact)


def _counts_by_search(pairs: _Pairs, own: Tensor | None, margin: float, *, exact: bool) -> Tensor:
    """Sort negatives and thresholds apart, and look each up among the other: any device, any precision."""
    distances = pairs.distances if exact else pairs.distances.float()
    negatives = distances.masked_fill(~pairs.is_other, math.inf)
    thresholds = (distances + margin).masked_fill_(pairs.is_other, -math.inf)
    if own is not None:
        thresholds.scatter_(1, own[:, None], -math.inf)
    fronts = torch.searchsorted(negatives.sort(1).values, thresholds, out_int32=True)
    behinds = torch.searchsorted(thresholds.sort(1).values, negatives, right=True, out_int32=True)
    return fronts + behinds - negatives.shape[1]


def _counts_by_packed_sort(pairs: _Pairs, own: Tensor | None, margin: float) -> Tensor:
    """Sort negatives and thresholds together as 64-bit keys of (value, is negative, column): one sort tells all.

    Non-negative float32 order as their bits do. At equal values thresholds come first: a hinge of zero is not active.
    """
    values = pairs.distances.float()
    values.add_(~pairs.is_other, alpha=margin)
    if own is not None:
        values.scatter_(1, own[:, None], 0.0)  # in front of everything, so active with nothing
    counts = torch.empty(values.shape, dtype=torch.int32)
    columns = torch.empty(values.shape, dtype=torch.int64)
    sorting = (values.numpy(), pairs.is_other.numpy(), columns.numpy(), counts.numpy())
    shares = _row_shares(values)
    if len(shares) == 1:
        _pack_and_count(*sorting)
    else:
        with ThreadPoolExecutor(len(shares)) as pool:
            list(pool.map(lambda share: _pack_and_count(*(part[share] for part in sorting)), shares))
    return torch.empty_like(counts).scatter_(1, columns, counts)


def _row_shares(values: Tensor) -> list[slice]:
    rows = len(values)
    workers = max(1, min(torch.get_num_threads(), rows, values.numel() // PAIRS_WORTH_A_THREAD))
    edges = [rows * worker // workers for worker in range(workers + 1)]
    return [slice(low, high) for low, high in itertools.pairwise(edges)]


def _pack_and_count(values: Array, is_other: Array, columns: Array, counts: Array) -> None:
    """Write, in each row's order of values, the columns and their signed counts."""
    width = values.shape[1]
    keys = columns.view(np.uint64)
    np.left_shift(values.view(np.uint32), np.uint64(32), out=keys, dtype=np.uint64)
    keys |= np.where(is_other, np.uint32(1 << 31), np.uint32(0)) | np.arange(width, dtype=np.uint32)
    keys.sort(axis=1)
    keys &= np.uint64(0xFFFFFFFF)
    is_negative = keys >= np.uint64(1 << 31)
    np.cumsum(is_negative, axis=1, out=counts)  # negatives up to here: for a threshold, those in front of it
    behind = np.arange(1, width + 1, dtype=np.int32) - counts  # thresholds up to here,
    behind -= width - counts[:, -1:]  # less all of them: minus the thresholds still to come
    np.copyto(counts, behind, where=is_negative)
    keys &= np.uint64(0x7FFFFFFF)


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
