"""Which version of each task may run for real, and who has looked at it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "task_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("put_forward_by", sa.Text(), nullable=True),
        sa.Column("put_forward_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "approved_by is null or lower(approved_by) <> lower(put_forward_by)",
            name=op.f("ck_task_versions_four_eyes"),
        ),
        sa.CheckConstraint(
            "approved_by is null or put_forward_by is not null", name=op.f("ck_task_versions_put_forward_first")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_versions")),
        sa.UniqueConstraint("task", "digest", name=op.f("uq_task_versions_task")),
    )
