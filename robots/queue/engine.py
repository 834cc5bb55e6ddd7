"""procrastinate, as we use it: one job a run, deferred by the very statement that writes the run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import procrastinate
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg import OperationalError
from sqlalchemy import CTE, ColumnElement, Connection, Integer, Select, cast, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import Insert

from robots.store.clock import span
from robots.store.schema import runs

JOB = "ragnhild.run"
RECONNECT_SECONDS = 5.0
# A guide waits with a citizen on the phone; a batch has the night. Within a class the nearer deadline goes first: its
# seconds since 2026 are taken off, which stay below the distance between two classes until 2041.
_CLASS = 500_000_000
ANSWER_HOURS = 24.0
# Before them all goes what a person has just answered.
ANSWERED = 4 * _CLASS
PRIORITIES = {"guide": 3 * _CLASS, "schedule": 2 * _CLASS, "inbox": 2 * _CLASS, "api": 2 * _CLASS, "batch": _CLASS}


class RetryLater(Exception):
    """The run is to be tried again after so many seconds. ``words`` say why, where somebody wants to know.

    ``at`` is when that is by database time, where it has been asked: a worker's own clock may be an hour ahead.
    """

    def __init__(self, seconds: float, words: str = "", *, at: datetime | None = None) -> None:
        super().__init__(words or f"again in {seconds:.1f} s")
        self.seconds = seconds
        self.at = at


class AsTheAttemptSays(BaseRetryStrategy):
    """When a job is tried again is decided where the attempt ended, not here."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        if isinstance(exception, RetryLater) and exception.at:
            return RetryDecision(retry_at=exception.at)
        if isinstance(exception, RetryLater):
            return RetryDecision(retry_in={"milliseconds": int(exception.seconds * 1000)})
        return None


def queue_of(task: str) -> str:
    """A queue for each task: a worker takes from those whose systems it can reach, in one common order."""
    return f"runs.{task}"


def order_in_queue(
    in_class: int | ColumnElement[int], answer_seconds: float | ColumnElement[float]
) -> dict[str, ColumnElement[Any]]:
    """The columns ``deadline_at`` and ``priority`` of a run that is asked for now, by database time.

    ``in_class`` is the one of ``PRIORITIES`` that it belongs to.
    """
    deadline = func.now() + span(answer_seconds)
    return {"deadline_at": deadline, "priority": order_in_class(in_class, deadline)}


def order_in_class(in_class: int | ColumnElement[int], deadline: ColumnElement[Any]) -> ColumnElement[int]:
    """The priority of what has this deadline, among the runs of its class."""
    since_2026 = func.extract("epoch", deadline - text("timestamptz '2026-01-01Z'"))
    return cast(in_class - since_2026, Integer)


def follow_priority(connection: Connection, run_ids: Sequence[int]) -> None:
    """Let the jobs of runs whose priority has changed go by that."""
    connection.execute(
        text(
            "update procrastinate_jobs set priority = runs.priority from runs"
            " where queueing_lock = runs.key and runs.id = any(:runs) and status in ('todo', 'doing')"
        ),
        {"runs": list(run_ids)},
    )


def with_jobs(written: Insert, *further: Callable[[CTE], CTE]) -> Select[Any]:
    """The runs that ``written`` adds (``id`` and ``key``), each put in the queue by the same statement.

    ``further`` is what else the statement does, each part given the runs that were made, with all their columns. Of
    several runs of one case, only one is worked on at a time: the case is the job's lock. It is the engine's own
    function for this that is called; asked for through Python it would be a trip for each run more.
    """
    made = written.returning(*runs.c).cte("made")
    job = f"'{queue_of('')}' || task, '{JOB}', priority, case_number, key, jsonb_build_object('run_id', id), null"
    jobs: ColumnElement[Any] = literal_column(f"array_agg(row({job})::procrastinate_job_to_defer_v1 order by id)")
    deferred = (
        select(func.procrastinate_defer_jobs_v1(jobs).label("jobs"))
        .select_from(made)
        .cte("deferred")
        .prefix_with("materialized")
    )
    found = select(made.c.id, made.c.key).join(deferred, deferred.c.jobs.is_not(None))
    return found.add_cte(*(more(made) for more in further))


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


class Connector(PsycopgConnector):
    """Tells by ``lost`` that the database went away in the middle of something.

    The engine itself goes on after that as if nothing had been: without whatever of it hears of new jobs or gives its
    sign of life, or with a job that it took, and could not give back.
    """

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.lost = asyncio.Event()

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        await self._watched(super().execute_query_async(query, **arguments))

    async def listen_notify(self, on_notification: Any, channels: Any) -> None:
        await self._watched(super().listen_notify(on_notification, channels))

    async def _watched(self, work: Awaitable[None]) -> None:
        try:
            await work
        except ConnectorException as error:
            if isinstance(error.__cause__, OperationalError):
                self.lost.set()
            raise


@contextmanager
def worker_app(conninfo: str) -> Iterator[App]:
    """The engine for a worker's event loop. The worker registers what a job does with ``carry_out_with``."""
    # A pool that cannot reach the server waits twice as long each time; after so long it begins anew, so that a worker
    # is back within seconds of the server, however long that was away.
    pool = {"min_size": 1, "max_size": 6, "timeout": RECONNECT_SECONDS, "reconnect_timeout": RECONNECT_SECONDS}
    yield App(connector=Connector(conninfo=conninfo, **pool))


__all__ = [
    "ANSWERED", "ANSWER_HOURS", "JOB", "PRIORITIES", "AsTheAttemptSays", "Connector", "JobContext", "RetryLater",
    "follow_priority", "order_in_class", "order_in_queue", "procrastinate", "queue_of", "wake", "with_jobs",
]  # fmt: skip
