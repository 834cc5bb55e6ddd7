"""Which programs are called when something has happened to their runs, and each call."""

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
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from robots.store.schema.base import metadata, now, one_of
from robots.store.schema.telling import MESSAGE_STATES

# A ``test`` is of no run (0), and asked for by a person.
WEBHOOK_EVENTS = ("run_ended", "handover", "approval_asked", "test")

# Of the runs that an account starts, or of a team's. ``secret`` signs what is sent, and is sealed: it must be read
# again.
webhooks = Table(
    "webhooks", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id")),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    now("made_at"),
    Column("ended_at", DateTime(timezone=True)),
    Column("team", Text),
    Column("paused_at", DateTime(timezone=True)),
    CheckConstraint("(account_id is null) <> (team is null)", name="account_or_team"),
    Index("ix_webhooks_account_id", "account_id", postgresql_where="ended_at is null"),
)  # fmt: skip

# Written by the database in the very transaction that it tells of (migration 0018). Its run may be removed before it.
webhook_deliveries = Table(
    "webhook_deliveries", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("webhook_id", BigInteger, ForeignKey("webhooks.id"), nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    now("made_at"),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    now("try_at"),
    Column("claimed_until", DateTime(timezone=True)),
    Column("error", Text, nullable=False, server_default=""),
    Column("settled_at", DateTime(timezone=True)),
    one_of("event", WEBHOOK_EVENTS),
    one_of("state", MESSAGE_STATES),
    Index("ix_webhook_deliveries_unsent", "webhook_id", "run_id", "id",
          postgresql_where="state in ('waiting', 'sending')"),
)  # fmt: skip
