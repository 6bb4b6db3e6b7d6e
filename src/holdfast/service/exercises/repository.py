"""Exercises as they are kept. Nothing is kept without consent to exercises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from holdfast.care.conversation.state import Purpose
from holdfast.errors import AccessError, InputError
from holdfast.service.accounts.person import Person
from holdfast.service.check_ins.repository import Status
from holdfast.service.consent.repository import ConsentRepository
from holdfast.service.storage.sealed_json import open_json, seal_json
from holdfast.service.storage.tables import ExerciseRow
from holdfast.service.storage.unit import Unit

__all__ = ["ExerciseRecord", "ExerciseRepository", "Status"]

_PLACE = "exercise.progress"


@dataclass(frozen=True, kw_only=True)
class ExerciseRecord:
    """One run through an exercise. ``progress`` is the engine's own JSON-ready state with the person's entries."""

    id: UUID
    exercise: str
    version: str
    status: Status
    started: datetime
    updated: datetime
    completed: datetime | None
    progress: Mapping[str, Any] = field(repr=False)


class ExerciseRepository:
    """Exercises of one unit of work; every method takes the person, and sees only theirs."""

    def __init__(self, unit: Unit, consents: ConsentRepository) -> None:
        self._unit, self._consents = unit, consents

    async def start(
        self, person: Person, exercise: str, *, version: str, progress: Mapping[str, Any], now: datetime
    ) -> ExerciseRecord:
        """Begin an exercise.

        Raises:
            ConsentError: ``person`` does not agree to exercises being kept.
        """
        await self._consents.require(person, Purpose.EXERCISES)
        row = ExerciseRow(
            id=uuid4(),
            person_id=person.id,
            exercise=exercise,
            version=version,
            status=Status.UNDER_WAY.value,
            started=now,
            updated=now,
        )
        row.progress = seal_json(person.cipher, dict(progress), place=_PLACE, row=row.id)
        self._unit.session.add(row)
        await self._unit.session.flush()
        return self._record(person, row)

    async def save(
        self,
        person: Person,
        record_id: UUID,
        progress: Mapping[str, Any],
        *,
        now: datetime,
        status: Status = Status.UNDER_WAY,
    ) -> ExerciseRecord:
        """Keep the entries so far, and whether that completed or stopped the exercise.

        Raises:
            AccessError: The exercise is not this person's, or does not exist.
            InputError: It is no longer under way.
            ConsentError: Consent to exercises was withdrawn.
        """
        await self._consents.require(person, Purpose.EXERCISES)
        row = await self._row(person, record_id)
        if row.status != Status.UNDER_WAY.value:
            raise InputError(f"Exercise must be under way, got status {row.status!r}; start it again.")
        row.progress = seal_json(person.cipher, dict(progress), place=_PLACE, row=row.id)
        row.status, row.updated = status.value, now
        row.completed = now if status is Status.COMPLETED else None
        await self._unit.session.flush()
        return self._record(person, row)

    async def get(self, person: Person, record_id: UUID) -> ExerciseRecord:
        """Return one exercise of ``person``.

        Raises:
            AccessError: It is not this person's, or does not exist; the two look alike.
        """
        return self._record(person, await self._row(person, record_id))

    async def list(
        self, person: Person, *, exercise: str | None = None, status: Status | None = None
    ) -> tuple[ExerciseRecord, ...]:
        """Return the exercises of ``person``, oldest first."""
        query = select(ExerciseRow).where(ExerciseRow.person_id == person.id).order_by(ExerciseRow.started)
        if exercise is not None:
            query = query.where(ExerciseRow.exercise == exercise)
        if status is not None:
            query = query.where(ExerciseRow.status == status.value)
        return tuple(self._record(person, row) for row in await self._unit.session.scalars(query))

    async def remove(self, person: Person, record_id: UUID) -> None:
        """Delete one exercise of ``person``; raises as ``get``."""
        await self._unit.session.delete(await self._row(person, record_id))
        await self._unit.session.flush()

    async def remove_all(self, person: Person) -> None:
        """Delete every exercise of ``person``."""
        await self._unit.session.execute(delete(ExerciseRow).where(ExerciseRow.person_id == person.id))

    async def purge_before(self, moment: datetime) -> int:
        """Delete everyone's exercises last worked on before ``moment``; return how many."""
        statement = delete(ExerciseRow).where(ExerciseRow.updated < moment).returning(ExerciseRow.id)
        return len(list(await self._unit.session.scalars(statement)))

    async def _row(self, person: Person, record_id: UUID) -> ExerciseRow:
        query = select(ExerciseRow).where(ExerciseRow.id == record_id, ExerciseRow.person_id == person.id)
        row = await self._unit.session.scalar(query)
        if row is None:
            raise AccessError("Exercise must be one of this person's own, and is not; open one from their list.")
        return row

    def _record(self, person: Person, row: ExerciseRow) -> ExerciseRecord:
        return ExerciseRecord(
            id=row.id,
            exercise=row.exercise,
            version=row.version,
            status=Status(row.status),
            started=row.started,
            updated=row.updated,
            completed=row.completed,
            progress=open_json(person.cipher, row.progress, place=_PLACE, row=row.id),
        )
