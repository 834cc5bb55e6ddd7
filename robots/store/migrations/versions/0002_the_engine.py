"""Workers, seats, pauses and what people order; deadlines, and runs that are wanted again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.Text(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("queues", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("draining", sa.Boolean(), server_default="false", nullable=False),
        _now("started_at"),
        _now("seen_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_index("ix_workers_open", "workers", ["name"], unique=False, postgresql_where="ended_at is null")
    op.create_table(
        "pauses",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _now("since"),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_pauses")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _now("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.add_column("attempts", sa.Column("worker_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_attempts_worker_id"), "attempts", "workers", ["worker_id"], ["id"])
    op.drop_index("ix_attempts_open", table_name="attempts")
    op.create_index("ix_attempts_open", "attempts", ["run_id"], unique=False, postgresql_where="ended_at is null")
    # The engine has one for those that wait; a job is found by its run's key when its worker has died as well.
    op.execute("create index ix_jobs_doing_key on procrastinate_jobs (queueing_lock) where status = 'doing'")
    op.drop_column("runs", "job_id")
    op.add_column("runs", sa.Column("request", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("earlier_run", sa.BigInteger(), nullable=True))
    op.add_column("runs", sa.Column("again", sa.Integer(), server_default="0", nullable=False))
    op.add_column("runs", sa.Column("held_for", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update runs set request = key, deadline_at = created_at + interval '24 hours'")
    op.alter_column("runs", "request", nullable=False)
    op.alter_column("runs", "deadline_at", nullable=False)
    op.create_foreign_key(op.f("fk_runs_earlier_run"), "runs", "runs", ["earlier_run"], ["id"])
    op.create_index("ix_runs_request", "runs", ["request", "id"], unique=False)
    op.create_index("ix_runs_held", "runs", ["held_for"], unique=False, postgresql_where="held_for is not null")
    op.create_index(
        "ix_runs_unwarned", "runs", ["deadline_at"], unique=False,
        postgresql_where="state = 'queued' and warned_at is null",
    )  # fmt: skip
    op.create_table(
        "seats",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        _now("taken_at"),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_seats_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    op.create_index(
        "ix_seats_taken", "seats", ["system", "number"], unique=True, postgresql_where="given_back_at is null"
    )
    op.create_index("ix_seats_attempt_id", "seats", ["attempt_id"], unique=False)
    op.create_index("ix_seats_system_taken_at", "seats", ["system", "taken_at"], unique=False)
    op.create_table(
        "seat_waits",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("needs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _now("since"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_seat_waits_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_seat_waits")),
    )


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)
