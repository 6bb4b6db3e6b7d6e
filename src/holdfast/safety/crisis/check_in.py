"""The check-in: the only way in which a person themselves ends a crisis state.

Pure transitions. Only an explicit safe answer to every question clears. An answer that raises means crisis at once
and stops the questions; anything else leaves the state as it stands. A denial in passing is no answer.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from holdfast.errors import InputError, UnknownNameError
from holdfast.safety.crisis.clearing import clear_by_check_in
from holdfast.safety.crisis.questions import Answer, CheckInScript, Question
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Level

__all__ = ["Progress", "Step", "answer_check_in", "begin_check_in", "next_question", "stop_check_in"]


class Progress(StrEnum):
    """What an answer led to."""

    ASKS = "asks"
    CLEARED = "cleared"
    KEPT = "kept"
    RAISED = "raised"


@dataclass(frozen=True, kw_only=True)
class Step:
    """The state after an answer, what it led to and the next question where there is one."""

    state: CrisisState
    progress: Progress
    question: Question | None = None


def begin_check_in(state: CrisisState, script: CheckInScript, now: datetime) -> Step:
    """Start the check-in afresh; earlier answers are dropped."""
    begun = replace(state, check_in=(), updated=now)
    return Step(state=begun, progress=Progress.ASKS, question=next_question(begun, script))


def next_question(state: CrisisState, script: CheckInScript) -> Question | None:
    """Return the first question not answered yet; None when all are, or when no check-in is under way."""
    if state.check_in is None:
        return None
    answered = {question for question, _ in state.check_in}
    return next((q for q in script.asked(state.categories, state.subject) if q.id not in answered), None)


def answer_check_in(state: CrisisState, script: CheckInScript, question: str, choice: str, now: datetime) -> Step:
    """Record the answer ``choice`` to ``question`` and return what follows.

    Answering an earlier question again replaces its answer.

    Raises:
        InputError: No check-in is under way.
        UnknownNameError: ``question`` or ``choice`` is not one of those offered.
    """
    if state.check_in is None:
        raise InputError("Check-in must be under way, got none; begin it first.")
    asked = {q.id: q for q in script.asked(state.categories, state.subject)}
    if question not in asked:
        raise UnknownNameError("question", question, asked)
    offered = {answer.id: answer for answer in script.answers(asked[question])}
    if choice not in offered:
        raise UnknownNameError("answer", choice, offered)
    if offered[choice].raises:
        raised = replace(state, level=Level.CRISIS, check_in=None, since=state.since or now)
        raised = replace(raised, updated=now, signalled=now)
        return Step(state=replace(raised, cleared_by=None, cleared_name=None), progress=Progress.RAISED)
    kept = tuple(pair for pair in state.check_in if pair[0] != question)
    answered = replace(state, check_in=(*kept, (question, choice)), updated=now)
    following = next_question(answered, script)
    if following is not None:
        return Step(state=answered, progress=Progress.ASKS, question=following)
    return _conclude(answered, script, now)


def stop_check_in(state: CrisisState, now: datetime) -> CrisisState:
    """Leave the check-in without an outcome; the state stands."""
    return replace(state, check_in=None, updated=now)


def _conclude(state: CrisisState, script: CheckInScript, now: datetime) -> Step:
    given = dict(state.check_in or ())
    asked = script.asked(state.categories, state.subject)
    if asked and all(_is_safe(script, question, given.get(question.id)) for question in asked):
        return Step(state=clear_by_check_in(now), progress=Progress.CLEARED)
    return Step(state=stop_check_in(state, now), progress=Progress.KEPT)


def _is_safe(script: CheckInScript, question: Question, choice: str | None) -> bool:
    """Whether ``choice`` is an explicit safe answer to ``question``."""
    offered: dict[str | None, Answer] = {answer.id: answer for answer in script.answers(question)}
    return choice in offered and offered[choice].is_safe
