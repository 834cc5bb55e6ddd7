"""procrastinate, as we use it: one job a run, deferred in the very transaction that writes the run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import procrastinate
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import ColumnElement, Connection, Integer, cast, func, select, text

JOB = "ragnhild.run"
# A guide waits with a citizen on the phone; a batch has the night. Within a class the nearer deadline goes first: its
# seconds since 2026 are taken off, which stay below the distance between two classes until 2041.
_CLASS = 500_000_000
ANSWER_HOURS = 24.0
PRIORITIES = {"guide": 3 * _CLASS, "schedule": 2 * _CLASS, "batch": _CLASS}


class RetryLater(Exception):
    """The run is to be tried again after so many seconds. ``words`` say why, where somebody wants to know."""

    def __init__(self, seconds: float, words: str = "") -> None:
        super().__init__(words or f"again in {seconds:.1f} s")
        self.seconds = seconds


class AsTheAttemptSays(BaseRetryStrategy):
    """When a job is tried again is decided where the attempt ended, not here."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        if isinstance(exception, RetryLater):
            return RetryDecision(retry_in={"milliseconds": int(exception.seconds * 1000)})
        return None


def queue_of(task: str) -> str:
    """A queue for each task: a worker takes from those whose systems it can reach, in one common order."""
    return f"runs.{task}"


def order_in_queue(source: str, answer_hours: float) -> dict[str, ColumnElement[Any]]:
    """The columns ``deadline_at`` and ``priority`` of a run that is asked for now, by database time."""
    deadline = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, answer_hours * 3600)
    return {"deadline_at": deadline, "priority": order_in_class(source, deadline)}


def order_in_class(source: str, deadline: ColumnElement[Any]) -> ColumnElement[int]:
    """The priority of what has this deadline, among the runs of its class."""
    since_2026 = func.extract("epoch", deadline - text("timestamptz '2026-01-01Z'"))
    return cast(PRIORITIES[source] - since_2026, Integer)


def defer(connection: Connection, *, task: str, run_id: int, key: str, lock: str | None, priority: int) -> int:
    """Put a run's job in the queue, in the transaction of ``connection``. Returns the job's number.

    ``lock``: of several jobs with the same one, only one is worked on at a time.
    """
    app = App(connector=SyncPsycopgConnector())
    deferrer = app.configure_task(
        JOB, queue=queue_of(task), lock=lock, queueing_lock=key, priority=priority,
        connection=connection.connection.driver_connection,
    )  # fmt: skip
    return deferrer.defer(run_id=run_id)


def wake(connection: Connection, keys: Sequence[str]) -> int:
    """Let the jobs of runs that were put off be taken now, and tell the workers. Returns how many were waiting.

    A job carries its run's key as ``queueing_lock``, which the engine keeps unique among those that wait.
    """
    if not keys:
        return 0
    woken = connection.execute(
        text(
            "update procrastinate_jobs set scheduled_at = null where queueing_lock = any(:keys) and status = 'todo'"
            " and scheduled_at > clock_timestamp() returning id, queue_name"
        ),
        {"keys": list(keys)},
    ).all()
    for queue in {row.queue_name for row in woken}:  # as the engine itself tells of a new one
        told = json.dumps({"type": "job_inserted", "job_id": woken[0].id})
        for channel in (f"procrastinate_queue_v1#{queue}", "procrastinate_any_queue_v1"):
            connection.execute(select(func.pg_notify(channel, told)))
    return len(woken)


@contextmanager
def worker_app(conninfo: str) -> Iterator[App]:
    """The engine for a worker's event loop. The worker registers what a job does with ``carry_out_with``."""
    yield App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=6))


__all__ = [
    "ANSWER_HOURS", "JOB", "PRIORITIES", "AsTheAttemptSays", "JobContext", "RetryLater", "defer", "order_in_class",
    "order_in_queue",
    "procrastinate", "queue_of", "wake",
]  # fmt: skip
