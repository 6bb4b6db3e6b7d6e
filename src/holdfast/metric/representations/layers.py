"""Linear layers with an activation after each: all that six of the representations learn, applied without torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError
from holdfast.metric.representations.representation import Rows

__all__ = ["Activation", "Layer", "Layers"]

Activation = Literal["linear", "relu", "tanh"]

CHUNK_ROWS = 4_096
"""Rows embedded at a time: bounds the memory of the layers between."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """activation(W x + b).

    Attributes:
        weight: W, (outputs, inputs).
        bias: b, (outputs,).
        activation: Applied to each output.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    activation: Activation = "linear"


@dataclass(frozen=True, kw_only=True, eq=False)
class Layers:
    """Layers one after another; with none, rows stay as they are.

    Attributes:
        n_inputs: Columns of the rows read.
        layers: The first reads the rows.
    """

    n_inputs: int
    layers: tuple[Layer, ...]

    @property
    def n_outputs(self) -> int:
        """Return how many columns come out."""
        return len(self.layers[-1].bias) if self.layers else self.n_inputs

    def apply(self, rows: Rows) -> NDArray[np.float32]:
        """Return (people, outputs), computed in float64 so that float32 results do not hang on the rows beside.

        Args:
            rows: (people, inputs), checked.

        Raises:
            MetricError: What comes out is too large for float32.
        """
        made = np.empty((len(rows), self.n_outputs), dtype=np.float32)
        bad = 0
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is counted
            for start in range(0, len(rows), CHUNK_ROWS):
                stop = start + CHUNK_ROWS
                made[start:stop] = self._chunk(rows[start:stop])
                bad += int((~np.isfinite(made[start:stop])).any(axis=1).sum())
        if bad:
            raise MetricError(
                f"Embeddings must be finite, got too large ones in {bad} of {len(rows)} rows; standardise the rows."
            )
        return made

    def _chunk(self, rows: Rows) -> NDArray[np.float64]:
        values = rows.astype(np.float64)
        for layer in self.layers:
            values = values @ layer.weight.astype(np.float64).T
            values += layer.bias
            if layer.activation == "relu":
                np.maximum(values, 0.0, out=values)
            elif layer.activation == "tanh":
                np.tanh(values, out=values)
        return values

    def describe(self) -> dict[str, Any]:
        """Return what tensors do not say, JSON-ready."""
        return {"n_inputs": self.n_inputs, "activations": [layer.activation for layer in self.layers]}

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return weights and biases by name."""
        named = {f"{index}.weight": layer.weight for index, layer in enumerate(self.layers)}
        return named | {f"{index}.bias": layer.bias for index, layer in enumerate(self.layers)}

    @classmethod
    def revive(cls, described: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build again from what ``describe`` and ``tensors`` returned.

        Raises:
            MetricError: They do not fit each other.
            KeyError: One is missing.
        """
        n_inputs, activations = described["n_inputs"], described["activations"]
        if len(tensors) != 2 * len(activations) or not set(activations) <= set(get_args(Activation)):
            raise _unfit("other layers")
        layers = tuple(
            Layer(weight=tensors[f"{index}.weight"], bias=tensors[f"{index}.bias"], activation=activation)
            for index, activation in enumerate(activations)
        )
        widths = [n_inputs, *(len(layer.bias) for layer in layers)]
        for (before, after), layer in zip(pairwise(widths), layers, strict=True):
            if layer.weight.shape != (after, before) or layer.bias.shape != (after,):
                raise _unfit("other shapes")
            if {layer.weight.dtype, layer.bias.dtype} != {np.dtype(np.float32)}:
                raise _unfit("other types")
            if not math.isfinite(float(np.abs(layer.weight).sum() + np.abs(layer.bias).sum())):
                raise _unfit("numbers that are not finite")
        return cls(n_inputs=n_inputs, layers=layers)


def _unfit(what: str) -> MetricError:
    return MetricError(f"Layers must be those that were saved, got {what}; save the representation again.")
