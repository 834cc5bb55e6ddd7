"""Changes that wait for a person to have looked at them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("runs", sa.Column("asks_first", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("effect_key", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("shown", postgresql.JSONB(), nullable=False),
        sa.Column("picture", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _time("asked_at", server_default=sa.text("clock_timestamp()"), nullable=False),
        _time("expires_at", nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        _time("answered_at", nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        _time("passed_at", nullable=True),
        sa.CheckConstraint("answer in ('send', 'stop', 'expired')", name=op.f("ck_approvals_answer_known")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_approvals_run_id")),
        sa.ForeignKeyConstraint(["effect_key"], ["effects.key"], name=op.f("fk_approvals_effect_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(
        "ix_approvals_open", "approvals", ["run_id"], unique=True, postgresql_where=sa.text("answer is null")
    )
    op.create_index("ix_approvals_run_id", "approvals", ["run_id", "id"])


def _time(name: str, **more: object) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), **more)  # type: ignore[arg-type]
