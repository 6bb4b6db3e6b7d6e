"""Read what a person typed as an answer to a question, or as a wish to skip, go back or stop."""

import re
from collections.abc import Sequence
from enum import StrEnum

from holdfast.care.assessment.item import Option

__all__ = ["Command", "read_command", "read_option"]

SHORTEST_START = 4
"""How many characters the start of a label must have to stand for it."""

_YES = frozenset({"y", "yeah", "yep", "yup"})
_NO = frozenset({"n", "nope", "nah"})


class Command(StrEnum):
    """What can be said instead of an answer."""

    SKIP = "skip"
    BACK = "back"
    STOP = "stop"
    REOPEN = "answer them"
    AGAIN = "start again"


_COMMANDS = {
    Command.SKIP: {"skip", "skip it", "pass", "rather not say", "rather not answer", "prefer not to say"},
    Command.BACK: {"back", "go back", "previous", "undo"},
    Command.STOP: {"stop", "stop here", "quit", "exit", "cancel", "end", "i want to stop", "no more"},
    Command.REOPEN: {"answer them", "answer the blank ones"},
    Command.AGAIN: {"start again", "restart", "start over", "begin again"},
}


def read_command(text: str) -> Command | None:
    """Return the command that ``text`` is, ignoring case and closing punctuation, or None."""
    folded = _fold(text)
    return next((command for command, words in _COMMANDS.items() if folded in words), None)


def read_option(text: str, options: Sequence[Option]) -> int | None:
    """Return the value of the answer that ``text`` names by its label, the start of it, or its number, or None.

    A number is not taken where a label holds one: "2" may be two drinks or the second answer, and a guess would score
    what was not said. What could mean two answers means none.
    """
    folded = _fold(text)
    labels = {_fold(option.label): option.value for option in options}
    if folded in labels:
        return labels[folded]
    if set(labels) == {"yes", "no"} and folded in _YES | _NO:
        return labels["yes" if folded in _YES else "no"]
    if re.fullmatch(r"\d{1,3}", folded):
        return _by_number(int(folded), options)
    starts = [value for label, value in labels.items() if len(folded) >= SHORTEST_START and label.startswith(folded)]
    return starts[0] if len(starts) == 1 else None


def _by_number(number: int, options: Sequence[Option]) -> int | None:
    is_ambiguous = any(character.isdigit() for option in options for character in option.label)
    return number if not is_ambiguous and any(option.value == number for option in options) else None


def _fold(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split()).strip(" .!,;:?\"'()")
