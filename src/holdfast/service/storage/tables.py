"""Every table. Bytes are sealed (see ``encryption``); nothing a person wrote is kept in any other kind of column."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, ForeignKey, Index, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "AlertRow",
    "ChatRow",
    "CheckInRow",
    "ConsentRow",
    "CounterRow",
    "CrisisRow",
    "DutyRow",
    "EscalationRow",
    "ExerciseRow",
    "PersonRow",
    "StewardRow",
    "StewardSessionRow",
    "StoreKeyRow",
    "Table",
    "TraceEntryRow",
    "TraceHeadRow",
    "TracePayloadRow",
    "TurnRow",
    "UtcDateTime",
]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its time zone, kept and returned as UTC. A moment without one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert to UTC on the way in."""
        if value is not None and value.tzinfo is None:
            raise ValueError("A moment must carry a time zone, got a naive datetime; use datetime.now(UTC).")
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Mark as UTC on the way out: SQLite keeps no time zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute


_PERSON = "person.id"


class StoreKeyRow(Table):
    """The store's own data key, wrapped by a key that is not in the database. One row."""

    __tablename__ = "store_key"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes]


class PersonRow(Table):
    """A pseudonymous person. ``wrapped_key`` opens everything sealed about them; without it nothing does."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    created: Mapped[datetime]
    last_seen: Mapped[datetime] = mapped_column(index=True)
    wrapped_key: Mapped[bytes]
    generation: Mapped[int]
    region: Mapped[str | None] = mapped_column(String(2))
    audience: Mapped[str] = mapped_column(String(16))
    age: Mapped[str] = mapped_column(String(8))
    last_notice: Mapped[datetime | None]
    return_lookup: Mapped[str | None] = mapped_column(String(64), unique=True)
    return_name: Mapped[bytes | None]
    passphrase_hash: Mapped[str | None] = mapped_column(String(255))


class ConsentRow(Table):
    """One consent as given, and when it was withdrawn or superseded."""

    __tablename__ = "consent"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(32))
    version: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ChatRow(Table):
    """A chat, with the screening or exercise under way in it, sealed."""

    __tablename__ = "chat"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    created: Mapped[datetime]
    updated: Mapped[datetime]
    activity: Mapped[bytes | None]


class TurnRow(Table):
    """One turn of a chat. ``reply`` is the whole reply shown, on the assistant's turns."""

    __tablename__ = "turn"
    __table_args__ = (Index(None, "chat_id", "position", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chat.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(index=True)
    text: Mapped[bytes]
    reply: Mapped[bytes | None]
    trace_seq: Mapped[int | None] = mapped_column(BigInteger)


class CheckInRow(Table):
    """A check-in with one instrument: answers so far, and the result once complete, both sealed."""

    __tablename__ = "check_in"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    instrument: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    started: Mapped[datetime]
    updated: Mapped[datetime]
    completed: Mapped[datetime | None]
    progress: Mapped[bytes]
    result: Mapped[bytes | None]


class ExerciseRow(Table):
    """An exercise a person works through; their entries are sealed."""

    __tablename__ = "exercise"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    exercise: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    started: Mapped[datetime]
    updated: Mapped[datetime]
    completed: Mapped[datetime | None]
    progress: Mapped[bytes]


class CrisisRow(Table):
    """A person's crisis state, sealed."""

    __tablename__ = "crisis"
    person_id: Mapped[UUID] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), primary_key=True)
    updated: Mapped[datetime]
    state: Mapped[bytes]


class AlertRow(Table):
    """A crisis that a steward should see. ``signal`` seals the level and the categories; no text is kept."""

    __tablename__ = "alert"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(_PERSON, ondelete="CASCADE"), index=True)
    opened: Mapped[datetime]
    signal: Mapped[bytes]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    cleared_at: Mapped[datetime | None] = mapped_column(index=True)
    cleared_by: Mapped[str | None] = mapped_column(String(64))
    is_drill: Mapped[bool] = mapped_column(default=False)
    signalled_at: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None]


class EscalationRow(Table):
    """The outbox: a message that an alert waits, to be sent over one channel. It names nobody and holds no words."""

    __tablename__ = "escalation"
    __table_args__ = (Index(None, "alert_id", "stage", "channel", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    stage: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    created: Mapped[datetime]
    attempts: Mapped[int]
    next_attempt: Mapped[datetime] = mapped_column(index=True)
    claimed_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(String(64))


class DutyRow(Table):
    """One spell of a steward on duty. It ends when they say so, or by itself when they have not been seen."""

    __tablename__ = "duty"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    steward_id: Mapped[UUID] = mapped_column(ForeignKey("steward.id", ondelete="CASCADE"), index=True)
    started: Mapped[datetime]
    seen: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
    ended: Mapped[datetime | None]


class TraceEntryRow(Table):
    """One link of the chain. ``at`` is text, so that its hash does not depend on the database. Append-only."""

    __tablename__ = "trace_entry"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(32), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class TracePayloadRow(Table):
    """What a link's digest is of: sealed, salted and erasable. A person cannot go while theirs are here."""

    __tablename__ = "trace_payload"
    seq: Mapped[int] = mapped_column(BigInteger, ForeignKey("trace_entry.seq"), primary_key=True, autoincrement=False)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey(_PERSON), index=True)
    salt: Mapped[bytes]
    payload: Mapped[bytes]


class TraceHeadRow(Table):
    """How long the chain is and where it ends, signed, so that cutting its tail shows. One row."""

    __tablename__ = "trace_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(64))


class StewardRow(Table):
    """A named person who looks after the service."""

    __tablename__ = "steward"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(32))
    passphrase_hash: Mapped[str] = mapped_column(String(255))
    created: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class StewardSessionRow(Table):
    """A steward's sign-in. Only the SHA-256 of its random token is kept."""

    __tablename__ = "steward_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    steward_id: Mapped[UUID] = mapped_column(ForeignKey("steward.id", ondelete="CASCADE"), index=True)
    opened: Mapped[datetime]
    last_used: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)


class CounterRow(Table):
    """How often something happened on a day. No identifiers."""

    __tablename__ = "counter"
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
