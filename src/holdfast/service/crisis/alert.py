"""The queue of crises that stewards should see. It holds levels and categories, never a word anyone wrote."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update

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
    """A crisis that opened. It stays open until a steward or a check-in clears it; both leave their name."""

    id: UUID
    person_id: UUID
    opened: datetime
    level: Level
    categories: tuple[Category, ...]
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cleared_at: datetime | None
    cleared_by: str | None


class AlertRepository:
    """Alerts of one unit of work. What stewards may see of them is ruled in ``crisis.response``."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def open(self, person: Person, state: CrisisState, *, now: datetime) -> Alert:
        """Queue an alert that ``person`` rose to ``state``."""
        row = AlertRow(id=uuid4(), person_id=person.id, opened=now)
        signal = {"level": int(state.level), "categories": [category.value for category in state.categories]}
        row.signal = seal_json(person.cipher, signal, place=_PLACE, row=row.id)
        self._unit.session.add(row)
        await self._unit.session.flush()
        return _alert(row, person.cipher)

    async def of(self, person: Person) -> tuple[Alert, ...]:
        """Return the alerts about ``person``, oldest first."""
        query = select(AlertRow).where(AlertRow.person_id == person.id).order_by(AlertRow.opened)
        return tuple(_alert(row, person.cipher) for row in await self._unit.session.scalars(query))

    async def queue(self) -> tuple[Alert, ...]:
        """Return the alerts nobody has cleared: gravest first, then oldest first."""
        query = (
            select(AlertRow, PersonRow.wrapped_key)
            .join(PersonRow, PersonRow.id == AlertRow.person_id)
            .where(AlertRow.cleared_at.is_(None))
        )
        rows = await self._unit.session.execute(query)
        alerts = [_alert(row, self._unit.keyring.open_cipher(str(row.person_id), wrapped)) for row, wrapped in rows]
        return tuple(sorted(alerts, key=lambda alert: (-alert.level, alert.opened)))

    async def person_of(self, alert_id: UUID) -> UUID:
        """Return whom an alert is about.

        Raises:
            InputError: There is no such alert.
        """
        person_id = await self._unit.session.scalar(select(AlertRow.person_id).where(AlertRow.id == alert_id))
        if person_id is None:
            raise InputError("Alert must be one in the queue, and is not; open one from the list.")
        return person_id

    async def acknowledge(self, alert_id: UUID, *, by: str, now: datetime) -> None:
        """Record that ``by`` has seen an alert; the first to do so stays on record."""
        statement = update(AlertRow).where(AlertRow.id == alert_id, AlertRow.acknowledged_at.is_(None))
        await self._unit.session.execute(statement.values(acknowledged_at=now, acknowledged_by=by))

    async def clear(self, person: Person, *, by: str, now: datetime) -> None:
        """Close every open alert about ``person``."""
        statement = update(AlertRow).where(AlertRow.person_id == person.id, AlertRow.cleared_at.is_(None))
        await self._unit.session.execute(statement.values(cleared_at=now, cleared_by=by))

    async def persons_waiting(self) -> frozenset[UUID]:
        """Return whom uncleared alerts are about."""
        query = select(AlertRow.person_id).where(AlertRow.cleared_at.is_(None))
        return frozenset(await self._unit.session.scalars(query))


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
    )
