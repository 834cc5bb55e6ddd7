"""What has been removed, by which decision."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "retention_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _now("at"),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("oldest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ids", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_log")),
    )
    op.create_index("ix_retention_log_at", "retention_log", ["at"])
    op.create_table(
        "retention_nights",
        sa.Column("night", sa.Date(), nullable=False),
        _now("ended_at"),
        sa.PrimaryKeyConstraint("night", name=op.f("pk_retention_nights")),
    )
    op.create_table(
        "past_effects",
        sa.Column("key", sa.Text(), nullable=False),
        _now("removed_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_past_effects")),
    )


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)
