"""A drill: an alert about nobody, marked as a drill, on the same way as a real one from the queue to the fallback.

Drills are counted apart from real alerts, go to the fallback at once, and leave nothing but counts and the trace's
links when they end.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.measured import Failed, Measurement, Scored, Unscored
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Level
from holdfast.service.crisis.alert import Alert
from holdfast.service.crisis.escalating import Escalator
from holdfast.service.crisis.escalation import Channel, Escalation
from holdfast.service.storage.work import Work

__all__ = ["DrillReport", "begin_drill", "end_drill", "run_drill"]

_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, kw_only=True)
class DrillReport:
    """How long it took, in seconds since the drill began: each channel until delivered, and until it was seen.

    ``Unscored`` where it did not happen while the drill lasted, ``Failed`` where the last attempt was not taken.
    """

    delivered_s: Mapping[Channel, Measurement]
    seen_s: Measurement
    seen_by: str | None

    @property
    def is_delivered(self) -> bool:
        """Whether there is a fallback, and every channel of it took the message."""
        return bool(self.delivered_s) and all(isinstance(one, Scored) for one in self.delivered_s.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values."""
        return {
            "delivered": {channel.value: _said(outcome) for channel, outcome in self.delivered_s.items()},
            "seen": {**_said(self.seen_s), "by": self.seen_by},
        }


async def begin_drill(work: Work, *, now: datetime) -> Alert:
    """Queue a drill about a person made for it, of whom there is nothing but a random number."""
    person = await work.persons.create(now)
    alert = await work.alerts.open(person, CrisisState(level=Level.CRISIS), now=now, is_drill=True)
    await work.trace.append("alert", {"action": "opened", "drill": True}, at=now, person=person)
    work.counters.add(now.date(), "drill.opened")
    return alert


async def end_drill(work: Work, alert: Alert, *, now: datetime) -> None:
    """Take a drill out of the queue, with the person it was about."""
    person = await work.persons.open(alert.person_id)
    await work.trace.forget(person, reason="drill", now=now)
    await work.persons.remove(person)


async def run_drill(escalator: Escalator, *, wait: timedelta, sleep: Callable[[float], Awaitable[None]]) -> DrillReport:
    """Begin a drill, wait until it is delivered and seen or ``wait`` is over, end it, and report.

    Raises:
        StorageError: The database failed. A drill that was begun stays in the queue, marked, until it is cleared.
    """
    database, clock = escalator.database, escalator.clock
    async with database.work() as work:
        alert = await begin_drill(work, now=clock())
    while True:
        await escalator.look()
        async with database.work(write=False) as work:
            report = await _report(work, escalator, alert.id)
        is_over = report.is_delivered and isinstance(report.seen_s, Scored)
        if is_over or not timedelta(0) <= clock() - alert.opened < wait:
            break
        await sleep(_LOOK_EVERY_S)
    async with database.work() as work:
        await end_drill(work, alert, now=clock())
    return report


async def _report(work: Work, escalator: Escalator, alert_id: UUID) -> DrillReport:
    alert = await work.alerts.get(alert_id)
    messages = {one.channel: one for one in await work.escalations.of([alert_id])}
    wanted = [sink.channel for sink in escalator.sinks]
    if alert is None:
        gone = Unscored("the drill was taken out of the queue meanwhile")
        return DrillReport(delivered_s=dict.fromkeys(wanted, gone), seen_s=gone, seen_by=None)
    seen: Measurement = Unscored("nobody acknowledged it while the drill lasted")
    if alert.acknowledged_at is not None:
        seen = Scored(value=(alert.acknowledged_at - alert.opened).total_seconds(), n=1)
    delivered = {channel: _delivered(messages.get(channel), alert) for channel in wanted}
    return DrillReport(delivered_s=delivered, seen_s=seen, seen_by=alert.acknowledged_by)


def _delivered(message: Escalation | None, alert: Alert) -> Measurement:
    if message is None or (message.delivered_at is None and message.trouble is None):
        return Unscored("not sent while the drill lasted")
    if message.delivered_at is None:
        return Failed(message.trouble or "not taken")
    return Scored(value=(message.delivered_at - alert.opened).total_seconds(), n=1)


def _said(outcome: Measurement) -> dict[str, Any]:
    match outcome:
        case Scored():
            return {"seconds": round(outcome.value, 3)}
        case Unscored():
            return {"seconds": None, "reason": outcome.reason}
    return {"seconds": None, "error": outcome.error}
