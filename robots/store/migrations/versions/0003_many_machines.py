"""Login sessions for each machine's key, and one memory of refused passwords for all machines.

The sessions that were kept are thrown away: each machine logs in once more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.drop_table("login_sessions")
    op.create_table(
        "login_sessions",
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("serial", sa.Integer(), server_default="0", nullable=False),
        _now("renewed_at"),
        sa.PrimaryKeyConstraint("robot", "system", "machine", name=op.f("pk_login_sessions")),
    )
    op.create_table(
        "refused_secrets",
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        _now("refused_at"),
        sa.PrimaryKeyConstraint("robot", "system", "fingerprint", name=op.f("pk_refused_secrets")),
    )


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)
