"""What people do with what the robots hand over, and the sheets that they give the portal."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from robots.store.schema.base import metadata, now, one_of

WAYS = ("by_hand", "not_needed", "wrong", "other")

# A run that was handed over or failed is a handover by itself; the row comes when a person takes it. ``done`` is what
# was done instead, in that person's words. What each step was, and whose, is in the audit.
handover_work = Table(
    "handover_work", metadata,
    Column("run_id", BigInteger, ForeignKey("runs.id"), primary_key=True),
    Column("taken_by", Text),
    Column("taken_at", DateTime(timezone=True)),
    Column("closed_by", Text),
    Column("closed_at", DateTime(timezone=True)),
    Column("way", Text),
    Column("done", Text, nullable=False, server_default=""),
    one_of("way", WAYS),
    # Nobody closes nothing: it has an account, a way and words, or it is open.
    CheckConstraint(
        "num_nulls(closed_by, closed_at, way) in (0, 3) and (closed_at is null or done <> '')",
        name="closed_by_somebody",
    ),
    Index("ix_handover_work_closed_at", "closed_at", postgresql_where="closed_at is not null"),
)  # fmt: skip

# A sheet that somebody has given the portal, and what was seen when it was read (personal data covered). The file lies
# in the data folder of the machine that took it. ``trial_id`` is the batch of its dry run.
sheets = Table(
    "sheets", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("by", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("sheet", Text, nullable=False),
    Column("checked", JSONB, nullable=False),
    Column("batch_id", BigInteger, ForeignKey("batches.id")),
    Column("trial_id", BigInteger, ForeignKey("batches.id")),
    now("at"),
    Index("ix_sheets_at", "at"),
    Index("ix_sheets_batch_id", "batch_id", postgresql_where="batch_id is not null"),
    Index("ix_sheets_trial_id", "trial_id", postgresql_where="trial_id is not null"),
)  # fmt: skip
