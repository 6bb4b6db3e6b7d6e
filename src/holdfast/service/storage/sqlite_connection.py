"""SQLite without a trip to another thread for every small statement.

aiosqlite runs every call in a thread of the connection's own, and waiting for that thread costs far more than a
small statement does. Here statements that never wait and take microseconds (with write-ahead logging, all reads, and
writes once the transaction has begun) run where they are called; those that may wait for another process or take long
(beginning to write, committing, deleting, pragmas) go to the thread, in one trip each.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite

__all__ = ["DirectConnection", "DirectCursor", "connector", "is_brief"]

Row = tuple[Any, ...]
Ran = tuple[Any, list[Row], int, int | None]

_BRIEF = frozenset({"SELECT", "INSERT", "UPDATE", "BEGIN"})


def is_brief(sql: str) -> bool:
    """Whether a statement neither waits for another writer nor takes long."""
    return sql != "BEGIN IMMEDIATE" and sql.split(None, 1)[0] in _BRIEF


class DirectCursor:
    """The part of a cursor that SQLAlchemy uses. Rows are all fetched with the statement that makes them."""

    def __init__(self, connection: "DirectConnection") -> None:
        self._connection = connection
        self._rows: list[Row] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "DirectCursor":
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> "DirectCursor":
        """Run one statement."""
        return await self._run(partial(_execute, sql, parameters), sql)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "DirectCursor":
        """Run one statement once for each set of parameters."""
        return await self._run(partial(_execute_many, sql, parameters), sql)

    async def fetchall(self) -> Sequence[Row]:
        """Return the rows of the statement that ran last; a second time there are none."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    async def _run(self, work: Callable[[sqlite3.Connection], Ran], sql: str) -> "DirectCursor":
        ran = self._connection.here(work) if is_brief(sql) else await self._connection.in_thread(work)
        self.description, self._rows, self.rowcount, self.lastrowid = ran
        return self


class DirectConnection(aiosqlite.Connection):
    """An aiosqlite connection with ``DirectCursor``s. As ever with SQLAlchemy, one task uses it at a time."""

    def cursor(self) -> Any:
        """Return a cursor; nothing is opened before it is used."""
        return DirectCursor(self)

    def here(self, work: Callable[[sqlite3.Connection], Ran]) -> Ran:
        """Run ``work`` at once, in the caller's thread."""
        return work(self._conn)

    async def in_thread(self, work: Callable[[sqlite3.Connection], Ran]) -> Ran:
        """Run ``work`` in the connection's thread."""
        ran: Ran = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return ran


def connector(path: Path, *, timeout_s: float) -> Callable[..., DirectConnection]:
    """Return what SQLAlchemy calls to connect to the file at ``path``, which is never created here."""
    uri = f"file:{quote(str(path))}?mode=rw"
    open_file = partial(
        sqlite3.connect, uri, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False
    )

    def connect(*_: Any, **__: Any) -> DirectConnection:
        connection = DirectConnection(open_file, iter_chunk_size=64)
        connection._thread.daemon = True  # as SQLAlchemy does: a forgotten connection must not keep the process alive
        return connection

    return connect


def _execute(sql: str, parameters: Iterable[Any], raw: sqlite3.Connection) -> Ran:
    return _taken(raw.execute(sql, tuple(parameters)))


def _execute_many(sql: str, parameters: Iterable[Iterable[Any]], raw: sqlite3.Connection) -> Ran:
    return _taken(raw.executemany(sql, [tuple(row) for row in parameters]))


def _taken(cursor: sqlite3.Cursor) -> Ran:
    """Take everything out of a cursor and close it."""
    try:
        rows = cursor.fetchall() if cursor.description else []
        return cursor.description, rows, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()
