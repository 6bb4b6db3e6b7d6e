"""The batch a loss is computed on, checked once, in 32 or 64 bits."""

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from holdfast.metric.error import MetricError
from holdfast.metric.losses.distances import unit_rows

__all__ = ["LossBatch", "checked_points"]


@dataclass(frozen=True, eq=False, kw_only=True)
class LossBatch:
    """Embeddings to compare, with each other or with references.

    Args:
        embeddings: (B, d), float32 or float64.
        labels: (B,) whole numbers, or None where triplets or pairs are given instead.
        references: (R, d), or None when the embeddings are compared with each other.
        reference_labels: (R,) whole numbers, or None.
    """

    embeddings: Tensor
    labels: Tensor | None
    references: Tensor | None
    reference_labels: Tensor | None

    @classmethod
    def of(
        cls,
        embeddings: Tensor,
        labels: Tensor | None = None,
        ref_emb: Tensor | None = None,
        ref_labels: Tensor | None = None,
        *,
        normalize: bool = False,
    ) -> Self:
        """Check what a loss was called with: embeddings of at least 32 bits, labels of 64 on the same device.

        References that *are* the embeddings (the same tensor) count as none, as in pytorch-metric-learning: no row is
        then its own positive.

        Raises:
            MetricError: The embeddings are not a finite 2-D float tensor, the labels not 1-D whole numbers, one for
                each row, or the references do not fit the embeddings.
        """
        x = checked_points(embeddings, "embeddings", normalize=normalize)
        y = _checked_labels(labels, "labels", x)
        if ref_emb is None or ref_emb is embeddings:
            if ref_labels is not None and ref_labels is not labels:
                raise MetricError("ref_labels must come with ref_emb, got `None`; pass the references' embeddings too.")
            return cls(embeddings=x, labels=y, references=None, reference_labels=None)
        others = checked_points(ref_emb, "ref_emb", normalize=normalize).to(x.dtype)
        if others.shape[1] != x.shape[1]:
            raise MetricError(
                f"ref_emb must have {x.shape[1]} columns as the embeddings have, got `{others.shape[1]}`; "
                "embed both with the same network."
            )
        other_labels = _checked_labels(ref_labels, "ref_labels", others)
        return cls(embeddings=x, labels=y, references=others, reference_labels=other_labels)

    @property
    def others(self) -> Tensor:
        """The rows that positives and negatives come from."""
        return self.embeddings if self.references is None else self.references

    def known_labels(self) -> tuple[Tensor, Tensor | None]:
        """Give the labels of the rows and of the references (None without references).

        Raises:
            MetricError: There are none.
        """
        if self.labels is None:
            raise MetricError("labels must be given, got `None`; pass one whole number for each embedding.")
        if self.references is not None and self.reference_labels is None:
            raise MetricError("ref_labels must be given with ref_emb, got `None`; pass one for each reference.")
        return self.labels, self.reference_labels


def checked_points(points: Tensor, name: str, *, normalize: bool = False) -> Tensor:
    """Check one tensor of embeddings, (n, d) with n of 0 or more, and bring it to at least 32 bits.

    Raises:
        MetricError: Not 2-D, not floating point, without columns, or with a number that is missing, infinite or so
            large that squared distances would overflow.
    """
    if not isinstance(points, Tensor) or points.ndim != 2 or not points.is_floating_point() or points.shape[1] == 0:
        got = f"{tuple(points.shape)} {points.dtype}" if isinstance(points, Tensor) else type(points).__name__
        raise MetricError(f"{name} must be a 2-D float tensor with a row for each point, got `{got}`; reshape it.")
    wide = points if points.dtype == torch.float64 else points.to(torch.float32)
    limit = math.sqrt(torch.finfo(wide.dtype).max / (8 * wide.shape[1]))
    if len(wide) and not float(wide.detach().abs().amax()) <= limit:  # a NaN fails the comparison too
        bad = int((~torch.isfinite(wide.detach())).any(dim=1).sum())
        raise MetricError(
            f"{name} must be finite and below {limit:.1e} in size, got `{bad}` of {len(wide)} rows with NaN or "
            "infinity; lower the learning rate or check the inputs."
        )
    return unit_rows(wide) if normalize else wide


def _checked_labels(labels: Tensor | None, name: str, points: Tensor) -> Tensor | None:
    if labels is None:
        return None
    if not isinstance(labels, Tensor) or labels.ndim != 1:
        got = tuple(labels.shape) if isinstance(labels, Tensor) else type(labels).__name__
        raise MetricError(f"{name} must be a 1-D tensor, got `{got}`; give one whole number for each embedding.")
    if labels.is_floating_point() or labels.is_complex():
        raise MetricError(f"{name} must be whole numbers, got `{labels.dtype}`; number the classes from 0.")
    if len(labels) != len(points):
        raise MetricError(
            f"{name} must have as many entries as there are embeddings, {len(points)}, got `{len(labels)}`; "
            "give one for each."
        )
    return labels.to(points.device, torch.long)
