"""What people do with what the robots hand over, and the sheets that they give the portal."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)
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

# The rows of a sheet that are laid in the batch beside the request, for whoever has the account. Done by one portal at
# a time, which holds it until ``held_until`` and renews that while it lives; ``held_by`` is its word for this one go.
# ``fault`` is why it ended undone, "" where it is done.
sheet_work = Table(
    "sheet_work", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("sheet_id", BigInteger, ForeignKey("sheets.id", ondelete="CASCADE"), nullable=False),
    Column("batch_id", BigInteger, ForeignKey("batches.id"), nullable=False),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    now("at"),
    Column("held_by", Text, nullable=False, server_default=""),
    Column("held_until", DateTime(timezone=True)),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("ended_at", DateTime(timezone=True)),
    Column("fault", Text, nullable=False, server_default=""),
    CheckConstraint("fault = '' or ended_at is not null", name="fault_ends"),
    Index("ix_sheet_work_sheet_id", "sheet_id"),
    Index("ix_sheet_work_batch_id", "batch_id"),
    Index("ix_sheet_work_open", "id", postgresql_where="ended_at is null"),
    # A batch is laid once at a time, however often somebody clicks.
    Index("ix_sheet_work_laying", "batch_id", unique=True, postgresql_where="ended_at is null"),
)  # fmt: skip
