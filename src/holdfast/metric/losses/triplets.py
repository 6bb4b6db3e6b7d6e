"""Which rows of a batch are compared: triplets (anchor, positive, negative) and pairs (same class, different class).

Positions count rows: anchors in the embeddings, positives and negatives in the references (which are the embeddings
again when no references are given). Both classes read what a miner of pytorch-metric-learning returns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from holdfast.metric.error import MetricError

__all__ = ["Indices", "Pairs", "Triplets"]


@dataclass(frozen=True, eq=False)
class Triplets:
    """Triplets of rows. None at all is allowed: losses over no triplets are zero.

    Args:
        anchor: Rows of the embeddings, (T,) whole numbers.
        positive: Rows of the references: the same class as the anchor.
        negative: Rows of the references: another class than the anchor's.

    Raises:
        MetricError: Not three 1-D tensors of whole numbers, at least 0, of one length.
    """

    anchor: Tensor
    positive: Tensor
    negative: Tensor

    def __post_init__(self) -> None:
        _keep_as_rows(self, "Triplets", {"anchor": self.anchor, "positive": self.positive, "negative": self.negative})
        if not len(self.anchor) == len(self.positive) == len(self.negative):
            lengths = (len(self.anchor), len(self.positive), len(self.negative))
            raise MetricError(
                f"Triplets must have as many anchors as positives and negatives, got `{lengths}`; "
                "give one of each per triplet."
            )

    def __len__(self) -> int:
        return len(self.anchor)

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.anchor, self.positive, self.negative))

    @classmethod
    def all_of(cls, labels: Tensor, ref_labels: Tensor | None = None) -> Self:
        """List every triplet, in order of anchor, positive, negative.

        There are O(B^3) of them: 512 rows in ten classes have about 12 million. `all_triplets` sums over all of them
        without a list.

        Args:
            labels: (B,) whole numbers.
            ref_labels: (R,) whole numbers of other points; without them a row is not its own positive.
        """
        return cls._joined(Pairs.all_of(labels, ref_labels))

    @classmethod
    def from_indices_tuple(cls, indices_tuple: "Indices") -> Self:
        """Read a miner's triplets (a, p, n), or join its pairs (a1, p, a2, n) wherever a1 equals a2.

        Raises:
            MetricError: Neither three nor four tensors of row numbers.
        """
        if isinstance(indices_tuple, Pairs):
            return cls._joined(indices_tuple)
        if _length(indices_tuple) == 3:
            return cls(*indices_tuple)
        return cls._joined(Pairs.from_indices_tuple(indices_tuple))

    @classmethod
    def _joined(cls, pairs: "Pairs") -> Self:
        order = torch.argsort(pairs.negative_anchor, stable=True)
        sorted_anchors = pairs.negative_anchor[order].contiguous()
        first = torch.searchsorted(sorted_anchors, pairs.anchor.contiguous())
        count = torch.searchsorted(sorted_anchors, pairs.anchor.contiguous(), right=True) - first
        positive_pair = torch.repeat_interleave(torch.arange(len(count), device=count.device), count)
        begins = torch.cumsum(count, 0) - count
        within = torch.arange(len(positive_pair), device=count.device) - begins[positive_pair]
        negative_pair = order[first[positive_pair] + within]
        return cls(pairs.anchor[positive_pair], pairs.positive[positive_pair], pairs.negative[negative_pair])

    def check_within(self, *, rows: int, references: int) -> None:
        """Refuse row numbers that the batch does not have.

        Raises:
            MetricError: An anchor is not below ``rows``, or a positive or negative not below ``references``.
        """
        _check_below("anchor", self.anchor, rows)
        _check_below("positive", self.positive, references)
        _check_below("negative", self.negative, references)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows of the same class, and pairs of different classes. Both lists may be empty.

    Args:
        anchor: Rows of the embeddings, (M,) whole numbers.
        positive: Rows of the references, (M,): the same class.
        negative_anchor: Rows of the embeddings, (K,) whole numbers.
        negative: Rows of the references, (K,): another class.

    Raises:
        MetricError: Not 1-D tensors of whole numbers, at least 0, the two of each pair equally long.
    """

    anchor: Tensor
    positive: Tensor
    negative_anchor: Tensor
    negative: Tensor

    def __post_init__(self) -> None:
        fields = {"anchor": self.anchor, "positive": self.positive}
        fields |= {"negative_anchor": self.negative_anchor, "negative": self.negative}
        _keep_as_rows(self, "Pairs", fields)
        if len(self.anchor) != len(self.positive) or len(self.negative_anchor) != len(self.negative):
            lengths = tuple(len(rows) for rows in fields.values())
            raise MetricError(f"Pairs must have two rows each, got lengths `{lengths}`; give both rows of every pair.")

    @classmethod
    def all_of(cls, labels: Tensor, ref_labels: Tensor | None = None) -> Self:
        """List every pair, in order of anchor. Without ``ref_labels`` a row makes no pair with itself."""
        same = labels[:, None] == (labels if ref_labels is None else ref_labels)[None, :]
        different = ~same
        if ref_labels is None:
            same.fill_diagonal_(False)
        return cls(*torch.nonzero(same, as_tuple=True), *torch.nonzero(different, as_tuple=True))

    @classmethod
    def from_indices_tuple(cls, indices_tuple: "Indices") -> Self:
        """Read a miner's pairs (a1, p, a2, n), or the two pairs of each of its triplets (a, p, n).

        Raises:
            MetricError: Neither three nor four tensors of row numbers.
        """
        if isinstance(indices_tuple, Pairs):
            return cls(*indices_tuple.rows())
        count = _length(indices_tuple)
        if count == 3:
            triplets = Triplets(*indices_tuple)
            return cls(triplets.anchor, triplets.positive, triplets.anchor, triplets.negative)
        if count == 4:
            return cls(*indices_tuple)
        raise MetricError(
            "indices_tuple must hold 3 tensors (anchor, positive, negative) or 4 (anchor, positive, anchor, negative), "
            f"got `{count}`; pass what a miner returned."
        )

    def rows(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Give the four tensors in the order of pytorch-metric-learning."""
        return self.anchor, self.positive, self.negative_anchor, self.negative

    def check_within(self, *, rows: int, references: int) -> None:
        """Refuse row numbers that the batch does not have.

        Raises:
            MetricError: An anchor is not below ``rows``, or a positive or negative not below ``references``.
        """
        _check_below("anchor", self.anchor, rows)
        _check_below("anchor", self.negative_anchor, rows)
        _check_below("positive", self.positive, references)
        _check_below("negative", self.negative, references)


Indices = Triplets | Pairs | Sequence[Tensor]
"""What says which rows to compare: ours, or a miner's tuple of three or four tensors."""


def _length(indices_tuple: Triplets | Sequence[Tensor]) -> int:
    if isinstance(indices_tuple, Triplets):
        return 3
    if not isinstance(indices_tuple, Sequence):
        raise MetricError(
            f"indices_tuple must be a tuple of 3 or 4 tensors, got `{type(indices_tuple).__name__}`; "
            "pass what a miner returned."
        )
    return len(indices_tuple)


def _keep_as_rows(target: object, what: str, fields: dict[str, Tensor]) -> None:
    """Check every field and keep it as 64-bit whole numbers (an empty tensor of any kind counts as no rows)."""
    for name, rows in fields.items():
        if not isinstance(rows, Tensor) or rows.ndim != 1:
            got = tuple(rows.shape) if isinstance(rows, Tensor) else type(rows).__name__
            raise MetricError(f"{what} must have 1-D tensors of row numbers, got `{got}` for {name}; flatten it.")
        if len(rows) and (rows.is_floating_point() or rows.is_complex() or rows.dtype == torch.bool):
            raise MetricError(
                f"{what} must have whole numbers as rows, got `{rows.dtype}` for {name}; give an integer tensor."
            )
        if len(rows) and int(rows.min()) < 0:
            raise MetricError(f"{what} must count rows from 0, got `{int(rows.min())}` for {name}; give 0 or more.")
        object.__setattr__(target, name, rows.to(torch.long))


def _check_below(name: str, rows: Tensor, size: int) -> None:
    if len(rows) and int(rows.max()) >= size:
        raise MetricError(
            f"indices_tuple must stay within the batch, got {name} `{int(rows.max())}` of {size} rows; "
            "mine in the batch that you pass."
        )
