"""Crisis is a state, not a message: it outlives the page, the chat and the login.

It only ever rises by detection, and is cleared positively: by a named steward, or by the person through a
check-in that asks. A denial in passing clears nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

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
    """

    level: Level = Level.NONE
    categories: tuple[Category, ...] = ()
    subject: Subject = Subject.UNKNOWN
    since: datetime | None = None
    updated: datetime | None = None
    check_in: tuple[tuple[str, str], ...] | None = None
    told: tuple[str, ...] = ()
    cleared_by: ClearedBy | None = None
    cleared_name: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the crisis path leads every reply (concern or crisis)."""
        return self.level >= Level.CONCERN


def raise_state(state: CrisisState, detection: Detection, now: datetime) -> CrisisState:
    """Return ``state`` raised by ``detection``; it never lowers.

    A notice leaves the state as it is. A past disclosure raises at most what detection graded it.
    """
    if detection.level < Level.CONCERN:
        return state
    categories = detection.categories + tuple(c for c in state.categories if c not in detection.categories)
    rises = detection.level > state.level
    return replace(
        state,
        level=max(state.level, detection.level),
        categories=categories,
        subject=detection.subject if rises or state.subject is not Subject.SELF else state.subject,
        since=state.since or now,
        updated=now,
        check_in=None,
        told=() if rises else state.told,
        cleared_by=None,
        cleared_name=None,
    )
