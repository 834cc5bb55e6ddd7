"""What has been removed by decision, and what must be remembered of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from robots.store.schema.base import metadata, now

# One row for each portion that was removed, written with it. ``oldest`` and ``newest`` are the times that counted;
# ``ids`` are the numbers of the runs, so that what a backup still holds of them can be removed once more.
retention_log = Table(
    "retention_log", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    now("at"),
    Column("class", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("oldest", DateTime(timezone=True), nullable=False),
    Column("newest", DateTime(timezone=True), nullable=False),
    Column("decision", Text, nullable=False),
    Column("decided", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("ids", ARRAY(BigInteger)),
    Index("ix_retention_log_at", "at"),
)  # fmt: skip

# The nights that have been gone through to the end.
retention_nights = Table(
    "retention_nights", metadata,
    Column("night", Date, primary_key=True),
    now("ended_at"),
)  # fmt: skip

# The keys of changes that were made and whose runs are removed: sums, from which nothing can be read.
past_effects = Table(
    "past_effects", metadata,
    Column("key", Text, primary_key=True),
    now("removed_at"),
)  # fmt: skip
