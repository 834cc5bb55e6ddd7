"""procrastinate, as we use it: one job a run, deferred in the very transaction that writes the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import procrastinate
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import Connection

QUEUE = "runs"
JOB = "ragnhild.run"
# A guide waits with a citizen on the phone; a batch has the night.
PRIORITIES = {"guide": 100, "schedule": 50, "batch": 0}


class RetryLater(Exception):
    """The run is to be tried again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.1f} s")
        self.seconds = seconds


class AsTheAttemptSays(BaseRetryStrategy):
    """When a job is tried again is decided where the attempt ended, not here."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        if isinstance(exception, RetryLater):
            return RetryDecision(retry_in={"milliseconds": int(exception.seconds * 1000)})
        return None


def defer(connection: Connection, *, run_id: int, key: str, lock: str | None, priority: int) -> int:
    """Put a run's job in the queue, in the transaction of ``connection``. Returns the job's number.

    ``lock``: of several jobs with the same one, only one is worked on at a time.
    """
    app = App(connector=SyncPsycopgConnector())
    deferrer = app.configure_task(
        JOB, queue=QUEUE, lock=lock, queueing_lock=key, priority=priority,
        connection=connection.connection.driver_connection,
    )  # fmt: skip
    return deferrer.defer(run_id=run_id)


@contextmanager
def worker_app(conninfo: str) -> Iterator[App]:
    """The engine for a worker's event loop. The worker registers what a job does with ``carry_out_with``."""
    yield App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=6))


__all__ = ["JOB", "PRIORITIES", "QUEUE", "AsTheAttemptSays", "JobContext", "RetryLater", "defer", "procrastinate"]
