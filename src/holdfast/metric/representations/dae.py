"""Stacked denoising autoencoders (Vincent et al. 2010, JMLR 11:3371-3408), as DeepPatient uses them.

Miotto et al. 2016 (Scientific Reports 6:26094) embed patients by the top code of such a stack. Each layer learns alone
and greedily: of inputs with some set to zero it makes a code, and from the code the whole inputs. The next layer's
inputs are its codes. Theirs are sigmoid codes of 500 units over scaled counts; ours are tanh codes over standardised
rows, where zero is the mean and the middle of a code, so that masking says "not known" at every layer.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from holdfast.metric.representations.layers import Layers
from holdfast.metric.representations.representation import Rows
from holdfast.metric.representations.row_check import checked_rows
from holdfast.metric.representations.setting_check import check_number, check_widths
from holdfast.metric.representations.training import TrainedRepresentation, layers_of

__all__ = ["DenoisingAutoencoder"]


@dataclass(kw_only=True, eq=False)
class DenoisingAutoencoder(TrainedRepresentation):
    """The top code of a stack of denoising layers: each value -1 to 1.

    Args:
        epochs: Most passes over the rows for each layer.
        hidden: Widths of the codes below the top one.
        masking: Share of a layer's inputs set to zero while it learns, 0 to below 1. DeepPatient masks 0.05.
    """

    name: ClassVar[str] = "dae"

    epochs: int = 40
    hidden: tuple[int, ...] = (128, 64)
    masking: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        check_widths("hidden", self.hidden)
        check_number("masking", self.masking, below=1.0)
        self.hidden = tuple(self.hidden)

    def denoise(self, rows: Rows) -> NDArray[np.float32]:
        """Rebuild rows from their top codes, layer by layer: (people, inputs). A zero stands for what is not known."""
        decoder = self._layers("decoder")
        return decoder.apply(self.transform(checked_rows(rows, width=decoder.n_outputs)))

    def _learn(self, rows: Rows) -> dict[str, Layers]:
        inputs, coders, decoders = rows, [], []
        for depth, width in enumerate((*self.hidden, self.dimensions)):
            with self._drawing(depth):
                layer = _DenoisingLayer(inputs.shape[1], width, masking=self.masking, is_first=depth == 0)
                self._train(layer, inputs, what=f"dae layer {depth + 1}", stage=depth)
            coders.append(layers_of(layer.coder))
            decoders.append(layers_of(layer.decoder))
            inputs = coders[-1].apply(inputs)
        return {"encoder": _joined(coders), "decoder": _joined(decoders[::-1])}


class _DenoisingLayer(nn.Module):
    """One layer: its code, and its inputs made from the code. Rows have no bounds, codes lie in -1 to 1."""

    def __init__(self, n_inputs: int, width: int, *, masking: float, is_first: bool) -> None:
        super().__init__()
        self.coder = nn.Sequential(nn.Linear(n_inputs, width), nn.Tanh())
        bounded = [] if is_first else [nn.Tanh()]
        self.decoder = nn.Sequential(nn.Linear(width, n_inputs), *bounded)
        self._masking = masking

    def forward(self, batch: Tensor, generator: Generator) -> Tensor:
        """Return the mean squared error of the inputs made from what is left of them."""
        is_left = torch.rand(batch.shape, generator=generator) >= self._masking
        return nn.functional.mse_loss(self.decoder(self.coder(batch * is_left)), batch)


def _joined(parts: list[Layers]) -> Layers:
    return Layers(n_inputs=parts[0].n_inputs, layers=tuple(layer for part in parts for layer in part.layers))
