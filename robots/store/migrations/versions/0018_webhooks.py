"""Who is called when a run ends, and what has been said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

# Whoever writes the outcome or the question, it is told: of runs that the account itself has started.
TELL = """
create function webhook_tell() returns trigger language plpgsql as $$
declare
    told text[] := array['approval_asked'];
begin
    if tg_table_name = 'outcomes' then
        told := array[case when to_jsonb(new)->>'outcome' = 'handed_over' then 'handover' else 'run_ended' end];
    end if;
    insert into webhook_deliveries (webhook_id, run_id, event)
    select w.id, new.run_id, told[1]
    from webhooks w join accounts a on a.id = w.account_id join runs r on r.started_by = a.name
    where r.id = new.run_id and w.ended_at is null and w.events && told;
    return null;
end
$$
"""


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _now("made_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_webhooks_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index("ix_webhooks_account_id", "webhooks", ["account_id"], postgresql_where=sa.text("ended_at is null"))
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        _now("made_at"),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        _now("try_at"),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "event in ('run_ended', 'handover', 'approval_asked')", name=op.f("ck_webhook_deliveries_event_known")
        ),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'sent', 'given_up')", name=op.f("ck_webhook_deliveries_state_known")
        ),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        "ix_webhook_deliveries_unsent", "webhook_deliveries", ["webhook_id", "run_id", "id"],
        postgresql_where=sa.text("state in ('waiting', 'sending')"),
    )  # fmt: skip
    op.execute(TELL)
    for table in ("outcomes", "approvals"):
        op.execute(f"create trigger webhook_tell after insert on {table} for each row execute function webhook_tell()")


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)
