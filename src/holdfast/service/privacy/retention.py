"""Delete what has been kept for long enough, each kind by its own clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from holdfast.service.privacy.clocks import Clocks
from holdfast.service.privacy.erasure import erase
from holdfast.service.storage.tables import AlertRow, CounterRow, StewardSessionRow, TraceEntryRow, TracePayloadRow
from holdfast.service.storage.work import Work

__all__ = ["Purged", "retain"]

_WHY = ("turn", "risk", "review")
"""Kinds of link that say why something was answered, shown or read."""

_ALERT = ("alert",)


@dataclass(frozen=True, kw_only=True)
class Purged:
    """What one run deleted. ``traces`` counts contents of links, ``persons`` those who can no longer come back."""

    turns: int = 0
    unfinished: int = 0
    check_ins: int = 0
    exercises: int = 0
    traces: int = 0
    alerts: int = 0
    counters: int = 0
    persons: int = 0


async def retain(work: Work, *, now: datetime, clocks: Clocks) -> Purged:
    """Delete what is older than its clock allows, and persons out of reach.

    A person is out of reach when they were last seen longer ago than turns are kept and set no passphrase to return
    with: their cookie has run out, so nobody could read, export or erase what is kept. Someone about whom an alert is
    open is left alone until it is cleared. A check-in or an exercise in a chat that may not wait, because its person
    agreed to talk and not to that, goes half an hour after its last step.
    """

    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    waiting = await work.alerts.persons_waiting()
    seqs, turns = await work.chats.purge_before(before(clocks.turns))
    seqs += await _old(work, _WHY, before(clocks.traces))
    seqs += await _old(work, _ALERT, before(clocks.alerts), but=waiting)
    unfinished = await work.chats.drop_unfinished(now=now)
    await work.unit.session.execute(delete(StewardSessionRow).where(StewardSessionRow.expires <= now))
    return Purged(
        turns=turns,
        unfinished=unfinished,
        check_ins=0 if clocks.check_ins is None else await work.check_ins.purge_before(before(clocks.check_ins)),
        exercises=0 if clocks.exercises is None else await work.exercises.purge_before(before(clocks.exercises)),
        traces=await work.trace.forget_entries(seqs, reason="retention", now=now),
        alerts=await _cleared_alerts(work, before(clocks.alerts)),
        counters=await _counters(work, before(clocks.counters)),
        persons=await _out_of_reach(work, before(clocks.turns), waiting, now=now),
    )


async def _old(work: Work, kinds: Collection[str], moment: datetime, *, but: Collection[UUID] = ()) -> tuple[int, ...]:
    """Return the links of some kinds, about persons other than ``but``, from before ``moment`` that have content."""
    at = moment.astimezone(UTC).isoformat(timespec="microseconds")
    query = (
        select(TracePayloadRow.seq)
        .join(TraceEntryRow, TraceEntryRow.seq == TracePayloadRow.seq)
        .where(TracePayloadRow.person_id.is_not(None), TraceEntryRow.kind.in_(tuple(kinds)), TraceEntryRow.at < at)
    )
    if but:
        query = query.where(TracePayloadRow.person_id.not_in(tuple(but)))
    return tuple(await work.unit.session.scalars(query))


async def _cleared_alerts(work: Work, moment: datetime) -> int:
    statement = delete(AlertRow).where(AlertRow.cleared_at < moment).returning(AlertRow.id)
    return len(list(await work.unit.session.scalars(statement)))


async def _counters(work: Work, moment: datetime) -> int:
    statement = delete(CounterRow).where(CounterRow.day < moment.date()).returning(CounterRow.kind)
    return len(list(await work.unit.session.scalars(statement)))


async def _out_of_reach(work: Work, moment: datetime, waiting: Collection[UUID], *, now: datetime) -> int:
    gone = [person_id for person_id in await work.persons.unreachable_since(moment) if person_id not in waiting]
    for person_id in gone:
        await erase(work, await work.persons.open(person_id), now=now)
    return len(gone)
