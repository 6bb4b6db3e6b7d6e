"""Moves a relative distance by how far a text lies behind the straight boundary between danger and none.

Distances to points weigh all directions of the space alike. Some tell danger from what only sounds like it better than
others, and a boundary taught by logistic regression leans on these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.linear_head import LinearHead, chances, log_odds

__all__ = ["BOUNDARY", "Boundary"]

BOUNDARY = "boundary"
"""What it is called on a model's card and among its tensors."""


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """``logit(moved) = logit(relative) + weight * score``, where the score is the log odds of danger of the line."""

    name: ClassVar[str] = BOUNDARY

    line: LinearHead
    weight: float

    def __post_init__(self) -> None:
        """Check the weight.

        Raises:
            ValueError: It is negative or no number: the model is damaged.
        """
        if not 0 <= self.weight < np.inf:
            raise ValueError("boundary weight")

    @classmethod
    def read(cls, card: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self | None:
        """Read back what was stored; None for a model that judges by distances alone."""
        told = card.get(BOUNDARY)
        return None if told is None else cls(line=LinearHead.read(BOUNDARY, tensors), weight=float(told["weight"]))

    @property
    def dimensions(self) -> int:
        """Length of the vectors it reads."""
        return self.line.dimensions

    def to_dict(self) -> dict[str, Any]:
        """Return what belongs on the model's card."""
        return {"weight": self.weight}

    def tensors(self) -> dict[str, Vectors]:
        """Return what has to be stored beside the encoder."""
        return self.line.tensors(BOUNDARY)

    def moved(self, relative: Vectors, vectors: Vectors) -> Vectors:
        """Return relative distances, shape (texts,), moved; they stay between 0 and 1, and 1 is worst."""
        return chances(log_odds(relative) + self.weight * self.line.scores(vectors))
