"""What a worker refuses, on its way to whoever asked: errors of this project do not travel by themselves."""

from dataclasses import dataclass
from typing import Any, Self

from holdfast.errors import HoldfastError

__all__ = ["Refusal"]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An error, taken apart.

    Attributes:
        kind: Its class.
        message: What it says.
        said: Its attributes: columns and counts.
    """

    kind: type[HoldfastError]
    message: str
    said: dict[str, Any]

    @classmethod
    def of(cls, error: HoldfastError) -> Self:
        """Take an error apart."""
        return cls(kind=type(error), message=str(error), said=dict(error.__dict__))

    @property
    def error(self) -> HoldfastError:
        """The error, to be raised."""
        made = self.kind.__new__(self.kind)
        Exception.__init__(made, self.message)
        made.__dict__.update(self.said)
        return made
