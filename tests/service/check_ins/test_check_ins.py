"""Claims about check-ins and exercises as they are kept."""

from datetime import datetime, timedelta

import pytest

from holdfast.care.conversation.state import Purpose
from holdfast.errors import AccessError, InputError
from holdfast.service.accounts.person import Person
from holdfast.service.check_ins.repository import Status
from holdfast.service.storage.database import Database
from holdfast.service.storage.work import Work


@pytest.fixture
async def person(database: Database, now: datetime) -> Person:
    async with database.work() as work:
        person = await work.persons.create(now)
        for purpose in (Purpose.CHECK_INS, Purpose.EXERCISES):
            await work.consents.give(person, purpose, version="1", now=now)
    return person


async def test_a_check_in_is_resumed_where_it_was_left(database: Database, person: Person, now: datetime) -> None:
    later = now + timedelta(days=1)
    async with database.work() as work:
        begun = await work.check_ins.start(person, "phq-9", version="1", progress={"given": []}, now=now)
        await work.check_ins.save(person, begun.id, {"given": [["1", 2]]}, now=later)
    async with database.work(write=False) as work:
        (found,) = await work.check_ins.list(person, instrument="phq-9", status=Status.UNDER_WAY)
    assert (found.id, found.progress, found.result) == (begun.id, {"given": [["1", 2]]}, None)
    assert (found.started, found.updated, found.completed) == (now, later, None)


async def test_a_completed_check_in_has_a_result_and_takes_no_more_answers(
    database: Database, person: Person, now: datetime
) -> None:
    async with database.work() as work:
        begun = await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)
        await work.check_ins.complete(person, begun.id, progress={"1": 2}, result={"total": 2}, now=now)
    async with database.work() as work:
        done = await work.check_ins.get(person, begun.id)
        assert (done.status, done.progress, done.result, done.completed) == (
            Status.COMPLETED,
            {"1": 2},
            {"total": 2},
            now,
        )
        with pytest.raises(InputError, match="must be under way, got status 'completed'"):
            await work.check_ins.save(person, begun.id, {}, now=now)


async def complete(work: Work, person: Person, instrument: str, result: dict[str, int], at: datetime) -> None:
    """Keep a check-in from start to end."""
    begun = await work.check_ins.start(person, instrument, version="1", progress={}, now=at)
    await work.check_ins.complete(person, begun.id, progress={}, result=result, now=at)


async def test_results_come_in_the_order_they_were_made(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        for days in (2, 0, 1):
            at = now + timedelta(days=days)
            await complete(work, person, "gad-7", {"total": days}, at)
        await complete(work, person, "phq-9", {"total": 9}, now)
        listed = await work.check_ins.list(person, instrument="gad-7", status=Status.COMPLETED)
    assert [check_in.result for check_in in listed] == [{"total": 0}, {"total": 1}, {"total": 2}]


async def test_a_stopped_check_in_is_no_longer_under_way(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        begun = await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)
        await work.check_ins.stop(person, begun.id, now=now)
        with pytest.raises(InputError, match="got status 'stopped'; start a new one"):
            await work.check_ins.stop(person, begun.id, now=now)


async def test_one_check_in_and_one_exercise_can_be_deleted(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        check_in = await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)
        exercise = await work.exercises.start(person, "thought-record", version="1", progress={}, now=now)
        await work.check_ins.remove(person, check_in.id)
        await work.exercises.remove(person, exercise.id)
        with pytest.raises(AccessError, match="Check-in must be one of this person's own"):
            await work.check_ins.get(person, check_in.id)
        with pytest.raises(AccessError, match="Exercise must be one of this person's own"):
            await work.exercises.get(person, exercise.id)


async def test_an_exercise_keeps_its_entries_until_it_ends(database: Database, person: Person, now: datetime) -> None:
    entries = {"thought": "\u0627\u0644\u0642\u0644\u0642 \U0001f327"}
    async with database.work() as work:
        begun = await work.exercises.start(person, "thought-record", version="1", progress={}, now=now)
        await work.exercises.save(person, begun.id, entries, now=now)
        (found,) = await work.exercises.list(person, exercise="thought-record", status=Status.UNDER_WAY)
        assert (found.progress, found.completed) == (entries, None)
        await work.exercises.save(person, begun.id, entries, now=now, status=Status.COMPLETED)
        assert (await work.exercises.get(person, begun.id)).completed == now
        with pytest.raises(InputError, match="must be under way, got status 'completed'; start it again"):
            await work.exercises.save(person, begun.id, {}, now=now)


async def test_entries_are_not_in_what_is_printed(database: Database, person: Person, now: datetime) -> None:
    async with database.work() as work:
        exercise = await work.exercises.start(person, "x", version="1", progress={"a": "planted"}, now=now)
        check_in = await work.check_ins.start(person, "x", version="1", progress={"a": "planted"}, now=now)
    assert "planted" not in repr(exercise) + repr(check_in)
