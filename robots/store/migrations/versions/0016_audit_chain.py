"""The audit as a chain, in which nothing can be changed unseen."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

# What docs/audit.md says of the sums, in SQL; robots/audit/chain.py has the same in Python, and a test compares them.
# Each part stands behind its length in bytes, so that no part can pass for two.
SUM_OF = """
create function audit_sum(variadic parts text[]) returns text language sql immutable as $$
    select encode(sha256(convert_to(
        string_agg(octet_length(convert_to(part, 'UTF8')) || ':' || part, '' order by place), 'UTF8')), 'hex')
    from unnest(parts) with ordinality as given(part, place)
$$
"""
DIGEST_OF = """
create function audit_digest(line audit_events) returns text language sql stable as $$
    select audit_sum('1', line.id::text, (extract(epoch from line.at) * 1000000)::bigint::text, line.by, line.did,
        line.about, line.case_number, line.for_whom, line.reason, line.place, line.machine, line.detail::text)
$$
"""
# At the end of the transaction, when nothing is left to wait for: who holds this lock is only writing to the disk. What
# the lock was waited for is read after it, since each statement of a function of this kind sees what is there by then.
CHAIN_ON = """
create function audit_chain_on() returns trigger language plpgsql as $$
declare
    last_seq bigint;
    last_hash text;
    digest text := audit_digest(new);
begin
    perform pg_advisory_xact_lock(7246244545);
    select seq, hash into last_seq, last_hash from audit_chain order by seq desc limit 1;
    last_seq := coalesce(last_seq, 0) + 1;
    insert into audit_chain (seq, event_id, digest, hash)
    values (last_seq, new.id, digest, audit_sum('1', coalesce(last_hash, ''), last_seq::text, digest));
    return null;
end
$$
"""
KEEP = """
create function audit_keep() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting('ragnhild.audit_forgets', true), '') <> 'on' or tg_op = 'UPDATE' then
        raise exception 'The audit is only ever added to: % of % is refused', tg_op, tg_table_name;
    end if;
    return null;
end
$$
"""
# The one way to take something out: all that is older than a line, with a remark in the chain that says so.
FORGET = """
create function audit_forget(through bigint, by_whom text, why text, at_place text, at_machine text)
returns bigint language plpgsql as $$
declare
    last_hash text;
    gone bigint;
begin
    perform pg_advisory_xact_lock(7246244545);
    select hash into strict last_hash from audit_chain where seq = through;
    select count(*) into gone from audit_chain where seq <= through;
    insert into audit_events (by, did, about, reason, place, machine, detail)
    values (by_whom, 'audit_forgotten', 'audit', why, at_place, at_machine,
        json_build_object('through', through, 'hash', last_hash, 'lines', gone));
    set constraints audit_chained immediate; -- while what it follows on is still there
    perform set_config('ragnhild.audit_forgets', 'on', true);
    delete from audit_events using audit_chain
    where audit_events.id = audit_chain.event_id and audit_chain.seq <= through;
    delete from audit_chain where seq <= through;
    perform set_config('ragnhild.audit_forgets', '', true);
    set constraints audit_chained deferred;
    return gone;
end
$$
"""


def upgrade() -> None:
    for name in ("case_number", "for_whom", "place", "machine"):
        op.add_column("audit_events", sa.Column(name, sa.Text(), server_default="", nullable=False))
    # As it was written, to the letter: what is summed up must not depend on how a server writes it out.
    op.alter_column("audit_events", "detail", server_default=None)
    op.alter_column("audit_events", "detail", type_=sa.JSON(), postgresql_using="detail::json")
    op.alter_column("audit_events", "detail", server_default="{}")
    op.create_index(
        "ix_audit_events_case_number", "audit_events", ["case_number", "id"], postgresql_where="case_number <> ''"
    )
    op.create_table(
        "audit_chain",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_chain_event_id")),
    )
    op.execute(
        "update audit_events set case_number = runs.case_number from runs"
        " where audit_events.about = 'K-' || runs.id and runs.case_number is not null"
    )
    for statement in (SUM_OF, DIGEST_OF, CHAIN_ON, KEEP, FORGET):
        op.execute(statement)
    op.execute(
        "do $$ declare line audit_events; last text := ''; number bigint := 0; digest text; begin"
        " for line in select * from audit_events order by id loop"
        " number := number + 1; digest := audit_digest(line); last := audit_sum('1', last, number::text, digest);"
        " insert into audit_chain values (number, line.id, digest, last); end loop; end $$"
    )
    op.execute(
        "create constraint trigger audit_chained after insert on audit_events deferrable initially deferred"
        " for each row execute function audit_chain_on()"
    )
    for table in ("audit_events", "audit_chain"):
        op.execute(
            f"create trigger {table}_kept before update or delete or truncate on {table}"
            " for each statement execute function audit_keep()"
        )
