"""Make texts that a pattern matches, to ask whether a quicker look at them would have lost the match."""

import random
import re
from collections.abc import Iterable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # the parser of re has no public name
from typing import Any

__all__ = ["matched_by"]

FILLERS = ("", " ", "you can rest. ", "\n", "٣", "0", "é")


def matched_by(pattern: re.Pattern[str], chance: random.Random) -> Iterator[str]:
    """Yield up to forty texts that ``pattern`` matches, made from it, between words that it does not ask for."""
    parsed = _parser.parse(pattern.pattern)
    for _ in range(40):
        text = chance.choice(FILLERS) + _said_by(parsed, chance) + chance.choice(FILLERS)
        if pattern.search(text):
            yield text


def _said_by(items: Iterable[tuple[Any, Any]], chance: random.Random) -> str:
    """Return a text that a parsed pattern asks for; what it forbids, and where it must stand, is left to luck."""
    return "".join(_said_by_part(operator, argument, chance) for operator, argument in items)


def _said_by_part(operator: Any, argument: Any, chance: random.Random) -> str:
    if operator is _constants.LITERAL:
        return chr(argument)
    if operator is _constants.IN:
        return _said_by_class(argument, chance)
    if operator in (_constants.ANY, _constants.NOT_LITERAL):
        return chance.choice("a 1'")
    if operator is _constants.BRANCH:
        return _said_by(chance.choice(argument[1]), chance)
    if operator is _constants.SUBPATTERN:
        return _said_by(argument[3], chance)
    if operator in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        least, most, repeated = argument
        times = chance.randint(least, min(int(most), least + 2))
        return "".join(_said_by(repeated, chance) for _ in range(times))
    if operator is not _constants.ASSERT:
        return ""
    return _said_by(argument[1], chance) + (" " if argument[0] > 0 else "")


def _said_by_class(items: list[tuple[Any, Any]], chance: random.Random) -> str:
    if items[0][0] is _constants.NEGATE:
        return chance.choice("aé 4,")
    operator, argument = chance.choice(items)
    if operator is _constants.LITERAL:
        return chr(argument)
    if operator is _constants.RANGE:
        return chr(chance.randint(*argument))
    return {_constants.CATEGORY_DIGIT: "7٧", _constants.CATEGORY_SPACE: " \n"}.get(argument, "ab7é")[
        chance.randint(0, 1)
    ]
