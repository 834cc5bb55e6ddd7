"""The keys that evidence is sealed with, one for each case."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "evidence_keys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(wrapped is null) = (destroyed_at is not null)", name=op.f("ck_evidence_keys_there_or_destroyed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_keys")),
    )
    op.create_index(
        "ix_evidence_keys_name", "evidence_keys", ["name"], unique=True,
        postgresql_where=sa.text("destroyed_at is null"),
    )  # fmt: skip
