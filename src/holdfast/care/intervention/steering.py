"""Words that steer an exercise, alike in a chat and in a terminal.

Only a whole message counts: "stop" inside a sentence is an answer.
"""

import re

from holdfast.care.intervention.session import ExerciseSession

__all__ = ["BACK", "NO", "SKIP", "STOP", "YES", "means_skip", "normalised", "steer"]

STOP = frozenset({"stop", "quit", "exit", "cancel", "end", "stop here", "stop now", "i want to stop", "please stop"})
BACK = frozenset({"back", "go back", "previous", "undo"})
SKIP = frozenset({"skip", "skip it", "skip this", "skip this one", "pass"})
YES = frozenset(
    {"start", "start again", "yes", "yes please", "y", "ok", "okay", "sure", "ready", "begin", "go", "lets start"}
)
NO = frozenset({"no", "not now", "no thanks", "no thank you", "n", "later", "maybe later"}) | STOP

_PUNCTUATION = re.compile(r"[^\w\s-]")


def normalised(message: str) -> str:
    """Return ``message`` in lower case, without punctuation and with single spaces."""
    return " ".join(_PUNCTUATION.sub("", message.casefold()).split())


def steer(session: ExerciseSession, message: str) -> ExerciseSession:
    """Stop, go back, skip or answer, as ``message`` says.

    Raises:
        InputError: The message does not fit the step. It is never quoted.
    """
    said = normalised(message)
    if said in STOP:
        return session.stop()
    if said in BACK:
        return session.back()
    return session.skip() if means_skip(session, said) else session.submit(message)


def means_skip(session: ExerciseSession, said: str) -> bool:
    """Return whether ``said``, already normalised, asks to leave the present step out."""
    prompt = session.step
    if said in SKIP or prompt is None or prompt.skip_label is None:
        return said in SKIP
    return said in {normalised(phrase) for phrase in (prompt.skip_label, *prompt.skip_phrases)}
