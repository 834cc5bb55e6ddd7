"""Webhooks of a team, which are told of its runs whoever starts them; webhooks that are paused, and calls on trial."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

# As before, and of the team's runs. A run that was asked for before the update is no team's.
TELL = """
create or replace function webhook_tell() returns trigger language plpgsql as $$
declare
    told text[] := array['approval_asked'];
begin
    if tg_table_name = 'outcomes' then
        told := array[case when to_jsonb(new)->>'outcome' = 'handed_over' then 'handover' else 'run_ended' end];
    end if;
    insert into webhook_deliveries (webhook_id, run_id, event)
    select w.id, new.run_id, told[1]
    from runs r join webhooks w on w.ended_at is null and w.events && told and (
        w.account_id in (select a.id from accounts a where a.name = r.started_by) or w.team = nullif(r.team, ''))
    where r.id = new.run_id;
    return null;
end
$$
"""


def upgrade() -> None:
    op.add_column("runs", sa.Column("team", sa.Text(), server_default="", nullable=False))
    op.add_column("webhooks", sa.Column("team", sa.Text(), nullable=True))
    op.add_column("webhooks", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("webhooks", "account_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_webhooks_account_or_team"), "webhooks", "(account_id is null) <> (team is null)"
    )  # fmt: skip
    op.drop_constraint(op.f("ck_webhook_deliveries_event_known"), "webhook_deliveries")
    op.create_check_constraint(
        op.f("ck_webhook_deliveries_event_known"), "webhook_deliveries",
        "event in ('run_ended', 'handover', 'approval_asked', 'test')",
    )  # fmt: skip
    op.execute(TELL)
