"""The keys that evidence is sealed with."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, LargeBinary, Table, Text

from robots.store.schema.base import metadata, now

# One for each case. ``id`` stands in every file that is sealed with it. A row stays when its key is destroyed: it says
# when that was and by which decision. A case that comes back after that has a new key.
evidence_keys = Table(
    "evidence_keys", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("wrapped", LargeBinary),  # by the master key; null once destroyed
    Column("provider", Text, nullable=False),
    Column("key_id", Text, nullable=False),  # the fingerprint of the master key
    now("created_at"),
    Column("destroyed_at", DateTime(timezone=True)),
    Column("decision", Text, nullable=False, server_default=""),
    CheckConstraint("(wrapped is null) = (destroyed_at is not null)", name="there_or_destroyed"),
    Index("ix_evidence_keys_name", "name", unique=True, postgresql_where="destroyed_at is null"),
)  # fmt: skip
