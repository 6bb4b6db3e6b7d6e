"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy spells apart."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.service.storage.tables import Table

__all__ = ["insert_into"]


def insert_into(session: AsyncSession, table: type[Table]) -> Any:
    """Return an INSERT that takes ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)
