"""What a loss consists of, and how sums over triplets become one number."""

from dataclasses import dataclass
from typing import Literal, Self, get_args

from torch import Tensor

from holdfast.metric.error import MetricError

__all__ = ["LossParts", "Reduction", "checked_reduction"]

Reduction = Literal["mean", "sum", "mean-active"]
"""Over triplets: their mean, their sum, or the mean over those whose hinge is positive."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LossParts:
    """A loss and what it is made of; lower is better.

    Args:
        total: What to minimise, a scalar: ``hinge + weight * penalty`` (`MDRLoss` adds a term for its levels).
        hinge: The part that compares positives with negatives, a scalar, reduced. For `NPairLoss` and `SupConLoss`
            this is their cross entropy.
        penalty: The regulariser before its weight, a scalar, reduced; zero where a loss has none.
        triplets: How many (anchor, positive, negative) were compared, 0 or more.
        active: How many of them have a positive hinge. A cross entropy is never zero: there all of them.
    """

    total: Tensor
    hinge: Tensor
    penalty: Tensor
    triplets: int
    active: int

    @classmethod
    def reduced(
        cls, *, hinge: Tensor, penalty: Tensor, triplets: int, active: int, weight: float, reduction: Reduction
    ) -> Self:
        """Reduce sums over triplets. Over no triplets every reduction is zero.

        ``mean-active`` averages the hinge over the active triplets, as pytorch-metric-learning does by default, and
        the penalty over all: a penalty is hardly ever exactly zero. That split is ours.
        """
        if reduction != "sum":
            hinge = hinge / max(active if reduction == "mean-active" else triplets, 1)
            penalty = penalty / max(triplets, 1)
        total = hinge + weight * penalty
        return cls(total=total, hinge=hinge, penalty=penalty, triplets=triplets, active=active)


def checked_reduction(reduction: str) -> Reduction:
    """Give the reduction back.

    Raises:
        MetricError: It is none of the three.
    """
    for known in get_args(Reduction):
        if reduction == known:
            return known  # type: ignore[no-any-return]  # one of the literals
    raise MetricError(f"reduction must be one of {', '.join(get_args(Reduction))}, got `{reduction!r}`; choose one.")
