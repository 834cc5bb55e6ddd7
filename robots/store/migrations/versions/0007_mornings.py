"""The morning check: what each page looked like, and how a person has said that it may look."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "mornings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("seen", postgresql.JSONB(), nullable=True),
        sa.Column("picture", sa.Text(), server_default="", nullable=False),
        sa.Column("news", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        _now("at"),
        sa.CheckConstraint(
            "state in ('first', 'same', 'changed', 'missing', 'unreachable')", name=op.f("ck_mornings_state_known")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_mornings_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mornings")),
    )
    op.create_index("ix_mornings_run_page", "mornings", ["run_id", "page"], unique=True)
    op.create_index("ix_mornings_system_page", "mornings", ["system", "page", "id"])
    op.create_table(
        "accepted_pages",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("seen", postgresql.JSONB(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("morning_id", sa.BigInteger(), nullable=False),
        _now("at"),
        sa.ForeignKeyConstraint(["morning_id"], ["mornings.id"], name=op.f("fk_accepted_pages_morning_id")),
        sa.PrimaryKeyConstraint("system", "page", name=op.f("pk_accepted_pages")),
    )


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)
