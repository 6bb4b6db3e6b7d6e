"""The first tables: persons and what is theirs, stewards, the trace and the guard that keeps it append-only.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_REFUSAL = "trace_entry is append-only"


def upgrade() -> None:
    """Create every table and the trace's guard."""
    _people()
    _conversation()
    _practice()
    _crisis()
    _stewards()
    _trace()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _sealed(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _word(name: str, length: int, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _id(name: str = "id", *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, autoincrement=False)


def _table(name: str, *columns: sa.Column[object], key: str = "id") -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key.split(), name=f"pk_{name}"))


def _owned(name: str, *columns: sa.Column[object], key: str = "id") -> None:
    """Create a table whose rows go with their person."""
    op.create_table(
        name,
        *columns,
        sa.PrimaryKeyConstraint(key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=f"fk_{name}_person_id", ondelete="CASCADE"),
    )


def _people() -> None:
    _table("store_key", sa.Column("id", sa.Integer(), nullable=False, autoincrement=False), _sealed("wrapped"))
    op.create_table(
        "person",
        _id(),
        _moment("created"),
        _moment("last_seen"),
        _sealed("wrapped_key"),
        sa.Column("generation", sa.Integer(), nullable=False),
        _word("region", 2, nullable=True),
        _word("audience", 16),
        sa.Column("is_minor", sa.Boolean(), nullable=False),
        _moment("last_notice", nullable=True),
        _word("return_lookup", 64, nullable=True),
        _sealed("return_name", nullable=True),
        _word("passphrase_hash", 255, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("return_lookup", name="uq_person_return_lookup"),
    )
    op.create_index("ix_person_last_seen", "person", ["last_seen"])
    consent = _word("purpose", 32), _word("version", 64), _moment("given_at"), _moment("withdrawn_at", nullable=True)
    _owned("consent", _id(), _id("person_id"), *consent)
    op.create_index("ix_consent_person_id", "consent", ["person_id"])


def _conversation() -> None:
    _owned("chat", _id(), _id("person_id"), _moment("created"), _moment("updated"), _sealed("activity", nullable=True))
    op.create_index("ix_chat_person_id", "chat", ["person_id"])
    op.create_table(
        "turn",
        _id(),
        _id("chat_id"),
        _id("person_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _word("role", 16),
        _moment("at"),
        _sealed("text"),
        _sealed("reply", nullable=True),
        _number("trace_seq", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_turn"),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name="fk_turn_chat_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_turn_person_id", ondelete="CASCADE"),
    )
    op.create_index("ix_turn_chat_id_position", "turn", ["chat_id", "position"], unique=True)
    op.create_index("ix_turn_person_id", "turn", ["person_id"])
    op.create_index("ix_turn_at", "turn", ["at"])


def _practice() -> None:
    for name, what in (("check_in", "instrument"), ("exercise", "exercise")):
        result = [_sealed("result", nullable=True)] if name == "check_in" else []
        _owned(
            name,
            _id(),
            _id("person_id"),
            _word(what, 64),
            _word("version", 64),
            _word("status", 16),
            _moment("started"),
            _moment("updated"),
            _moment("completed", nullable=True),
            _sealed("progress"),
            *result,
        )
        op.create_index(f"ix_{name}_person_id", name, ["person_id"])


def _crisis() -> None:
    _owned("crisis", _id("person_id"), _moment("updated"), _sealed("state"), key="person_id")
    _owned(
        "alert",
        _id(),
        _id("person_id"),
        _moment("opened"),
        _sealed("signal"),
        _moment("acknowledged_at", nullable=True),
        _word("acknowledged_by", 64, nullable=True),
        _moment("cleared_at", nullable=True),
        _word("cleared_by", 64, nullable=True),
    )
    op.create_index("ix_alert_person_id", "alert", ["person_id"])
    op.create_index("ix_alert_cleared_at", "alert", ["cleared_at"])


def _stewards() -> None:
    op.create_table(
        "steward",
        _id(),
        _word("name", 64),
        _word("role", 32),
        _word("passphrase_hash", 255),
        _moment("created"),
        _moment("disabled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_steward"),
        sa.UniqueConstraint("name", name="uq_steward_name"),
    )
    op.create_table(
        "steward_session",
        _word("token_hash", 64),
        _id("steward_id"),
        _moment("opened"),
        _moment("last_used"),
        _moment("expires"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_steward_session"),
        sa.ForeignKeyConstraint(
            ["steward_id"], ["steward.id"], name="fk_steward_session_steward_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_steward_session_steward_id", "steward_session", ["steward_id"])
    op.create_index("ix_steward_session_expires", "steward_session", ["expires"])
    _table("counter", sa.Column("day", sa.Date(), nullable=False), _word("kind", 64), _number("count"), key="day kind")


def _trace() -> None:
    hashes = _word("digest", 64), _word("prev_hash", 64), _word("hash", 64)
    _table("trace_entry", _number("seq"), _word("at", 40), _word("kind", 32), *hashes, key="seq")
    op.create_index("ix_trace_entry_kind", "trace_entry", ["kind"])
    op.create_table(
        "trace_payload",
        _number("seq"),
        _id("person_id", nullable=True),
        _sealed("salt"),
        _sealed("payload"),
        sa.PrimaryKeyConstraint("seq", name="pk_trace_payload"),
        sa.ForeignKeyConstraint(["seq"], ["trace_entry.seq"], name="fk_trace_payload_seq"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_trace_payload_person_id"),
    )
    op.create_index("ix_trace_payload_person_id", "trace_payload", ["person_id"])
    head = _number("count"), _word("hash", 64), _word("signature", 64)
    _table("trace_head", sa.Column("id", sa.Integer(), nullable=False, autoincrement=False), *head)


def _guard_sqlite() -> None:
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER trace_entry_no_{what.lower()} BEFORE {what} ON trace_entry "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION trace_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER trace_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trace_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION trace_entry_refuse()"
    )
