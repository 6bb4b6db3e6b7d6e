"""The people who can be reached where a person is, beside a step of an exercise and with what came of it."""

from datetime import date

from holdfast.care.conversation.reply import Resource
from holdfast.care.conversation.resources import resources_for
from holdfast.care.intervention.session import ExerciseSession
from holdfast.safety.crisis.helplines import Helplines
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.detection.verdict import Category

__all__ = ["needs_people", "people_for", "people_text"]

_KINDS = (Category.SUICIDE,)
_MOST_LINES = 4


def needs_people(session: ExerciseSession) -> bool:
    """Whether people to reach belong to what is shown now: to the present step, or to the whole once it is over."""
    if session.step is not None:
        return session.step.shows_people
    return session.exercise.shows_people


def people_for(
    helplines: Helplines, region: str | None, *, today: date, is_minor: bool = False
) -> tuple[Resource, ...]:
    """Return the emergency numbers of a region and the lines that fit best; the directories where it is unknown."""
    return resources_for(helplines, region, _KINDS, today=today, most=_MOST_LINES, is_minor=is_minor)


def people_text(helplines: Helplines, region: str | None, *, is_minor: bool = False) -> str:
    """Return the same as Markdown, for a chat, a terminal and a text to take away."""
    filled = fill_region(helplines, region, _KINDS, is_minor=is_minor)
    return f"**People I can reach:**\n\n{filled.helplines}\n\nIn danger: call {filled.emergency}."
