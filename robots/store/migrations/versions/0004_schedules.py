"""Schedules: how far each has been looked at, its starts, and the runs that they asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("gone", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("looked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedules")),
    )
    op.create_table(
        "starts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("local_time", sa.DateTime(timezone=False), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        _now("noted_at"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('due', 'started', 'missed', 'skipped', 'asked')", name=op.f("ck_starts_state_known")
        ),
        sa.ForeignKeyConstraint(["schedule"], ["schedules.name"], name=op.f("fk_starts_schedule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_starts")),
        sa.UniqueConstraint("schedule", "local_time", name=op.f("uq_starts_schedule")),
    )
    op.create_index("ix_starts_open", "starts", ["schedule"], postgresql_where="state in ('due', 'asked')")
    op.create_table(
        "start_runs",
        sa.Column("start_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["start_id"], ["starts.id"], name=op.f("fk_start_runs_start_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_start_runs_run_id")),
        sa.PrimaryKeyConstraint("start_id", "run_id", name=op.f("pk_start_runs")),
    )
    op.create_index("ix_start_runs_run_id", "start_runs", ["run_id"])


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)
