"""One number for a text by where it lies: a linear map of its vector, taught beside the encoder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.learned.encoder import Vectors

__all__ = ["LinearHead", "chances", "log_odds"]


@dataclass(frozen=True, kw_only=True)
class LinearHead:
    """``score = vector @ weights + offset``, the log odds of what it was taught by logistic regression.

    Attributes:
        weights: Shape (dimensions,).
        offset: Shape (1,).
    """

    weights: Vectors
    offset: Vectors

    def __post_init__(self) -> None:
        """Check the shapes.

        Raises:
            ValueError: They do not fit: the model is damaged.
        """
        if self.weights.ndim != 1 or self.offset.shape != (1,):
            raise ValueError("linear weights")

    @classmethod
    def read(cls, name: str, tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Read back what ``tensors`` gave for ``name``."""
        weights, offset = (tensors[f"{name}_{part}"].astype(np.float32) for part in ("weights", "offset"))
        return cls(weights=weights, offset=offset)

    def tensors(self, name: str) -> dict[str, Vectors]:
        """Return what has to be stored beside the encoder, under ``name``."""
        return {f"{name}_weights": self.weights, f"{name}_offset": self.offset}

    @property
    def dimensions(self) -> int:
        """Length of the vectors it reads."""
        return len(self.weights)

    def scores(self, vectors: Vectors) -> Vectors:
        """Return the log odds of each text, shape (texts,); higher is worse."""
        return np.asarray(vectors @ self.weights + self.offset, dtype=np.float32)


def chances(odds: Vectors) -> Vectors:
    """Return probabilities, 0 to 1, for log odds."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float32)


def log_odds(chance: Vectors, *, edge: float = 1e-6) -> Vectors:
    """Return the log odds of numbers from 0 to 1, kept at least ``edge`` off both ends."""
    kept = np.clip(chance, edge, 1 - edge)
    return np.asarray(np.log(kept / (1 - kept)), dtype=np.float32)
