"""The morning check: what each page looked like, and how a person has said that it may look."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Identity, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from robots.store.schema.base import metadata, now, one_of

PAGE_STATES = ("first", "same", "changed", "missing", "unreachable")

# One page as one run saw it. ``changes`` are against the page as it was last accepted; ``news`` is whether that was
# otherwise the morning before; ``since`` is the day when the page was last as accepted.
mornings = Table(
    "mornings", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("system", Text, nullable=False),
    Column("title", Text, nullable=False),  # of the system
    Column("page", Text, nullable=False),
    Column("place", Integer, nullable=False),  # in the order of landmarks.toml
    Column("state", Text, nullable=False),
    Column("changes", JSONB, nullable=False, server_default="[]"),
    Column("why", Text, nullable=False, server_default=""),  # it could not be reached
    Column("seen", JSONB),
    Column("picture", Text, nullable=False, server_default=""),  # a file in the run's evidence
    Column("news", Boolean, nullable=False, server_default="false"),
    Column("since", Date),
    now("at"),
    one_of("state", PAGE_STATES),
    Index("ix_mornings_run_page", "run_id", "page", unique=True),
    Index("ix_mornings_system_page", "system", "page", "id"),
)  # fmt: skip

# The page that the mornings are compared with: the first that was seen, or what a person has said is right.
accepted_pages = Table(
    "accepted_pages", metadata,
    Column("system", Text, primary_key=True),
    Column("page", Text, primary_key=True),
    Column("seen", JSONB, nullable=False),
    Column("by", Text, nullable=False),
    Column("morning_id", BigInteger, ForeignKey("mornings.id"), nullable=False),
    now("at"),
)  # fmt: skip
