"""Erase a person: nothing about them stays, and the trace still verifies."""

from datetime import datetime
from uuid import UUID

from holdfast.service.accounts.person import Person
from holdfast.service.storage.database import Database
from holdfast.service.storage.work import Work

__all__ = ["erase", "erase_person"]


async def erase(work: Work, person: Person, *, now: datetime) -> int:
    """Delete everything about ``person`` and destroy the key to it; return how many trace payloads went.

    The trace's links stay, with salted digests nobody can guess back from, and one more link lists the payloads
    that are gone. Call ``Database.scrub`` once the unit has ended, or use ``erase_person``, which does both.
    """
    gone = await work.trace.forget(person, reason="erasure", now=now)
    await work.persons.remove(person)
    work.counters.add(now.date(), "erasure")
    return gone


async def erase_person(database: Database, person_id: UUID, *, now: datetime) -> bool:
    """Erase a person in a unit of its own and push what was deleted out of the files.

    Returns:
        Whether the files were cleared at once; where a reader was in the way, the next ``Database.scrub`` does it.

    Raises:
        AccessError: There is no such person.
        StorageError: The database failed; nothing was erased.
    """
    async with database.work() as work:
        await erase(work, await work.persons.open(person_id), now=now)
    return await database.scrub()
