"""Claims about what is loaded before a turn and kept after it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from holdfast.care.assessment.catalogue import instruments
from holdfast.care.assessment.screening import start
from holdfast.care.conversation.pipeline import TurnOutcome
from holdfast.care.conversation.reply import Author, Reply, Route
from holdfast.care.conversation.state import Activity, ActivityKind, Audience, ConversationState, Purpose
from holdfast.care.conversation.trace import TurnTrace
from holdfast.care.conversation.turn_record import WINDOW_TURNS
from holdfast.care.intervention.catalogue import exercises
from holdfast.care.intervention.session import ExerciseSession
from holdfast.errors import StorageError
from holdfast.safety.crisis.clearing import clear_by_check_in
from holdfast.safety.crisis.state import CrisisState, raise_state
from holdfast.safety.detection.verdict import Category, Detection, Level
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.accounts.person import Person
from holdfast.service.check_ins.repository import Status
from holdfast.service.conversation.finished import keep_finished
from holdfast.service.conversation.turn import forget_chat, keep, load_state
from holdfast.service.storage.database import Database
from holdfast.service.trace.verification import verify
from holdfast.turn import Role, Turn

Plant = Callable[[str], Awaitable[Any]]
CRISIS = Detection(level=Level.CRISIS, categories=(Category.SUICIDE,))
CONCERN = Detection(level=Level.CONCERN, categories=(Category.SELF_HARM,))
SCREENING = Activity(kind=ActivityKind.SCREENING, id="phq-9", progress={"given": [["1", 2]]})
EXERCISE = Activity(kind=ActivityKind.EXERCISE, id="thought-record", progress={"session": {"version": "1"}})


def answered(state: ConversationState, *, at: datetime, crisis: CrisisState | None = None) -> TurnOutcome:
    """A turn as the pipeline would hand it over."""
    reply = Reply(text="A reply.", route=Route.EDUCATION, author=Author.LIBRARY)
    trace = TurnTrace(
        at=at,
        tier="research use, not for care",
        route="education",
        route_reason="a test",
        author="library",
        detection={"level": "none"},
        crisis_before="none",
        crisis_after="none",
    )
    after = replace(state, crisis=crisis or state.crisis, last_notice=at)
    return TurnOutcome(
        reply=reply,
        state=after,
        trace=trace,
        detection=Detection(level=Level.NONE),
        is_kept=Purpose.CONVERSATION in state.consents,
    )


@pytest.fixture
async def person(database: Database, now: datetime) -> Person:
    async with database.work() as work:
        person = await work.persons.create(now, region="IE")
        for purpose in Purpose:
            await work.consents.give(person, purpose, version="1", now=now)
    return person


async def test_a_stranger_starts_calm_with_nothing_agreed(database: Database, now: datetime) -> None:
    async with database.work() as work:
        state = await load_state(work, await work.persons.create(now), None, now=now)
    assert state == ConversationState(last_seen=now, is_minor=True)


async def test_what_a_turn_leaves_is_there_for_the_next(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.set_profile(person, region="FR", audience=Audience.HELPER, age=Age.MINOR)
        chat = await work.chats.start(person, now=now)
        read = await load_state(work, person, chat.id, now=now)
        outcome = answered(replace(read, activity=SCREENING), at=now, crisis=raise_state(read.crisis, CRISIS, now))
        kept = await keep(work, person, chat.id, message="A message.", outcome=outcome, read=read)
    async with database.work(write=False) as work:
        again = await work.persons.open(person.id)
        state = await load_state(work, again, chat.id, now=now)
        assert kept.answered is not None
        turn = await work.chats.turn(again, kept.answered.id)
    assert state == ConversationState(
        turns=(Turn(Role.PERSON, "A message."), Turn(Role.ASSISTANT, "A reply.")),
        crisis=outcome.state.crisis,
        consents=frozenset(Purpose),
        last_notice=now,
        last_seen=now,
        activity=SCREENING,
        region="FR",
        audience=Audience.HELPER,
        is_minor=True,
        is_known_minor=True,
    )
    assert (turn.reply, turn.trace_seq) == (outcome.reply, kept.trace_seq)


async def test_the_window_is_the_last_turns_oldest_first(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        chat = await work.chats.start(person, now=now)
        for number in range(WINDOW_TURNS):
            read = await load_state(work, person, chat.id, now=now)
            await keep(work, person, chat.id, message=f"{number}", outcome=answered(read, at=now), read=read)
        state = await load_state(work, person, chat.id, now=now)
    said = [turn.text for turn in state.turns if turn.role is Role.PERSON]
    assert said == [str(number) for number in range(WINDOW_TURNS // 2, WINDOW_TURNS)]
    assert len(state.turns) == WINDOW_TURNS


async def test_crisis_outlives_the_chat(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        first = await work.chats.start(person, now=now)
        read = await load_state(work, person, first.id, now=now)
        crisis = raise_state(read.crisis, CRISIS, now)
        await keep(work, person, first.id, message="x", outcome=answered(read, at=now, crisis=crisis), read=read)
        second = await work.chats.start(person, now=now)
        assert (await load_state(work, person, second.id, now=now)).crisis == crisis
        assert (await load_state(work, person, None, now=now)).crisis == crisis


async def test_without_consent_no_word_is_kept_but_crisis_and_trace_are(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        read = await load_state(work, person, None, now=now)
        crisis = raise_state(read.crisis, CRISIS, now)
        outcome = answered(read, at=now, crisis=crisis)
        kept = await keep(work, person, None, message="x", outcome=outcome, read=read)
        assert kept.answered is None
        assert (await work.crisis.state(person)) == crisis
        record = await work.trace.of(person, kept.trace_seq)
        assert record.payload == json.loads(json.dumps(outcome.trace.payload()))
        assert await work.chats.list(person) == ()


async def test_consent_withdrawn_while_the_reply_was_being_made_still_counts(
    database: Database, person: Person, now: datetime
) -> None:
    async with database.work() as work:
        chat = await work.chats.start(person, now=now)
        read = await load_state(work, person, chat.id, now=now)
    async with database.work() as work:
        await work.consents.close(person, Purpose.CONVERSATION, now)
    async with database.work() as work:
        kept = await keep(work, person, chat.id, message="x", outcome=answered(read, at=now), read=read)
        assert kept.answered is None
        assert await work.chats.turns(person, chat.id) == ()


async def test_consent_to_an_older_text_does_not_count_where_the_version_is_asked_for(
    database: Database, person: Person, now: datetime
) -> None:
    async with database.work(write=False) as work:
        assert (await load_state(work, person, None, now=now, consent_version="2")).consents == frozenset()
        assert (await load_state(work, person, None, now=now, consent_version="1")).consents == frozenset(Purpose)


@pytest.mark.parametrize(("minutes", "is_there"), [(29, True), (30, False)])
async def test_what_may_not_be_kept_has_to_be_finished_in_one_go(
    database: Database, now: datetime, minutes: int, is_there: bool
) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        await work.consents.give(person, Purpose.CONVERSATION, version="1", now=now)
        chat = await work.chats.start(person, now=now)
        await work.chats.set_activity(person, chat.id, SCREENING, now=now)
        state = await load_state(work, person, chat.id, now=now + timedelta(minutes=minutes))
    assert (state.activity is not None) is is_there


async def test_what_may_be_kept_waits(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        chat = await work.chats.start(person, now=now)
        await work.chats.set_activity(person, chat.id, SCREENING, now=now)
        state = await load_state(work, person, chat.id, now=now + timedelta(days=30))
    assert state.activity == SCREENING


@pytest.mark.parametrize("consented", [True, False])
async def test_what_ended_in_a_chat_becomes_a_record_where_consent_allows(
    database: Database, now: datetime, consented: bool
) -> None:
    screening = start(instruments().get("gad-2"), now).answer(2).answer(1)
    screened = replace(SCREENING, id="gad-2", progress={"screening": screening.to_dict(), "paused": False})
    stopped = ExerciseSession.start(exercises().get("thought-record"), now).submit("a walk").stop()
    outdated = {**stopped.to_dict(), "version": "0"}
    async with database.work() as work:
        person = await work.persons.create(now)
        for purpose in Purpose if consented else [Purpose.CONVERSATION]:
            await work.consents.give(person, purpose, version="1", now=now)
        for ended in (screened, replace(EXERCISE, progress={"session": stopped.to_dict(), "earlier": [outdated]})):
            kept = await keep_finished(work, person, ended, instruments=instruments(), exercises=exercises(), now=now)
            assert kept is consented
        check_ins, practised = await work.check_ins.list(person), await work.exercises.list(person)
    assert [(c.instrument, c.status, (c.result or {})["total"]) for c in check_ins] == (
        [("gad-2", Status.COMPLETED, 3)] if consented else []
    )
    assert sorted((e.version, e.status) for e in practised) == (
        [("0", Status.STOPPED), (stopped.exercise.version, Status.UNDER_WAY)] if consented else []
    )


async def test_a_rise_opens_one_alert_and_a_check_in_that_clears_closes_it(
    database: Database, person: Person, now: datetime
) -> None:
    crises = [
        lambda state: raise_state(state, CONCERN, now),
        lambda state: raise_state(state, CONCERN, now),
        lambda state: raise_state(state, CRISIS, now),
        lambda state: state,
        lambda state: clear_by_check_in(now),
    ]
    open_alerts = []
    async with database.work() as work:
        chat = await work.chats.start(person, now=now)
        for crisis in crises:
            read = await load_state(work, person, chat.id, now=now)
            outcome = answered(read, at=now, crisis=crisis(read.crisis))
            await keep(work, person, chat.id, message="x", outcome=outcome, read=read)
            open_alerts.append([alert.level for alert in await work.alerts.queue()])
        closed = await work.alerts.of(person)
    assert open_alerts == [
        [Level.CONCERN],
        [Level.CONCERN],
        [Level.CRISIS, Level.CONCERN],
        [Level.CRISIS, Level.CONCERN],
        [],
    ]
    assert {alert.cleared_by for alert in closed} == {"check-in"}


async def test_two_messages_at_once_never_lose_a_crisis(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        chat = await work.chats.start(person, now=now)
        read = await load_state(work, person, chat.id, now=now)

    async def turn(message: str, crisis: CrisisState | None) -> None:
        async with database.work() as work:
            writer = await work.persons.open(person.id)
            outcome = answered(read, at=now, crisis=crisis)
            await keep(work, writer, chat.id, message=message, outcome=outcome, read=read)

    raised = raise_state(read.crisis, CRISIS, now)
    await asyncio.gather(turn("grave", raised), turn("calm", None), turn("calm too", None))
    async with database.work(write=False) as work:
        state = await load_state(work, person, chat.id, now=now)
        assert (await verify(work)).count == 3
        positions = [turn.position for turn in await work.chats.turns(person, chat.id)]
    assert state.crisis == raised
    assert positions == list(range(6))


async def test_a_turn_whose_database_fails_leaves_nothing_half_written(
    database: Database, person: Person, now: datetime
) -> None:
    async with database.work() as work:
        chat = await work.chats.start(person, now=now)
        read = await load_state(work, person, chat.id, now=now)

    async def failing() -> None:
        async with database.work() as work:
            writer = await work.persons.open(person.id)
            outcome = answered(read, at=now, crisis=raise_state(read.crisis, CRISIS, now))
            await keep(work, writer, chat.id, message="x", outcome=outcome, read=read)
            await work.unit.session.execute(text("SELECT broken FROM nothing"))

    with pytest.raises(StorageError, match="nothing was kept"):
        await failing()
    async with database.work(write=False) as work:
        assert await load_state(work, person, chat.id, now=now) == read
        assert await work.alerts.queue() == ()
        assert await work.counters.of(now.date()) == {}
        assert (await verify(work)).count == 0


async def test_a_damaged_crisis_state_is_refused_and_never_taken_for_calm(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        await work.unit.session.execute(text("UPDATE crisis SET state = :junk"), {"junk": b"\x01" + bytes(40)})
    async with database.work(write=False) as work:
        person = await work.persons.open(planted.person_id)
        with pytest.raises(StorageError, match=r"Sealed data \(crisis.state\) must open"):
            await load_state(work, person, None, now=now)


async def test_forgetting_a_chat_takes_its_turns_and_their_records(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        await forget_chat(work, person, planted.chat_id, now=now)
        assert await work.chats.list(person) == ()
        assert await work.trace.about(person) == ()
    async with database.work(write=False) as work:
        assert (await verify(work)).erased == 1


async def test_the_latest_chat_is_the_one_used_last(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        assert await work.chats.latest(person) is None
        first = await work.chats.start(person, now=now)
        second = await work.chats.start(person, now=now + timedelta(minutes=1))
        assert (await work.chats.latest(person)) == second
        await work.chats.set_activity(person, first.id, EXERCISE, now=now + timedelta(minutes=2))
        latest = await work.chats.latest(person)
    assert latest is not None
    assert (latest.id, latest.activity) == (first.id, EXERCISE)
