"""Check-ins as they are kept. Nothing is kept without consent to check-ins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from holdfast.care.conversation.state import Purpose
from holdfast.errors import AccessError, InputError
from holdfast.service.accounts.person import Person
from holdfast.service.consent.repository import ConsentRepository
from holdfast.service.storage.sealed_json import open_json, seal_json
from holdfast.service.storage.tables import CheckInRow
from holdfast.service.storage.unit import Unit

__all__ = ["CheckIn", "CheckInRepository", "Status"]


class Status(StrEnum):
    """How far something a person works through has come."""

    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    """One check-in. ``progress`` is the engine's own JSON-ready state; ``result`` is None until completed."""

    id: UUID
    instrument: str
    version: str
    status: Status
    started: datetime
    updated: datetime
    completed: datetime | None
    progress: Mapping[str, Any] = field(repr=False)
    result: Mapping[str, Any] | None = field(repr=False)


class CheckInRepository:
    """Check-ins of one unit of work; every method takes the person, and sees only theirs."""

    def __init__(self, unit: Unit, consents: ConsentRepository) -> None:
        self._unit, self._consents = unit, consents

    async def start(
        self, person: Person, instrument: str, *, version: str, progress: Mapping[str, Any], now: datetime
    ) -> CheckIn:
        """Begin a check-in.

        Raises:
            ConsentError: ``person`` does not agree to check-ins being kept.
        """
        await self._consents.require(person, Purpose.CHECK_INS)
        row = CheckInRow(
            id=uuid4(),
            person_id=person.id,
            instrument=instrument,
            version=version,
            status=Status.UNDER_WAY.value,
            started=now,
            updated=now,
        )
        row.progress = self._seal(person, row, progress, "progress")
        self._unit.session.add(row)
        await self._unit.session.flush()
        return self._check_in(person, row)

    async def save(self, person: Person, check_in_id: UUID, progress: Mapping[str, Any], *, now: datetime) -> CheckIn:
        """Keep the answers so far.

        Raises:
            AccessError: The check-in is not this person's, or does not exist.
            InputError: It is no longer under way.
            ConsentError: Consent to check-ins was withdrawn.
        """
        row = await self._under_way(person, check_in_id)
        row.progress, row.updated = self._seal(person, row, progress, "progress"), now
        await self._unit.session.flush()
        return self._check_in(person, row)

    async def complete(
        self,
        person: Person,
        check_in_id: UUID,
        *,
        progress: Mapping[str, Any],
        result: Mapping[str, Any],
        now: datetime,
    ) -> CheckIn:
        """Keep the last answers and the result; raises as ``save``."""
        row = await self._under_way(person, check_in_id)
        row.progress = self._seal(person, row, progress, "progress")
        row.result = self._seal(person, row, result, "result")
        row.status, row.updated, row.completed = Status.COMPLETED.value, now, now
        await self._unit.session.flush()
        return self._check_in(person, row)

    async def stop(self, person: Person, check_in_id: UUID, *, now: datetime) -> CheckIn:
        """Leave a check-in unfinished; raises as ``save``."""
        row = await self._under_way(person, check_in_id)
        row.status, row.updated = Status.STOPPED.value, now
        await self._unit.session.flush()
        return self._check_in(person, row)

    async def get(self, person: Person, check_in_id: UUID) -> CheckIn:
        """Return one check-in of ``person``.

        Raises:
            AccessError: It is not this person's, or does not exist; the two look alike.
        """
        return self._check_in(person, await self._row(person, check_in_id))

    async def list(
        self, person: Person, *, instrument: str | None = None, status: Status | None = None
    ) -> tuple[CheckIn, ...]:
        """Return the check-ins of ``person``, oldest first."""
        query = select(CheckInRow).where(CheckInRow.person_id == person.id).order_by(CheckInRow.started)
        if instrument is not None:
            query = query.where(CheckInRow.instrument == instrument)
        if status is not None:
            query = query.where(CheckInRow.status == status.value)
        return tuple(self._check_in(person, row) for row in await self._unit.session.scalars(query))

    async def remove(self, person: Person, check_in_id: UUID) -> None:
        """Delete one check-in of ``person``; raises as ``get``."""
        await self._unit.session.delete(await self._row(person, check_in_id))
        await self._unit.session.flush()

    async def remove_all(self, person: Person) -> None:
        """Delete every check-in of ``person``."""
        await self._unit.session.execute(delete(CheckInRow).where(CheckInRow.person_id == person.id))

    async def purge_before(self, moment: datetime) -> int:
        """Delete everyone's check-ins last worked on before ``moment``; return how many."""
        statement = delete(CheckInRow).where(CheckInRow.updated < moment).returning(CheckInRow.id)
        return len(list(await self._unit.session.scalars(statement)))

    async def _under_way(self, person: Person, check_in_id: UUID) -> CheckInRow:
        await self._consents.require(person, Purpose.CHECK_INS)
        row = await self._row(person, check_in_id)
        if row.status != Status.UNDER_WAY.value:
            raise InputError(f"Check-in must be under way, got status {row.status!r}; start a new one.")
        return row

    async def _row(self, person: Person, check_in_id: UUID) -> CheckInRow:
        query = select(CheckInRow).where(CheckInRow.id == check_in_id, CheckInRow.person_id == person.id)
        row = await self._unit.session.scalar(query)
        if row is None:
            raise AccessError("Check-in must be one of this person's own, and is not; open one from their list.")
        return row

    def _seal(self, person: Person, row: CheckInRow, value: Mapping[str, Any], column: str) -> bytes:
        return seal_json(person.cipher, dict(value), place=f"check_in.{column}", row=row.id)

    def _check_in(self, person: Person, row: CheckInRow) -> CheckIn:
        result = row.result
        return CheckIn(
            id=row.id,
            instrument=row.instrument,
            version=row.version,
            status=Status(row.status),
            started=row.started,
            updated=row.updated,
            completed=row.completed,
            progress=open_json(person.cipher, row.progress, place="check_in.progress", row=row.id),
            result=None if result is None else open_json(person.cipher, result, place="check_in.result", row=row.id),
        )
