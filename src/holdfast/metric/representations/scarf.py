"""SCARF: contrastive learning by random feature corruption (Bahri et al. 2022, ICLR).

A row and a copy of it, in which a share of the inputs is replaced by those of other people drawn input by input, go
through one encoder and a projection head. With z and z' scaled to length one and temperature t, the loss of a row i is
InfoNCE over its batch:

    -log( exp(z_i . z'_i / t) / sum over k of exp(z_i . z'_k / t) )

The head is dropped afterwards. Share and temperature are the paper's; widths are ours.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor, nn

from holdfast.metric.representations.layers import Layers
from holdfast.metric.representations.representation import Rows
from holdfast.metric.representations.setting_check import check_number, check_widths
from holdfast.metric.representations.training import TrainedRepresentation, layers_of, perceptron

__all__ = ["Scarf"]


@dataclass(kw_only=True, eq=False)
class Scarf(TrainedRepresentation):
    """The encoder's output, before the projection head.

    Args:
        hidden: Widths of the encoder's hidden layers.
        corruption: Share of a row's inputs that are replaced, above 0 and below 1; at least one is.
        temperature: t, above 0: lower weighs the closest others more.
    """

    name: ClassVar[str] = "scarf"

    hidden: tuple[int, ...] = (128, 64)
    corruption: float = 0.6
    temperature: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_widths("hidden", self.hidden)
        check_number("corruption", self.corruption, is_open=True, below=1.0)
        check_number("temperature", self.temperature, is_open=True)
        self.hidden = tuple(self.hidden)

    def _learn(self, rows: Rows) -> dict[str, Layers]:
        with self._drawing():
            network = _Contrast(self, torch.from_numpy(rows))
            self._train(network, rows, what="scarf")
        return {"encoder": layers_of(network.encoder)}


class _Contrast(nn.Module):
    """Encoder and head, and the rows whose inputs replace others."""

    def __init__(self, settings: Scarf, rows: Tensor) -> None:
        super().__init__()
        n_inputs, dimensions = rows.shape[1], settings.dimensions
        self.encoder = perceptron((n_inputs, *settings.hidden, dimensions))
        self._head = nn.Sequential(nn.ReLU(), *perceptron((dimensions, dimensions, dimensions)))
        self._marginals = rows
        self._replaced = max(1, int(settings.corruption * n_inputs))
        self._temperature = settings.temperature

    def forward(self, batch: Tensor, generator: Generator) -> Tensor:
        """Return the mean loss of a row among those of its batch."""
        one, other = (self._projected(rows) for rows in (batch, self._corrupted(batch, generator)))
        return nn.functional.cross_entropy(one @ other.T / self._temperature, torch.arange(len(batch)))

    def _projected(self, rows: Tensor) -> Tensor:
        return nn.functional.normalize(self._head(self.encoder(rows)), dim=1)

    def _corrupted(self, batch: Tensor, generator: Generator) -> Tensor:
        """Replace as many inputs of each row, drawn evenly, by those of people drawn evenly for each input."""
        is_replaced = torch.rand(batch.shape, generator=generator).argsort(dim=1) < self._replaced
        people = torch.randint(len(self._marginals), batch.shape, generator=generator)
        return torch.where(is_replaced, self._marginals.gather(0, people), batch)
