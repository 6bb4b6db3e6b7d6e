"""Even out what a sentence network's inner layers put out, so that eight bits hold it.

A few inner units of each layer put out numbers a hundred times those of the rest. Eight bits that have to reach so far
leave little for the others: vectors came out up to 0.15 in cosine beside those of the whole network. Each unit is
divided by its usual reach and the weights that read it are multiplied by the same, which changes nothing in the whole
network and keeps most of it in the eight-bit one (Xiao et al., SmoothQuant, 2023).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from holdfast.safety.learned.semantic_encoder import MOST_TOKENS

__all__ = ["even_out"]

_SHARE = 0.8
"""How much of the reach is taken from the units and given to the weights; 0 none, 1 all."""
_LEAST = 1e-5


class _Evened(nn.Module):
    """An activation whose every unit is multiplied by a number of its own."""

    by: Tensor

    def __init__(self, activation: Any, by: Tensor) -> None:
        super().__init__()
        self.activation = activation
        self.register_buffer("by", by)

    def forward(self, given: Tensor) -> Tensor:
        evened: Tensor = self.activation(given) * self.by
        return evened


def even_out(network: Any, tokenizer: Any, texts: Sequence[str]) -> None:
    """Even out the inner units of a BERT-like ``network`` in place, by their reach over ``texts``; none, nothing."""
    if not texts:
        return
    reaches = _reaches(network, tokenizer, texts)
    for layer, reach in zip(network.encoder.layer, reaches, strict=True):
        weights = layer.output.dense.weight
        heaviest = weights.detach().abs().amax(dim=0)
        scale = reach.clamp(min=_LEAST) ** _SHARE / heaviest.clamp(min=_LEAST) ** (1 - _SHARE)
        weights.data.mul_(scale)
        layer.intermediate.intermediate_act_fn = _Evened(layer.intermediate.intermediate_act_fn, 1 / scale)


def _reaches(network: Any, tokenizer: Any, texts: Sequence[str]) -> list[Tensor]:
    """Return for each layer the largest size of each inner unit over ``texts``, shape (inner width,)."""
    reaches: list[Tensor] = [torch.zeros(layer.output.dense.in_features) for layer in network.encoder.layer]
    with _watching(network, reaches), torch.no_grad():
        for text in texts:
            network(**tokenizer(text, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"))
    return reaches


@contextmanager
def _watching(network: Any, reaches: list[Tensor]) -> Iterator[None]:
    def watch(number: int) -> Any:
        def take(_: Any, __: Any, put_out: Tensor) -> None:
            reaches[number] = torch.maximum(reaches[number], put_out.abs().flatten(0, -2).amax(dim=0))

        return take

    hooks = [
        layer.intermediate.register_forward_hook(watch(number)) for number, layer in enumerate(network.encoder.layer)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
