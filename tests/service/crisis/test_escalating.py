"""Claims about escalation: every alert nobody has seen leaves the service, once, whatever breaks on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_visitor import Clock

from holdfast.safety.crisis.standing import AlertStanding
from holdfast.safety.detection.verdict import Level
from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.crisis.alert import Alert
from holdfast.service.crisis.escalating import Escalator, late_alerts
from holdfast.service.crisis.escalation import Channel, Escalation, pause_after
from holdfast.service.crisis.keeping import alert_standing
from holdfast.service.crisis.response import acknowledge
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.storage.database import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACK = timedelta(minutes=5)
Make = Callable[..., Escalator]
InCrisis = Callable[[], Awaitable[UUID]]


def alert(opened: datetime, *, is_drill: bool = False) -> Alert:
    return Alert(
        id=uuid4(),
        person_id=uuid4(),
        opened=opened,
        level=Level.CRISIS,
        categories=(),
        acknowledged_at=None,
        acknowledged_by=None,
        cleared_at=None,
        cleared_by=None,
        is_drill=is_drill,
    )


def message(about: Alert, stage: int, created: datetime, channel: Channel = Channel.WEBHOOK) -> Escalation:
    return Escalation(
        id=uuid4(),
        alert_id=about.id,
        stage=stage,
        channel=channel,
        created=created,
        attempts=0,
        next_attempt=created,
        delivered_at=None,
        withdrawn_at=None,
        trouble=None,
    )


def stages(
    about: Alert,
    *made: Escalation,
    staffed: bool = True,
    channels: tuple[Channel, ...] = (Channel.WEBHOOK,),
    now: datetime = NOW,
) -> list[tuple[int, tuple[Channel, ...], bool]]:
    found = late_alerts([about], made, channels=channels, ack=ACK, is_staffed=staffed, now=now)
    return [(late.stage, late.channels, late.is_missed) for late in found]


@pytest.mark.parametrize(
    ("minutes", "staffed", "found"),
    [
        (0, True, []),
        (4.99, True, []),
        (5, True, [(1, True)]),
        (60, True, [(1, True)]),
        (0, False, [(1, False)]),
        (5, False, [(1, True)]),
        (-1, True, [(1, True)]),
    ],
    ids=["new", "just in time", "late", "very late", "nobody on duty", "late, nobody", "clock set back"],
)
def test_the_first_message_is_due_when_time_ran_out_or_nobody_is_there(
    minutes: float, staffed: bool, found: list[tuple[int, bool]]
) -> None:
    said = stages(alert(NOW - timedelta(minutes=minutes)), staffed=staffed)
    assert [(stage, missed) for stage, _, missed in said] == found


def test_the_second_message_is_due_as_long_after_the_first() -> None:
    one = alert(NOW - timedelta(minutes=10))
    early, due = NOW - timedelta(minutes=4), NOW - timedelta(minutes=5)
    assert stages(one, message(one, 1, early)) == []
    assert stages(one, message(one, 1, due)) == [(2, (Channel.WEBHOOK,), False)]
    assert stages(one, message(one, 1, due), message(one, 2, NOW)) == []


def test_an_alert_that_went_out_at_once_is_counted_as_missed_when_its_time_runs_out() -> None:
    one = alert(NOW - timedelta(minutes=5))
    assert stages(one, message(one, 1, one.opened), staffed=False) == [(2, (Channel.WEBHOOK,), True)]


def test_a_channel_set_later_gets_what_the_others_got() -> None:
    one = alert(NOW - timedelta(minutes=6))
    before = message(one, 1, NOW - timedelta(minutes=1), Channel.NOBODY)
    assert stages(one, before, channels=(Channel.EMAIL, Channel.WEBHOOK)) == [
        (1, (Channel.EMAIL, Channel.WEBHOOK), False)
    ]


def test_a_drill_goes_out_at_once_and_only_once() -> None:
    one = alert(NOW, is_drill=True)
    assert stages(one) == [(1, (Channel.WEBHOOK,), False)]
    assert stages(one, message(one, 1, NOW), now=NOW + timedelta(hours=1)) == []


@given(st.integers(0, 200))
def test_pauses_grow_and_stay_within_two_minutes(attempts: int) -> None:
    assert timedelta(seconds=10) <= pause_after(attempts) <= timedelta(minutes=2)
    assert pause_after(attempts) <= pause_after(attempts + 1)


async def trace_of(database: Database, person_id: UUID) -> list[Any]:
    async with database.work(write=False) as work:
        person = await work.persons.open(person_id)
        return [record.payload for record in await work.trace.about(person) if record.kind == "alert"]


async def counts(database: Database, clock: Clock) -> dict[str, int]:
    async with database.work(write=False) as work:
        return await work.counters.of(clock().date())


async def standing(database: Database, person_id: UUID) -> AlertStanding:
    async with database.work(write=False) as work:
        return await alert_standing(work, await work.persons.open(person_id))


async def test_an_alert_nobody_sees_goes_out_twice_and_no_more_and_is_on_record(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    person_id = await in_crisis()
    escalator = make_escalator(sink)
    for _ in range(8):
        await escalator.look()
        clock.forward(minutes=5)
    assert [(page.stage, page.is_drill) for page in sink.pages] == [(1, False), (2, False)]
    assert len({page.alert_id for page in sink.pages}) == 1
    assert len({page.id for page in sink.pages}) == 2
    assert [one["action"] for one in await trace_of(database, person_id)] == [
        *("escalated", "delivered", "escalated", "delivered")
    ]
    counted = await counts(database, clock)
    assert {kind: counted[kind] for kind in counted if kind.startswith("alert.")} == {
        "alert.opened": 1,
        "alert.escalated": 2,
        "alert.delivered": 2,
        "alert.late": 1,
    }
    assert await standing(database, person_id) == AlertStanding(is_late=True, is_reached=True)


async def test_what_leaves_holds_no_words_and_nothing_that_points_to_the_person(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    person_id = await in_crisis()
    await make_escalator(sink).look()
    (page,) = sink.pages
    sent = page.to_dict()
    assert set(sent) == {"type", "alert", "stage", "level", "categories", "link"}
    assert person_id.hex not in str(sent).replace("-", "")
    assert (sent["level"], sent["categories"], sent["link"]) == (
        "crisis",
        ["suicide"],
        "https://help.example/steward",
    )


async def test_somebody_on_duty_is_given_their_time_first(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    ada = await on_duty(database, clock)
    await in_crisis()
    escalator = make_escalator(sink)
    await escalator.look()
    assert sink.pages == []
    assert escalator.board.is_staffed(clock())
    clock.forward(minutes=4)
    async with database.work() as work:
        (waiting,) = await work.alerts.queue()
        await acknowledge(work, ada, waiting.id, now=clock())
    clock.forward(minutes=30)
    await escalator.look()
    assert sink.pages == []
    assert (await counts(database, clock))["alert.seen_within_5_minutes"] == 1


@pytest.mark.parametrize("trouble", ["status 500", "hang", RuntimeError("a sink with words in its error")])
async def test_a_sink_that_is_down_hangs_or_breaks_is_tried_until_it_takes_the_message_once(
    database: Database,
    make_escalator: Make,
    in_crisis: InCrisis,
    sink: Any,
    clock: Clock,
    trouble: str | Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    person_id = await in_crisis()
    sink.trouble = trouble
    escalator = make_escalator(sink, attempt_s=0.02)
    for _ in range(5):
        await escalator.look()
        clock.forward(seconds=61)
    assert sink.attempts >= 3
    assert await standing(database, person_id) == AlertStanding(is_late=True, is_failing=True)
    sink.trouble = None
    clock.forward(minutes=10)
    await escalator.look()
    assert {page.stage for page in sink.pages} == {1, 2}
    assert (await standing(database, person_id)).is_reached
    actions = [one["action"] for one in await trace_of(database, person_id)]
    assert actions.count("undelivered") == 1
    assert actions.count("delivered") == 2
    assert "words in its error" not in caplog.text


async def test_a_restart_between_any_two_steps_loses_and_doubles_nothing(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    await in_crisis()
    sink.trouble = "status 503"
    await make_escalator(sink).look()
    clock.forward(minutes=1)
    sink.trouble = None
    for _ in range(4):
        await make_escalator(sink).look()
    assert [page.stage for page in sink.pages] == [1]


async def test_a_process_that_died_while_sending_is_followed_by_another_under_the_same_id(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    await in_crisis()
    sink.trouble = "hang"
    dying = asyncio.create_task(make_escalator(sink).look())
    while sink.attempts == 0:
        await asyncio.sleep(0.01)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    async with database.work(write=False) as work:
        (waiting,) = await work.alerts.queue()
        (kept,) = await work.escalations.of([waiting.id])
    sink.trouble = None
    await make_escalator(sink).look()
    assert sink.pages == []
    clock.forward(seconds=91)
    await make_escalator(sink).look()
    assert [page.id for page in sink.pages] == [kept.id]


async def test_processes_that_look_at_once_send_once(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    await in_crisis()
    await asyncio.gather(*(make_escalator(sink).look() for _ in range(4)))
    assert [page.stage for page in sink.pages] == [1]


async def test_one_channel_that_fails_holds_up_no_other(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    mail = type(sink)(channel=Channel.EMAIL, trouble="SMTPConnectError")
    await in_crisis()
    escalator = make_escalator(mail, sink)
    await escalator.look()
    clock.forward(seconds=11)
    await escalator.look()
    assert (len(sink.pages), mail.attempts) == (1, 2)


async def test_a_clock_set_back_puts_nothing_off(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    await on_duty(database, clock, minutes=700)
    await in_crisis()
    clock.forward(hours=-9)
    sink.trouble = "status 500"
    await make_escalator(sink).look()
    assert sink.attempts == 1
    clock.forward(days=-1)
    sink.trouble = None
    await make_escalator(sink).look()
    assert 1 in [page.stage for page in sink.pages]


async def test_without_a_fallback_it_is_on_record_that_nobody_was_told(
    database: Database, make_escalator: Make, in_crisis: InCrisis, clock: Clock
) -> None:
    person_id = await in_crisis()
    escalator = make_escalator()
    await escalator.look()
    (record,) = await trace_of(database, person_id)
    assert record == {"action": "escalated", "stage": 1, "channels": ["nobody"], "drill": False}
    assert not (await standing(database, person_id)).is_reached


async def test_a_fallback_set_after_a_restart_is_told_of_what_waits(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    await in_crisis()
    await make_escalator().look()
    await make_escalator(sink).look()
    assert [page.stage for page in sink.pages] == [1]


async def test_an_alert_about_somebody_who_erased_themselves_is_not_sent_and_breaks_nothing(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    person_id = await in_crisis()
    sink.trouble = "status 500"
    escalator = make_escalator(sink)
    await escalator.look()
    await erase_person(database, person_id, now=clock())
    clock.forward(minutes=10)
    await escalator.look()
    assert sink.attempts == 1


async def test_seeing_an_alert_takes_back_what_was_still_to_be_sent(
    database: Database, make_escalator: Make, in_crisis: InCrisis, sink: Any, clock: Clock
) -> None:
    await in_crisis()
    sink.trouble = "status 500"
    escalator = make_escalator(sink)
    await escalator.look()
    async with database.work() as work:
        (waiting,) = await work.alerts.queue()
        ada = Steward(id=uuid4(), name="ada", role=StewardRole.CLINICIAN, created=clock(), disabled_at=None)
        await acknowledge(work, ada, waiting.id, now=clock())
        (kept,) = await work.escalations.of([waiting.id])
    sink.trouble = None
    clock.forward(hours=1)
    await escalator.look()
    assert sink.pages == []
    assert kept.withdrawn_at is not None


async def on_duty(database: Database, clock: Clock, *, minutes: int = 60) -> Steward:
    async with database.work() as work:
        ada = await work.stewards.add("ada", StewardRole.CLINICIAN, passphrase_hash="x", now=clock())
        await work.duty.go_on(ada, minutes=minutes, now=clock())
        return ada


def test_many_alerts_are_judged_each_by_its_own_messages() -> None:
    late, seen_to = alert(NOW - timedelta(minutes=9)), alert(NOW - timedelta(minutes=9))
    made: Sequence[Escalation] = [message(seen_to, 1, NOW - timedelta(minutes=4))]
    found = late_alerts([late, seen_to], made, channels=(Channel.WEBHOOK,), ack=ACK, is_staffed=True, now=NOW)
    assert [one.alert.id for one in found] == [late.id]
