"""Keep a person's crisis state; a rise opens an alert for stewards, a check-in that clears closes it."""

from datetime import datetime, timedelta

from holdfast.safety.crisis.standing import AlertStanding
from holdfast.safety.crisis.state import CrisisState
from holdfast.service.accounts.person import Person
from holdfast.service.crisis.repository import merge
from holdfast.service.storage.work import Work

__all__ = ["alert_standing", "carry_over", "close_alerts", "keep_crisis"]

_ANSWERED_FOR = timedelta(minutes=30)
"""How long a steward's having seen an alert covers risk that is signalled again; then a new alert opens."""


async def keep_crisis(
    work: Work, person: Person, *, after: CrisisState, read: CrisisState, now: datetime
) -> CrisisState:
    """Keep ``after``, which was worked out from ``read``, and return what was kept.

    A crisis raised meanwhile by another message is never lowered, and opens its alert only once.
    """
    if after == read:
        return await work.crisis.state(person)
    stored = await work.crisis.locked_state(person)
    kept = await work.crisis.save(person, after, read=read, now=now)
    if kept.is_active and kept.level > stored.level:
        await work.alerts.open(person, kept, now=now)
        work.counters.add(now.date(), f"crisis.{kept.level.label}")
        work.counters.add(now.date(), "alert.opened")
    elif kept.is_active and after.signalled != read.signalled:
        await _signal_again(work, person, kept, now=now)
    elif stored.is_active and not kept.is_active:
        await close_alerts(work, person, by="check-in", now=now)
    return kept


async def carry_over(work: Work, person: Person, standing: CrisisState, *, now: datetime) -> CrisisState:
    """Keep for ``person`` a crisis that stood for whoever used the browser before they came back to it.

    The graver of the two states stays, with the categories of both, so that signing in never loses one.
    """
    stored = await work.crisis.locked_state(person)
    if not standing.is_active:
        return stored
    after = merge(stored=stored, read=CrisisState(), new=standing)
    return await keep_crisis(work, person, after=after, read=stored, now=now)


async def close_alerts(work: Work, person: Person, *, by: str, now: datetime) -> None:
    """Close every open alert about ``person`` and take back the messages that were still to be sent."""
    alerts = await work.alerts.of(person)
    await work.alerts.clear(person, by=by, now=now)
    await work.escalations.withdraw([alert.id for alert in alerts if alert.cleared_at is None], now=now)


async def alert_standing(work: Work, person: Person) -> AlertStanding:
    """Return how the newest open alert about ``person`` stands, for what can honestly be said to them."""
    waiting = [alert for alert in await work.alerts.of(person) if alert.cleared_at is None]
    if not waiting:
        return AlertStanding()
    newest = waiting[-1]
    messages = await work.escalations.of([newest.id])
    return AlertStanding(
        is_seen=newest.acknowledged_at is not None,
        is_late=bool(messages),
        is_reached=any(one.delivered_at is not None for one in messages),
        is_failing=any(one.is_failing for one in messages),
    )


async def _signal_again(work: Work, person: Person, state: CrisisState, *, now: datetime) -> None:
    """Note on the newest open alert that risk was signalled again; one that was seen long ago is not enough."""
    waiting = [alert for alert in await work.alerts.of(person) if alert.cleared_at is None]
    newest = waiting[-1] if waiting else None
    seen = None if newest is None else newest.acknowledged_at
    if newest is None or (seen is not None and not timedelta(0) <= now - seen < _ANSWERED_FOR):
        await work.alerts.open(person, state, now=now)
        work.counters.add(now.date(), "alert.opened_again")
        work.counters.add(now.date(), "alert.opened")
        return
    await work.alerts.signal_again(person, newest, state, now=now)
