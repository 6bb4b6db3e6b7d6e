"""Claims about the lowest layer: words without a standing consent are not stored, whoever writes them, and however."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, insert, text, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from holdfast.care.conversation.state import Activity, ActivityKind, Purpose
from holdfast.errors import ConsentError
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Level
from holdfast.service.accounts.person import Person
from holdfast.service.consent.change import give, withdraw
from holdfast.service.consent.guard import WORDS
from holdfast.service.storage.database import Database
from holdfast.service.storage.tables import ChatRow, CheckInRow, ExerciseRow, Table, TurnRow
from holdfast.service.storage.work import Work

Plant = Callable[[str], Awaitable[Any]]
SOURCE = Path(__file__).parents[3] / "src" / "holdfast"

OTHERS = {Purpose.CONVERSATION: Purpose.CHECK_INS, Purpose.CHECK_INS: Purpose.EXERCISES}


def rows(person: Person, chat_id: Any, now: datetime) -> dict[type[Table], Table]:
    """One row with words for each table that keeps them, made by hand as no repository would."""
    shared = {"id": uuid4(), "person_id": person.id}
    worked = {"version": "1", "status": "under_way", "started": now, "updated": now, "progress": b"sealed"}
    return {
        ChatRow: ChatRow(**shared, created=now, updated=now, activity=b"sealed"),
        TurnRow: TurnRow(**shared, chat_id=chat_id, position=0, role="user", at=now, text=b"sealed"),
        CheckInRow: CheckInRow(**shared, instrument="phq-9", **worked),
        ExerciseRow: ExerciseRow(**shared, exercise="thought-record", **worked),
    }


def test_every_table_that_keeps_a_persons_words_is_guarded() -> None:
    """A new table with a person and sealed bytes is guarded, or named here with the reason why it need not be."""
    wordless = {
        "person": "keys and a return name, which the person sets to come back",
        "crisis": "levels and kinds, needed without consent",
        "alert": "levels and kinds, needed without consent",
        "trace_payload": "a record without words",
    }
    sealed = {
        name
        for name, table in Table.metadata.tables.items()
        if any(column.type.python_type is bytes for column in table.c if column.name != "wrapped")
        and ("person_id" in table.c or name == "person")
    }
    assert sealed - set(wordless) == {row.__tablename__ for row in WORDS}


@pytest.mark.parametrize("table", list(WORDS), ids=lambda table: table.__tablename__)
async def test_a_row_added_by_hand_without_consent_is_refused_and_nothing_is_kept(
    database: Database, now: datetime, table: type[Table]
) -> None:
    purpose = WORDS[table][0]
    async with database.work() as work:
        person = await work.persons.create(now)
        await give(work, person, OTHERS.get(purpose, Purpose.CONVERSATION), version="1", now=now)
        chat = await work.chats.start(person, now=now)
    with pytest.raises(ConsentError, match=f"must be on record for '{purpose.value}', and is not"):
        async with database.work() as work:
            work.unit.session.add(rows(await work.persons.open(person.id), chat.id, now)[table])
    async with database.work() as work:
        person = await work.persons.open(person.id)
        await give(work, person, purpose, version="1", now=now)
        work.unit.session.add(rows(person, chat.id, now)[table])


@pytest.mark.parametrize("table", list(WORDS), ids=lambda table: table.__tablename__)
@pytest.mark.parametrize(
    "statement",
    [
        lambda table: insert(table),
        lambda table: insert(table.__table__),
        lambda table: sqlite_insert(table).on_conflict_do_nothing(),
        lambda table: update(table).values({WORDS[table][1][0]: b"words"}),
        lambda table: text(f"INSERT INTO {table.__tablename__} DEFAULT VALUES"),
        lambda table: text(f"update {table.__tablename__} set {WORDS[table][1][0]} = 'words'"),
    ],
    ids=["insert", "core insert", "upsert", "update", "text insert", "text update"],
)
async def test_no_statement_writes_words_past_the_rows_that_are_looked_at(
    sqlite_database: Database, table: type[Table], statement: Callable[[type[Table]], Any]
) -> None:
    with pytest.raises(ConsentError, match="must be kept row by row"):
        async with sqlite_database.work() as work:
            await work.unit.session.execute(statement(table))


async def test_each_repository_refuses_words_without_their_own_consent(database: Database, now: datetime) -> None:
    doing = Activity(kind=ActivityKind.EXERCISE, id="thought-record", progress={"entry": "words"})
    async with database.work() as work:
        person = await work.persons.create(now)
        await give(work, person, Purpose.LANGUAGE_MODEL, version="1", now=now)
        chat = await work.chats.start(person, now=now)
        with pytest.raises(ConsentError, match="'conversation'"):
            await work.chats.set_activity(person, chat.id, doing, now=now)
        with pytest.raises(ConsentError, match="'check_ins'"):
            await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)
        with pytest.raises(ConsentError, match="'exercises'"):
            await work.exercises.start(person, "thought-record", version="1", progress={}, now=now)
        with pytest.raises(ConsentError, match="'quality_review'"):
            await work.chats.for_review(person, chat.id, last=5)


async def test_what_holds_no_words_needs_no_consent(database: Database, now: datetime) -> None:
    state = CrisisState(level=Level.CRISIS)
    async with database.work() as work:
        person = await work.persons.create(now)
        await work.crisis.save(person, state, read=CrisisState(), now=now)
        await work.alerts.open(person, state, now=now)
        await work.trace.append("risk", {"level": "crisis"}, at=now, person=person)
        await work.chats.start(person, now=now)
    async with database.work(write=False) as work:
        assert (await work.crisis.state(await work.persons.open(person.id))).level is Level.CRISIS


async def test_after_withdrawing_words_may_be_taken_out_and_none_put_in(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        await withdraw(work, person, Purpose.CHECK_INS, now=now)
        await work.chats.set_activity(person, planted.chat_id, None, now=now)
        with pytest.raises(ConsentError, match="'check_ins'"):
            await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)


async def test_a_consent_withdrawn_in_a_unit_no_longer_counts_in_it(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        await give(work, person, Purpose.EXERCISES, version="1", now=now)
        await work.exercises.start(person, "thought-record", version="1", progress={}, now=now)
        await withdraw(work, person, Purpose.EXERCISES, now=now)
        work.unit.session.add(rows(person, None, now)[ExerciseRow])
        with pytest.raises(ConsentError, match="'exercises'"):
            await work.unit.session.flush()
        work.unit.session.expunge_all()


async def test_looking_consent_up_costs_a_turn_no_statement(database: Database, plant: Plant, now: datetime) -> None:
    """The consents that keeping a turn reads once serve the repository and the guard too."""
    planted = await plant("windowpane")
    asked: list[str] = []
    async with database.work() as work:
        connection = await work.unit.session.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", lambda c, u, sql, *rest: asked.append(sql))
        person = await work.persons.open(planted.person_id)
        await _keep_three(work, person, now)
    assert sum("FROM consent" in sql for sql in asked) == 1


async def _keep_three(work: Work, person: Person, now: datetime) -> None:
    await work.consents.standing(person)
    await work.check_ins.start(person, "phq-9", version="1", progress={}, now=now)
    begun = await work.exercises.start(person, "thought-record", version="1", progress={}, now=now)
    await work.exercises.save(person, begun.id, {"thought": "words"}, now=now)


def test_the_tables_with_words_are_named_in_their_repositories_and_the_guard_only() -> None:
    allowed = {
        "service/storage/tables.py",
        "service/consent/guard.py",
        "service/conversation/repository.py",
        "service/check_ins/repository.py",
        "service/exercises/repository.py",
    }
    names = ("ChatRow", "TurnRow", "CheckInRow", "ExerciseRow")
    named = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if any(name in path.read_text(encoding="utf-8") for name in names)
    }
    assert named == allowed
