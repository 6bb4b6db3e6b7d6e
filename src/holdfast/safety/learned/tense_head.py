"""Tells by where a text lies whether the danger it speaks of is now or behind somebody; a past one is no intent now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.detection.verdict import Tense
from holdfast.safety.learned.encoder import Vectors

__all__ = ["TenseHead", "leads"]

_WEIGHTS, _OFFSETS = "tense_weights", "tense_offsets"


@dataclass(frozen=True, kw_only=True)
class TenseHead:
    """Multinomial logistic regression on an encoder's vectors.

    ``p = softmax(vector @ weights + offsets)``. Where the likeliest tense leads by less than ``margin`` none is told.

    Attributes:
        weights: Shape (dimensions, tenses).
        offsets: Shape (tenses,).
        tenses: What the columns stand for.
        margin: Probability, 0 to 1, by which the likeliest must lead.
    """

    name: ClassVar[str] = "tense"

    weights: Vectors
    offsets: Vectors
    tenses: tuple[Tense, ...]
    margin: float

    def __post_init__(self) -> None:
        """Check the shapes and the margin.

        Raises:
            ValueError: They do not fit: the model is damaged.
        """
        count = len(self.tenses)
        if count < 2 or self.weights.shape[1:] != (count,) or self.offsets.shape != (count,):
            raise ValueError("tense weights")
        if not 0 <= self.margin <= 1:
            raise ValueError("tense margin")

    @classmethod
    def read(cls, card: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self | None:
        """Read back what ``tensors`` and ``to_dict`` gave; None for a model that was never taught to tell tense."""
        told = card.get(cls.name)
        if told is None:
            return None
        return cls(
            weights=tensors[_WEIGHTS].astype(np.float32),
            offsets=tensors[_OFFSETS].astype(np.float32),
            tenses=tuple(Tense(name) for name in told["tenses"]),
            margin=float(told["margin"]),
        )

    def tensors(self) -> dict[str, Vectors]:
        """Return what has to be stored beside the encoder."""
        return {_WEIGHTS: self.weights, _OFFSETS: self.offsets}

    def to_dict(self) -> dict[str, Any]:
        """Return what belongs on the model's card."""
        return {"tenses": [tense.value for tense in self.tenses], "margin": self.margin}

    @property
    def dimensions(self) -> int:
        """Length of the vectors it reads."""
        return int(self.weights.shape[0])

    def probabilities(self, vectors: Vectors) -> Vectors:
        """Return how likely each tense is, shape (texts, tenses), each row summing to one."""
        scores = vectors @ self.weights + self.offsets
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)

    def tell(self, vectors: Vectors) -> list[Tense]:
        """Return the tense of each text; unknown where none leads by the margin, and where the vector is all zeros."""
        likely = self.probabilities(vectors)
        best = likely.argmax(axis=1)
        is_told = (leads(likely) >= self.margin) & vectors.any(axis=1)
        return [self.tenses[n] if is_sure else Tense.UNKNOWN for n, is_sure in zip(best, is_told, strict=True)]


def leads(likely: Vectors) -> Vectors:
    """Return by how much the likeliest of each row leads before the next, shape (rows,), 0 to 1."""
    ordered = np.sort(likely, axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2], dtype=np.float32)
