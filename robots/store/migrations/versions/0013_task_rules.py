"""Who may start a task, and passwords that hold once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "task_rules",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("teams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_task_rules")),
    )
    op.add_column("accounts", sa.Column("must_change", sa.Boolean(), server_default="false", nullable=False))
