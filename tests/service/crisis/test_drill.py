"""Claims about drills: the whole way is walked, the times are told, and nothing real is touched."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from web_visitor import Clock

from holdfast.measured import Failed, Scored, Unscored
from holdfast.service.accounts.steward import StewardRole
from holdfast.service.crisis.drill import DrillReport, begin_drill, run_drill
from holdfast.service.crisis.escalating import Escalator
from holdfast.service.crisis.escalation import Channel
from holdfast.service.crisis.response import acknowledge, clear
from holdfast.service.storage.database import Database
from holdfast.service.trace.verification import verify

Make = Callable[..., Escalator]


def passing(clock: Clock, then: Callable[[], Awaitable[None]] | None = None) -> Callable[[float], Awaitable[None]]:
    """Return a sleep that moves the clock on and lets something happen meanwhile."""

    async def sleep(seconds: float) -> None:
        clock.forward(seconds=seconds)
        if then is not None:
            await then()

    return sleep


async def seen_by_ada(database: Database, clock: Clock, *, after_s: int) -> Callable[[], Awaitable[None]]:
    begun = clock()
    async with database.work() as work:
        ada = await work.stewards.add("ada", StewardRole.CLINICIAN, passphrase_hash="x", now=clock())

    async def see() -> None:
        if clock() - begun < timedelta(seconds=after_s):
            return
        async with database.work() as work:
            (alert,) = await work.alerts.queue()
            await acknowledge(work, ada, alert.id, now=clock())

    return see


async def test_a_drill_is_delivered_and_seen_and_the_times_are_told(
    database: Database, make_escalator: Make, sink: Any, clock: Clock
) -> None:
    sleep = passing(clock, await seen_by_ada(database, clock, after_s=40))
    report = await run_drill(make_escalator(sink), wait=timedelta(minutes=5), sleep=sleep)
    assert report == DrillReport(
        delivered_s={Channel.WEBHOOK: Scored(value=0.0, n=1)}, seen_s=Scored(value=40.0, n=1), seen_by="ada"
    )
    assert [page.is_drill for page in sink.pages] == [True]
    assert report.to_dict()["delivered"] == {"webhook": {"seconds": 0.0}}


async def test_a_drill_nobody_sees_ends_by_itself_and_says_so(
    database: Database, make_escalator: Make, sink: Any, clock: Clock
) -> None:
    report = await run_drill(make_escalator(sink), wait=timedelta(seconds=30), sleep=passing(clock))
    assert report.is_delivered
    assert report.seen_s == Unscored("nobody acknowledged it while the drill lasted")
    assert len(sink.pages) == 1


async def test_a_channel_that_does_not_take_it_is_named_with_its_trouble(
    database: Database, make_escalator: Make, sink: Any, clock: Clock
) -> None:
    sink.trouble = "status 401"
    report = await run_drill(make_escalator(sink), wait=timedelta(seconds=15), sleep=passing(clock))
    assert not report.is_delivered
    assert report.delivered_s == {Channel.WEBHOOK: Failed("status 401")}
    assert sink.attempts == 2


async def test_without_a_fallback_a_drill_is_not_delivered(
    database: Database, make_escalator: Make, clock: Clock
) -> None:
    report = await run_drill(make_escalator(), wait=timedelta(0), sleep=passing(clock))
    assert (report.is_delivered, dict(report.delivered_s)) == (False, {})


async def test_drills_are_counted_apart_and_leave_nobody_behind(
    database: Database, make_escalator: Make, sink: Any, clock: Clock
) -> None:
    sleep = passing(clock, await seen_by_ada(database, clock, after_s=3))
    await run_drill(make_escalator(sink), wait=timedelta(minutes=1), sleep=sleep)
    async with database.work(write=False) as work:
        counts = await work.counters.of(clock().date())
        assert await work.alerts.queue() == ()
        assert await work.persons.unreachable_since(clock() + timedelta(days=1)) == ()
        assert (await verify(work)).count > 0
    assert counts == {
        "drill.opened": 1,
        "drill.escalated": 1,
        "drill.delivered": 1,
        "drill.seen_within_1_minutes": 1,
    }


async def test_a_drill_touches_no_real_alert(
    database: Database, make_escalator: Make, sink: Any, clock: Clock, in_crisis: Callable[[], Awaitable[UUID]]
) -> None:
    await in_crisis()
    await run_drill(make_escalator(sink), wait=timedelta(0), sleep=passing(clock))
    async with database.work(write=False) as work:
        (real,) = await work.alerts.queue()
    assert not real.is_drill
    assert real.acknowledged_at is None


async def test_a_drill_in_the_queue_stands_last_and_can_be_cleared_like_any(
    database: Database, clock: Clock, in_crisis: Callable[[], Awaitable[UUID]]
) -> None:
    async with database.work() as work:
        drill = await begin_drill(work, now=clock())
    await in_crisis()
    async with database.work() as work:
        ada = await work.stewards.add("ada", StewardRole.CLINICIAN, passphrase_hash="x", now=clock())
        assert [alert.is_drill for alert in await work.alerts.queue()] == [False, True]
        await clear(work, ada, drill.id, now=clock())
        assert [alert.is_drill for alert in await work.alerts.queue()] == [False]


@pytest.mark.parametrize("hours", [-3, 3])
async def test_a_clock_that_jumps_ends_a_drill_instead_of_keeping_it_for_ever(
    database: Database, make_escalator: Make, sink: Any, clock: Clock, hours: int
) -> None:
    async def jump() -> None:
        clock.forward(hours=hours)

    await run_drill(make_escalator(sink), wait=timedelta(minutes=1), sleep=passing(clock, jump))
    assert len(sink.pages) == 1
