"""Telling people: what has happened, whom it concerns, the messages, and signs of life."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "telling_positions",
        sa.Column("name", sa.Text(), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_telling_positions")),
    )
    op.create_table(
        "news",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("alike", sa.Text(), nullable=False),
        sa.Column("about", postgresql.JSONB(), nullable=False),
        _moment("at"),
        _moment("noted_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_news_kind")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        _moment("made_at"),
        _moment("try_at"),
        _moment("claimed_until", nullable=True),
        _moment("sent_at", nullable=True),
        sa.CheckConstraint("state in ('waiting', 'sending', 'sent', 'given_up')", name=op.f("ck_messages_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_made_at", "messages", ["made_at"])
    op.create_index("ix_messages_unsent", "messages", ["try_at"], postgresql_where="state in ('waiting', 'sending')")
    op.create_table(
        "tellings",
        sa.Column("news_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["news_id"], ["news.id"], name=op.f("fk_tellings_news_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_tellings_message_id")),
        sa.PrimaryKeyConstraint("news_id", "person", name=op.f("pk_tellings")),
    )
    op.create_index("ix_tellings_untold", "tellings", ["person"], postgresql_where="message_id is null")
    op.create_index("ix_tellings_message_id", "tellings", ["message_id"])
    op.create_table(
        "standing_faults",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _moment("since"),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_standing_faults")),
    )
    op.create_table(
        "signs_of_life",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_signs_of_life")),
    )
    # What is looked for again and again, and is few among many.
    op.create_index("ix_outcomes_at", "outcomes", ["at"])
    op.create_index("ix_runs_warned_at", "runs", ["warned_at"], postgresql_where="warned_at is not null")
    op.create_index("ix_starts_noted_at", "starts", ["noted_at"])
    op.create_index("ix_breaker_history_at", "breaker_history", ["at"])


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
