"""Some rows of the distance matrix between two sets of points."""

from dataclasses import dataclass

import torch
from torch import Tensor

from holdfast.metric.losses.sorted_points import SortedPoints

__all__ = ["SAME_POINT", "DistanceRows"]

SAME_POINT = 1e-14
"""Two points are one, and their distance has gradient zero, where its square is below this share of their norms'."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DistanceRows:
    """Distances from some rows of one side, at ``place`` in its order, to all of another."""

    rows: SortedPoints
    columns: SortedPoints
    place: Tensor
    distances: Tensor
    inverse: Tensor
    """One over each distance, and zero for a distance of zero."""
    is_other: Tensor
    """Which pairs are of different classes, shape (rows, columns)."""

    @classmethod
    def of(cls, rows: SortedPoints, columns: SortedPoints, place: Tensor) -> "DistanceRows":
        squares = rows.squares[place, None]
        squared = torch.addmm(squares, rows.homogeneous[place], columns.facing.T)
        same = squared <= SAME_POINT * squares
        distances = squared.masked_fill_(same, 0.0).sqrt_()
        inverse = distances.reciprocal().masked_fill_(same, 0.0)
        is_other = rows.codes[place, None] != columns.codes[None]
        return cls(rows=rows, columns=columns, place=place, distances=distances, inverse=inverse, is_other=is_other)

    def means(self) -> Tensor:
        """Return the mean distance to each class, (rows, classes); zero for a class without members."""
        return self.columns.sums(self.distances) / self.columns.sizes.clamp(min=1)
