"""The database: one unit of work at a time, kept whole or not at all."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.errors import StorageError
from holdfast.service.consent.guard import guard
from holdfast.service.storage.encryption import Cipher, Keyring
from holdfast.service.storage.engine import BEGIN, file_of, make_engine, parse_url
from holdfast.service.storage.failure import failure
from holdfast.service.storage.tables import StoreKeyRow, TraceHeadRow
from holdfast.service.storage.unit import Unit
from holdfast.service.storage.upsert import insert_into
from holdfast.service.storage.work import Work
from holdfast.service.trace.chain import GENESIS, HEAD_PURPOSE, head_message

__all__ = ["STORE", "Database"]

STORE = "store"
"""The owner's name of what belongs to no person."""

_CLOSING_S = 5.0
_ERASABLE = (
    "person",
    "consent",
    "chat",
    "turn",
    "check_in",
    "exercise",
    "crisis",
    "alert",
    "escalation",
    "trace_payload",
)


class Database:
    """A database whose schema is up to date (see ``migrate.upgrade``).

    Args:
        url: ``sqlite+aiosqlite:///...`` or ``postgresql+asyncpg://...``.
        keyring: What follows from the secret key this database was made with.
        busy_timeout_s: How long a unit waits for another writer before it gives up, in seconds.

    Raises:
        StorageError: The URL names no database of a supported kind.
    """

    def __init__(self, url: str, keyring: Keyring, *, busy_timeout_s: float = 5.0) -> None:
        parsed = parse_url(url)
        self._path, self._keyring, self._timeout_s = file_of(parsed), keyring, busy_timeout_s
        self._engine = make_engine(parsed, busy_timeout_s=busy_timeout_s)
        self._reading = {BEGIN: "BEGIN"} if self._path else {"isolation_level": "REPEATABLE READ"}
        self._writer = asyncio.Lock()
        self._store: Cipher | None = None
        self._inode: tuple[int, int] | None = None

    @property
    def keyring(self) -> Keyring:
        """What follows from the secret key."""
        return self._keyring

    @asynccontextmanager
    async def work(self, *, write: bool = True) -> AsyncIterator[Work]:
        """Open one unit of work: it commits once, when the block ends, and leaves nothing behind if it raises.

        Args:
            write: False for a unit that only reads: it sees one moment of the database, never waits for a writer, and
                is rolled back at the end.

        Raises:
            StorageError: The database is busy, gone or damaged, or does not fit the secret key.
        """
        store = await self._unlocked()
        async with self._transaction(write=write) as session:
            unit = Unit(session=session, keyring=self._keyring, store=store, is_writing=write)
            guard(unit)
            work = Work(unit)
            yield work
            if write:
                await work.finish()

    async def unlock(self) -> None:
        """Open the store's own key, or make it in a new database. Later calls do nothing.

        Raises:
            StorageError: The secret key is not the one this database was made with.
        """
        await self._unlocked()

    async def ping(self) -> None:
        """Return if the database answers.

        Raises:
            StorageError: It does not.
        """
        async with self._transaction(write=False) as session:
            await session.execute(text("SELECT 1"))

    async def scrub(self) -> bool:
        """Push what was deleted out of the database's files; return whether that was complete.

        On SQLite deleted cells are already zeroed and the write-ahead log is folded in and emptied, which a
        concurrent reader can put off. On PostgreSQL dead rows are vacuumed; pages and archived logs keep sealed
        remnants until they are reused (docs/decisions/0008-storage.md).
        """
        options: dict[str, Any] = {BEGIN: ""} if self._path else {"isolation_level": "AUTOCOMMIT"}
        statement = "PRAGMA wal_checkpoint(TRUNCATE)" if self._path else f"VACUUM {', '.join(_ERASABLE)}"
        try:
            async with self._one_writer(write=True), self._engine.execution_options(**options).connect() as connection:
                result = await connection.execute(text(statement))
                return not result.returns_rows or result.scalar_one() == 0
        except (SQLAlchemyError, OSError) as error:
            raise failure(error) from None

    async def close(self) -> None:
        """Close every connection. One whose thread has died is given up after a moment: closing never hangs."""
        with suppress(SQLAlchemyError, OSError, TimeoutError):
            await asyncio.wait_for(self._engine.dispose(), _CLOSING_S)

    async def _unlocked(self) -> Cipher:
        if self._store is None:
            async with self._transaction(write=True) as session:
                store = await self._open_store(session)
            self._store = store
        return self._store

    async def _open_store(self, session: AsyncSession) -> Cipher:
        query = select(StoreKeyRow.wrapped).where(StoreKeyRow.id == 1)
        wrapped = await session.scalar(query)
        if wrapped is None:
            await self._make_store(session)
            wrapped = (await session.execute(query)).scalar_one()
        return self._keyring.open_cipher(STORE, wrapped)

    async def _make_store(self, session: AsyncSession) -> None:
        """Insert the store's key and the head of an empty trace, unless another process just did."""
        cipher, wrapped = self._keyring.new_cipher(STORE)
        insert = insert_into(session, StoreKeyRow).values(id=1, wrapped=wrapped).on_conflict_do_nothing()
        if await session.scalar(insert.returning(StoreKeyRow.id)) is None:
            return
        signature = cipher.sign(head_message(0, GENESIS), purpose=HEAD_PURPOSE)
        session.add(TraceHeadRow(id=1, count=0, hash=GENESIS, signature=signature))
        await session.flush()

    @asynccontextmanager
    async def _transaction(self, *, write: bool) -> AsyncIterator[AsyncSession]:
        engine = self._engine if write else self._engine.execution_options(**self._reading)
        async with self._one_writer(write=write):
            inode = await self._present()
            session = AsyncSession(engine, expire_on_commit=False)
            try:
                await _connect(session)
                yield session
                if write:
                    await session.flush()
                    self._check_unmoved(inode)
                    await _commit(session)
            except SQLAlchemyError as error:
                raise failure(error) from None
            finally:
                with suppress(SQLAlchemyError, OSError):
                    await session.close()

    @asynccontextmanager
    async def _one_writer(self, *, write: bool) -> AsyncIterator[None]:
        """Queue this process's writers on SQLite, so that they take turns instead of polling the file."""
        if self._path is None or not write:
            yield
            return
        try:
            async with asyncio.timeout(self._timeout_s):  # wait_for loses a cancellation that meets the lock being free
                await self._writer.acquire()
        except TimeoutError:
            raise StorageError(
                f"The database must be free within {self._timeout_s:g} s, and was busy with another writer; "
                "nothing was kept; try again."
            ) from None
        try:
            yield
        finally:
            self._writer.release()

    async def _present(self) -> tuple[int, int] | None:
        """Return which SQLite file is there now; where it was replaced, forget connections to the old one."""
        inode = self._stat()
        if self._inode is not None and inode != self._inode:
            self._store = None
            await self.close()
        self._inode = inode
        return inode

    def _check_unmoved(self, inode: tuple[int, int] | None) -> None:
        if self._stat() != inode:
            raise StorageError("The database file must stay in place, and was replaced; nothing was kept; try again.")

    def _stat(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = os.stat(self._path)
        except OSError as error:
            raise StorageError(
                f"The database file must be there, and is not ({type(error).__name__}); nothing was kept; restore it."
            ) from None
        return found.st_dev, found.st_ino


async def _connect(session: AsyncSession) -> None:
    try:
        await session.connection()
    except OSError as error:
        raise failure(error) from None


async def _commit(session: AsyncSession) -> None:
    try:
        await session.commit()
    except OSError as error:
        raise failure(error) from None
