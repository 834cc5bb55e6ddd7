"""What is known of the systems: logins, refused secrets, and breakers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, Table, Text

from robots.store.schema.base import metadata, now, one_of

BREAKER_STATES = ("closed", "open")

# Cookies of a robot user in a system, encrypted with the key that ``machine`` is the fingerprint of.
login_sessions = Table(
    "login_sessions", metadata,
    Column("robot", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("machine", Text, primary_key=True),
    Column("state", LargeBinary),
    Column("serial", Integer, nullable=False, server_default="0"),
    now("renewed_at"),
)  # fmt: skip

# What a system has refused a robot user, on whichever machine: a slow fingerprint of the secret, never the secret.
refused_secrets = Table(
    "refused_secrets", metadata,
    Column("robot", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    now("refused_at"),
)  # fmt: skip

# A system that cannot be used now, for one robot user or (``robot`` empty) for all; ``failures`` are those in a row.
breakers = Table(
    "breakers", metadata,
    Column("system", Text, primary_key=True),
    Column("robot", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("why", Text, nullable=False, server_default=""),
    Column("met_by", Text, nullable=False),  # the robot that met the last failure, and that looks whether it is over
    Column("opened_at", DateTime(timezone=True)),
    Column("probe_at", DateTime(timezone=True)),  # empty where only a new secret helps
    Column("probes", Integer, nullable=False, server_default="0"),
    one_of("state", BREAKER_STATES),
)  # fmt: skip

# Every opening and closing of a breaker, never changed.
breaker_history = Table(
    "breaker_history", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("system", Text, nullable=False),
    Column("robot", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    now("at"),
    one_of("state", BREAKER_STATES),
    Index("ix_breaker_history_at", "at"),
)  # fmt: skip
