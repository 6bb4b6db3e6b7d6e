"""Words for the people who can be reached in a region: the emergency phrase and the list of lines."""

from collections.abc import Collection
from datetime import date

from holdfast.safety.crisis.helplines import ELSEWHERE, EmergencyNumber, Helpline, Helplines
from holdfast.safety.crisis.protocol import Slots
from holdfast.safety.detection.verdict import Category

__all__ = ["describe_check", "fill_region"]

_MAX_NUMBERS = 3
_MAX_LINES = 3


def fill_region(
    helplines: Helplines, code: str | None, categories: Collection[Category], *, is_minor: bool = False
) -> Slots:
    """Return what the protocol's slots hold for the region ``code`` and these risks, worst first.

    For a minor, lines for children and young people come first.
    """
    numbers = helplines.emergency(code)[:_MAX_NUMBERS]
    phrase = " or ".join(_number(number) for number in numbers)
    if helplines.region(code) == ELSEWHERE:
        phrase = f"your local emergency number ({phrase})"
    lines = helplines.for_region(code, categories, is_minor=is_minor)[:_MAX_LINES]
    return Slots(emergency=phrase, helplines="\n".join(_bullet(line) for line in lines))


def describe_check(line: Helpline, today: date) -> str:
    """Say when and how the number was last checked, and whether that check has run out."""
    overdue = "; a new check is overdue" if line.expires <= today else ""
    return f"{line.checked.isoformat()}: {line.check}{overdue}"


def _number(number: EmergencyNumber) -> str:
    plain = number.serves.startswith("any emergency")
    return number.number if plain else f"{number.number}, {number.serves}"


def _bullet(line: Helpline) -> str:
    return f"- **{line.name}**: {line.contact} ({line.hours})"
