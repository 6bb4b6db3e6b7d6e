"""Bring a database's schema up to date, and refuse one that is not ours or is newer than this code."""

import asyncio
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from holdfast.errors import StorageError
from holdfast.service.storage.engine import file_of, make_engine, parse_url
from holdfast.service.storage.failure import failure

__all__ = ["VERSION_TABLE", "upgrade"]

VERSION_TABLE = "holdfast_version"
_RETRY_S = 0.05
_LOCK = 0x486F6C64
"""PostgreSQL's advisory lock number under which one process at a time migrates ("Hold")."""


async def upgrade(url: str, *, busy_timeout_s: float = 30.0) -> None:
    """Create the database's tables, or bring them up to date, in one transaction.

    An SQLite file and its folder are created where missing, readable by their owner only.

    Raises:
        StorageError: The database is newer than this code, holds another program's tables, or cannot be reached.
    """
    parsed = parse_url(url)
    path = file_of(parsed)
    try:
        if path is not None:
            await asyncio.to_thread(_create, path, busy_timeout_s)
        engine = make_engine(parsed, busy_timeout_s=busy_timeout_s)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(_upgrade)
        finally:
            await engine.dispose()
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise failure(error) from None


def _create(path: Path, timeout_s: float) -> None:
    """Create the file where there is none, and turn its write-ahead log on, which then stays on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    for _ in range(max(1, int(timeout_s / _RETRY_S))):
        if _has_log(path):
            return
        time.sleep(_RETRY_S)
    raise sqlite3.OperationalError("database is locked")


def _has_log(path: Path) -> bool:
    """Turn the log on; return whether it is. SQLite does not wait for another process that does the same."""
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",))
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return False
        raise
    finally:
        connection.close()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    _refuse_foreign(connection, ScriptDirectory.from_config(config))
    command.upgrade(config, "head")


def _refuse_foreign(connection: Connection, scripts: ScriptDirectory) -> None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise StorageError(
            f"Database must be at a revision this version knows, got {revision!r}: a newer Holdfast made it; "
            "install that version, or restore a backup from before."
        )
    if revision is None and (tables := inspect(connection).get_table_names()):
        raise StorageError(
            f"Database must be empty or Holdfast's own, and holds {len(tables)} other tables; name another database."
        )
