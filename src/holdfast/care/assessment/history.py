"""Results of one instrument over time, as rows: what a chart draws, for those who read a table instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.care.assessment.change import Change, reliable_change
from holdfast.care.assessment.instrument import Instrument
from holdfast.errors import AnswersError

__all__ = ["HistoryRow", "Point", "history_rows"]

Point = tuple[datetime, int]
"""When a result was, and its total."""


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """One result. ``change`` compares it with the one before; None for the first, or where no threshold is known."""

    at: datetime
    total: int
    band: str
    change: Change | None = None

    @property
    def day(self) -> str:
        """The date, as ``3 November 2026``."""
        return f"{self.at.day} {self.at:%B %Y}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        change = self.change.to_dict() if self.change else None
        return {"at": self.at.isoformat(), "total": self.total, "band": self.band, "change": change}


def history_rows(instrument: Instrument, points: Sequence[Point]) -> tuple[HistoryRow, ...]:
    """Return ``points`` (times all with or all without a time zone) as rows, earliest first; none for none.

    Raises:
        AnswersError: The instrument has no totals, or a total lies outside its range.
    """
    if not instrument.is_summed:
        raise AnswersError(f"{instrument.short_name} has no total to follow over time; show its results one by one.")
    rows: list[HistoryRow] = []
    for at, total in sorted(points):
        before = rows[-1].total if rows else None
        change = None if before is None else reliable_change(instrument, before, total)
        rows.append(
            HistoryRow(
                at=at,
                total=total,
                band=_band_label(instrument, total),
                change=change if isinstance(change, Change) else None,
            )
        )
    return tuple(rows)


def _band_label(instrument: Instrument, total: int) -> str:
    for band in instrument.bands:
        if band.low is not None and band.high is not None and band.low <= total <= band.high:
            return band.label
    raise AnswersError(
        f"{instrument.short_name} total must lie in {instrument.minimum} to {instrument.maximum}, got {total!r}; "
        "score it again."
    )
