"""Replicates that are whole fitted distances of one kind, their arrays stacked for keeping."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.distances.distance import FittedDistance
from holdfast.risk.embeddings import Codes, Embeddings
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp

__all__ = ["Refitted", "refitted", "unstacked"]

Fitted = TypeVar("Fitted")


class Refitted:
    """One fitted distance a resample; each scores by itself."""

    def __init__(self, fitted: Sequence[FittedDistance]) -> None:
        self.fitted = tuple(fitted)

    def score(self, embeddings: Embeddings) -> NDArray[np.float64]:
        """Score by every resample, (n, B)."""
        return np.column_stack([one.score(embeddings) for one in self.fitted])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of all, stacked along a new first axis."""
        each = [one.arrays() for one in self.fitted]
        return {name: np.stack([arrays[name] for arrays in each]) for name in each[0]}


def refitted(
    fit: Callable[[Embeddings, ReferenceGroups, FollowUp | None], Fitted],
    embeddings: Embeddings,
    groups: ReferenceGroups,
    follow_up: FollowUp | None,
    draws: Sequence[Codes],
) -> list[Fitted]:
    """Fit to each resample."""
    return [
        fit(embeddings[drawn], groups.take(drawn), None if follow_up is None else follow_up.take(drawn))
        for drawn in draws
    ]


def unstacked(arrays: Mapping[str, NDArray[Any]]) -> list[dict[str, NDArray[Any]]]:
    """Take stacked arrays apart, one mapping a resample."""
    number = len(next(iter(arrays.values())))
    return [{name: array[b] for name, array in arrays.items()} for b in range(number)]
