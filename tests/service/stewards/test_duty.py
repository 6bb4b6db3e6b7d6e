"""Claims about duty: it is said only of those who are there, and it ends by itself."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import AccessError
from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.stewards.duty import LONGEST_SPELL, DutyBoard, OnDuty
from holdfast.service.stewards.on_duty import go_off_duty, go_on_duty
from holdfast.service.storage.database import Database
from holdfast.service.storage.work import Work


async def add(work: Work, now: datetime, name: str = "ada", role: StewardRole = StewardRole.CLINICIAN) -> Steward:
    return await work.stewards.add(name, role, passphrase_hash="x", now=now)


async def names(work: Work, now: datetime) -> list[str]:
    return [one.name for one in await work.duty.now_on(now)]


async def test_duty_ends_by_itself_and_being_seen_moves_the_end_on(database: Database, now: datetime) -> None:
    async with database.work() as work:
        ada = await add(work, now)
        await go_on_duty(work, ada, minutes=60, now=now)
        assert await names(work, now + timedelta(minutes=59)) == ["ada"]
        assert await names(work, now + timedelta(minutes=60)) == []
        assert await work.duty.seen(ada, minutes=60, now=now + timedelta(minutes=50))
        assert await names(work, now + timedelta(minutes=109)) == ["ada"]
        assert not await work.duty.seen(ada, minutes=60, now=now + timedelta(minutes=111))
        assert await names(work, now + timedelta(minutes=112)) == []


async def test_no_spell_outlasts_half_a_day_however_often_somebody_is_seen(database: Database, now: datetime) -> None:
    async with database.work() as work:
        ada = await add(work, now)
        await go_on_duty(work, ada, minutes=60, now=now)
        moment = now
        while await work.duty.seen(ada, minutes=60, now=moment):
            moment += timedelta(minutes=30)
        assert moment - now == LONGEST_SPELL


async def test_going_off_ends_it_at_once_and_both_are_on_record(database: Database, now: datetime) -> None:
    async with database.work() as work:
        ada = await add(work, now)
        await go_on_duty(work, ada, minutes=60, now=now)
        assert await go_off_duty(work, ada, now=now)
        assert not await go_off_duty(work, ada, now=now)
        assert await names(work, now) == []
        records = [(await work.trace.record(seq)).payload for seq in (1, 2)]
    assert records == [
        {"action": "on duty", "steward": "ada", "minutes": 60},
        {"action": "off duty", "steward": "ada"},
    ]


async def test_whoever_lost_their_access_is_not_on_duty(database: Database, now: datetime) -> None:
    async with database.work() as work:
        ada = await add(work, now)
        await go_on_duty(work, ada, minutes=60, now=now)
        await work.stewards.disable("ada", now=now)
        assert await names(work, now) == []


@pytest.mark.parametrize("role", [StewardRole.OPERATOR, StewardRole.ETHICS_LEAD])
async def test_who_may_not_see_alerts_is_not_on_duty_for_them(
    database: Database, now: datetime, role: StewardRole
) -> None:
    async with database.work() as work:
        with pytest.raises(AccessError, match=f"must be clinician or lived_experience to be on duty, got '{role}'"):
            await go_on_duty(work, await add(work, now, role=role), minutes=60, now=now)


async def test_a_clock_set_back_puts_nobody_on_duty_who_is_not_known_to_be(database: Database, now: datetime) -> None:
    async with database.work() as work:
        await go_on_duty(work, await add(work, now), minutes=60, now=now)
        assert await names(work, now - timedelta(seconds=30)) == ["ada"]
        assert await names(work, now - timedelta(hours=1)) == []


def board(now: datetime, minutes: int) -> DutyBoard:
    shown = DutyBoard()
    one = OnDuty(
        steward_id=None,  # type: ignore[arg-type]
        name="ada",
        role=StewardRole.CLINICIAN,
        started=now,
        expires=now + timedelta(minutes=minutes),
    )
    shown.show((one,), now=now)
    return shown


def test_a_board_that_was_never_read_or_shows_nobody_staffs_nothing(now: datetime) -> None:
    empty = DutyBoard()
    assert not empty.is_staffed(now)
    empty.show((), now=now)
    assert not empty.is_staffed(now)


@given(seconds=st.integers(-7200, 7200))
def test_a_board_goes_stale_in_a_minute_and_never_outlasts_the_duty(seconds: int) -> None:
    now = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    at = now + timedelta(seconds=seconds)
    assert board(now, 60).is_staffed(at) is (-60 <= seconds <= 60)
    assert not board(now, 0).is_staffed(at + timedelta(hours=3))
