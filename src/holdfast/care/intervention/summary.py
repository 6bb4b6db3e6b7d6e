"""What a person is shown when an exercise is over: their own entries, in their own words."""

from collections.abc import Iterator

from holdfast.care.intervention.exercise import Comparison
from holdfast.care.intervention.inputs import LongTextInput
from holdfast.care.intervention.markdown import literal
from holdfast.care.intervention.session import Entry, ExerciseSession

__all__ = ["closing", "summary"]

_EARLY = "You stopped before the end, and that is all right. This is what you wrote so far."
_SO_FAR = "You have not reached the end yet. This is what you wrote so far."
_NOTHING = "You have not written anything, and that is all right."


def summary(session: ExerciseSession) -> str:
    """Return Markdown with everything the person gave, escaped so that it reads as written.

    Works at any point. Where the exercise has not been finished it says so, and the closing words are left out.
    """
    if not session.entries:
        return _NOTHING
    ending = session.exercise.ending
    early = _SO_FAR if session.stopped_reason is None else _EARLY
    parts = [ending.opening if session.is_done else early, *_sections(session), *_comparisons(session)]
    return "\n\n".join([*parts, ending.closing] if session.is_done else parts)


def closing(session: ExerciseSession) -> str:
    """Return the vetted words alone, with nothing the person wrote: safe to show where the summary may not be."""
    return session.exercise.ending.closing if session.is_done else "What you wrote so far is kept for you."


def _sections(session: ExerciseSession) -> Iterator[str]:
    entries = {entry.step_id: entry for entry in session.entries}
    for section in session.exercise.ending.sections:
        given = [entries[step] for step in section.steps if step in entries]
        if given:
            yield f"**{section.title}**"
            yield from (_line(session, entry, alone=len(section.steps) == 1) for entry in given)


def _line(session: ExerciseSession, entry: Entry, *, alone: bool) -> str:
    words = literal(entry.value)
    if alone:
        return words
    gap = "\n\n" if isinstance(session.exercise.step(entry.step_id).input, LongTextInput) else " "
    return f"*{entry.label}:*{gap}{words}"


def _comparisons(session: ExerciseSession) -> Iterator[str]:
    ratings = {answer.step_id: answer.value for answer in session.answers}
    for comparison in session.exercise.ending.comparisons:
        before, after = ratings.get(comparison.before), ratings.get(comparison.after)
        if isinstance(before, int) and isinstance(after, int):
            yield f"**{comparison.label}:** {before} before, {after} after. {_change(comparison, after - before)}"
        elif isinstance(before, int):
            yield f"**{comparison.label}:** {before} before."


def _change(comparison: Comparison, change: int) -> str:
    if change < 0:
        return f"That is {-change} lower. {comparison.lower}"
    return f"That is {change} higher. {comparison.higher}" if change else f"That is the same. {comparison.same}"
