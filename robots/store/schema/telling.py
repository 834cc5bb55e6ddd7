"""What people are told: what has happened, whom it concerns, and the messages; and signs of life."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from robots.store.schema.base import metadata, now, one_of

MESSAGE_STATES = ("waiting", "sending", "sent", "given_up")

# How far each kind of news has been looked for, and until when each person has had the digest.
telling_positions = Table(
    "telling_positions", metadata,
    Column("name", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
)  # fmt: skip

# What has happened, once each. ``topic`` is the one thing that a message is about, ``alike`` what makes news equal.
news = Table(
    "news", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("alike", Text, nullable=False),
    Column("about", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("kind", "key"),
)  # fmt: skip

# What leaves, once each, to one of ``config/people.toml``. ``claimed_until``: nobody else sends it before that.
messages = Table(
    "messages", metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("person", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("link", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("try_at", DateTime(timezone=True), nullable=False),
    Column("claimed_until", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True)),
    one_of("state", MESSAGE_STATES),
    Index("ix_messages_made_at", "made_at"),
    Index("ix_messages_unsent", "try_at", postgresql_where="state in ('waiting', 'sending')"),
)  # fmt: skip

# Whom a piece of news concerns, and the message that told it.
tellings = Table(
    "tellings", metadata,
    Column("news_id", BigInteger, ForeignKey("news.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("message_id", BigInteger, ForeignKey("messages.id")),
    Index("ix_tellings_untold", "person", postgresql_where="message_id is null"),
    Index("ix_tellings_message_id", "message_id"),
)  # fmt: skip

# What is wrong as long as it is: a file that cannot be used. ``words`` are the fault that stands since then.
standing_faults = Table(
    "standing_faults", metadata,
    Column("file", Text, primary_key=True),
    Column("words", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
)  # fmt: skip

# When each part that runs all the time last did what it is there for; workers have rows of their own.
signs_of_life = Table(
    "signs_of_life", metadata,
    Column("name", Text, primary_key=True),
    now("seen_at"),
)  # fmt: skip
