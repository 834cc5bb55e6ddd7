"""The calendar as it could last be used, and the messages of mailboxes that have had their run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "kept_calendars",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("closed", postgresql.JSONB(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        _now("changed_at"),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_kept_calendars")),
    )
    op.create_table(
        "letters",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        _now("taken_at"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_letters_run_id")),
        sa.PrimaryKeyConstraint("schedule", "identity", name=op.f("pk_letters")),
    )
    op.create_index("ix_letters_run_id", "letters", ["run_id"])


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)
