"""A BERT-like network that reads long texts at fewer places towards the top, for training and for export."""

from typing import Any

import torch
from torch import Tensor, nn

from holdfast.errors import ContentError
from holdfast.safety.learned.pooling import pooled_before

__all__ = ["PooledNetwork", "fuse_attention"]

_ALIKE = frozenset({"bert", "camembert", "roberta", "xlm-roberta"})
"""Networks whose layers need nothing but the states of the layer below: no biases by distance, no memory."""


class PooledNetwork(nn.Module):
    """Word pieces in, the states of the last layer out, averaged on the way as ``pooling.averages`` says.

    Texts of one call have the same length, so that none is padded and none has to be masked.

    Args:
        network: A transformers network.

    Raises:
        ContentError: The network is of another build than BERT.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        kind = network.config.model_type
        if kind not in _ALIKE:
            raise ContentError(f"Encoder must be one of {', '.join(sorted(_ALIKE))}, got {kind!r}; choose another.")
        self.network = network
        self._before = pooled_before(len(network.encoder.layer))

    def forward(self, input_ids: Tensor, *steps: Tensor) -> Tensor:
        """Return the states, shape (texts, states after the last step, the network's width)."""
        return self.upper(self.lower(input_ids), *steps)

    def lower(self, input_ids: Tensor) -> Tensor:
        """Return the states before they are averaged for the first time, shape (texts, word pieces, width)."""
        states: Tensor = self.network.embeddings(input_ids=input_ids)
        for layer in self.network.encoder.layer[: self._before[0]]:
            states = _states(layer(states))
        return states

    @property
    def upper_layers(self) -> list[nn.Module]:
        """The layers that read averaged states."""
        return list(self.network.encoder.layer[self._before[0] :])

    def upper(self, states: Tensor, *steps: Tensor) -> Tensor:
        """Return the last states for those that ``lower`` returned."""
        for number in range(self._before[0], len(self.network.encoder.layer)):
            for before, step in zip(self._before, steps, strict=True):
                states = step @ states if before == number else states
            states = _states(self.network.encoder.layer[number](states))
        return states


def _states(put_out: Any) -> Tensor:
    """Return the states that a layer put out, which some releases of transformers wrap."""
    states: Tensor = put_out[0] if isinstance(put_out, tuple) else put_out
    return states


def fuse_attention(network: Any) -> None:
    """Give every layer of ``network``, in place, attention that is exported as one operation of ONNX Runtime.

    It can be exported, and no longer be run by torch.
    """
    for layer in network.encoder.layer:
        layer.attention.self = _FusedAttention(layer.attention.self)


class _FusedAttention(nn.Module):
    """Query, key and value by one matrix, and ``com.microsoft.MultiHeadAttention`` over them."""

    def __init__(self, attention: Any) -> None:
        super().__init__()
        parts = (attention.query, attention.key, attention.value)
        self._heads, self._width = attention.num_attention_heads, attention.all_head_size
        self.together = nn.Linear(attention.query.in_features, 3 * self._width)
        with torch.no_grad():
            self.together.weight.copy_(torch.cat([part.weight for part in parts]))
            self.together.bias.copy_(torch.cat([part.bias for part in parts]))

    def forward(self, states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, None]:
        query, key, value = self.together(states).split(self._width, dim=-1)
        attended = torch.onnx.ops.symbolic(
            "com.microsoft::MultiHeadAttention",
            (query, key, value),
            {"num_heads": self._heads},
            dtype=states.dtype,
            shape=query.shape,
            version=1,
        )
        return attended, None
