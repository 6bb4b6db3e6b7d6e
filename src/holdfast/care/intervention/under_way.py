"""An exercise's place in a conversation, as it is kept between messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from holdfast.care.conversation.state import Activity, ActivityKind

__all__ = ["UnderWay"]


@dataclass(frozen=True, kw_only=True)
class UnderWay:
    """What is kept: the saved session (None while the exercise is only offered), how many replies in a row could not
    be used, whether the step was shown again after something else came between, and saved sessions of earlier
    versions, so that a changed exercise loses nobody's words.
    """

    exercise_id: str
    session: Mapping[str, Any] | None = field(default=None, repr=False)
    misses: int = 0
    is_shown_again: bool = False
    earlier: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, activity: Activity) -> Self:
        """Read an activity. Progress that is damaged reads as an exercise that is only offered."""
        session, misses = activity.progress.get("session"), activity.progress.get("misses")
        earlier = activity.progress.get("earlier")
        return cls(
            exercise_id=activity.id,
            session=session if isinstance(session, Mapping) else None,
            misses=misses if isinstance(misses, int) else 0,
            is_shown_again=activity.progress.get("shown_again") is True,
            earlier=tuple(one for one in earlier if isinstance(one, Mapping)) if isinstance(earlier, list) else (),
        )

    def activity(self) -> Activity:
        """Return the activity to keep; its progress is JSON-ready."""
        progress: dict[str, Any] = {
            "session": dict(self.session) if self.session is not None else None,
            "misses": self.misses,
            "shown_again": self.is_shown_again,
            "earlier": [dict(one) for one in self.earlier],
        }
        return Activity(kind=ActivityKind.EXERCISE, id=self.exercise_id, progress=progress)

    def set_aside(self) -> Self:
        """Return the exercise as offered anew, with the saved session kept among the earlier ones."""
        earlier = self.earlier if self.session is None else (*self.earlier, self.session)
        return replace(self, session=None, misses=0, is_shown_again=False, earlier=earlier)
