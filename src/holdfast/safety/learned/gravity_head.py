"""Tells by where a text lies how likely the danger it speaks of, if there is one, is to be a crisis.

How near a text lies to danger says that there is some, and hardly how grave it is: a person who was hit last year may
lie nearer than one who says goodbye.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.learned.encoder import Vectors

__all__ = ["CARD_FIELD", "GravityHead"]

CARD_FIELD = "gravity"
_EVEN = 0.5
_WEIGHTS, _OFFSET = "gravity_weights", "gravity_offset"


@dataclass(frozen=True, kw_only=True)
class GravityHead:
    """Logistic regression on an encoder's vectors: ``p = 1 / (1 + exp(-(vector @ weights + offset)))``.

    Attributes:
        weights: Shape (dimensions,).
        offset: Shape (1,).
        least: Probability, 0 to 1, below which no text is taken for a crisis.
    """

    weights: Vectors
    offset: Vectors
    least: float

    def __post_init__(self) -> None:
        """Check the shapes and the least probability.

        Raises:
            ValueError: They do not fit: the model is damaged.
        """
        if self.weights.ndim != 1 or self.offset.shape != (1,):
            raise ValueError("gravity weights")
        if not 0 < self.least <= 1:
            raise ValueError("least gravity")

    @classmethod
    def read(cls, card: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self | None:
        """Read back what ``tensors`` and ``to_dict`` gave; None for a model that was never taught to tell gravity."""
        told = card.get(CARD_FIELD)
        if told is None:
            return None
        weights, offset = tensors[_WEIGHTS].astype(np.float32), tensors[_OFFSET].astype(np.float32)
        return cls(weights=weights, offset=offset, least=float(told["least"]))

    def tensors(self) -> dict[str, Vectors]:
        """Return what has to be stored beside the encoder."""
        return {_WEIGHTS: self.weights, _OFFSET: self.offset}

    def to_dict(self) -> dict[str, Any]:
        """Return what belongs on the model's card."""
        return {"least": self.least}

    @property
    def dimensions(self) -> int:
        """Length of the vectors it reads."""
        return len(self.weights)

    def probabilities(self, vectors: Vectors) -> Vectors:
        """Return how likely a danger in each text is to be a crisis, shape (texts,), 0 to 1, 1 is worst."""
        return np.asarray(1 / (1 + np.exp(-(vectors @ self.weights + self.offset))), dtype=np.float32)

    def leans(self, vector: Vectors) -> bool:
        """Return whether a danger in a text, shape (dimensions,), is likelier a crisis than not."""
        return bool(self.probabilities(vector[None])[0] > _EVEN)

    def is_grave(self, vector: Vectors) -> bool:
        """Return whether the danger in a text, shape (dimensions,), is likely enough to be a crisis."""
        return bool(self.probabilities(vector[None])[0] >= self.least)
