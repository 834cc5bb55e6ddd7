"""Who may use the portal, and who is using it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from robots.store.schema.base import metadata, now

# A person, or a program that calls the API. ``teams`` are the owners of tasks whose runs and handovers it sees;
# ``subject`` is who it is at the municipality's identity provider, ``password_hash`` is for those who are not there;
# ``must_change`` says that somebody else chose the password, which lets its owner in to choose another and no further.
accounts = Table(
    "accounts", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("shown_name", Text, nullable=False),
    Column("password_hash", Text),
    Column("subject", Text, unique=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
    Column("language", Text, nullable=False, server_default="sv"),
    Column("theme", Text, nullable=False, server_default="auto"),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("must_change", Boolean, nullable=False, server_default="false"),
    now("created_at"),
    now("password_set_at"),
)  # fmt: skip

# Sessions and keys are kept as hashes only: who reads the table gets in nowhere.
portal_sessions = Table(
    "portal_sessions", metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("csrf", Text, nullable=False),
    now("began_at"),
    now("seen_at"),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    # Of a login at the municipality's provider: the token that it wants back. It lets nobody in, here or there.
    Column("proof", Text, nullable=False, server_default=""),
    Index("ix_portal_sessions_account", "account_id"),
    Index("ix_portal_sessions_ends_at", "ends_at"),
)  # fmt: skip

api_keys = Table(
    "api_keys", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key_hash", Text, nullable=False, unique=True),
    Column("made_by", Text, nullable=False),
    now("made_at"),
    Column("used_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
)  # fmt: skip

failed_logins = Table(
    "failed_logins", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    now("at"),
    Index("ix_failed_logins_name_at", "name", "at"),
)  # fmt: skip

# What an order was asked with (``key`` is of the page or the program that asks): the same key is the same run, or the
# same batch, once.
start_requests = Table(
    "start_requests", metadata,
    Column("account_id", BigInteger, ForeignKey("accounts.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("run_id", BigInteger, ForeignKey("runs.id")),
    now("at"),
    Column("batch_id", BigInteger, ForeignKey("batches.id")),
    CheckConstraint("(run_id is null) <> (batch_id is null)", name="run_or_batch"),
    Index("ix_start_requests_at", "at"),
)  # fmt: skip

# A login that has been begun at the municipality's provider: the row is gone when the browser has come back with it.
login_attempts = Table(
    "login_attempts", metadata,
    Column("state_hash", Text, primary_key=True),
    Column("browser_hash", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("go_to", Text, nullable=False),
    now("at"),
    Index("ix_login_attempts_at", "at"),
)  # fmt: skip

# Who may start a task, where it is not everybody who may start tasks: one of these roles, and of one of these teams.
# An empty list asks for nothing.
task_rules = Table(
    "task_rules", metadata,
    Column("task", Text, primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("teams", ARRAY(Text), nullable=False),
)  # fmt: skip
