"""Delete what has been kept for long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.errors import InputError
from holdfast.service.privacy.erasure import erase
from holdfast.service.storage.work import Work

__all__ = ["Purged", "retain"]


@dataclass(frozen=True, kw_only=True)
class Purged:
    """What one run deleted: turns, and persons who can no longer come back."""

    turns: int
    persons: int


async def retain(work: Work, *, now: datetime, days: int) -> Purged:
    """Delete turns, with their trace payloads, from more than ``days`` days ago, and persons out of reach.

    A person is out of reach when they were last seen that long ago and set no passphrase to return with: their
    cookie has run out, so nobody could read, export or erase what is kept. Someone about whom an alert is open is
    left alone until it is cleared.

    Raises:
        InputError: ``days`` is below 1.
    """
    if days < 1:
        raise InputError(f"Retention must be at least 1 day, got {days!r}; to erase everything, erase the persons.")
    moment = now - timedelta(days=days)
    seqs, turns = await work.chats.purge_before(moment)
    await work.trace.forget_entries(seqs, reason="retention", now=now)
    waiting = await work.alerts.persons_waiting()
    gone = [person_id for person_id in await work.persons.unreachable_since(moment) if person_id not in waiting]
    for person_id in gone:
        await erase(work, await work.persons.open(person_id), now=now)
    return Purged(turns=turns, persons=len(gone))
