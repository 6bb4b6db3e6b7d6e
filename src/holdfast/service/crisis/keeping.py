"""Keep a person's crisis state; a rise opens an alert for stewards, a check-in that clears closes it."""

from datetime import datetime

from holdfast.safety.crisis.state import CrisisState
from holdfast.service.accounts.person import Person
from holdfast.service.crisis.repository import merge
from holdfast.service.storage.work import Work

__all__ = ["carry_over", "keep_crisis"]


async def keep_crisis(
    work: Work, person: Person, *, after: CrisisState, read: CrisisState, now: datetime
) -> CrisisState:
    """Keep ``after``, which was worked out from ``read``, and return what was kept.

    A crisis raised meanwhile by another message is never lowered.
    """
    if after == read:
        return await work.crisis.state(person)
    kept = await work.crisis.save(person, after, read=read, now=now)
    if after.is_active and after.level > read.level:
        await work.alerts.open(person, kept, now=now)
        work.counters.add(now.date(), f"crisis.{after.level.label}")
    elif read.is_active and not kept.is_active:
        await work.alerts.clear(person, by="check-in", now=now)
    return kept


async def carry_over(work: Work, person: Person, standing: CrisisState, *, now: datetime) -> CrisisState:
    """Keep for ``person`` a crisis that stood for whoever used the browser before they came back to it.

    The graver of the two states stays, with the categories of both, so that signing in never loses one.
    """
    stored = await work.crisis.state(person)
    if not standing.is_active:
        return stored
    after = merge(stored=stored, read=CrisisState(), new=standing)
    return await keep_crisis(work, person, after=after, read=stored, now=now)
