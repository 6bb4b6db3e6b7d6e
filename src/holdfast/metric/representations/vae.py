"""A variational autoencoder (Kingma & Welling 2014, ICLR); a person's embedding is the posterior's mean.

With encoder mean m(x) and deviation s(x), one draw z = m + s e, e ~ N(0, 1), and a decoder d, the loss of a row is

    sum over inputs of ((x - d(z))^2 / v + log v) / 2  +  beta * KL(N(m, s^2) || N(0, 1))

without constants. The noise variance v is one number, learnt along (Rybkin et al. 2021, ICML: set by hand, it decides
alone how many dimensions are used). ``beta`` weighs the second part (Higgins et al. 2017, ICLR).
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Generator, Tensor, nn

from holdfast.metric.representations.layers import Layers
from holdfast.metric.representations.representation import Rows
from holdfast.metric.representations.setting_check import check_number, check_widths
from holdfast.metric.representations.training import TrainedRepresentation, layers_of, perceptron

__all__ = ["VariationalAutoencoder"]

LOG_VARIANCES = (-6.0, 6.0)
"""Bounds of log v and log s^2: none goes below 0.0025 or above 403, where gradients would run away."""


@dataclass(kw_only=True, eq=False)
class VariationalAutoencoder(TrainedRepresentation):
    """The mean of each person's posterior; dimensions that say nothing stay near zero.

    Args:
        hidden: Widths of the encoder's hidden layers; the decoder has them the other way round.
        beta: Weight of the divergence from the prior, 0 or more: more makes for fewer dimensions used.
    """

    name: ClassVar[str] = "vae"

    hidden: tuple[int, ...] = (128, 64)
    beta: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_widths("hidden", self.hidden)
        check_number("beta", self.beta)
        self.hidden = tuple(self.hidden)

    def _learn(self, rows: Rows) -> dict[str, Layers]:
        with self._drawing():
            network = _Variational(rows.shape[1], self.hidden, self.dimensions, beta=self.beta)
            self._train(network, rows, what="vae")
        whole = layers_of(network.encoder)
        return {"encoder": _first_outputs(whole, self.dimensions)}


class _Variational(nn.Module):
    """Encoder (means, then log variances), decoder, and one learnt noise variance."""

    def __init__(self, n_inputs: int, hidden: tuple[int, ...], dimensions: int, *, beta: float) -> None:
        super().__init__()
        self.encoder = perceptron((n_inputs, *hidden, 2 * dimensions))
        self.decoder = perceptron((dimensions, *hidden[::-1], n_inputs))
        self.log_noise = nn.Parameter(torch.zeros(()))
        self._beta = beta

    def forward(self, batch: Tensor, generator: Generator) -> Tensor:
        """Return the mean loss of a row."""
        mean, raw = self.encoder(batch).chunk(2, dim=1)
        log_variance = raw.clamp(*LOG_VARIANCES)
        drawn = mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=generator)
        log_noise = self.log_noise.clamp(*LOG_VARIANCES)
        misfit = ((batch - self.decoder(drawn)) ** 2 / log_noise.exp() + log_noise).sum(dim=1) / 2
        divergence = (mean**2 + log_variance.exp() - log_variance - 1.0).sum(dim=1) / 2
        loss: Tensor = (misfit + self._beta * divergence).mean()
        return loss


def _first_outputs(layers: Layers, count: int) -> Layers:
    """Leave out the outputs of the last layer from ``count`` on."""
    last = layers.layers[-1]
    cut = replace(last, weight=last.weight[:count].copy(), bias=last.bias[:count].copy())
    return replace(layers, layers=(*layers.layers[:-1], cut))
