"""Small batches in 64 bits, and the losses by plain loops over Python numbers: the truth the losses are held to."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

Point = Sequence[float]
Triplet = tuple[int, int, int]


def distance(x: Point, y: Point) -> float:
    return math.sqrt(math.fsum((a - b) ** 2 for a, b in zip(x, y, strict=True)))


def inner(x: Point, y: Point) -> float:
    return math.fsum(a * b for a, b in zip(x, y, strict=True))


@dataclass(frozen=True)
class Loops:
    """Every formula as its docstring states it, one triplet or pair at a time."""

    margin: float = 0.7
    weight: float = 0.6
    power: int = 2

    def every_triplet(self, labels: Tensor, ref_labels: Tensor | None = None) -> list[Triplet]:
        rows, others = labels.tolist(), (labels if ref_labels is None else ref_labels).tolist()
        return [
            (a, p, n)
            for a, mine in enumerate(rows)
            for p, positive in enumerate(others)
            for n, negative in enumerate(others)
            if positive == mine and negative != mine and not (ref_labels is None and a == p)
        ]

    def hinges(self, x: Tensor, triplets: Sequence[Triplet], others: Tensor | None = None) -> list[float]:
        rows, refs = x.tolist(), (x if others is None else others).tolist()
        return [max(0.0, distance(rows[a], refs[p]) - distance(rows[a], refs[n]) + self.margin) for a, p, n in triplets]

    def swapped_hinges(self, x: Tensor, triplets: Sequence[Triplet], others: Tensor | None = None) -> list[float]:
        rows, refs = x.tolist(), (x if others is None else others).tolist()
        nearest = [min(distance(rows[a], refs[n]), distance(refs[p], refs[n])) for a, p, n in triplets]
        return [
            max(0.0, distance(rows[a], refs[p]) - near + self.margin)
            for (a, p, _), near in zip(triplets, nearest, strict=True)
        ]

    def penalties(self, x: Tensor, triplets: Sequence[Triplet], others: Tensor | None = None) -> list[float]:
        rows, refs = x.tolist(), (x if others is None else others).tolist()
        return [(distance(refs[p], refs[n]) - distance(rows[a], refs[n])) ** self.power for a, p, n in triplets]

    def n_pair(self, x: Tensor, rounds: Sequence[Sequence[tuple[int, int]]], others: Tensor | None = None) -> float:
        """The mean over pairs, each compared with the positives of its round."""
        rows, refs = x.tolist(), (x if others is None else others).tolist()
        terms = [
            math.log(
                1
                + math.fsum(
                    math.exp(inner(rows[a], refs[q]) - inner(rows[a], refs[p])) for _, q in pairs if (_, q) != (a, p)
                )
            )
            for pairs in rounds
            for a, p in pairs
        ]
        lengths = [(inner(rows[a], rows[a]) + inner(refs[p], refs[p])) / 4 for pairs in rounds for a, p in pairs]
        return mean(terms) + self.weight * mean(lengths)

    def supervised_contrastive(self, x: Tensor, labels: Tensor, temperature: float) -> float:
        units = [[value / math.sqrt(inner(row, row)) for value in row] for row in x.tolist()]
        classes = labels.tolist()
        each = []
        for i, own in enumerate(classes):
            positives = [j for j, other in enumerate(classes) if j != i and other == own]
            among = math.fsum(math.exp(inner(units[i], z) / temperature) for j, z in enumerate(units) if j != i)
            if positives:
                each.append(-mean([inner(units[i], units[p]) / temperature - math.log(among) for p in positives]))
        return mean(each)

    def nearest_levels(self, x: Tensor, mean_std: tuple[float, float] | None = None) -> tuple[float, float, float]:
        """The mean distance to the nearest of -3, 0 and 3, and the mean and deviation of distances (or those given)."""
        rows = x.tolist()
        distances = [distance(rows[i], rows[j]) for i in range(len(rows)) for j in range(i)]
        middle, spread = mean_std or (mean(distances), 0.0)
        if mean_std is None:
            spread = math.sqrt(mean([(d - middle) ** 2 for d in distances]))
        nearest = [min(abs((d - middle) / spread - level) for level in (-3.0, 0.0, 3.0)) for d in distances]
        return mean(nearest), middle, spread


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


@pytest.fixture
def loops() -> Loops:
    return Loops()


@pytest.fixture
def points() -> Callable[..., Tensor]:
    """Random points, the same for the same seed, that require gradients."""

    def drawn(n: int, d: int = 4, *, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.randn(n, d, generator=generator, dtype=dtype).requires_grad_()

    return drawn


LAYOUTS = {
    "two classes": [0, 0, 0, 1, 1, 1, 1],
    "three, mixed up": [2, 0, 1, 0, 2, 1, 0, 2, 2],
    "single members": [0, 0, 1, 2, 2, 3],
    "negative labels": [-5, 9, 9, -5, -5, 9],
}


@pytest.fixture(params=LAYOUTS.values(), ids=LAYOUTS.keys())
def labels(request: pytest.FixtureRequest) -> Tensor:
    return torch.tensor(request.param)
