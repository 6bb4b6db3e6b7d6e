"""Watch the clock of every alert; when it runs out, put messages into the outbox, and send what is in it.

Nothing is remembered between two looks but what the database holds, so a restart loses nothing and several processes
may look at once. The clock is the wall's. Where it was set back, an alert counts as late rather than as new.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.errors import AccessError, HoldfastError
from holdfast.service.crisis.alert import Alert
from holdfast.service.crisis.escalation import Channel, Escalation
from holdfast.service.crisis.sink import Page, Sink, UndeliveredError
from holdfast.service.stewards.duty import DutyBoard
from holdfast.service.storage.database import Database
from holdfast.service.storage.work import Work
from holdfast.service.web.failures import log_failure

__all__ = ["Escalator", "Late", "late_alerts"]

_ALERT = "alert"
_ATTEMPT_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Late:
    """A stage that an alert has come to, and the channels that have no message for it yet.

    ``is_missed`` says that the time to acknowledge it ran out just now; it is counted once.
    """

    alert: Alert
    stage: int
    channels: tuple[Channel, ...]
    is_missed: bool


@dataclass(frozen=True, kw_only=True)
class Escalator:
    """Looks and sends.

    Attributes:
        ack: How long an alert may wait to be seen before it goes to the fallback, and then again.
        link: The console's address for messages, or empty.
        board: Where what was read of duty is put up.
        attempt_s: How long one attempt may take, in seconds; then it counts as not taken.
    """

    database: Database
    clock: Callable[[], datetime]
    sinks: tuple[Sink, ...]
    board: DutyBoard
    ack: timedelta
    link: str
    attempt_s: float = _ATTEMPT_S

    async def look(self) -> None:
        """Read who is on duty, note what is late and send what is due.

        Raises:
            StorageError: The database is busy or gone; the next look does it.
        """
        now = self.clock()
        async with self.database.work(write=False) as work:
            self.board.show(await work.duty.now_on(now), now=now)
            late = await self._late(work, now)
            is_due = await work.escalations.is_any_due(now)
        if late:
            await self._note(now)
        if late or is_due:
            await self._send()

    async def _late(self, work: Work, now: datetime) -> tuple[Late, ...]:
        alerts = await work.alerts.unacknowledged()
        if not alerts:
            return ()
        is_staffed = bool(await work.duty.now_on(now))
        known = await work.escalations.of(alert.id for alert in alerts)
        channels = tuple(sink.channel for sink in self.sinks) or (Channel.NOBODY,)
        return late_alerts(alerts, known, channels=channels, ack=self.ack, is_staffed=is_staffed, now=now)

    async def _note(self, now: datetime) -> None:
        """Put what is late into the outbox, read again inside the unit that writes it."""
        async with self.database.work() as work:
            for late in await self._late(work, now):
                await _escalate(work, late, now=now)

    async def _send(self) -> None:
        async with self.database.work() as work:
            now = self.clock()
            claimed = await work.escalations.claim(now=now)
            pages = [await self._page(work, escalation, now) for escalation in claimed]
        sent = (self._attempt(one, page) for one, page in zip(claimed, pages, strict=True) if page is not None)
        await asyncio.gather(*sent)

    async def _page(self, work: Work, escalation: Escalation, now: datetime) -> Page | None:
        """Return what to send, or None where the alert was seen or cleared meanwhile."""
        alert = await work.alerts.get(escalation.alert_id)
        if alert is None or alert.acknowledged_at is not None or alert.cleared_at is not None:
            await work.escalations.withdraw((escalation.alert_id,), now=now)
            return None
        return Page(
            id=escalation.id,
            alert_id=alert.id,
            stage=escalation.stage,
            level=alert.level,
            categories=alert.categories,
            is_drill=alert.is_drill,
            link=self.link,
        )

    async def _attempt(self, escalation: Escalation, page: Page) -> None:
        """Send one message and record what came of it. A sink may fail in any way; the record must not."""
        trouble = await self._trouble(escalation.channel, page)
        try:
            async with self.database.work() as work:
                await _record(work, escalation, page, trouble=trouble, now=self.clock())
        except HoldfastError as error:  # the claim runs out, and the message is sent again under the same id
            log_failure(error)

    async def _trouble(self, channel: Channel, page: Page) -> str | None:
        sink = next((one for one in self.sinks if one.channel is channel), None)
        if sink is None:
            return "not set any more"
        try:
            async with asyncio.timeout(self.attempt_s):
                await sink.send(page)
        except TimeoutError:
            return "no answer in time"
        except UndeliveredError as error:
            return error.trouble
        except Exception as error:  # noqa: BLE001 - a sink that breaks is a message not taken, and is tried again
            log_failure(error)
            return type(error).__name__
        return None


def late_alerts(
    alerts: Sequence[Alert],
    known: Sequence[Escalation],
    *,
    channels: tuple[Channel, ...],
    ack: timedelta,
    is_staffed: bool,
    now: datetime,
) -> tuple[Late, ...]:
    """Return what unacknowledged alerts have come to and has no message yet.

    The first message is due when ``ack`` has passed, or at once where nobody is on duty or the alert is a drill; the
    second when ``ack`` has passed since the first. A drill has no second. A moment that lies ahead of ``now`` (the
    clock was set back) counts as long past.
    """
    by_alert = {alert.id: [one for one in known if one.alert_id == alert.id] for alert in alerts}
    return tuple(
        late
        for alert in alerts
        for late in _stages(alert, by_alert[alert.id], channels, ack=ack, is_staffed=is_staffed, now=now)
    )


def _stages(
    alert: Alert,
    made: Sequence[Escalation],
    channels: tuple[Channel, ...],
    *,
    ack: timedelta,
    is_staffed: bool,
    now: datetime,
) -> Iterator[Late]:
    is_over = _has_passed(alert.opened, ack, now)
    begun = min((one.created for one in made if one.stage == 1), default=None)
    due = {
        1: is_over or not is_staffed or alert.is_drill,
        2: begun is not None and _has_passed(begun, ack, now) and not alert.is_drill,
    }
    is_missed = is_over and not any(_has_passed(alert.opened, ack, one.created) for one in made)
    for stage, is_due in due.items():
        missing = tuple(channel for channel in channels if (stage, channel) not in {(m.stage, m.channel) for m in made})
        if is_due and missing:
            yield Late(alert=alert, stage=stage, channels=missing, is_missed=is_missed)
            is_missed = False


def _has_passed(start: datetime, span: timedelta, now: datetime) -> bool:
    return now - start >= span or now < start


async def _escalate(work: Work, late: Late, *, now: datetime) -> None:
    made = [
        channel.value
        for channel in late.channels
        if await work.escalations.add(late.alert.id, stage=late.stage, channel=channel, now=now)
    ]
    if not made:
        return
    payload = {"action": "escalated", "stage": late.stage, "channels": made, "drill": late.alert.is_drill}
    await _trace(work, late.alert.person_id, payload, now=now)
    _count(work, late.alert.is_drill, "escalated", now=now)
    if late.is_missed:
        _count(work, late.alert.is_drill, "late", now=now)


async def _record(work: Work, escalation: Escalation, page: Page, *, trouble: str | None, now: datetime) -> None:
    payload = {"stage": escalation.stage, "channel": escalation.channel.value, "drill": page.is_drill}
    alert = await work.alerts.get(escalation.alert_id)
    if alert is None:
        return
    if trouble is None:
        await work.escalations.delivered(escalation.id, now=now)
        await _trace(work, alert.person_id, {"action": "delivered", **payload}, now=now)
        _count(work, page.is_drill, "delivered", now=now)
        return
    await work.escalations.failed(escalation, trouble=trouble, now=now)
    _count(work, page.is_drill, "attempt_failed", now=now)
    if escalation.attempts == 0:
        await _trace(work, alert.person_id, {"action": "undelivered", "trouble": trouble, **payload}, now=now)


async def _trace(work: Work, person_id: UUID, payload: Mapping[str, object], *, now: datetime) -> None:
    try:
        person = await work.persons.open(person_id)
    except AccessError:  # erased meanwhile: nothing about them is written any more
        return
    await work.trace.append(_ALERT, payload, at=now, person=person)


def _count(work: Work, is_drill: bool, what: str, *, now: datetime) -> None:
    work.counters.add(now.date(), f"{'drill' if is_drill else 'alert'}.{what}")
