"""The outbox: messages that an alert waits, one for each stage and channel, kept until they are taken.

A message is made once, whatever is restarted and however many processes look: the database refuses a second. Sending
is claimed for a while, so that two processes do not send at once; one that dies leaves the claim to run out, and the
message is sent again under the same id. Whoever receives it can tell by that id.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, or_, select, update

from holdfast.service.storage.tables import EscalationRow
from holdfast.service.storage.unit import Unit
from holdfast.service.storage.upsert import insert_into

__all__ = ["LEASE", "Channel", "Escalation", "EscalationRepository", "pause_after"]

LEASE = timedelta(seconds=90)
"""How long a claim lasts: longer than any attempt may take."""

_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(minutes=2)
_MOST = 20
_TROUBLE_CHARS = 64


class Channel(StrEnum):
    """How a message leaves the service. NOBODY records that it had nowhere to go."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """One message: the first or second ``stage`` of one alert over one channel.

    ``trouble`` is why the last attempt was not taken: an error's type or an HTTP status, never anyone's words.
    """

    id: UUID
    alert_id: UUID
    stage: int
    channel: Channel
    created: datetime
    attempts: int
    next_attempt: datetime
    delivered_at: datetime | None
    withdrawn_at: datetime | None
    trouble: str | None

    @property
    def is_failing(self) -> bool:
        """Whether it was tried, was not taken, and is to be tried again."""
        return self.attempts > 0 and self.delivered_at is None and self.withdrawn_at is None


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 10 s, doubled each time, at most 2 minutes."""
    doubled: timedelta = _FIRST_PAUSE * 2 ** min(max(0, attempts - 1), 10)
    return min(doubled, _LONGEST_PAUSE)


class EscalationRepository:
    """The outbox in one unit of work."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, alert_id: UUID, *, stage: int, channel: Channel, now: datetime) -> bool:
        """Put a message into the outbox, to be sent at once; return False where it was there already."""
        insert = insert_into(self._unit.session, EscalationRow).values(
            id=uuid4(),
            alert_id=alert_id,
            stage=stage,
            channel=channel.value,
            created=now,
            attempts=0,
            next_attempt=now,
        )
        statement = insert.on_conflict_do_nothing().returning(EscalationRow.id)
        return await self._unit.session.scalar(statement) is not None

    async def of(self, alert_ids: Iterable[UUID]) -> tuple[Escalation, ...]:
        """Return every message about these alerts, oldest first."""
        query = select(EscalationRow).where(EscalationRow.alert_id.in_(tuple(alert_ids)))
        rows = await self._unit.session.scalars(query.order_by(EscalationRow.created, EscalationRow.id))
        return tuple(_escalation(row) for row in rows)

    async def is_any_due(self, now: datetime) -> bool:
        """Whether there is anything to send."""
        return await self._unit.session.scalar(select(EscalationRow.id).where(*_due(now)).limit(1)) is not None

    async def claim(self, *, now: datetime) -> tuple[Escalation, ...]:
        """Claim what is to be sent now, so that no other process sends it for the next ``LEASE``."""
        ids = select(EscalationRow.id).where(*_due(now)).order_by(EscalationRow.created).limit(_MOST)
        statement = update(EscalationRow).where(EscalationRow.id.in_(ids), *_due(now))
        claimed = statement.values(claimed_until=now + LEASE).returning(EscalationRow)
        rows = await self._unit.session.scalars(claimed, execution_options={"populate_existing": True})
        return tuple(sorted(map(_escalation, rows), key=lambda one: one.created))

    async def delivered(self, escalation_id: UUID, *, now: datetime) -> None:
        """Record that a message was taken."""
        row = EscalationRow.attempts + 1
        await self._set(escalation_id, attempts=row, delivered_at=now, claimed_until=None, trouble=None)

    async def failed(self, escalation: Escalation, *, trouble: str, now: datetime) -> None:
        """Record that a message was not taken, and when to try again."""
        attempts = escalation.attempts + 1
        await self._set(
            escalation.id,
            attempts=attempts,
            claimed_until=None,
            trouble=trouble[:_TROUBLE_CHARS],
            next_attempt=now + pause_after(attempts),
        )

    async def withdraw(self, alert_ids: Iterable[UUID], *, now: datetime) -> None:
        """Take back what was not delivered yet: the alerts were seen or cleared meanwhile."""
        statement = update(EscalationRow).where(
            EscalationRow.alert_id.in_(tuple(alert_ids)),
            EscalationRow.delivered_at.is_(None),
            EscalationRow.withdrawn_at.is_(None),
        )
        await self._unit.session.execute(statement.values(withdrawn_at=now))

    async def _set(self, escalation_id: UUID, **values: object) -> None:
        statement = update(EscalationRow).where(EscalationRow.id == escalation_id)
        await self._unit.session.execute(statement.values(**values))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a message due. A clock that was set back must not put one off: then it is due at once."""
    return (
        EscalationRow.channel != Channel.NOBODY.value,
        EscalationRow.delivered_at.is_(None),
        EscalationRow.withdrawn_at.is_(None),
        or_(EscalationRow.next_attempt <= now, EscalationRow.created > now),
        or_(
            EscalationRow.claimed_until.is_(None),
            EscalationRow.claimed_until <= now,
            EscalationRow.claimed_until > now + LEASE,
        ),
    )


def _escalation(row: EscalationRow) -> Escalation:
    return Escalation(
        id=row.id,
        alert_id=row.alert_id,
        stage=row.stage,
        channel=Channel(row.channel),
        created=row.created,
        attempts=row.attempts,
        next_attempt=row.next_attempt,
        delivered_at=row.delivered_at,
        withdrawn_at=row.withdrawn_at,
        trouble=row.trouble,
    )
