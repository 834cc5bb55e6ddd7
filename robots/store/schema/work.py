"""Runs, the line they stand in, who carries them out, and what becomes of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from robots.store.schema.base import metadata, now, one_of

RUN_STATES = ("queued", "running", "waiting_approval", "done", "handed_over", "failed", "cancelled")
OUTCOMES = ("done", "handed_over", "failed", "cancelled")

batches = Table(
    "batches", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("task", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("started_by", Text, nullable=False),
    now("created_at"),
    # The same sheet again is the same batch; a dry run changes nothing, so each one is a batch of its own.
    Index("ix_batches_sheet", "task", "file_sha256", "sheet", unique=True, postgresql_where="not dry_run"),
)  # fmt: skip

# A supervisor that is or was at work; ``seen_at`` is its sign of life.
workers = Table(
    "workers", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("queues", ARRAY(Text), nullable=False),
    Column("draining", Boolean, nullable=False, server_default="false"),
    now("started_at"),
    now("seen_at"),
    Column("ended_at", DateTime(timezone=True)),
    Index("ix_workers_open", "name", postgresql_where="ended_at is null"),
)  # fmt: skip

# What a person has stopped: ``everything``, ``task:<name>``, ``system:<key>``, or ``commits`` (the emergency stop).
pauses = Table(
    "pauses", metadata,
    Column("scope", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    now("since"),
)  # fmt: skip

# Every order that a person gave the engine, never changed.
orders = Table(
    "orders", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    now("at"),
)  # fmt: skip

# One task with one set of inputs, its whole life. ``key`` makes the same request twice one run; ``request`` is shared
# by the runs that people ordered anew (``again`` counts those whose changes are to be made once more).
runs = Table(
    "runs", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("task", Text, nullable=False),
    Column("task_version", Text, nullable=False),
    Column("robot", Text, nullable=False),
    Column("case_number", Text),
    Column("inputs", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    now("created_at"),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("request", Text, nullable=False),
    Column("earlier_run", BigInteger, ForeignKey("runs.id")),
    Column("again", Integer, nullable=False, server_default="0"),
    Column("held_for", Text),  # why it waits although it is its turn: a seat, a breaker, hours, what is paused
    Column("held_until", DateTime(timezone=True)),  # where that is known, and nobody has to wake it
    Column("deadline_at", DateTime(timezone=True), nullable=False),
    Column("warned_at", DateTime(timezone=True)),
    Column("asks_first", Boolean, nullable=False, server_default="false"),  # a person wants to look before it changes
    Column("team", Text, nullable=False, server_default=""),  # the task's owner when it was asked for
    Column("trace_reason", Text),  # why somebody wants a full trace of it; null where nobody does
    one_of("state", RUN_STATES),
    Index("ix_runs_state_created", "state", "created_at"),
    Index("ix_runs_case_number", "case_number"),
    Index("ix_runs_request", "request", "id"),
    # What people start, and how often: the runs of schedules and batches are not in it.
    Index("ix_runs_by_people", "created_at", "started_by", "task", postgresql_where="source = 'guide'"),
    Index("ix_runs_held", "held_for", postgresql_where="held_for is not null"),
    Index("ix_runs_warned_at", "warned_at", postgresql_where="warned_at is not null"),
    Index("ix_runs_unwarned", "deadline_at", postgresql_where="state = 'queued' and warned_at is null"),
)  # fmt: skip

batch_rows = Table(
    "batch_rows", metadata,
    Column("batch_id", BigInteger, ForeignKey("batches.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id")),
    Column("first_row", Integer),  # the earlier row of the same file that asks for the same run
    Column("error", Text),
    CheckConstraint("(run_id is null) <> (error is null)", name="run_or_error"),
    Index("ix_batch_rows_run", "batch_id", "run_id", "row"),
)  # fmt: skip

# One try of a run, and the process that makes it: takeover needs to know that it is dead.
attempts = Table(
    "attempts", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Text, nullable=False),
    now("started_at"),
    Column("ended_at", DateTime(timezone=True)),
    Column("ending", Text),
    Column("error", Text),
    Column("worker_id", BigInteger, ForeignKey("workers.id")),
    UniqueConstraint("run_id", "number"),
    Index("ix_attempts_open", "run_id", postgresql_where="ended_at is null"),
)  # fmt: skip

# The sessions that robots have or had in systems that allow only so many at once.
seats = Table(
    "seats", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("system", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False),
    now("taken_at"),
    Column("given_back_at", DateTime(timezone=True)),
    Index("ix_seats_taken", "system", "number", unique=True, postgresql_where="given_back_at is null"),
    Index("ix_seats_attempt_id", "attempt_id"),
    Index("ix_seats_system_taken_at", "system", "taken_at"),
)  # fmt: skip

# The line of runs that lack a seat.
seat_waits = Table(
    "seat_waits", metadata,
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True),
    Column("needs", JSONB, nullable=False),
    now("since"),
)  # fmt: skip

# Exactly one row a run, written in the same transaction as what follows from it.
outcomes = Table(
    "outcomes", metadata,
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("todo", Text, nullable=False, server_default=""),
    Column("in_case", Boolean, nullable=False, server_default="false"),
    # A handover that a person has closed, or that a later run has gone on with, need not be looked at again.
    Column("settled", Boolean, nullable=False, server_default="false"),
    now("at"),
    one_of("outcome", OUTCOMES),
    Index("ix_outcomes_at", "at"),
    Index("ix_outcomes_unsettled", "run_id",
          postgresql_where="outcome in ('handed_over', 'failed') and not settled"),
)  # fmt: skip

# The structured step log: what a run did and saw, in order, masked.
run_events = Table(
    "run_events", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    now("at"),
    Index("ix_run_events_run_id", "run_id", "id"),
)  # fmt: skip
