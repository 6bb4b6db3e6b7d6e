"""What every text encoder does, whatever is inside."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from holdfast.safety.learned.pieces import Piece

__all__ = ["Encoder", "Vectors"]

Vectors = NDArray[np.float32]
"""Embeddings, shape (texts, dimensions)."""


class Encoder(Protocol):
    """Turns texts into points whose distances were learnt: near means alike in kind of danger."""

    @property
    def id(self) -> str:
        """Name the encoder and its weights, for traces: points of two encoders must never be compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    @property
    def joins_turns(self) -> bool:
        """Whether it also judges the last few things said as one text."""
        ...

    def cut(self, text: str) -> list[Piece]:
        """Return the pieces of ``text`` that are judged one by one: what its vectors say most about."""
        ...

    def reads_all(self, text: str) -> bool:
        """Return whether every part of ``text``, one piece, goes into its vector, and none of it is unknown to it."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimensions); all zeros for a text without any word or letter."""
        ...

    def encode_with_language(self, texts: Sequence[str]) -> tuple[Vectors, list[str]]:
        """Return the same vectors, and for each text the tag of the language it was taken for."""
        ...
