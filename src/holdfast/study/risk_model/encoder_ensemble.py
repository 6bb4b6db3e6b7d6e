"""Encoders of visits as a whole: their first layers as one matrix product, people in tiles that stay in a core's cache.

The formula is that of ``visit_encoder``. People stand in columns, an input a row, so that every step runs along memory.
A tile always has the same number of columns, the last one padded: what a matrix product does to a column can depend on
how many there are, in the last bit, and nobody's embedding may depend on who else is in the table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["TILE", "EncoderEnsemble"]

TILE = 1_024
"""People in a tile."""

Weights = Mapping[str, NDArray[np.float32]]
Columns = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class EncoderEnsemble:
    """Encoders that read the same inputs.

    Attributes:
        first: Of all encoders: weights of the first layers, then of the straight paths; (units, inputs).
        bias: Of the first layers; (units, 1).
        encoders: Their weights.
    """

    first: Columns
    bias: Columns
    encoders: tuple[Weights, ...]

    @classmethod
    def of(cls, encoders: Sequence[Weights]) -> Self:
        """Put encoders together, each as the weights of a ``VisitEncoder``."""
        layers = [one["weight_1"] for one in encoders]
        straight = [one["skip_weight"] for one in encoders]
        return cls(
            first=np.ascontiguousarray(np.concatenate([*layers, *straight])),
            bias=np.concatenate([one["bias_1"] for one in encoders])[:, None],
            encoders=tuple(encoders),
        )

    def embed(
        self, people: int, write: Callable[[slice, NDArray[np.float32]], None]
    ) -> tuple[NDArray[np.float32], ...]:
        """Embed people a tile at a time: (people, dimensions) for each encoder.

        Args:
            people: How many there are.
            write: Given the rows of some people and an array (inputs, so many people), writes their inputs into it.
        """
        found = tuple(np.empty((people, len(one["bias_3"])), dtype=np.float32) for one in self.encoders)
        inputs = np.zeros((self.first.shape[1], TILE), dtype=np.float32)
        hidden = np.empty((len(self.first), TILE), dtype=np.float32)
        scratch = np.empty((len(self.bias), TILE), dtype=np.float32)
        with np.errstate(over="ignore"):  # of exp in s(u), where s(u) is 0
            for start in range(0, people, TILE):
                rows = slice(start, min(start + TILE, people))
                width = rows.stop - start
                write(rows, inputs[:, :width])
                for out, embedded in zip(found, self._tile(inputs, hidden, scratch), strict=True):
                    out[rows] = embedded[:, :width].T
        return found

    def _tile(self, inputs: Columns, hidden: Columns, scratch: Columns) -> list[Columns]:
        """Embed a whole tile: (dimensions, ``TILE``) for each encoder."""
        np.matmul(self.first, inputs, out=hidden)
        units = len(self.bias)
        layer, straight = hidden[:units], hidden[units:]
        layer += self.bias
        _silu(layer, scratch)
        found, unit, dimension = [], 0, 0
        for one in self.encoders:
            width, dimensions = len(one["bias_1"]), len(one["bias_3"])
            second = one["weight_2"] @ layer[unit : unit + width]
            second += one["bias_2"][:, None]
            _silu(second, scratch[: len(second)])
            embedded = one["weight_3"] @ second
            embedded += straight[dimension : dimension + dimensions]
            embedded += one["bias_3"][:, None]
            found.append(embedded)
            unit, dimension = unit + width, dimension + dimensions
        return found


def _silu(u: Columns, scratch: Columns) -> None:
    """Put s(u) = u / (1 + exp(-u)) in the place of u."""
    np.negative(u, out=scratch)
    np.exp(scratch, out=scratch)
    scratch += 1.0
    np.divide(u, scratch, out=u)
