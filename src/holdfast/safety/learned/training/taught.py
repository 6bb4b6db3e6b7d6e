"""A head that was taught, with what its card says of the teaching."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.head import Head

__all__ = ["Encode", "Taught"]

Encode = Callable[[Sequence[str]], Vectors]
"""Returns the vectors of texts."""

AnyHead = TypeVar("AnyHead", bound=Head)


@dataclass(frozen=True, kw_only=True)
class Taught(Generic[AnyHead]):
    """A head, and what is to be known of it: from how much it was taught, and how right it is on what it was not."""

    head: AnyHead
    facts: dict[str, Any]

    @property
    def field(self) -> dict[str, Any]:
        """What belongs on the model's card."""
        return {self.head.name: {**self.head.to_dict(), **self.facts}}
