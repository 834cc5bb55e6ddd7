"""The key of a request may have given a batch instead of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("start_requests", sa.Column("batch_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_start_requests_batch_id"), "start_requests", "batches", ["batch_id"], ["id"])
    op.alter_column("start_requests", "run_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_start_requests_run_or_batch"), "start_requests", "(run_id is null) <> (batch_id is null)"
    )
