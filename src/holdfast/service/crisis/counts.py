"""A year of counts that name nobody, as a law may ask to see them: by month, and small numbers not shown (A4, F7).

Somebody who knows one of the people behind a small number could learn about them from it, so a count from 1 to 4 is
given as "<5", and nothing is given from which it could be worked out: not a total that holds it, and not the alerts of
a month whose concerns or crises are small. Only months that are over are given; a running one would tell each day.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from holdfast.errors import InputError
from holdfast.service.storage.work import Work

__all__ = ["SMALLEST_SHOWN", "Cell", "CountRow", "YearCounts", "count_year", "last_whole_year"]

SMALLEST_SHOWN = 5
"""The smallest count, other than none at all, that is shown."""

Cell = int | Literal["<5", "withheld"]

_COUNTED: Mapping[str, tuple[str, ...]] = {
    "notices that this is software": ("notice.",),
    "concerns": ("crisis.concern",),
    "crises": ("crisis.crisis",),
    "referrals shown": ("referral.shown",),
    "alerts to stewards": ("alert.opened",),
    "alerts acknowledged": ("alert.seen_",),
}
"""What is counted, and the counters (by name, or by how it begins where it ends in . or _) that are added up for it."""

_MADE_OF = {"alerts to stewards": ("concerns", "crises")}
"""What would give a small number away: with all but one of these parts shown, it tells the last one."""


@dataclass(frozen=True, kw_only=True)
class CountRow:
    """One kind of thing: a cell for each month, and what can be said of the months together."""

    what: str
    by_month: tuple[Cell, ...]
    total: str


@dataclass(frozen=True, kw_only=True)
class YearCounts:
    """The counts of the months of ``year`` that are over ("2026-01", ...); there may be none."""

    year: int
    months: tuple[str, ...]
    rows: tuple[CountRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON-ready values."""
        return {
            "year": self.year,
            "months": list(self.months),
            "smallest_count_shown": SMALLEST_SHOWN,
            "counts": [{"what": row.what, "by_month": list(row.by_month), "total": row.total} for row in self.rows],
        }

    def as_csv(self) -> str:
        """Return the counts as CSV: a line for each kind, a column for each month, and the total."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["what", *self.months, "total"])
        writer.writerows([row.what, *row.by_month, row.total] for row in self.rows)
        return text.getvalue()


def last_whole_year(now: datetime) -> int:
    """Return the year of the last month that is over."""
    return (now.astimezone(UTC).date().replace(day=1) - timedelta(days=1)).year


async def count_year(work: Work, year: int, *, now: datetime, kept_days: int) -> YearCounts:
    """Return the counts of ``year``: of the months that are over at ``now`` (UTC) and whose days are all still kept.

    Raises:
        InputError: The year is to come, or ended before the days that counts are kept (``kept_days``).
    """
    today = now.astimezone(UTC).date()
    kept_from = today - timedelta(days=kept_days)
    if not kept_from.year <= year <= today.year:
        raise InputError(
            f"Year must be from {kept_from.year} to {today.year}, got {year}; counts are kept for {kept_days} days."
        )
    begins = [
        day for day in (date(year, month, 1) for month in range(1, 13)) if kept_from <= day < today.replace(day=1)
    ]
    counted = await work.counters.by_day(date(year, 1, 1), date(year, 12, 31))
    sums = {what: [_sum(counted, names, month) for month in begins] for what, names in _COUNTED.items()}
    return YearCounts(year=year, months=tuple(f"{month:%Y-%m}" for month in begins), rows=tuple(_rows(sums)))


def _sum(counted: Mapping[tuple[date, str], int], names: Sequence[str], month: date) -> int:
    return sum(
        count
        for (day, kind), count in counted.items()
        if day.month == month.month
        and any(kind == name or (name[-1] in "._" and kind.startswith(name)) for name in names)
    )


def _rows(sums: Mapping[str, Sequence[int]]) -> list[CountRow]:
    rows = []
    for what, counts in sums.items():
        parts = [sums[part] for part in _MADE_OF.get(what, ())]
        cells = tuple(
            _cell(count, is_telling=any(_is_small(part[at]) for part in parts)) for at, count in enumerate(counts)
        )
        rows.append(CountRow(what=what, by_month=cells, total=_total(cells)))
    return rows


def _is_small(count: int) -> bool:
    return 0 < count < SMALLEST_SHOWN


def _cell(count: int, *, is_telling: bool) -> Cell:
    if _is_small(count):
        return "<5"
    return "withheld" if is_telling else count


def _total(cells: Sequence[Cell]) -> str:
    """Return what the cells, as shown, say of their sum: nothing that they do not tell already."""
    shown = sum(cell for cell in cells if isinstance(cell, int))
    small, withheld = cells.count("<5"), cells.count("withheld")
    if not small and not withheld:
        return str(shown)
    if shown == 0 and small == 1 and not withheld:
        return "<5"
    return f"at least {shown + small + SMALLEST_SHOWN * withheld}"
