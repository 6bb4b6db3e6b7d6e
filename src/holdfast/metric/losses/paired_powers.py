"""Sum even powers of differences over all pairs of a class from moments, without the pairs."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from holdfast.metric.losses.distance_rows import DistanceRows

__all__ = ["Moments", "moments", "paired_powers", "paired_slope", "variance_penalty"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Moments:
    about: Tensor
    sums: list[Tensor]


def moments(pairs: DistanceRows, centre: Tensor, power: int) -> Moments:
    """Return powers of the distances about ``centre`` (rows, classes) and their sums by class."""
    about = pairs.columns.less(pairs.distances, centre)
    sums = [pairs.columns.sums(about**k) for k in range(power + 1)]
    other = torch.ones_like(sums[0])
    other.scatter_(1, pairs.rows.codes[pairs.place, None], 0.0)  # a negative's own class forms no triplet with it
    return Moments(about=about, sums=[total * other for total in sums])


def variance_penalty(pairs: DistanceRows) -> tuple[Tensor, Tensor]:
    """Return ``Σ 2 m y²`` over other classes, and its slope ``4 m y`` in each distance."""
    about = pairs.columns.less(pairs.distances, pairs.means())
    slope = (about * (4 * pairs.columns.sizes[pairs.columns.codes])).mul_(pairs.is_other)
    return torch.dot(slope.view(-1), about.view(-1)) / 2, slope


def paired_powers(first: list[Tensor], second: list[Tensor], power: int) -> Tensor:
    """Return ``Σ_ij (x_i - z_j)^power`` from the moments of both sides, by the binomial theorem."""
    terms = [math.comb(power, k) * (-1) ** k * (first[power - k] * second[k]).sum() for k in range(power + 1)]
    return torch.stack(terms).sum()


def paired_slope(mine: Moments, others: Moments, pairs: DistanceRows, power: int) -> Tensor:
    """Return the derivative of ``Σ_ij (x_i - z_j)^power`` in each ``x_i``."""
    slope = torch.zeros_like(mine.about)
    for k in range(power):
        factor = power * math.comb(power - 1, k) * (-1) ** (power - 1 - k)
        slope += factor * mine.about**k * others.sums[power - 1 - k][:, pairs.columns.codes]
    return slope
