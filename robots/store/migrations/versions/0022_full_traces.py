"""Runs of which somebody has asked for a full trace, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("runs", sa.Column("trace_reason", sa.Text(), nullable=True))
