"""What the check-in templates show, from instruments, screenings and what is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from holdfast.care.assessment.chart import history_svg
from holdfast.care.assessment.history import history_rows
from holdfast.care.assessment.instrument import FUNCTIONAL, Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.screening import Screening
from holdfast.errors import AnswersError
from holdfast.service.check_ins.keeping import kept_points
from holdfast.service.check_ins.repository import CheckIn
from holdfast.service.check_ins.sitting import asked

__all__ = ["all_items", "chart", "describe", "history", "item_view"]

_FEWEST_CHARTED = 2


def describe(instrument: Instrument) -> dict[str, Any]:
    """Return what pages say of an instrument."""
    return {
        "id": instrument.id,
        "short": instrument.short_name,
        "name": instrument.name,
        "about": instrument.about,
        "questions": len(instrument.items),
        "instruction": instrument.instruction,
        "tested_with": instrument.tested_with,
        "licence": f"{instrument.attribution} {instrument.licence}",
        "sources": [source.text for source in instrument.sources],
    }


def item_view(screening: Screening, item: Item, *, chosen: int | None = None) -> dict[str, Any]:
    """Return one question with its answers, and how far along it is."""
    instrument = screening.instrument
    is_functional = item.id == FUNCTIONAL
    return {
        "text": item.text,
        "stem": instrument.stem_of(item),
        "options": instrument.options_of(item),
        "chosen": chosen,
        "number": min(screening.number, len(instrument.items)),
        "total": len(instrument.items),
        "is_functional": is_functional,
        "can_go_back": bool(screening.given),
        "instruction": instrument.instruction if not screening.given else None,
    }


def all_items(
    instrument: Instrument, values: Mapping[str, int | None] | None = None, *, missing: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Return every question for the all-at-once form; a stem is shown where it changes, not at each question."""
    shown: list[dict[str, Any]] = []
    stem: str | None = None
    for item in asked(instrument):
        own = instrument.stem_of(item)
        shown.append(
            {
                "id": item.id,
                "text": item.text,
                "stem": own if own != stem else None,
                "options": instrument.options_of(item),
                "chosen": (values or {}).get(item.id),
                "is_missing": item.id in missing,
                "is_functional": item.id == FUNCTIONAL,
            }
        )
        stem = own
    return shown


def chart(instrument: Instrument, kept: tuple[CheckIn, ...]) -> Markup | None:
    """Return results over time as a drawing, or None where there are too few to draw."""
    points = kept_points(kept)
    if not instrument.is_summed or len(points) < _FEWEST_CHARTED:
        return None
    try:
        return Markup(history_svg(instrument, points))  # noqa: S704 - drawn here from numbers and content files
    except AnswersError:  # an earlier version of the instrument had another range
        return None


def history(instrument: Instrument, kept: tuple[CheckIn, ...]) -> list[dict[str, Any]]:
    """Return each kept result as a row, newest first, with what changed since the one before."""
    changes = _changes(instrument, kept)
    rows = [
        {
            "id": check_in.id,
            "at": check_in.completed,
            "total": check_in.result.get("total"),
            "band": (check_in.result.get("band") or {}).get("label", ""),
            "change": changes.get(check_in.completed, ""),
        }
        for check_in in kept
        if check_in.result is not None and check_in.completed is not None
    ]
    return rows[::-1]


def _changes(instrument: Instrument, kept: tuple[CheckIn, ...]) -> dict[datetime, str]:
    if not instrument.is_summed:
        return {}
    try:
        rows = history_rows(instrument, kept_points(kept))
    except AnswersError:
        return {}
    return {row.at: row.change.text for row in rows if row.change is not None}
