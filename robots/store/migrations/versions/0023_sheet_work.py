"""Rows of a sheet that are laid in the queue beside the request: who is at it, and what it ended with."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "sheet_work",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sheet_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("held_by", sa.Text(), server_default="", nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("fault = '' or ended_at is not null", name=op.f("ck_sheet_work_fault_ends")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheets.id"], name=op.f("fk_sheet_work_sheet_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_sheet_work_batch_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sheet_work_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_work")),
    )
    op.create_index("ix_sheet_work_sheet_id", "sheet_work", ["sheet_id"])
    op.create_index("ix_sheet_work_batch_id", "sheet_work", ["batch_id"])
    is_open = sa.text("ended_at is null")
    op.create_index("ix_sheet_work_open", "sheet_work", ["id"], postgresql_where=is_open)
    op.create_index("ix_sheet_work_laying", "sheet_work", ["batch_id"], unique=True, postgresql_where=is_open)
