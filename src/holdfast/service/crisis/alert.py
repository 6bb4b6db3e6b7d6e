"""The queue of crises that stewards should see. It holds levels and categories, never a word anyone wrote."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select, update

from holdfast.errors import InputError
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Category, Level
from holdfast.service.accounts.person import Person
from holdfast.service.storage.encryption import Cipher
from holdfast.service.storage.sealed_json import open_json, seal_json
from holdfast.service.storage.tables import AlertRow, PersonRow
from holdfast.service.storage.unit import Unit

__all__ = ["Alert", "AlertRepository"]

_PLACE = "alert.signal"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A crisis that opened. It stays open until a steward or a check-in clears it; both leave their name.

    ``signalled_at`` is when risk was last signalled again; ``owner`` is the steward who took it, since ``taken_at``.
    """

    id: UUID
    person_id: UUID
    opened: datetime
    level: Level
    categories: tuple[Category, ...]
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cleared_at: datetime | None
    cleared_by: str | None
    is_drill: bool = False
    signalled_at: datetime | None = None
    owner: str | None = None
    taken_at: datetime | None = None


class AlertRepository:
    """Alerts of one unit of work. What stewards may see of them is ruled in ``crisis.response``."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def open(self, person: Person, state: CrisisState, *, now: datetime, is_drill: bool = False) -> Alert:
        """Queue an alert that ``person`` rose to ``state``."""
        row = AlertRow(id=uuid4(), person_id=person.id, opened=now, is_drill=is_drill)
        row.signal = _sealed(row, state.level, state.categories, person.cipher)
        self._unit.session.add(row)
        await self._unit.session.flush()
        return _alert(row, person.cipher)

    async def of(self, person: Person) -> tuple[Alert, ...]:
        """Return the alerts about ``person``, oldest first."""
        query = select(AlertRow).where(AlertRow.person_id == person.id).order_by(AlertRow.opened)
        return tuple(_alert(row, person.cipher) for row in await self._unit.session.scalars(query))

    async def queue(self) -> tuple[Alert, ...]:
        """Return the alerts nobody has cleared: gravest first, then oldest first, drills last."""
        alerts = await self._opened(AlertRow.cleared_at.is_(None))
        return tuple(sorted(alerts, key=lambda alert: (alert.is_drill, -alert.level, alert.opened)))

    async def unacknowledged(self) -> tuple[Alert, ...]:
        """Return the alerts that nobody has seen or cleared, oldest first."""
        alerts = await self._opened(AlertRow.cleared_at.is_(None), AlertRow.acknowledged_at.is_(None))
        return tuple(sorted(alerts, key=lambda alert: alert.opened))

    async def get(self, alert_id: UUID) -> Alert | None:
        """Return one alert, or None: whom it was about may have erased themselves."""
        return next(iter(await self._opened(AlertRow.id == alert_id)), None)

    async def person_of(self, alert_id: UUID) -> UUID:
        """Return whom an alert is about.

        Raises:
            InputError: There is no such alert.
        """
        person_id = await self._unit.session.scalar(select(AlertRow.person_id).where(AlertRow.id == alert_id))
        if person_id is None:
            raise InputError("Alert must be one in the queue, and is not; open one from the list.")
        return person_id

    async def acknowledge(self, alert_id: UUID, *, by: str, now: datetime) -> bool:
        """Record that ``by`` has seen an alert; return whether they are the first, who stays on record."""
        return await self._change(alert_id, AlertRow.acknowledged_at.is_(None), acknowledged_at=now, acknowledged_by=by)

    async def take(self, alert_id: UUID, *, by: str, now: datetime) -> bool:
        """Make ``by`` the owner of an alert that nobody owns; return whether they became it."""
        return await self._change(alert_id, AlertRow.owner.is_(None), owner=by, taken_at=now)

    async def hand_over(self, alert_id: UUID, *, by: str, to: str, now: datetime) -> bool:
        """Make ``to`` the owner in place of ``by``; return whether ``by`` was the owner."""
        return await self._change(alert_id, AlertRow.owner == by, owner=to, taken_at=now)

    async def signal_again(self, person: Person, alert: Alert, state: CrisisState, *, now: datetime) -> None:
        """Note on an open alert that risk was signalled again; it takes on the graver level and all the kinds."""
        row = await self._unit.session.get_one(AlertRow, alert.id)
        kinds = (*alert.categories, *(kind for kind in state.categories if kind not in alert.categories))
        row.signal = _sealed(row, max(alert.level, state.level), kinds, person.cipher)
        row.signalled_at = now
        await self._unit.session.flush()

    async def clear(self, person: Person, *, by: str, now: datetime) -> None:
        """Close every open alert about ``person``."""
        statement = update(AlertRow).where(AlertRow.person_id == person.id, AlertRow.cleared_at.is_(None))
        await self._unit.session.execute(statement.values(cleared_at=now, cleared_by=by))

    async def persons_waiting(self) -> frozenset[UUID]:
        """Return whom uncleared alerts are about."""
        query = select(AlertRow.person_id).where(AlertRow.cleared_at.is_(None))
        return frozenset(await self._unit.session.scalars(query))

    async def _opened(self, *conditions: ColumnElement[bool]) -> list[Alert]:
        query = select(AlertRow, PersonRow.wrapped_key).join(PersonRow, PersonRow.id == AlertRow.person_id)
        rows = await self._unit.session.execute(query.where(*conditions))
        return [_alert(row, self._unit.keyring.open_cipher(str(row.person_id), wrapped)) for row, wrapped in rows]

    async def _change(self, alert_id: UUID, condition: ColumnElement[bool], **values: Any) -> bool:
        statement = update(AlertRow).where(AlertRow.id == alert_id, AlertRow.cleared_at.is_(None), condition)
        changed = await self._unit.session.execute(statement.values(**values).returning(AlertRow.id))
        return changed.one_or_none() is not None


def _sealed(row: AlertRow, level: Level, categories: Iterable[Category], cipher: Cipher) -> bytes:
    signal = {"level": int(level), "categories": [category.value for category in categories]}
    return seal_json(cipher, signal, place=_PLACE, row=row.id)


def _alert(row: AlertRow, cipher: Cipher) -> Alert:
    signal = open_json(cipher, row.signal, place=_PLACE, row=row.id)
    return Alert(
        id=row.id,
        person_id=row.person_id,
        opened=row.opened,
        level=Level(signal["level"]),
        categories=tuple(Category(category) for category in signal["categories"]),
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        cleared_at=row.cleared_at,
        cleared_by=row.cleared_by,
        is_drill=row.is_drill,
        signalled_at=row.signalled_at,
        owner=row.owner,
        taken_at=row.taken_at,
    )
