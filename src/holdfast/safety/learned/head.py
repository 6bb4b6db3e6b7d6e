"""What every head does: it says one more thing of a text by its vector, and is stored beside the encoder."""

from typing import Any, ClassVar, Protocol

from holdfast.safety.learned.encoder import Vectors

__all__ = ["Head"]


class Head(Protocol):
    """Taught on the vectors of a trained encoder, which it leaves as it is."""

    name: ClassVar[str]
    """What it is called on a model's card."""

    @property
    def dimensions(self) -> int:
        """Length of the vectors it reads."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return what belongs on the model's card."""
        ...

    def tensors(self) -> dict[str, Vectors]:
        """Return what has to be stored beside the encoder."""
        ...
