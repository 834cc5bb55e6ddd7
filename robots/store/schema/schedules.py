"""Schedules and their starts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Identity, Index, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from robots.store.schema.base import metadata, now, one_of

START_STATES = ("due", "started", "missed", "skipped", "asked")

# A schedule as its file was when it could last be used. Every start until ``looked_until`` has its row.
schedules = Table(
    "schedules", metadata,
    Column("name", Text, primary_key=True),
    Column("written", Text, nullable=False),
    Column("error", Text, nullable=False, server_default=""),  # why the file cannot be used as it is now
    Column("gone", Boolean, nullable=False, server_default="false"),
    Column("looked_until", DateTime(timezone=True), nullable=False),
)  # fmt: skip

# One start of a schedule. ``local_time`` is what the clocks in Sweden show: what makes it one.
starts = Table(
    "starts", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("schedule", Text, ForeignKey("schedules.name"), nullable=False),
    Column("local_time", DateTime(timezone=False), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("waits_for", Text, nullable=False, server_default=""),  # hours, previous or mending, while it is due
    Column("reason", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False),
    now("noted_at"),
    Column("started_at", DateTime(timezone=True)),
    UniqueConstraint("schedule", "local_time"),
    one_of("state", START_STATES),
    Index("ix_starts_noted_at", "noted_at"),
    Index("ix_starts_open", "schedule", postgresql_where="state in ('due', 'asked')"),
)  # fmt: skip

# The runs that a start asked for.
start_runs = Table(
    "start_runs", metadata,
    Column("start_id", BigInteger, ForeignKey("starts.id"), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True),
    Index("ix_start_runs_run_id", "run_id"),
)  # fmt: skip

# The municipality's calendar as its file was when it could last be used: why each day is off, by day.
kept_calendars = Table(
    "kept_calendars", metadata,
    Column("file", Text, primary_key=True),
    Column("closed", JSONB(none_as_null=True)),  # null where it never could be used
    Column("error", Text, nullable=False, server_default=""),  # why the file cannot be used as it is now
    now("changed_at"),
)  # fmt: skip

# The messages of a mailbox that have had their run. ``identity`` is what makes a message one, ``said`` what it said.
letters = Table(
    "letters", metadata,
    Column("schedule", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("said", Text, nullable=False),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    now("taken_at"),
    Index("ix_letters_run_id", "run_id"),
)  # fmt: skip
