"""Claims about what somebody finds who holds the database's files and not its key."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from holdfast.errors import StorageError
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.storage.database import Database
from holdfast.service.storage.encryption import Keyring
from holdfast.service.storage.rotation import rotate
from holdfast.service.storage.tables import Table

Plant = Callable[[str], Awaitable[Any]]


async def _rows(database: Database, table: str) -> list[Any]:
    async with database.work(write=False) as work:
        return list((await work.unit.session.execute(select(Table.metadata.tables[table]))).all())


def _raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("holdfast.db*")))


async def _everything(database: Database, tmp_path: Path) -> bytes:
    """All that is stored: the raw files on SQLite, every value of every row on both."""
    values = [repr(await _rows(database, table)).encode() for table in Table.metadata.tables]
    return _raw(tmp_path) + b"".join(values)


async def test_no_word_is_stored_in_the_clear(database: Database, plant: Plant, tmp_path: Path) -> None:
    planted = await plant("windowpane")
    stored = await _everything(database, tmp_path)
    assert planted.person_id.hex.encode() in stored or str(planted.person_id).encode() in stored
    assert b"windowpane" not in stored
    assert b"suicide" not in stored


async def test_after_erasing_not_even_the_id_is_left(
    database: Database, plant: Plant, tmp_path: Path, now: datetime
) -> None:
    planted, other = await plant("windowpane"), await plant("doorframe")
    assert await erase_person(database, planted.person_id, now=now)
    stored = await _everything(database, tmp_path)
    for trace in (planted.person_id.hex.encode(), str(planted.person_id).encode(), planted.person_id.bytes):
        assert trace not in stored
    for table in set(Table.metadata.tables) - {"store_key", "trace_entry", "trace_head", "counter"}:
        owners = {getattr(row, "person_id", other.person_id) for row in await _rows(database, table)}
        assert owners <= {other.person_id, None}
    async with database.work(write=False) as work:
        kept = await work.chats.turns(await work.persons.open(other.person_id), other.chat_id)
    assert [turn.turn.text for turn in kept] == ["doorframe-message", "doorframe-reply"]


async def test_the_write_ahead_log_is_emptied(sqlite_database: Database, tmp_path: Path, now: datetime) -> None:
    async with sqlite_database.work() as work:
        person = await work.persons.create(now)
    assert (tmp_path / "holdfast.db-wal").stat().st_size > 0
    assert await erase_person(sqlite_database, person.id, now=now)
    assert (tmp_path / "holdfast.db-wal").stat().st_size == 0


async def test_a_reader_in_the_way_of_clearing_the_files_is_reported(
    sqlite_url: str, keyring: Keyring, now: datetime
) -> None:
    database = Database(sqlite_url, keyring, busy_timeout_s=0.1)
    async with database.work() as work:
        person = await work.persons.create(now)
    async with database.work(write=False) as reader:
        await reader.persons.open(person.id)
        assert not await erase_person(database, person.id, now=now)
    assert await database.scrub()
    await database.close()


async def test_rotating_the_secret_key_keeps_everything_readable_with_the_new_one_only(
    database: Database, database_url: str, plant: Plant
) -> None:
    planted, new = await plant("windowpane"), Keyring("the new secret key, which is long enough to be one")
    assert await rotate(database, new) == 1
    await database.close()
    old, renewed = Database(database_url, database.keyring), Database(database_url, new)
    with pytest.raises(StorageError, match="must open with this installation's secret key"):
        await old.unlock()
    async with renewed.work() as work:
        person = await work.persons.open(planted.person_id)
        turns = await work.chats.turns(person, planted.chat_id)
        assert (await work.persons.find_return("windowpane return name")) is not None
        await work.trace.append("turn", {}, at=person.created, person=person)
    await old.close()
    await renewed.close()
    assert [turn.turn.text for turn in turns] == ["windowpane-message", "windowpane-reply"]
