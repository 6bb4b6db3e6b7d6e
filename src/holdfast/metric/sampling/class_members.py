"""Which points belong to which class, sorted once, so that drawing from a class costs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from holdfast.metric.error import MetricError

__all__ = ["ClassMembers", "Labels", "class_members"]

Labels = Tensor | NDArray[Any] | Sequence[int]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassMembers:
    """The points of each class, one after another.

    Attributes:
        codes: Shape (N,): class of each point, 0 to C - 1 in the sorted order of the labels.
        order: Shape (N,): points sorted by class.
        places: Shape (N,): where each point stands in ``order``.
        starts: Shape (C,): where each class begins in ``order``.
        sizes: Shape (C,): how many points each class has.
    """

    codes: Tensor
    order: Tensor
    places: Tensor
    starts: Tensor
    sizes: Tensor

    def of_class(self, code: int) -> Tensor:
        """List the points of one class, in their order."""
        start = int(self.starts[code])
        return self.order[start : start + int(self.sizes[code])]

    def require_triplets(self) -> None:
        """Refuse labels of which no triplet can be made.

        Raises:
            MetricError: A single class, or no class with two members.
        """
        if len(self.sizes) < 2:
            raise MetricError(f"Labels must have two classes or more, got {len(self.sizes)!r}; no negative exists.")
        if int(self.sizes.max()) < 2:
            raise MetricError("Labels must have a class of two members, got `1` in each; no positive exists.")


def class_members(labels: Labels) -> ClassMembers:
    """Sort points by class.

    Args:
        labels: Shape (N,), N at least 1: whole numbers.

    Raises:
        MetricError: Not a column of whole numbers, or empty.
    """
    try:
        column = torch.as_tensor(labels)
    except (TypeError, ValueError, RuntimeError) as error:
        raise MetricError(f"Labels must be whole numbers, got {type(labels).__name__!r}; encode them first.") from error
    if column.is_floating_point() or column.is_complex() or column.dtype == torch.bool:
        raise MetricError(f"Labels must be whole numbers, got {column.dtype!r}; encode them first.")
    if column.ndim != 1 or len(column) == 0:
        raise MetricError(f"Labels must be one for each point, got shape {tuple(column.shape)!r}.")
    _, codes, sizes = torch.unique(column, return_inverse=True, return_counts=True)
    order = torch.argsort(codes, stable=True)
    places = torch.empty_like(order)
    places[order] = torch.arange(len(order), device=order.device)
    return ClassMembers(codes=codes, order=order, places=places, starts=sizes.cumsum(0) - sizes, sizes=sizes)
