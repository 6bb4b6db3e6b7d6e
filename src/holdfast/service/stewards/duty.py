"""Who is on duty. A spell ends when the steward says so, or by itself when they have not been seen for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select, update

from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.storage.tables import DutyRow, StewardRow
from holdfast.service.storage.unit import Unit

__all__ = ["LONGEST_SPELL", "DutyBoard", "DutyRepository", "OnDuty"]

LONGEST_SPELL = timedelta(hours=12)
"""How long one spell lasts at most, however often the steward is seen: then they go on duty anew."""

_STALE = timedelta(seconds=60)
_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class OnDuty:
    """A steward on duty. ``expires`` is when the spell ends unless they are seen again."""

    steward_id: UUID
    name: str
    role: StewardRole
    started: datetime
    expires: datetime


class DutyRepository:
    """Spells of duty in one unit of work."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def go_on(self, steward: Steward, *, minutes: int, now: datetime) -> OnDuty:
        """Begin a spell, which lasts ``minutes`` unless the steward is seen again. One that ran before ends."""
        await self.go_off(steward, now=now)
        expires = now + min(timedelta(minutes=minutes), LONGEST_SPELL)
        row = DutyRow(id=uuid4(), steward_id=steward.id, started=now, seen=now, expires=expires)
        self._unit.session.add(row)
        await self._unit.session.flush()
        return OnDuty(
            steward_id=steward.id, name=steward.name, role=steward.role, started=row.started, expires=row.expires
        )

    async def go_off(self, steward: Steward, *, now: datetime) -> bool:
        """End the steward's spell; return whether they were on duty."""
        statement = update(DutyRow).where(DutyRow.steward_id == steward.id, DutyRow.ended.is_(None))
        ended = await self._unit.session.scalars(statement.values(ended=now).returning(DutyRow.expires))
        return any(expires > now for expires in ended)

    async def seen(self, steward: Steward, *, minutes: int, now: datetime) -> bool:
        """Take the steward as present now, where they are on duty; return whether they are."""
        query = select(DutyRow).where(DutyRow.steward_id == steward.id, *_current(now))
        row = await self._unit.session.scalar(query)
        if row is None:
            return False
        row.seen, row.expires = now, min(now + timedelta(minutes=minutes), row.started + LONGEST_SPELL)
        await self._unit.session.flush()
        return True

    async def now_on(self, now: datetime) -> tuple[OnDuty, ...]:
        """Return who is on duty, by name. Whoever lost their access is not."""
        query = select(DutyRow, StewardRow).join(StewardRow, StewardRow.id == DutyRow.steward_id)
        query = query.where(StewardRow.disabled_at.is_(None), *_current(now)).order_by(StewardRow.name)
        return tuple(
            OnDuty(
                steward_id=steward.id,
                name=steward.name,
                role=StewardRole(steward.role),
                started=duty.started,
                expires=duty.expires,
            )
            for duty, steward in await self._unit.session.execute(query)
        )


def _current(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a spell current. With a clock set back to before it was last seen, it is not."""
    return (DutyRow.ended.is_(None), DutyRow.expires > now, DutyRow.seen <= now + _TOLERANCE)


class DutyBoard:
    """What one process last read of who is on duty. It goes stale in a minute: then nobody is said to be there."""

    def __init__(self) -> None:
        self._read_at: datetime | None = None
        self._expires: datetime | None = None

    def show(self, on_duty: tuple[OnDuty, ...], *, now: datetime) -> None:
        """Put up what was just read."""
        self._read_at = now
        self._expires = max((one.expires for one in on_duty), default=None)

    def is_staffed(self, now: datetime) -> bool:
        """Whether somebody is on duty at ``now``. Where it is not known, nobody is."""
        if self._read_at is None or self._expires is None:
            return False
        return -_TOLERANCE <= now - self._read_at <= _STALE and now < self._expires
