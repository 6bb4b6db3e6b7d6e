"""Points of a batch in float64, sorted by class, so that what is summed over a class is a run of columns."""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["FEW_CLASSES", "SortedPoints", "TripletBatch"]

FEW_CLASSES = 64
"""Up to so many classes, sums by class are a product with an indicator matrix; above, differences of running sums."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SortedPoints:
    """One set of points in float64 about the common centre, sorted by class so that each class is one run of rows.

    ``homogeneous`` is (points, 1), so that one product gives both the weighed points and the weights of a gradient.
    """

    homogeneous: Tensor
    facing: Tensor
    """(-2 points, squares): its product with another's (points, 1) is the squared distance less that other's square."""
    squares: Tensor
    codes: Tensor
    order: Tensor
    starts: Tensor
    sizes: Tensor
    indicator: Tensor | None
    """(points, classes), one where a point is of a class; None where there are too many classes for it to pay."""

    @classmethod
    def of(cls, points: Tensor, codes: Tensor, n_classes: int) -> "SortedPoints":
        order = torch.argsort(codes, stable=True)
        sizes = torch.bincount(codes, minlength=n_classes)
        ordered, codes = points[order], codes[order]
        squares = (ordered * ordered).sum(1)
        few = n_classes <= FEW_CLASSES
        return cls(
            homogeneous=torch.nn.functional.pad(ordered, (0, 1), value=1.0),
            facing=torch.cat([ordered * -2.0, squares[:, None]], dim=1),
            squares=squares,
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
class TripletBatch:
    """Anchors and references; without references of their own, both are one side."""

    anchors: SortedPoints
    references: SortedPoints
    exact: bool
    """Whether to order distances in float64, as for points that came in it."""

    @property
    def is_own_reference(self) -> bool:
        return self.anchors is self.references

    @classmethod
    def of(cls, points: Tensor, labels: Tensor, ref_emb: Tensor | None, ref_labels: Tensor | None) -> "TripletBatch":
        inside = torch.float32 if points.device.type == "mps" else torch.float64  # that device has no float64
        exact = points.dtype == torch.float64
        if ref_emb is None or ref_labels is None:
            classes, codes = torch.unique(labels.to(points.device), return_inverse=True)
            wide = points.to(inside)
            side = SortedPoints.of(wide - _centre(wide), codes, len(classes))
            return cls(anchors=side, references=side, exact=exact)
        classes, codes = torch.unique(_joined(labels, ref_labels, points.device), return_inverse=True)
        references = ref_emb.detach().to(inside)
        centre = _centre(references)
        return cls(
            anchors=SortedPoints.of(points.to(inside) - centre, codes[: len(labels)], len(classes)),
            references=SortedPoints.of(references - centre, codes[len(labels) :], len(classes)),
            exact=exact or ref_emb.dtype == torch.float64,
        )


def _joined(labels: Tensor, others: Tensor, device: torch.device) -> Tensor:
    """Join labels of any two integer types without one wrapping round in the other."""
    return torch.cat([labels.to(device, torch.long), others.to(device, torch.long)])


def _centre(points: Tensor) -> Tensor:
    return points.mean(0) if len(points) else points.new_zeros(points.shape[1])
