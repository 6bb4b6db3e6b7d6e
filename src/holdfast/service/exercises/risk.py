"""Risk inside an exercise: in what a person writes at a step, and in an answer that ends it by a stop rule."""

from collections.abc import Sequence

from holdfast.care.conversation.message import clean_message
from holdfast.care.conversation.pipeline import Conversation
from holdfast.care.conversation.state import ConversationState
from holdfast.care.intervention.session import ExerciseSession
from holdfast.errors import InputError
from holdfast.safety.detection.verdict import Detection, Level, Subject, Tense
from holdfast.turn import Role, Turn

__all__ = ["is_news", "is_passing", "raised_by", "risk_in_words", "written_turns"]

_WRITTEN = frozenset({"text", "long_text", "date_time"})


def written_turns(session: ExerciseSession) -> tuple[Turn, ...]:
    """Return what the person wrote so far in their own words, for the safety check's running window."""
    written = (a.value for a in session.answers if session.exercise.step(a.step_id).input.type in _WRITTEN)
    return tuple(Turn(Role.PERSON, value) for value in written if isinstance(value, str))


def risk_in_words(
    conversation: Conversation, typed: Sequence[str], session: ExerciseSession | None, state: ConversationState
) -> Detection | None:
    """Return the risk that newly typed words signal, a passing sign included, or None.

    Args:
        conversation: The pipeline, for its detector.
        typed: What came with the step, usable or not.
        session: The exercise before the step; None where it cannot be read, and then any words are looked at.
        state: The person's standing state. Its ``turns`` must be what was written before.
    """
    prompt = None if session is None else session.step
    if prompt is not None and prompt.kind not in _WRITTEN:
        return None
    words = "\n".join(typed)
    try:
        text = clean_message(words, max_chars=len(words))
    except InputError:
        return None
    detection = conversation.detect(text, state)
    earlier, level = len(state.turns), state.crisis.level
    return detection if is_news(detection, earlier=earlier, level=level) or is_passing(detection, earlier) else None


def is_news(detection: Detection, *, earlier: int, level: Level) -> bool:
    """Whether ``detection`` calls for the crisis path now, and not only for what was met before.

    Args:
        detection: The verdict over the words written before and those written now.
        earlier: How many earlier texts it looked at.
        level: How grave the person's standing crisis state is.
    """
    if detection.level < Level.CONCERN:
        return False
    if detection.level > level or not detection.evidence:
        return True
    return any(evidence.turn >= earlier for evidence in detection.evidence)


def is_passing(detection: Detection, earlier: int) -> bool:
    """Whether ``detection`` is a notice that rests on the words written now, after ``earlier`` other texts."""
    return detection.level is Level.NOTICE and any(evidence.turn >= earlier for evidence in detection.evidence)


def raised_by(session: ExerciseSession) -> Detection | None:
    """Return the risk that the answer which ended an exercise signals by itself, or None."""
    rule = session.stop_rule
    if rule is None or rule.raises is None:
        return None
    return Detection(level=Level[rule.raises.upper()], subject=Subject.SELF, tense=Tense.PRESENT)
