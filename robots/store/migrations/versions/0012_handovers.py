"""Who has taken what was handed over, what came of it, and the sheets that people give the portal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "handover_work",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        _time("taken_at"),
        sa.Column("closed_by", sa.Text(), nullable=True),
        _time("closed_at"),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("done", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "way in ('by_hand', 'not_needed', 'wrong', 'other')", name=op.f("ck_handover_work_way_known")
        ),
        sa.CheckConstraint(
            "num_nulls(closed_by, closed_at, way) in (0, 3) and (closed_at is null or done <> '')",
            name=op.f("ck_handover_work_closed_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_handover_work_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_handover_work")),
    )
    op.create_index(
        "ix_handover_work_closed_at", "handover_work", ["closed_at"],
        postgresql_where=sa.text("closed_at is not null"),
    )  # fmt: skip
    op.add_column("outcomes", sa.Column("settled", sa.Boolean(), server_default="false", nullable=False))
    op.create_index(
        "ix_outcomes_unsettled", "outcomes", ["run_id"],
        postgresql_where=sa.text("outcome in ('handed_over', 'failed') and not settled"),
    )  # fmt: skip
    # Most outcomes are unsettled and many are handovers, but few are both: the planner must be told to use the index.
    op.execute("create statistics st_outcomes_settled (mcv) on outcome, settled from outcomes")
    op.create_table(
        "sheets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("checked", postgresql.JSONB(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("trial_id", sa.BigInteger(), nullable=True),
        _time("at", server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_sheets_batch_id")),
        sa.ForeignKeyConstraint(["trial_id"], ["batches.id"], name=op.f("fk_sheets_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheets")),
    )
    op.create_index("ix_sheets_at", "sheets", ["at"])
    for name in ("batch_id", "trial_id"):
        op.create_index(f"ix_sheets_{name}", "sheets", [name], postgresql_where=sa.text(f"{name} is not null"))


def _time(name: str, **more: object) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), **more)  # type: ignore[arg-type]
