"""Finished runs by the hundred thousand, as years of work leave them behind, written straight into the tables."""

from __future__ import annotations

from sqlalchemy import text

from robots.store import Store

CHUNK = 100_000
_STATEMENTS = (
    """insert into procrastinate_jobs (queue_name, task_name, priority, args, status, attempts, queueing_lock, lock)
       select 'runs.old', 'ragnhild.run', 500000000, jsonb_build_object('run_id', n), 'succeeded', 1, 'old-' || n,
              'KC-' || n from generate_series(cast(:first as bigint), :last) n""",
    """insert into procrastinate_events (job_id, type)
       select id, unnest(array['deferred', 'started', 'succeeded']::procrastinate_job_event_type[])
       from procrastinate_jobs where queueing_lock in
       (select 'old-' || n from generate_series(cast(:first as bigint), :last) n)""",
    """insert into runs (key, request, task, task_version, robot, case_number, inputs, source, started_by, dry_run,
                         priority, state, attempts, deadline_at, finished_at)
       select 'old-' || n, 'old-' || n, 'old', '1', 'bench', 'KC-' || n, '{}', 'batch', 'bench', false, 500000000,
              'done', 1, now(), now() from generate_series(cast(:first as bigint), :last) n""",
    """insert into attempts (run_id, number, host, pid, pid_started, ended_at, ending)
       select id, 1, 'bench', 1, '1', now(), 'done' from runs where key in
       (select 'old-' || n from generate_series(cast(:first as bigint), :last) n)""",
    """insert into outcomes (run_id, outcome) select id, 'done' from runs where key in
       (select 'old-' || n from generate_series(cast(:first as bigint), :last) n)""",
)


def finished_runs(store: Store, first: int, last: int) -> None:
    """Runs number ``first`` to ``last``, each with its job, its attempt and its outcome; statistics are fresh."""
    with store.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))  # no triggers, no keys looked up
        for begin in range(first, last + 1, CHUNK):
            chunk = {"first": begin, "last": min(begin + CHUNK - 1, last)}
            for statement in _STATEMENTS:
                connection.execute(text(statement), chunk)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("procrastinate_jobs", "procrastinate_events", "runs", "attempts", "outcomes"):
            connection.execute(text(f"vacuum analyze {table}"))
