"""Claims about how long each kind of record is kept, by a clock that is moved by hand."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_visitor import Visitor

from holdfast.care.conversation.state import Activity, ActivityKind, Purpose
from holdfast.errors import AccessError, InputError
from holdfast.service.accounts.steward import StewardRole
from holdfast.service.consent.change import give, withdraw
from holdfast.service.privacy.clocks import Clocks
from holdfast.service.privacy.retention import Purged, retain
from holdfast.service.storage.database import Database
from holdfast.service.storage.tables import Table
from holdfast.service.trace.verification import verify
from holdfast.settings import load_settings

Plant = Callable[[str], Awaitable[Any]]
FOREVER = Clocks(turns=3650, traces=3650, alerts=3650, counters=3650)


def only(**days: int) -> Clocks:
    """Clocks of which only those named run out in these tests."""
    kept = {"turns": 3650, "traces": 3650, "alerts": 3650, "counters": 3650}
    return Clocks(**{**kept, **days})


async def run(database: Database, clocks: Clocks, at: datetime) -> Purged:
    async with database.work() as work:
        return await retain(work, now=at, clocks=clocks)


@pytest.mark.parametrize(
    ("kind", "purged"),
    [
        ("turns", Purged(turns=2, traces=1)),
        ("check_ins", Purged(check_ins=1)),
        ("exercises", Purged(exercises=1)),
        ("traces", Purged(traces=1)),
    ],
)
async def test_each_kind_goes_a_moment_after_its_own_clock_and_no_other_with_it(
    database: Database, plant: Plant, now: datetime, kind: str, purged: Purged
) -> None:
    await plant("windowpane")
    end = now + timedelta(days=7)
    assert await run(database, only(**{kind: 7}), end) == Purged()
    assert await run(database, only(**{kind: 7}), end + timedelta(seconds=1)) == purged
    assert await run(database, only(**{kind: 7}), end + timedelta(seconds=1)) == Purged()
    async with database.work(write=False) as work:
        await verify(work)


async def test_check_ins_and_exercises_stay_where_no_clock_is_set_for_them(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    await run(database, Clocks(), now + timedelta(days=3000))
    async with database.work(write=False) as work:
        person = await work.persons.open(planted.person_id)
        assert (len(await work.check_ins.list(person)), len(await work.exercises.list(person))) == (1, 1)


async def test_working_on_a_check_in_starts_its_clock_anew(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        await give(work, person, Purpose.CHECK_INS, version="1", now=now)
        begun = await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)
        await work.check_ins.save(person, begun.id, {"1": 2}, now=now + timedelta(days=5))
    assert (await run(database, only(check_ins=7), now + timedelta(days=9))).check_ins == 0
    assert (await run(database, only(check_ins=7), now + timedelta(days=13))).check_ins == 1


async def test_records_of_turns_whose_words_were_never_kept_go_as_well(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        await work.persons.set_return(person, "a return name", "$argon2id$elsewhere")
        for kind in ("turn", "risk", "consent"):
            await work.trace.append(kind, {"level": "none"}, at=now, person=person)
    assert await run(database, only(traces=7), now + timedelta(days=8)) == Purged(traces=2)
    async with database.work(write=False) as work:
        left = await work.trace.about(await work.persons.open(person.id))
        assert [record.kind for record in left] == ["consent"]
        assert (await verify(work)).erased == 2


async def test_an_alert_goes_with_its_records_once_cleared_for_long_enough_and_never_before(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        await work.trace.append("alert", {"action": "opened"}, at=now, person=person)
    much_later = now + timedelta(days=1000)
    assert await run(database, only(alerts=30), much_later) == Purged()
    async with database.work() as work:
        await work.alerts.clear(await work.persons.open(planted.person_id), by="ada", now=much_later)
    assert (await run(database, only(alerts=30), much_later + timedelta(days=30))).alerts == 0
    purged = await run(database, only(alerts=30), much_later + timedelta(days=30, seconds=1))
    assert purged.alerts == 1
    async with database.work(write=False) as work:
        assert await work.alerts.of(await work.persons.open(planted.person_id)) == ()


async def test_daily_counts_go_after_their_days(database: Database, now: datetime) -> None:
    async with database.work() as work:
        work.counters.add(now.date(), "turn")
        work.counters.add(now.date() + timedelta(days=1), "turn")
    assert (await run(database, only(counters=10), now + timedelta(days=10))).counters == 0
    assert (await run(database, only(counters=10), now + timedelta(days=11))).counters == 1
    async with database.work(write=False) as work:
        assert await work.counters.since(now.date()) == {"turn": 1}


async def test_what_may_not_wait_in_a_chat_goes_half_an_hour_after_its_last_step(
    database: Database, now: datetime
) -> None:
    screening = Activity(kind=ActivityKind.SCREENING, id="gad-7", progress={"given": [["1", 2]]})
    chats = {}
    async with database.work() as work:
        for purposes in ((), (Purpose.CHECK_INS,)):
            person = await work.persons.create(now)
            for purpose in (Purpose.CONVERSATION, *purposes):
                await give(work, person, purpose, version="1", now=now)
            chat = await work.chats.start(person, now=now)
            await work.chats.set_activity(person, chat.id, screening, now=now)
            chats[purposes] = person.id, chat.id
    assert (await run(database, FOREVER, now + timedelta(minutes=29))).unfinished == 0
    assert (await run(database, FOREVER, now + timedelta(minutes=30))).unfinished == 1
    async with database.work(write=False) as work:
        left = {
            purposes: (await work.chats.get(await work.persons.open(person_id), chat_id)).activity
            for purposes, (person_id, chat_id) in chats.items()
        }
    assert left == {(): None, (Purpose.CHECK_INS,): screening}


async def test_sign_ins_of_stewards_that_ran_out_are_forgotten(database: Database, now: datetime) -> None:
    async with database.work() as work:
        steward = await work.stewards.add("ada", StewardRole.CLINICIAN, passphrase_hash="x", now=now)
        token = await work.stewards.open_session(steward, now=now)
    await run(database, FOREVER, now + timedelta(hours=9))
    async with database.work() as work:
        with pytest.raises(AccessError, match="must be signed in"):
            await work.stewards.session(token, now=now, idle_minutes=60)


async def test_withdrawing_stops_and_purges_at_once_whatever_the_clocks_say(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        for purpose in Purpose:
            await withdraw(work, person, purpose, now=now)
        assert await work.chats.list(person) == ()
        assert await work.check_ins.list(person) == ()
        assert await work.exercises.list(person) == ()
    assert await run(database, FOREVER, now) == Purged()


@pytest.mark.parametrize("kind", ["turns", "check_ins", "exercises", "traces", "alerts", "counters"])
@pytest.mark.parametrize("days", [0, -1])
def test_keeping_nothing_at_all_is_refused(kind: str, days: int) -> None:
    with pytest.raises(InputError, match=f"Retention of {kind} must be at least 1 day, got {days}"):
        Clocks(**{kind: days})


def test_the_clocks_are_those_of_the_settings_and_every_table_has_one() -> None:
    overrides = {
        "retention_days": 1,
        "check_in_retention_days": 2,
        "exercise_retention_days": 3,
        "trace_retention_days": 4,
        "alert_retention_days": 5,
        "counter_retention_days": 6,
    }
    settings = load_settings(config=None, environ={}, overrides=overrides)
    assert Clocks.of(settings) == Clocks(turns=1, check_ins=2, exercises=3, traces=4, alerts=5, counters=6)
    assert Clocks.of(load_settings(config=None, environ={})) == Clocks()
    runs_out = {
        "chat": "turns",
        "turn": "turns",
        "check_in": "check_ins",
        "exercise": "exercises",
        "trace_payload": "traces",
        "alert": "alerts",
        "escalation": "alerts",
        "counter": "counters",
        "person": "turns, unless they can come back",
        "consent": "with its person",
        "crisis": "with its person",
        "steward_session": "eight hours",
    }
    stays = {"store_key", "trace_entry", "trace_head", "steward", "duty"}
    assert set(Table.metadata.tables) == set(runs_out) | stays


def privacy_page(app: FastAPI) -> str:
    """Return the page as somebody sees it about whom something is kept."""
    with TestClient(app, follow_redirects=True) as client:
        visitor = Visitor(client)
        visitor.agree("conversation")
        return visitor.get("/privacy").text


def test_the_page_says_how_long_what_is_kept(make_app: Callable[..., FastAPI]) -> None:
    page = privacy_page(make_app())
    assert "What you write in a conversation is deleted 90 days later." in page
    assert "Check-ins stay until you delete them" in page
    assert "kept for 90 days at most, without your words" in page
    page = privacy_page(make_app(retention_days=7, check_in_retention_days=30, trace_retention_days=5))
    assert "deleted 7 days later" in page
    assert "Check-ins stay for 30 days after you last worked on them, or until you delete them" in page
    assert "Exercises stay until you delete them" in page
    assert "kept for 5 days at most" in page
