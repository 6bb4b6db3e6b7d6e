"""What all six losses share: pytorch-metric-learning's call, full precision inside, typed parts, readable settings."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from holdfast.metric.error import MetricError
from holdfast.metric.losses.loss_batch import LossBatch, checked_points
from holdfast.metric.losses.loss_parts import LossParts
from holdfast.metric.losses.triplets import Indices
from holdfast.metric.losses.untraced import untraced

__all__ = ["MetricLoss", "Setting"]

Setting = float | int | str | bool | None


class MetricLoss(nn.Module, ABC):
    """A loss over embeddings: call it for the scalar to minimise, or ask for its `parts`.

    Everything is computed in 32 bits (64 for 64-bit embeddings), under autocast too, and the loss comes out so.
    Under ``torch.compile`` a loss is left as it is: what surrounds it is compiled, the graph breaks once.

    Args:
        normalize: Scale every embedding to length one first.
    """

    def __init__(self, *, normalize: bool) -> None:
        super().__init__()
        self.normalize = bool(normalize)

    @untraced
    def forward(
        self,
        embeddings: Tensor,
        labels: Tensor | None = None,
        indices_tuple: Indices | None = None,
        ref_emb: Tensor | None = None,
        ref_labels: Tensor | None = None,
    ) -> Tensor:
        """Compute the loss, a scalar; see `parts` for the arguments."""
        return self.parts(embeddings, labels, indices_tuple, ref_emb, ref_labels).total

    @untraced
    def parts(
        self,
        embeddings: Tensor,
        labels: Tensor | None = None,
        indices_tuple: Indices | None = None,
        ref_emb: Tensor | None = None,
        ref_labels: Tensor | None = None,
    ) -> LossParts:
        """Compute the loss and what it consists of. Where nothing can be compared it is zero, and backpropagates zeros.

        Args:
            embeddings: (B, d) floats.
            labels: (B,) whole numbers: the class of each row. May be left out where ``indices_tuple`` is enough.
            indices_tuple: Which rows to compare: `Triplets`, or a miner's (a, p, n) or (a1, p, a2, n). Taken as they
                are, whatever the labels say. Without it, labels decide.
            ref_emb: (R, d) floats to take positives and negatives from instead of the batch.
            ref_labels: (R,) whole numbers.

        Raises:
            MetricError: The embeddings are not finite 2-D floats, the labels not one whole number for each row, or
                the row numbers not in the batch.
        """
        with _full_precision(embeddings):
            batch = LossBatch.of(embeddings, labels, ref_emb, ref_labels, normalize=self.normalize)
            return self._parts_of(batch, indices_tuple)

    @untraced
    def on_triplets(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> LossParts:
        """Compute the loss of explicit triplets, row by row.

        Args:
            anchor: (T, d) floats.
            positive: (T, d) floats, of the anchor's class.
            negative: (T, d) floats, of another class.

        Raises:
            MetricError: The three are not finite 2-D floats of one shape.
        """
        with _full_precision(anchor):
            a = checked_points(anchor, "anchor", normalize=self.normalize)
            p = checked_points(positive, "positive", normalize=self.normalize)
            n = checked_points(negative, "negative", normalize=self.normalize)
            if not a.shape == p.shape == n.shape:
                raise MetricError(
                    f"anchor, positive and negative must have one shape, got `{tuple(a.shape)}`, `{tuple(p.shape)}` "
                    f"and `{tuple(n.shape)}`; give a row of each for every triplet."
                )
            return self._parts_on(a, p, n)

    @abstractmethod
    def settings(self) -> dict[str, Setting]:
        """Give what the loss was made with: ``make_loss(name, **settings)`` makes it again. Fit for JSON."""

    def extra_repr(self) -> str:
        """Show the settings in ``repr``."""
        return ", ".join(f"{name}={value!r}" for name, value in self.settings().items())

    @abstractmethod
    def _parts_of(self, batch: LossBatch, indices: Indices | None) -> LossParts: ...

    @abstractmethod
    def _parts_on(self, a: Tensor, p: Tensor, n: Tensor) -> LossParts: ...


def _full_precision(points: Tensor) -> torch.autocast:
    device = points.device.type if isinstance(points, Tensor) else "cpu"
    return torch.autocast(device_type=device, enabled=False)
