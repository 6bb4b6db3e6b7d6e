"""Alerts that somebody owns, the outbox of messages that they wait, and who is on duty.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns to the alerts, and the tables of the outbox and of duty. Alerts kept before are nobody's drill."""
    for column in (
        sa.Column("is_drill", sa.Boolean(), nullable=False, server_default=sa.false()),
        _moment("signalled_at", nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        _moment("taken_at", nullable=True),
    ):
        op.add_column("alert", column)
    _escalation()
    _duty()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _escalation() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        _moment("created"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("next_attempt"),
        _moment("claimed_until", nullable=True),
        _moment("delivered_at", nullable=True),
        _moment("withdrawn_at", nullable=True),
        sa.Column("trouble", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_escalation"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_escalation_alert_id", ondelete="CASCADE"),
    )
    op.create_index("ix_escalation_alert_id_stage_channel", "escalation", ["alert_id", "stage", "channel"], unique=True)
    op.create_index("ix_escalation_next_attempt", "escalation", ["next_attempt"])


def _duty() -> None:
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("steward_id", sa.Uuid(), nullable=False),
        _moment("started"),
        _moment("seen"),
        _moment("expires"),
        _moment("ended", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_duty"),
        sa.ForeignKeyConstraint(["steward_id"], ["steward.id"], name="fk_duty_steward_id", ondelete="CASCADE"),
    )
    op.create_index("ix_duty_steward_id", "duty", ["steward_id"])
    op.create_index("ix_duty_expires", "duty", ["expires"])
