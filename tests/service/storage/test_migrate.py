"""Claims about the schema and its history."""

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, DateTime, Insert, Uuid, column, insert, table, text
from sqlalchemy.ext.asyncio import create_async_engine

from holdfast.errors import StorageError
from holdfast.safety.detection.verdict import Level
from holdfast.service.storage import migrate
from holdfast.service.storage.database import Database
from holdfast.service.storage.encryption import Keyring
from holdfast.service.storage.migrate import VERSION_TABLE, upgrade
from holdfast.service.storage.sealed_json import seal_json
from holdfast.service.storage.tables import Table
from holdfast.service.trace.verification import verify


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
    return list(compare_metadata(context, Table.metadata))


async def test_the_migrations_make_exactly_the_tables_the_code_declares(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()
    assert differences == []


async def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    await upgrade(database_url)
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        versions = (await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))).all()
    await engine.dispose()
    assert versions == [("0003",)]


async def test_processes_that_start_together_make_one_database_with_one_key(
    empty_database_url: str, keyring: Keyring, now: datetime
) -> None:
    async def start() -> Database:
        await upgrade(empty_database_url)
        database = Database(empty_database_url, keyring)
        await database.unlock()
        return database

    databases = await asyncio.gather(*(start() for _ in range(4)))
    for database in databases:
        async with database.work() as work:
            await work.trace.append("turn", {}, at=now)
    async with databases[0].work(write=False) as work:
        assert (await verify(work)).count == 4
    for database in databases:
        await database.close()


async def test_a_database_newer_than_the_code_is_refused(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(StorageError, match=r"got '9999': a newer Holdfast made it; install that version"):
        await upgrade(database_url)


async def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (title TEXT)")
    connection.close()
    with pytest.raises(StorageError, match=r"must be empty or Holdfast's own, and holds 1 other tables"):
        await upgrade(f"sqlite+aiosqlite:///{path}")
    check = sqlite3.connect(path)
    assert check.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    check.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is not a database, it is a shopping list. " * 40)
    with pytest.raises(StorageError, match="is damaged or not one of Holdfast's"):
        await upgrade(f"sqlite+aiosqlite:///{path}")


async def test_a_server_that_is_not_there_is_said_so() -> None:
    with pytest.raises(StorageError, match=r"cannot be reached \(ConnectionRefusedError\)"):
        await upgrade("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")


async def test_a_new_database_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "holdfast.db"
    await upgrade(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "must be one such as sqlite"),
        ("mysql://root@localhost/x", "must be for SQLite or PostgreSQL, got 'mysql'"),
        ("sqlite://", "must be a file, got one in memory"),
    ],
)
async def test_a_url_of_no_supported_database_is_refused(url: str, message: str) -> None:
    with pytest.raises(StorageError, match=message):
        await upgrade(url)


async def test_alerts_kept_before_they_could_escalate_are_nobodys_drill_and_nobodys_own(
    empty_database_url: str, keyring: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "command", _OnlyTo("0001"))
    await upgrade(empty_database_url)
    monkeypatch.undo()
    engine = create_async_engine(empty_database_url)
    person, alert = uuid4(), uuid4()
    async with engine.begin() as connection:
        for statement, values in _rows_of_revision_0001(keyring, person, alert, now):
            await connection.execute(statement, values)
    await engine.dispose()
    await upgrade(empty_database_url)
    database = Database(empty_database_url, keyring)
    async with database.work(write=False) as work:
        (kept,) = await work.alerts.queue()
        assert (kept.id, kept.level) == (alert, Level.CRISIS)
        assert (kept.is_drill, kept.owner, kept.signalled_at) == (False, None, None)
        assert await work.escalations.of([alert]) == ()
        assert await work.duty.now_on(now) == ()
    await database.close()


class _OnlyTo:
    """Alembic's commands, which stop at a revision."""

    def __init__(self, revision: str) -> None:
        self._revision = revision

    def upgrade(self, config: Config, to: str) -> None:
        del to
        command.upgrade(config, self._revision)


def _rows_of_revision_0001(
    keyring: Keyring, person: UUID, alert: UUID, now: datetime
) -> list[tuple[Insert, dict[str, object]]]:
    """A person and an alert about them, as revision 0001 kept them."""
    cipher, wrapped = keyring.new_cipher(str(person))
    signal = seal_json(cipher, {"level": 3, "categories": ["suicide"]}, place="alert.signal", row=alert)
    columns = {
        "person": {"id": Uuid(), "created": DateTime(timezone=True), "last_seen": DateTime(timezone=True)},
        "alert": {"id": Uuid(), "person_id": Uuid(), "opened": DateTime(timezone=True)},
    }
    values: dict[str, dict[str, object]] = {
        "person": {
            "id": person,
            "created": now,
            "last_seen": now,
            "wrapped_key": wrapped,
            "generation": 1,
            "audience": "public",
            "is_minor": False,
        },
        "alert": {"id": alert, "person_id": person, "opened": now, "signal": signal},
    }
    return [
        (insert(table(name, *(column(key, columns[name].get(key)) for key in row))), row)
        for name, row in values.items()
    ]
