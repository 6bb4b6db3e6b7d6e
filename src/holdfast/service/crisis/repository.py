"""A person's crisis state as it is kept: it outlives the page, the chat and the login."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from holdfast.safety.crisis.state import CrisisState
from holdfast.service.accounts.person import Person
from holdfast.service.storage.sealed_json import open_json, seal_json
from holdfast.service.storage.tables import CrisisRow, PersonRow
from holdfast.service.storage.unit import Unit

__all__ = ["CrisisRepository", "merge"]

_PLACE = "crisis.state"


def merge(*, stored: CrisisState, read: CrisisState, new: CrisisState) -> CrisisState:
    """Return the state to keep when ``new`` was worked out from ``read`` while ``stored`` came in between.

    Two messages at once can only raise: the graver of the two stays, with the categories of both.
    """
    if stored in (read, new):
        return new
    graver, other = (stored, new) if stored.level >= new.level else (new, stored)
    heard = [moment for moment in (stored.signalled, new.signalled) if moment is not None]
    return replace(
        graver,
        categories=graver.categories + tuple(c for c in other.categories if c not in graver.categories),
        signalled=max(heard, default=None),
    )


class CrisisRepository:
    """Crisis states of one unit of work; every method takes the person, and sees only theirs."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def state(self, person: Person) -> CrisisState:
        """Return the state of ``person``; calm where nothing was ever kept.

        Raises:
            StorageError: What is kept cannot be read. It is never taken for calm.
        """
        row = await self._unit.session.get(CrisisRow, person.id)
        if row is None:
            return CrisisState()
        return self._open(person, row)

    async def locked_state(self, person: Person) -> CrisisState:
        """Return the state of ``person`` and hold it until the unit ends, so that two messages at once take turns.

        Raises:
            StorageError: What is kept cannot be read.
        """
        lock = select(PersonRow.id).where(PersonRow.id == person.id).with_for_update(key_share=True)
        await self._unit.session.execute(lock)
        row = await self._unit.session.get(CrisisRow, person.id, populate_existing=True)
        return CrisisState() if row is None else self._open(person, row)

    async def save(self, person: Person, state: CrisisState, *, read: CrisisState, now: datetime) -> CrisisState:
        """Keep ``state``, which was worked out from ``read``, and return what was kept (see ``merge``)."""
        stored = await self.locked_state(person)
        row = await self._unit.session.get(CrisisRow, person.id)
        if row is None and state == CrisisState():
            return state
        kept = merge(stored=stored, read=read, new=state)
        sealed = seal_json(person.cipher, kept.to_dict(), place=_PLACE, row=person.id)
        if row is None:
            self._unit.session.add(CrisisRow(person_id=person.id, updated=now, state=sealed))
        else:
            row.updated, row.state = now, sealed
        await self._unit.session.flush()
        return kept

    def _open(self, person: Person, row: CrisisRow) -> CrisisState:
        return CrisisState.from_dict(open_json(person.cipher, row.state, place=_PLACE, row=person.id))
