"""Claims about units of work: kept whole or not at all."""

import asyncio
import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import func, select, text

from holdfast.errors import AccessError, ConsentError, StorageError
from holdfast.service.storage.database import Database
from holdfast.service.storage.encryption import Keyring
from holdfast.service.storage.sqlite_connection import is_brief
from holdfast.service.storage.tables import PersonRow


async def _persons(database: Database) -> int:
    async with database.work(write=False) as work:
        return (await work.unit.session.execute(select(func.count()).select_from(PersonRow))).scalar_one()


async def _created(database: Database, now: datetime) -> UUID:
    async with database.work() as work:
        return (await work.persons.create(now)).id


async def test_a_unit_commits_once_at_its_end(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now, region="IE")
    async with database.work(write=False) as work:
        again = await work.persons.open(person.id)
    assert (again.id, again.created, again.region, again.return_name) == (person.id, now, "IE", None)


async def test_a_unit_that_raises_leaves_nothing(database: Database, now: datetime) -> None:
    async def unit() -> None:
        async with database.work() as work:
            await work.persons.create(now)
            raise ConsentError("not agreed to")

    with pytest.raises(ConsentError, match="not agreed to"):
        await unit()
    assert await _persons(database) == 0


async def test_a_unit_that_is_cancelled_leaves_nothing(database: Database, now: datetime) -> None:
    inside = asyncio.Event()

    async def stall() -> None:
        async with database.work() as work:
            await work.persons.create(now)
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(stall())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _persons(database) == 0


async def test_a_unit_that_only_reads_keeps_nothing(database: Database, now: datetime) -> None:
    async with database.work(write=False) as work:
        await work.persons.create(now)
    assert await _persons(database) == 0


async def test_another_secret_key_is_refused(database: Database, database_url: str, now: datetime) -> None:
    await _created(database, now)
    other = Database(database_url, Keyring("another secret key, which is long enough too"))
    try:
        with pytest.raises(StorageError, match="must open with this installation's secret key, and did not"):
            await other.unlock()
    finally:
        await other.close()


async def test_a_damaged_wrapped_key_is_refused(database: Database, now: datetime) -> None:
    person_id = await _created(database, now)
    async with database.work() as work:
        await work.unit.session.execute(text("UPDATE person SET wrapped_key = :key"), {"key": b"\x01" + bytes(60)})
    with pytest.raises(StorageError, match=r"Sealed data \(key\) must open"):
        async with database.work(write=False) as work:
            await work.persons.open(person_id)


async def test_a_wrapped_key_of_someone_else_is_refused(database: Database, now: datetime) -> None:
    mine, theirs = await _created(database, now), await _created(database, now)
    async with database.work() as work:
        row = await work.unit.session.get_one(PersonRow, mine)
        row.wrapped_key = (await work.unit.session.get_one(PersonRow, theirs)).wrapped_key
    with pytest.raises(StorageError, match=r"Sealed data \(key\) must open"):
        async with database.work(write=False) as work:
            await work.persons.open(mine)


async def test_nobody_is_opened_by_an_id_nobody_has(database: Database) -> None:
    with pytest.raises(AccessError, match="belongs to nobody now"):
        async with database.work() as work:
            await work.persons.open(UUID(int=0))


async def test_a_database_another_program_keeps_locked_is_said_to_be_busy(
    sqlite_url: str, keyring: Keyring, now: datetime
) -> None:
    holder, waiter = Database(sqlite_url, keyring), Database(sqlite_url, keyring, busy_timeout_s=0.1)
    await waiter.unlock()
    async with holder.work():
        with pytest.raises(StorageError, match=r"was busy with another writer \(OperationalError\); nothing was kept"):
            async with waiter.work() as work:
                await work.persons.create(now)
    assert await _persons(waiter) == 0
    await holder.close()
    await waiter.close()


async def test_a_writer_of_the_same_process_waits_its_turn_but_not_for_ever(sqlite_url: str, keyring: Keyring) -> None:
    database = Database(sqlite_url, keyring, busy_timeout_s=0.1)
    async with database.work():
        with pytest.raises(StorageError, match=r"must be free within 0\.1 s"):
            async with database.work():
                pass
    await database.close()


async def test_waiting_for_another_program_holds_nobody_else_up(sqlite_url: str, keyring: Keyring) -> None:
    holder, waiter = Database(sqlite_url, keyring), Database(sqlite_url, keyring, busy_timeout_s=0.5)
    await waiter.unlock()
    ticks = 0

    async def wait() -> None:
        async with waiter.work():
            pass

    async with holder.work():
        waiting = asyncio.create_task(wait())
        while not waiting.done():
            ticks += 1
            await asyncio.sleep(0.01)
    with pytest.raises(StorageError, match="was busy with another writer"):
        await waiting
    assert ticks > 10
    await holder.close()
    await waiter.close()


@pytest.mark.parametrize(
    ("sql", "brief"),
    [
        ("SELECT 1", True),
        ("INSERT INTO x VALUES (1)", True),
        ("UPDATE x SET y = 1", True),
        ("BEGIN", True),
        ("BEGIN IMMEDIATE", False),
        ("DELETE FROM x", False),
        ("PRAGMA wal_checkpoint(TRUNCATE)", False),
    ],
)
def test_only_statements_that_never_wait_and_are_short_run_in_the_event_loop(sql: str, brief: bool) -> None:
    assert is_brief(sql) is brief


async def test_reading_does_not_wait_for_a_writer(sqlite_database: Database, now: datetime) -> None:
    await sqlite_database.unlock()
    async with sqlite_database.work() as work:
        await work.persons.create(now)
        assert await _persons(sqlite_database) == 0
    assert await _persons(sqlite_database) == 1


async def test_a_row_locked_for_too_long_on_postgresql_is_said_to_be_busy(
    postgres_url: str, keyring: Keyring, now: datetime
) -> None:
    holder, waiter = Database(postgres_url, keyring), Database(postgres_url, keyring, busy_timeout_s=0.5)
    person_id = await _created(holder, now)
    async with holder.work() as work:
        await work.persons.open(person_id)
        with pytest.raises(StorageError, match="was busy with another writer"):
            async with waiter.work() as other:
                await other.persons.open(person_id)
    await holder.close()
    await waiter.close()


async def test_a_file_deleted_in_the_middle_of_a_unit_is_noticed(
    sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    async def unit() -> None:
        async with sqlite_database.work() as work:
            await work.persons.create(now)
            (tmp_path / "holdfast.db").unlink()

    with pytest.raises(StorageError, match=r"must be there, and is not \(FileNotFoundError\); nothing was kept"):
        await unit()


async def test_a_file_replaced_in_the_middle_of_a_unit_is_noticed(
    sqlite_database: Database, tmp_path: Path, now: datetime
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes((tmp_path / "holdfast.db").read_bytes())

    async def unit() -> None:
        async with sqlite_database.work() as work:
            await work.persons.create(now)
            os.replace(copy, tmp_path / "holdfast.db")

    with pytest.raises(StorageError, match="must stay in place, and was replaced; nothing was kept"):
        await unit()


async def test_a_missing_file_is_not_made_anew(tmp_path: Path, keyring: Keyring) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing.db'}", keyring)
    with pytest.raises(StorageError, match="must be there, and is not"):
        await database.ping()
    assert list(tmp_path.iterdir()) == []
    await database.close()


async def test_a_full_disk_leaves_nothing(sqlite_database: Database, now: datetime) -> None:
    person_id = await _created(sqlite_database, now)

    async def unit() -> None:
        async with sqlite_database.work() as work:
            pages = (await work.unit.session.execute(text("PRAGMA page_count"))).scalar_one()
            await work.unit.session.execute(text(f"PRAGMA max_page_count = {pages}"))
            person = await work.persons.open(person_id)
            await work.trace.append("turn", {"filler": "x" * 100_000}, at=now, person=person)

    with pytest.raises(StorageError, match="has no space left"):
        await unit()
    async with sqlite_database.work(write=False) as work:
        assert await work.trace.about(await work.persons.open(person_id)) == ()


async def test_a_damaged_file_is_said_so(sqlite_database: Database, tmp_path: Path, now: datetime) -> None:
    await _created(sqlite_database, now)
    await sqlite_database.scrub()
    await sqlite_database.close()
    path = tmp_path / "holdfast.db"
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])
    with pytest.raises(StorageError, match="is damaged or not one of Holdfast's"):
        await _created(sqlite_database, now)


async def test_a_server_connection_killed_in_the_middle_of_a_unit_leaves_nothing(
    postgres_url: str, keyring: Keyring, now: datetime
) -> None:
    database = Database(postgres_url, keyring)
    killer = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))

    async def unit() -> None:
        async with database.work() as work:
            await work.persons.create(now)
            own = (await work.unit.session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await killer.execute("SELECT pg_terminate_backend($1)", own)
            await work.trace.append("turn", {}, at=now)

    with pytest.raises(StorageError, match="nothing was kept"):
        await unit()
    await killer.close()
    assert await _persons(database) == 0
    await database.close()


async def test_an_error_carries_neither_the_statement_nor_its_values(database: Database, now: datetime) -> None:
    with pytest.raises(StorageError, match="refused it") as caught:
        async with database.work() as work:
            await work.unit.session.execute(text("SELECT :planted FROM nowhere_at_all"), {"planted": "planted words"})
    assert "planted words" not in str(caught.value)
    assert "SELECT" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_counters_add_up_across_units(database: Database, now: datetime) -> None:
    for _ in range(2):
        async with database.work() as work:
            work.counters.add(now.date(), "turn")
            work.counters.add(now.date(), "turn", 2)
            work.counters.add(now.date(), "crisis")
    async with database.work(write=False) as work:
        assert await work.counters.of(now.date()) == {"turn": 6, "crisis": 2}
