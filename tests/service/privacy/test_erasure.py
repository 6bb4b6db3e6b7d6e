"""Claims about erasing: not a word, not a key, not an id of a person is left in any file."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select

from holdfast.care.conversation.state import Activity, ActivityKind, Purpose
from holdfast.service.accounts.steward import StewardRole
from holdfast.service.consent.change import give, withdraw
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.storage.database import Database
from holdfast.service.storage.tables import Table
from holdfast.service.trace.verification import verify

Plant = Callable[[str], Awaitable[Any]]

STAYS = {"trace_entry", "trace_head", "store_key", "counter", "steward", "steward_session", "duty"}
"""Tables in which nothing is about a person: the chain's links carry salted digests, the rest are not theirs."""


async def _everything_of(database: Database, person_id: UUID) -> dict[str, list[Any]]:
    """Every row that hangs on a person, by table."""
    found: dict[str, list[Any]] = {}
    async with database.work(write=False) as work:
        for name, table in Table.metadata.tables.items():
            if name in STAYS:
                continue
            rows = (await work.unit.session.execute(select(table))).mappings().all()
            found[name] = [row for row in rows if person_id in (row.get("person_id"), row.get("id"))]
    return found


def _fingerprints(rows: dict[str, list[Any]]) -> Iterator[tuple[str, bytes]]:
    """Everything that is this person's alone and long enough to be found: ids in each spelling, sealed bytes, salts."""
    for name, group in rows.items():
        for value in (value for row in group for value in row.values()):
            if isinstance(value, UUID):
                yield from ((name, form) for form in (value.bytes, value.hex.encode(), str(value).encode()))
            elif isinstance(value, bytes) and len(value) >= 12:
                yield name, value
            elif isinstance(value, str) and len(value) >= 24:
                yield name, value.encode()


async def _fill_up(database: Database, planted: Any, now: datetime) -> None:
    """Add what the fixture leaves out: alerts that escalate, records of stewards, more of everything."""
    doing = Activity(kind=ActivityKind.SCREENING, id="gad-7", progress={"1": "sparrowgrass-activity"})
    async with database.work() as work:
        steward = await work.stewards.add("ada", StewardRole.CLINICIAN, passphrase_hash="x", now=now)
        person = await work.persons.open(planted.person_id)
        await work.trace.append("alert", {"action": "seen", "steward": steward.name}, at=now, person=person)
        chat = await work.chats.start(person, now=now)
        await work.chats.set_activity(person, chat.id, doing, now=now)
        for number in range(40):
            progress = {"1": f"sparrowgrass-{number}-" + "x" * 400}
            await work.exercises.start(person, "thought-record", version="1", progress=progress, now=now)


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_of_a_person_is_left_in_any_sqlite_file(
    database: Database, plant: Plant, tmp_path: Path, now: datetime
) -> None:
    planted, other = await plant("sparrowgrass"), await plant("doorframe")
    await _fill_up(database, planted, now)
    rows = await _everything_of(database, planted.person_id)
    filled = {name for name, group in rows.items() if group}
    assert filled >= {"person", "consent", "chat", "turn", "check_in", "exercise", "crisis", "alert", "trace_payload"}
    theirs = await _everything_of(database, other.person_id)
    prints = set(_fingerprints(rows)) - set(_fingerprints(theirs))
    before = b"".join(_files(tmp_path).values())
    assert sum(value in before for _, value in prints) > 100  # they can be found while they are there
    assert b"sparrowgrass" not in before
    async with database.work() as work:  # what was withdrawn before must be gone as well
        await withdraw(work, await work.persons.open(planted.person_id), Purpose.CHECK_INS, now=now)
    assert await erase_person(database, planted.person_id, now=now)
    for path, content in _files(tmp_path).items():
        left = sorted({name for name, value in prints if value in content})
        assert left == [], path.name
    assert {path.name for path in _files(tmp_path)} <= {"holdfast.db", "holdfast.db-wal", "holdfast.db-shm"}
    async with database.work(write=False) as work:
        assert (await verify(work)).erased >= 2
        someone_else = await work.persons.open(other.person_id)
        assert len(await work.chats.turns(someone_else, other.chat_id)) == 2


async def test_no_row_of_a_person_is_left_in_either_database(database: Database, plant: Plant, now: datetime) -> None:
    planted, other = await plant("sparrowgrass"), await plant("doorframe")
    await _fill_up(database, planted, now)
    theirs = await _everything_of(database, other.person_id)
    rows = await _everything_of(database, planted.person_id)
    await erase_person(database, planted.person_id, now=now)
    after = await _everything_of(database, planted.person_id)
    assert all(group == [] for group in after.values())
    async with database.work(write=False) as work:
        values = [
            repr(row)
            for table in Table.metadata.tables.values()
            for row in (await work.unit.session.execute(select(table))).all()
        ]
    everything = "".join(values).encode()
    assert [name for name, value in set(_fingerprints(rows)) - set(_fingerprints(theirs)) if value in everything] == []


@pytest.mark.postgres
async def test_postgresqls_files_never_hold_a_word_and_after_erasing_no_row_that_is_not_vacuumed(
    postgres_url: str, keyring: Any, now: datetime
) -> None:
    """Pages and logs keep sealed remnants until they are reused: words are in none of them, at any time."""
    database = Database(postgres_url, keyring)
    async with database.work() as work:
        person = await work.persons.create(now)
        for purpose in Purpose:
            await give(work, person, purpose, version="1", now=now)
        await work.exercises.start(person, "thought-record", version="1", progress={"1": "sparrowgrass-" * 40}, now=now)
    assert await erase_person(database, person.id, now=now)
    await database.close()
    connection = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    try:
        folder = Path(await connection.fetchval("SHOW data_directory"))
        await connection.execute("CHECKPOINT")
        live = await connection.fetchval("SELECT count(*) FROM exercise")
        pages = await connection.fetchval("SELECT pg_relation_size('exercise')")
    finally:
        await connection.close()
    assert (live, pages) == (0, 0)  # VACUUM gave the emptied pages back
    if not folder.is_dir():
        pytest.skip("the server's files are on another machine")
    assert not any(b"sparrowgrass" in content for content in _files(folder).values())
