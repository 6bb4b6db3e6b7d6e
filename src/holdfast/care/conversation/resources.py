"""People who can be reached in a region, as replies and pages list them."""

from collections.abc import Collection
from datetime import date

from holdfast.care.conversation.reply import Resource
from holdfast.safety.crisis.helplines import Helplines
from holdfast.safety.crisis.regional import describe_check
from holdfast.safety.detection.verdict import Category

__all__ = ["resources_for"]


def resources_for(
    helplines: Helplines,
    code: str | None,
    categories: Collection[Category],
    *,
    today: date,
    most: int | None = None,
    is_minor: bool = False,
) -> tuple[Resource, ...]:
    """Return the emergency numbers of a region, then at most ``most`` lines that fit ``categories``, best first.

    For a minor, lines for children and young people come before the others.
    """
    lines = helplines.for_region(code, categories, is_minor=is_minor)[:most]
    urgent = (
        Resource(
            name=f"Emergency number ({number.serves})",
            contact=f"call {number.number}",
            region=helplines.regions[helplines.region(code)],
            hours="24 hours, every day",
            checked=describe_check(lines[0], today),
            href=f"tel:{number.number}",
        )
        for number in helplines.emergency(code)
    )
    others = (
        Resource(
            name=line.name,
            contact=line.contact,
            region=helplines.regions[line.region],
            hours=line.hours,
            checked=describe_check(line, today),
            href=line.href,
        )
        for line in lines
    )
    return (*urgent, *others)
