"""Breakers: which systems cannot be used now, and every opening and closing; and until when a run is held."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("runs", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "breakers",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("met_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probes", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("state in ('closed', 'open')", name=op.f("ck_breakers_state_known")),
        sa.PrimaryKeyConstraint("system", "robot", name=op.f("pk_breakers")),
    )
    op.create_table(
        "breaker_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("state in ('closed', 'open')", name=op.f("ck_breaker_history_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaker_history")),
    )
