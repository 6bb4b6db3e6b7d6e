"""Helplines whose check has run out: told to operators in the log at the start, and to stewards on their console."""

import logging
from dataclasses import dataclass
from datetime import date

from holdfast.safety.crisis.helplines import Helplines

__all__ = ["Overdue", "overdue_lines", "warn_of_overdue"]

_log = logging.getLogger("holdfast.service")


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """How many lines are to be looked up and dialled again, since when, and where they are (names, in order)."""

    count: int
    since: date
    countries: tuple[str, ...]


def overdue_lines(helplines: Helplines, today: date) -> Overdue | None:
    """Return what has run out by ``today``, or None while every line's check still counts."""
    expired = helplines.expired(today)
    if not expired:
        return None
    return Overdue(
        count=len(expired),
        since=min(line.expires for line in expired),
        countries=tuple(sorted({helplines.regions[line.region] for line in expired})),
    )


def warn_of_overdue(helplines: Helplines, today: date) -> None:
    """Log which countries' lines must be checked again. It is about numbers, never about a person."""
    overdue = overdue_lines(helplines, today)
    if overdue is not None:
        _log.warning(
            "Helplines (%d) must be looked up and dialled again; their check ran out from %s on (%s).",
            overdue.count,
            overdue.since.isoformat(),
            ", ".join(overdue.countries),
        )
