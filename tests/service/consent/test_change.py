"""Claims about consent: no processing without a record, and withdrawing stops and purges."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from holdfast.care.conversation.state import Activity, ActivityKind, Purpose
from holdfast.errors import ConsentError
from holdfast.service.consent.change import give, withdraw
from holdfast.service.storage.database import Database
from holdfast.service.trace.verification import verify

Plant = Callable[[str], Awaitable[Any]]


async def test_a_new_person_agreed_to_nothing(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        assert await work.consents.standing(person) == {}
        for purpose in Purpose:
            with pytest.raises(ConsentError, match=f"must be on record for '{purpose.value}', and is not"):
                await work.consents.require(person, purpose)


async def test_one_consent_allows_its_own_purpose_only(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        await give(work, person, Purpose.CHECK_INS, version="1", now=now)
        await work.consents.require(person, Purpose.CHECK_INS)
        with pytest.raises(ConsentError, match="'exercises'"):
            await work.consents.require(person, Purpose.EXERCISES)


async def test_giving_twice_is_once_and_a_new_text_supersedes_the_old(database: Database, now: datetime) -> None:
    later = now + timedelta(days=1)
    async with database.work() as work:
        person = await work.persons.create(now)
        await give(work, person, Purpose.CONVERSATION, version="1", now=now)
        await give(work, person, Purpose.CONVERSATION, version="1", now=later)
        assert len(await work.consents.history(person)) == 1
        await give(work, person, Purpose.CONVERSATION, version="2", now=later)
        history = await work.consents.history(person)
        assert [(c.version, c.given_at, c.withdrawn_at) for c in history] == [("1", now, later), ("2", later, None)]
        assert await work.consents.standing(person) == {Purpose.CONVERSATION: "2"}
        kinds = [(record.kind, record.payload) for record in await work.trace.about(person)]
    assert kinds == [
        ("consent", {"purpose": "conversation", "version": "1", "given": True}),
        ("consent", {"purpose": "conversation", "version": "2", "given": True}),
    ]


async def test_nothing_is_kept_without_consent(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        with pytest.raises(ConsentError, match="'check_ins'"):
            await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)
        with pytest.raises(ConsentError, match="'exercises'"):
            await work.exercises.start(person, "thought-record", version="1", progress={}, now=now)


async def test_withdrawing_conversation_deletes_chats_turns_and_their_traces(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted, other = await plant("windowpane"), await plant("doorframe")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        await withdraw(work, person, Purpose.CONVERSATION, now=now)
        assert await work.chats.list(person) == ()
        assert await work.chats.turns(person, planted.chat_id) == ()
        assert [record.kind for record in await work.trace.about(person)] == ["consent"]
        assert len(await work.check_ins.list(person)) == 1
        assert (await work.crisis.state(person)).is_active
        someone_else = await work.persons.open(other.person_id)
        assert len(await work.chats.turns(someone_else, other.chat_id)) == 2
    async with database.work(write=False) as work:
        assert (await verify(work)).erased == 1


async def test_withdrawing_check_ins_stops_and_deletes_them(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    screening = Activity(kind=ActivityKind.SCREENING, id="gad-7", progress={"given": [["1", 2]]})
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        begun = await work.check_ins.start(person, "gad-7", version="1", progress={}, now=now)
        await work.chats.set_activity(person, planted.chat_id, screening, now=now)
        await withdraw(work, person, Purpose.CHECK_INS, now=now)
        assert await work.check_ins.list(person) == ()
        assert (await work.chats.get(person, planted.chat_id)).activity is None
        with pytest.raises(ConsentError, match="'check_ins'"):
            await work.check_ins.save(person, begun.id, {}, now=now)
        assert len(await work.exercises.list(person)) == 1
        assert len(await work.chats.turns(person, planted.chat_id)) == 2


async def test_withdrawing_exercises_stops_and_deletes_them(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        await withdraw(work, person, Purpose.EXERCISES, now=now)
        assert await work.exercises.list(person) == ()
        assert (await work.chats.get(person, planted.chat_id)).activity is None
        assert len(await work.check_ins.list(person)) == 1


@pytest.mark.parametrize("purpose", [Purpose.LANGUAGE_MODEL, Purpose.QUALITY_REVIEW])
async def test_withdrawing_what_keeps_nothing_deletes_nothing(
    database: Database, plant: Plant, now: datetime, purpose: Purpose
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        await withdraw(work, person, purpose, now=now)
        assert purpose not in await work.consents.standing(person)
        assert len(await work.chats.turns(person, planted.chat_id)) == 2


async def test_the_history_stays_while_the_person_does(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        for purpose in Purpose:
            await withdraw(work, person, purpose, now=now)
        history = await work.consents.history(person)
    assert {consent.purpose for consent in history} == set(Purpose)
    assert {consent.withdrawn_at for consent in history} == {now}
