"""Changes that wait for a person to have looked at them, and what the person said."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from robots.store.schema.base import metadata, now, one_of

ANSWERS = ("send", "stop", "expired")

# One row for each time that somebody is asked. ``digest`` is of what is about to be sent, ``shown`` the same as a
# person reads it, masked, ``picture`` a file in the run's evidence. ``passed_at`` is when the change was armed by it.
approvals = Table(
    "approvals", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("effect_key", Text, ForeignKey("effects.key"), nullable=False),
    Column("system", Text, nullable=False),
    Column("once", Text, nullable=False),
    Column("mark", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("shown", JSONB, nullable=False),
    Column("picture", Text, nullable=False, server_default=""),
    Column("attempt", Integer, nullable=False),
    now("asked_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("answer", Text),
    Column("answered_by", Text),
    Column("answered_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False, server_default=""),
    Column("passed_at", DateTime(timezone=True)),
    one_of("answer", ANSWERS),
    # A run has one question at a time.
    Index("ix_approvals_open", "run_id", unique=True, postgresql_where="answer is null"),
    Index("ix_approvals_run_id", "run_id", "id"),
)  # fmt: skip
