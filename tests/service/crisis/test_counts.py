"""Claims about the yearly counts: they add up, small numbers cannot be worked out, and nobody is in them."""

import csv
import io
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from sqlalchemy import inspect

from holdfast.errors import InputError
from holdfast.service.crisis.counts import YearCounts, count_year, last_whole_year
from holdfast.service.storage.database import Database
from holdfast.service.storage.tables import CounterRow

AFTER = datetime(2027, 2, 10, 12, tzinfo=UTC)
KEPT_DAYS = 1096
KINDS = {
    "notices that this is software": "notice.session",
    "concerns": "crisis.concern",
    "crises": "crisis.crisis",
    "referrals shown": "referral.shown",
    "alerts to stewards": "alert.opened",
    "alerts acknowledged": "alert.seen_within_5_minutes",
}


async def counted(
    database: Database, counts: Mapping[tuple[date, str], int], *, year: int = 2026, now: datetime = AFTER
) -> YearCounts:
    async with database.work() as work:
        for (day, kind), count in counts.items():
            work.counters.add(day, kind, count)
    async with database.work(write=False) as work:
        return await count_year(work, year, now=now, kept_days=KEPT_DAYS)


def row(counts: YearCounts, what: str) -> tuple[list[object], str]:
    found = next(row for row in counts.rows if row.what == what)
    return list(found.by_month), found.total


async def test_counts_are_added_up_by_month_and_other_years_stay_out(database: Database) -> None:
    counts = await counted(
        database,
        {
            (date(2026, 1, 1), "referral.shown"): 7,
            (date(2026, 1, 31), "referral.shown"): 6,
            (date(2026, 12, 31), "referral.shown"): 5,
            (date(2025, 12, 31), "referral.shown"): 900,
            (date(2027, 1, 1), "referral.shown"): 900,
        },
    )
    assert counts.months == tuple(f"2026-{month:02}" for month in range(1, 13))
    assert row(counts, "referrals shown") == ([13, *[0] * 10, 5], "18")


async def test_every_kind_is_counted_from_all_its_counters_and_drills_are_not(database: Database) -> None:
    day = date(2026, 3, 5)
    kinds = {
        "notice.first_use": 10,
        "notice.session": 20,
        "notice.interval": 30,
        "notice.asked": 40,
        "crisis.concern": 11,
        "crisis.crisis": 12,
        "crisis.notice": 500,
        "crisis.kept_late": 500,
        "referral.shown": 13,
        "alert.opened": 23,
        "alert.opened_again": 500,
        "alert.delivered": 500,
        "alert.seen_within_1_minutes": 8,
        "alert.seen_within_60_minutes": 9,
        "alert.seen_later": 10,
        "drill.opened": 500,
        "drill.seen_later": 500,
        "turn.crisis": 500,
    }
    counts = await counted(database, {(day, kind): count for kind, count in kinds.items()})
    assert {found.what: found.total for found in counts.rows} == {
        "notices that this is software": "100",
        "concerns": "11",
        "crises": "12",
        "referrals shown": "13",
        "alerts to stewards": "23",
        "alerts acknowledged": "27",
    }


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, "<5"), (4, "<5"), (5, 5), (6, 6)])
async def test_a_small_number_is_not_shown(database: Database, count: int, shown: object) -> None:
    counts = await counted(database, {(date(2026, 6, 1), kind): count for kind in KINDS.values()})
    for what in KINDS:
        cells, total = row(counts, what)
        assert cells == [0, 0, 0, 0, 0, shown, 0, 0, 0, 0, 0, 0]
        assert total == str(shown)


def _shown(database_counts: YearCounts) -> dict[str, Any]:
    return {found.what: (found.by_month, found.total) for found in database_counts.rows}


async def test_what_is_shown_does_not_tell_one_small_number_from_another(database: Database) -> None:
    """Whatever the small numbers are, the same is shown: so nothing that is shown tells them."""
    big = {(date(2026, 1, 1), "crisis.crisis"): 40, (date(2026, 2, 1), "crisis.crisis"): 9}
    big |= {(date(2026, 1, 1), "crisis.concern"): 30}
    seen = set()
    before: dict[str, int] = {"concern": 0, "crisis": 0}
    async with database.work() as work:
        for (day, kind), count in big.items():
            work.counters.add(day, kind, count)
            work.counters.add(day, "alert.opened", count)
    for concern, crisis in product((1, 2, 3, 4), (1, 2, 3, 4)):
        changes = {"concern": concern - before["concern"], "crisis": crisis - before["crisis"]}
        before = {"concern": concern, "crisis": crisis}
        async with database.work() as work:
            work.counters.add(date(2026, 2, 1), "crisis.concern", changes["concern"])
            work.counters.add(date(2026, 2, 1), "alert.opened", sum(changes.values()))
            work.counters.add(date(2026, 4, 1), "crisis.crisis", changes["crisis"])
        async with database.work(write=False) as work:
            counts = await count_year(work, 2026, now=AFTER, kept_days=KEPT_DAYS)
        seen.add(json.dumps(counts.as_dict()) + counts.as_csv())
    assert len(seen) == 1
    assert row(counts, "alerts to stewards")[0][1] == "withheld"
    assert row(counts, "crises") == ([40, 9, 0, "<5", *[0] * 8], "at least 50")
    assert row(counts, "concerns") == ([30, "<5", *[0] * 10], "at least 31")


async def test_a_month_that_is_not_over_is_left_out(database: Database) -> None:
    counted_today = {(date(2027, 1, 31), "referral.shown"): 9, (date(2027, 2, 1), "referral.shown"): 900}
    counts = await counted(database, counted_today, year=2027)
    assert counts.months == ("2027-01",)
    assert row(counts, "referrals shown") == ([9], "9")
    january = await counted(database, {}, year=2027, now=datetime(2027, 1, 31, 23, 59, tzinfo=UTC))
    assert january.months == ()


async def test_a_month_whose_days_are_partly_deleted_is_left_out(database: Database) -> None:
    async with database.work(write=False) as work:
        counts = await count_year(work, 2026, now=AFTER, kept_days=100)
    assert counts.months == ("2026-12",)


@pytest.mark.parametrize("year", [2023, 2028, 0, -1, 99999])
async def test_a_year_that_cannot_be_counted_is_refused(database: Database, year: int) -> None:
    with pytest.raises(InputError, match="Year must be from 2024 to 2027"):
        await counted(database, {}, year=year)


@pytest.mark.parametrize(
    ("now", "year"),
    [(datetime(2027, 1, 31, tzinfo=UTC), 2026), (datetime(2027, 2, 1, tzinfo=UTC), 2027)],
)
def test_the_year_that_is_published_is_that_of_the_last_month_that_is_over(now: datetime, year: int) -> None:
    assert last_whole_year(now) == year


def test_a_counter_has_no_column_that_could_hold_a_person() -> None:
    columns = {column.key: column for column in inspect(CounterRow).columns}
    assert {name: column.type.python_type for name, column in columns.items()} == {
        "day": date,
        "kind": str,
        "count": int,
    }
    assert not any(column.foreign_keys for column in columns.values())


async def test_no_planted_word_nor_id_is_in_any_count(
    database: Database, plant: Callable[[str], Awaitable[Any]], now: datetime
) -> None:
    planted = [await plant(word) for word in ("marmalade", "zeppelin")]
    async with database.work(write=False) as work:
        by_day = await work.counters.by_day(now.date(), now.date())
        later = datetime(now.year + 1, 1, 2, tzinfo=UTC)
        counts = await count_year(work, now.year, now=later, kept_days=KEPT_DAYS)
    assert by_day[now.date(), "crisis.crisis"] == 2
    assert by_day[now.date(), "alert.opened"] == 2
    assert by_day[now.date(), "referral.shown"] == 2
    text = json.dumps(counts.as_dict()) + counts.as_csv() + " ".join(kind for _, kind in by_day)
    for person in planted:
        for secret in (*person.words, str(person.person_id), person.person_id.hex, str(person.chat_id)):
            assert secret not in text
    assert "marmalade" not in text
    assert "<5" in text


async def test_the_csv_says_what_the_json_says(database: Database) -> None:
    counts = await counted(database, {(date(2026, 5, 1), "crisis.concern"): 3, (date(2026, 6, 1), "notice.asked"): 50})
    lines = list(csv.DictReader(io.StringIO(counts.as_csv())))
    for line, found in zip(lines, counts.as_dict()["counts"], strict=True):
        assert line["what"] == found["what"]
        assert line["total"] == found["total"]
        assert [line[month] for month in counts.months] == [str(cell) for cell in found["by_month"]]
