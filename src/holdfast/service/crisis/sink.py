"""What leaves the service when nobody has seen an alert, and the protocol of whatever carries it."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from holdfast.errors import HoldfastError
from holdfast.safety.detection.verdict import Category, Level
from holdfast.service.crisis.escalation import Channel

__all__ = ["Page", "Sink", "UndeliveredError"]


class UndeliveredError(HoldfastError):
    """A message was not taken. ``trouble`` is a status or an error's type, never what a server said."""

    def __init__(self, trouble: str) -> None:
        self.trouble = trouble
        super().__init__(f"Message about an alert must be taken by its receiver, got {trouble}; it is tried again.")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One message: that an alert waits, how grave, of which kinds and where to look. No words, no person.

    ``id`` stays the same when the message is sent again; ``alert_id`` is random and means nothing elsewhere.
    ``link`` is the console's address, or empty where the service does not know its own.
    """

    id: UUID
    alert_id: UUID
    stage: int
    level: Level
    categories: tuple[Category, ...]
    is_drill: bool
    link: str

    def to_dict(self) -> dict[str, Any]:
        """Return the message as JSON-ready values."""
        return {
            "type": "holdfast.drill" if self.is_drill else "holdfast.alert",
            "alert": str(self.alert_id),
            "stage": self.stage,
            "level": self.level.label,
            "categories": [category.value for category in self.categories],
            "link": self.link,
        }


class Sink(Protocol):
    """Carries messages over one channel."""

    @property
    def channel(self) -> Channel:
        """Which channel this is."""
        ...

    async def send(self, page: Page) -> None:
        """Send ``page``. Whoever calls bounds the time it may take.

        Raises:
            UndeliveredError: It was not taken.
        """
        ...
