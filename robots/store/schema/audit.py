"""Who has done and looked at what, and the chain that shows that nothing of it has been changed since."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Identity, Index, Table, Text

from robots.store.schema.base import metadata, now

# Only ever added to, which the database sees to itself. ``by`` did it, ``for_whom`` had asked for it; ``place`` is
# where it came from (``robots/audit/origin.py``). ``detail`` is kept to the letter, as it was written.
audit_events = Table(
    "audit_events", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    now("at"),
    Column("by", Text, nullable=False),
    Column("did", Text, nullable=False),
    Column("about", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("detail", JSON, nullable=False, server_default="{}"),
    Column("case_number", Text, nullable=False, server_default=""),
    Column("for_whom", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False, server_default=""),
    Column("machine", Text, nullable=False, server_default=""),
    Index("ix_audit_events_about", "about", "id"),
    Index("ix_audit_events_by", "by", "id"),
    Index("ix_audit_events_case_number", "case_number", "id", postgresql_where="case_number <> ''"),
)  # fmt: skip

# One link an event, written by the database when the event's transaction ends: ``seq`` counts from 1 without a gap,
# ``digest`` is the event's sum, ``hash`` that of the link before, of ``seq`` and of ``digest``.
audit_chain = Table(
    "audit_chain", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", BigInteger, nullable=False, unique=True),
    Column("digest", Text, nullable=False),
    Column("hash", Text, nullable=False),
)  # fmt: skip
