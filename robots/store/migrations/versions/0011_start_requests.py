"""What a start was asked with, so that the same key is one run; and what people start most, found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "start_requests",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_start_requests_account_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_start_requests_run_id")),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_start_requests")),
    )
    op.create_index("ix_start_requests_at", "start_requests", ["at"])
    op.create_index(
        "ix_runs_by_people", "runs", ["created_at", "started_by", "task"],
        postgresql_where=sa.text("source = 'guide'"),
    )  # fmt: skip
