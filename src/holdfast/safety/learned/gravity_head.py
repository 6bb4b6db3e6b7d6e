"""Tells by where a text lies how likely the danger it speaks of, if there is one, is to be a crisis.

How near a text lies to danger says that there is some, and hardly how grave it is: a person who was hit last year may
lie nearer than one who says goodbye.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from numpy.typing import NDArray

from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.linear_head import LinearHead, chances

__all__ = ["GRAVITY", "GravityHead"]

GRAVITY = "gravity"
"""What it is called on a model's card and among its tensors."""

_EVEN = 0.5


@dataclass(frozen=True, kw_only=True)
class GravityHead:
    """Logistic regression on an encoder's vectors. ``least`` is the probability below which nothing is a crisis."""

    name: ClassVar[str] = GRAVITY

    line: LinearHead
    least: float

    def __post_init__(self) -> None:
        """Check the least probability.

        Raises:
            ValueError: It is none: the model is damaged.
        """
        if not 0 < self.least <= 1:
            raise ValueError("least gravity")

    @classmethod
    def read(cls, card: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self | None:
        """Read back what was stored; None for a model that was never taught to tell gravity."""
        told = card.get(GRAVITY)
        return None if told is None else cls(line=LinearHead.read(GRAVITY, tensors), least=float(told["least"]))

    @property
    def dimensions(self) -> int:
        """Length of the vectors it reads."""
        return self.line.dimensions

    def to_dict(self) -> dict[str, Any]:
        """Return what belongs on the model's card."""
        return {"least": self.least}

    def tensors(self) -> dict[str, Vectors]:
        """Return what has to be stored beside the encoder."""
        return self.line.tensors(GRAVITY)

    def probabilities(self, vectors: Vectors) -> Vectors:
        """Return how likely a danger in each text is to be a crisis, shape (texts,), 0 to 1, 1 is worst."""
        return chances(self.line.scores(vectors))

    def leans(self, vector: Vectors) -> bool:
        """Return whether a danger in a text, shape (dimensions,), is likelier a crisis than not."""
        return bool(self.probabilities(vector[None])[0] > _EVEN)

    def is_grave(self, vector: Vectors) -> bool:
        """Return whether the danger in a text, shape (dimensions,), is likely enough to be a crisis."""
        return bool(self.probabilities(vector[None])[0] >= self.least)
