"""Crisis is a state, not a message: it outlives the page, the chat and the login.

It only ever rises by detection, and is cleared positively: by a named steward, or by the person through a
check-in that asks. A denial in passing clears nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from holdfast.errors import StorageError
from holdfast.safety.detection.verdict import Category, Detection, Level, Subject

__all__ = ["ClearedBy", "CrisisState", "raise_state"]


class ClearedBy(StrEnum):
    """Who may clear a crisis state."""

    CHECK_IN = "check_in"
    STEWARD = "steward"


@dataclass(frozen=True, kw_only=True)
class CrisisState:
    """A person's standing with regard to crisis. The default is calm: level none, nothing since.

    ``check_in`` holds the answers given so far to the protocol's check-in questions (question id, choice id), or
    None when no check-in is under way. ``told`` are template ids already shown in this state, to avoid repeating.
    ``signalled`` is when risk was last signalled, as against ``updated``, which any step of a check-in moves.
    """

    level: Level = Level.NONE
    categories: tuple[Category, ...] = ()
    subject: Subject = Subject.UNKNOWN
    since: datetime | None = None
    updated: datetime | None = None
    signalled: datetime | None = None
    check_in: tuple[tuple[str, str], ...] | None = None
    told: tuple[str, ...] = ()
    cleared_by: ClearedBy | None = None
    cleared_name: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the crisis path leads every reply (concern or crisis)."""
        return self.level >= Level.CONCERN

    def to_dict(self) -> dict[str, Any]:
        """Return the state as JSON-ready values; ``from_dict`` reads them back."""
        return {
            "level": self.level.label,
            "categories": [category.value for category in self.categories],
            "subject": self.subject.value,
            "since": self.since.isoformat() if self.since else None,
            "updated": self.updated.isoformat() if self.updated else None,
            "signalled": self.signalled.isoformat() if self.signalled else None,
            "check_in": None if self.check_in is None else [list(answer) for answer in self.check_in],
            "told": list(self.told),
            "cleared_by": self.cleared_by.value if self.cleared_by else None,
            "cleared_name": self.cleared_name,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what ``to_dict`` wrote, here or before it wrote ``signalled``.

        A damaged record is refused: it never reads as calm.

        Raises:
            StorageError: ``data`` lacks a field, or holds a value that no state has.
        """
        try:
            return cls(
                level=Level[data["level"].upper()],
                categories=tuple(Category(value) for value in data["categories"]),
                subject=Subject(data["subject"]),
                since=_moment(data["since"]),
                updated=_moment(data["updated"]),
                signalled=_moment(data.get("signalled")),
                check_in=_answers(data["check_in"]),
                told=tuple(str(template) for template in data["told"]),
                cleared_by=ClearedBy(data["cleared_by"]) if data["cleared_by"] else None,
                cleared_name=data["cleared_name"],
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise StorageError(
                f"Crisis state must be as it was stored, got a damaged record ({type(error).__name__}); "
                "treat the person as in crisis and restore the record."
            ) from error


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _answers(value: list[list[str]] | None) -> tuple[tuple[str, str], ...] | None:
    return None if value is None else tuple((question, choice) for question, choice in value)


def raise_state(state: CrisisState, detection: Detection, now: datetime) -> CrisisState:
    """Return ``state`` raised by ``detection``; it never lowers.

    A notice leaves the state as it is. A past disclosure raises at most what detection graded it. A state about the
    person writing stays about them, also when somebody else is in danger too.
    """
    if detection.level < Level.CONCERN:
        return state
    categories = detection.categories + tuple(c for c in state.categories if c not in detection.categories)
    rises = detection.level > state.level
    return replace(
        state,
        level=max(state.level, detection.level),
        categories=categories,
        subject=state.subject if state.subject is Subject.SELF else detection.subject,
        since=state.since or now,
        updated=now,
        signalled=now,
        check_in=None,
        told=() if rises else state.told,
        cleared_by=None,
        cleared_name=None,
    )
