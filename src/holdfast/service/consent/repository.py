"""Consents as they are kept: given, withdrawn, and the history of both while the person exists."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update

from holdfast.care.conversation.state import Purpose
from holdfast.errors import ConsentError
from holdfast.service.accounts.person import Person
from holdfast.service.storage.tables import ConsentRow
from holdfast.service.storage.unit import Unit

__all__ = ["Consent", "ConsentRepository"]


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One consent: the purpose, the version of the text agreed to, and when it was given and withdrawn."""

    purpose: Purpose
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


class ConsentRepository:
    """Consents of one unit of work. Use ``consent.change`` to withdraw: that also purges."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def history(self, person: Person) -> tuple[Consent, ...]:
        """Return every consent of ``person``, oldest first, withdrawn ones too."""
        query = select(ConsentRow).where(ConsentRow.person_id == person.id).order_by(ConsentRow.given_at)
        return tuple(
            Consent(
                purpose=Purpose(row.purpose), version=row.version, given_at=row.given_at, withdrawn_at=row.withdrawn_at
            )
            for row in await self._unit.session.scalars(query)
        )

    async def standing(self, person: Person) -> dict[Purpose, str]:
        """Return the purposes ``person`` agrees to now, each with the version of the text agreed to.

        They are read once in a unit. A unit that writes holds the person, so nobody changes them meanwhile.
        """
        return await self.standing_of(person.id)

    async def standing_of(self, person_id: UUID) -> dict[Purpose, str]:
        """Return as ``standing`` for the person with this id, or nothing where there is none."""
        if person_id not in self._unit.standing:
            query = select(ConsentRow.purpose, ConsentRow.version).where(
                ConsentRow.person_id == person_id, ConsentRow.withdrawn_at.is_(None)
            )
            rows = await self._unit.session.execute(query)
            self._unit.standing[person_id] = {Purpose(purpose): version for purpose, version in rows}
        return dict(self._unit.standing[person_id])

    async def require(self, person: Person, purpose: Purpose) -> None:
        """Return if ``person`` agrees to ``purpose`` now.

        Raises:
            ConsentError: No standing consent is on record.
        """
        if purpose not in await self.standing(person):
            raise ConsentError(f"Consent must be on record for {purpose.value!r}, and is not; ask for it first.")

    async def give(self, person: Person, purpose: Purpose, *, version: str, now: datetime) -> bool:
        """Record that ``person`` agrees to version ``version`` of ``purpose``; return whether that is new.

        A standing consent to another version is superseded, which purges nothing.
        """
        if (await self.standing(person)).get(purpose) == version:
            return False
        await self.close(person, purpose, now)
        row = ConsentRow(id=uuid4(), person_id=person.id, purpose=purpose.value, version=version, given_at=now)
        self._unit.session.add(row)
        await self._unit.session.flush()
        self._unit.standing.pop(person.id, None)
        return True

    async def close(self, person: Person, purpose: Purpose, now: datetime) -> bool:
        """End a standing consent; return whether there was one."""
        statement = (
            update(ConsentRow)
            .where(
                ConsentRow.person_id == person.id,
                ConsentRow.purpose == purpose.value,
                ConsentRow.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=now)
            .returning(ConsentRow.id)
        )
        ended: list[UUID] = list(await self._unit.session.scalars(statement))
        self._unit.standing.pop(person.id, None)
        return bool(ended)
