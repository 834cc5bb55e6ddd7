"""The ledger of what was changed in the systems."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text

from robots.store.schema.base import metadata, now, one_of

EFFECT_STATES = ("INTENDED", "ARMED", "CONFIRMED", "REFUSED", "UNKNOWN", "DUPLICATE")

# The ledger: one row an effect. ``mark`` is its trace in the target.
effects = Table(
    "effects", metadata,
    Column("key", Text, primary_key=True),
    Column("mark", Text, nullable=False, unique=True),
    Column("run_id", BigInteger, ForeignKey("runs.id"), nullable=False),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False),
    Column("case_number", Text),
    Column("task", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("once", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="INTENDED"),
    Column("armed_times", Integer, nullable=False, server_default="0"),
    Column("armed_at", DateTime(timezone=True)),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("receipt", Text),
    now("created_at"),
    one_of("state", EFFECT_STATES),
    Index("ix_effects_run_id", "run_id"),
)  # fmt: skip

# Every transition of every effect, never changed: what can be accounted for years later.
effect_history = Table(
    "effect_history", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, ForeignKey("effects.key"), nullable=False),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("why", Text, nullable=False),
    now("at"),
    Index("ix_effect_history_key", "key"),
)  # fmt: skip
