"""Stewards: named people who look after the service, and their sign-ins."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update

from holdfast.errors import AccessError, InputError
from holdfast.service.storage.tables import StewardRow, StewardSessionRow
from holdfast.service.storage.unit import Unit

__all__ = ["SESSION_HOURS", "Steward", "StewardRepository", "StewardRole"]

SESSION_HOURS = 8
"""How long a steward's sign-in lasts at most."""

_TOUCH = timedelta(minutes=1)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")


class StewardRole(StrEnum):
    """What a steward answers for."""

    CLINICIAN = "clinician"
    LIVED_EXPERIENCE = "lived_experience"
    ETHICS_LEAD = "ethics_lead"
    OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True)
class Steward:
    """A steward. ``disabled_at`` is when they lost their access, or None."""

    id: UUID
    name: str
    role: StewardRole
    created: datetime
    disabled_at: datetime | None


class StewardRepository:
    """Stewards and their sign-ins in one unit of work."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, name: str, role: StewardRole, *, passphrase_hash: str, now: datetime) -> Steward:
        """Add a steward.

        Raises:
            InputError: The name is taken, or is not 2 to 64 letters, digits, dots, dashes and underscores.
        """
        if not _NAME.fullmatch(name):
            raise InputError(
                f"Steward name must be 2 to 64 letters, digits, dots, dashes or underscores, got {name[:80]!r}; "
                "choose such a name."
            )
        if await self._named(name) is not None:
            raise InputError(f"Steward name must be new, and {name!r} is taken; choose another.")
        row = StewardRow(id=uuid4(), name=name, role=role.value, passphrase_hash=passphrase_hash, created=now)
        self._unit.session.add(row)
        await self._unit.session.flush()
        return _steward(row)

    async def list(self) -> tuple[Steward, ...]:
        """Return every steward by name, disabled ones too."""
        query = select(StewardRow).order_by(StewardRow.name)
        return tuple(_steward(row) for row in await self._unit.session.scalars(query))

    async def credentials(self, name: str) -> tuple[Steward, str] | None:
        """Return an enabled steward and their passphrase hash, or None."""
        row = await self._named(name)
        return None if row is None or row.disabled_at is not None else (_steward(row), row.passphrase_hash)

    async def set_passphrase_hash(self, steward: Steward, passphrase_hash: str) -> None:
        """Keep a hash made anew of the passphrase a steward already has."""
        statement = update(StewardRow).where(StewardRow.id == steward.id)
        await self._unit.session.execute(statement.values(passphrase_hash=passphrase_hash))

    async def disable(self, name: str, *, now: datetime) -> Steward:
        """Take a steward's access away, at once: their sign-ins end.

        Raises:
            InputError: There is no such steward.
        """
        row = await self._named(name)
        if row is None:
            raise InputError(f"Steward must exist, got {name[:80]!r}; `holdfast steward list` shows who does.")
        row.disabled_at = row.disabled_at or now
        await self._unit.session.execute(delete(StewardSessionRow).where(StewardSessionRow.steward_id == row.id))
        await self._unit.session.flush()
        return _steward(row)

    async def open_session(self, steward: Steward, *, now: datetime) -> str:
        """Sign a steward in and return the random token; only its SHA-256 is kept."""
        token = secrets.token_urlsafe(32)
        expires = now + timedelta(hours=SESSION_HOURS)
        row = StewardSessionRow(
            token_hash=_hash(token), steward_id=steward.id, opened=now, last_used=now, expires=expires
        )
        await self._unit.session.execute(delete(StewardSessionRow).where(StewardSessionRow.expires <= now))
        self._unit.session.add(row)
        await self._unit.session.flush()
        return token

    async def session(self, token: str, *, now: datetime, idle_minutes: int) -> Steward:
        """Return who is signed in with ``token``. In a unit that writes, that counts as use.

        Raises:
            AccessError: The token is unknown, expired, unused for ``idle_minutes``, or its steward is disabled.
        """
        query = (
            select(StewardSessionRow, StewardRow)
            .join(StewardRow, StewardRow.id == StewardSessionRow.steward_id)
            .where(StewardSessionRow.token_hash == _hash(token))
        )
        found = (await self._unit.session.execute(query)).one_or_none()
        if found is None or not _is_live(found[0], now, idle_minutes) or found[1].disabled_at is not None:
            raise AccessError("Steward must be signed in, and is not; sign in.")
        if self._unit.is_writing and now - found[0].last_used >= _TOUCH:
            found[0].last_used = now
        return _steward(found[1])

    async def close_session(self, token: str) -> None:
        """Sign out. An unknown token is no error."""
        statement = delete(StewardSessionRow).where(StewardSessionRow.token_hash == _hash(token))
        await self._unit.session.execute(statement)

    async def _named(self, name: str) -> StewardRow | None:
        return await self._unit.session.scalar(select(StewardRow).where(StewardRow.name == name))


def _is_live(row: StewardSessionRow, now: datetime, idle_minutes: int) -> bool:
    return now < row.expires and now - row.last_used < timedelta(minutes=idle_minutes)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", errors="replace")).hexdigest()


def _steward(row: StewardRow) -> Steward:
    return Steward(
        id=row.id, name=row.name, role=StewardRole(row.role), created=row.created, disabled_at=row.disabled_at
    )
