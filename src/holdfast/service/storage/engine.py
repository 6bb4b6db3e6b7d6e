"""Connect to SQLite or PostgreSQL with the settings that Holdfast relies on."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from holdfast.errors import StorageError
from holdfast.optional import require
from holdfast.service.storage.sqlite_connection import connector

__all__ = ["BEGIN", "file_of", "make_engine", "parse_url"]

BEGIN = "holdfast_begin"
"""Execution option: how SQLite begins. Default BEGIN IMMEDIATE, so that two writers never deadlock half way."""

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


def parse_url(url: str) -> URL:
    """Return ``url`` with its asynchronous driver spelled out.

    Raises:
        StorageError: It is no URL, names another kind of database, or an SQLite database that is not a file.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StorageError(
            "Database URL must be one such as sqlite+aiosqlite:////path/holdfast.db; correct it."
        ) from None
    driver = _DRIVERS.get(parsed.drivername, parsed.drivername)
    if driver not in _DRIVERS.values():
        raise StorageError(f"Database URL must be for SQLite or PostgreSQL, got {driver!r}; use one of these.")
    parsed = parsed.set(drivername=driver)
    if driver == "sqlite+aiosqlite" and parsed.database in (None, "", ":memory:"):
        raise StorageError("SQLite database must be a file, got one in memory; name a file.")
    return parsed


def file_of(url: URL) -> Path | None:
    """Return the SQLite file that ``url`` names, or None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def make_engine(url: URL, *, busy_timeout_s: float) -> AsyncEngine:
    """Return an engine for ``url``, which has been through ``parse_url``. An SQLite file is never created here.

    Args:
        url: Where the database is.
        busy_timeout_s: How long to wait for another writer, and for a connection, in seconds.

    Raises:
        MissingExtraError: PostgreSQL is asked for and its driver is not installed.
    """
    path = file_of(url)
    if path is None:
        require("asyncpg", extra="postgres")
        return _postgresql(url, busy_timeout_s)
    return _sqlite(path, busy_timeout_s)


def _postgresql(url: URL, busy_timeout_s: float) -> AsyncEngine:
    server_settings = {"lock_timeout": f"{int(busy_timeout_s * 1000)}", "application_name": "holdfast"}
    connect_args = {"timeout": busy_timeout_s, "server_settings": server_settings}
    return create_async_engine(
        url, hide_parameters=True, pool_pre_ping=True, pool_timeout=busy_timeout_s, connect_args=connect_args
    )


def _sqlite(path: Path, busy_timeout_s: float) -> AsyncEngine:
    engine = create_async_engine(
        "sqlite+aiosqlite:///holdfast.db",  # only names the driver; the connector knows the file
        hide_parameters=True,
        pool_timeout=busy_timeout_s,
        async_creator=connector(path, timeout_s=busy_timeout_s),
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:  # noqa: ARG001 - SQLAlchemy passes both
    cursor = connection.cursor()
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get(BEGIN, "BEGIN IMMEDIATE")
    if statement:
        connection.exec_driver_sql(statement)
