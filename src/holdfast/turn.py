"""One utterance of a conversation."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Role", "Turn"]


class Role(StrEnum):
    """Who spoke."""

    PERSON = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Turn:
    """What one side said. ``text`` is never logged."""

    role: Role
    text: str

    def __repr__(self) -> str:
        return f"Turn(role={self.role.value!r}, text=<{len(self.text)} characters>)"
