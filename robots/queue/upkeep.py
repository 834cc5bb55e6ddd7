"""What every worker does once a second for all: a sign of life, and taking care that nothing is left lying.

Several workers may do it at the same moment; each look is one transaction that changes only what still is as it was
found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loguru import logger
from sqlalchemy import Connection, func, insert, select, text, update

from robots.queue.attempts import LEASE_SECONDS, close_lost_attempts, is_gone, lease_over, runs_of_the_dead
from robots.queue.engine import PRIORITIES, follow_priority, order_in_class
from robots.queue.pauses import wake_held
from robots.queue.seats import wake_line
from robots.store import Store
from robots.store.clock import span
from robots.store.processes import ProcessId
from robots.store.schema import attempts, runs, workers


@dataclass(frozen=True)
class Upkeep:
    """``worker_id`` is the row of the worker that looks after things; the times are the settings' own."""

    store: Store
    worker_id: int
    answer_hours: float = 24.0
    warn_hours: float = 20.0
    lease_seconds: float = LEASE_SECONDS

    def look_round(self) -> bool:
        """One round. Returns whether the worker is told to drain."""
        with self.store.begin() as connection:
            draining = _give_sign(connection, self.worker_id)
        with self.store.begin() as connection:
            dead = runs_of_the_dead(connection, self.lease_seconds)
        for run_id in dead:
            self._take_over(run_id)
        with self.store.begin() as connection:
            wake_line(connection)
            wake_held(connection)
            self._warn_of_old(connection)
        return draining

    def _take_over(self, run_id: int) -> None:
        """End the attempt of a dead owner, and put its job back unless a living worker is about to do that."""
        with self.store.begin() as connection:
            run = connection.execute(select(runs).where(runs.c.id == run_id).with_for_update(skip_locked=True)).first()
            if run is None or run_id not in runs_of_the_dead(connection, self.lease_seconds):
                return
            for attempt_id in close_lost_attempts(connection, run_id, self.lease_seconds):
                if self._worker_is_gone(connection, attempt_id):
                    logger.warning("run {} is taken over from a dead worker", run_id)
                    connection.execute(
                        text(
                            "select procrastinate_retry_job_v2(id, clock_timestamp(), null, null, null)"
                            " from procrastinate_jobs"
                            " where status = 'doing' and queueing_lock = :key"
                        ),
                        {"key": run.key},
                    )

    def _worker_is_gone(self, connection: Connection, attempt_id: int) -> bool:
        row = connection.execute(
            select(workers, lease_over(self.lease_seconds))
            .join(attempts, attempts.c.worker_id == workers.c.id)
            .where(attempts.c.id == attempt_id)
        ).first()
        # Without a row: the engine's own sign of life tells of such a worker, a few seconds later.
        return row is not None and is_gone(row)

    def _warn_of_old(self, connection: Connection) -> None:
        """What nears the answer that was promised goes with the guides' runs from now on, and somebody is told."""
        left = span((self.answer_hours - self.warn_hours) * 3600)
        old = connection.execute(
            update(runs)
            .where(runs.c.state == "queued", runs.c.warned_at.is_(None))
            .where(runs.c.deadline_at < func.now() + left)
            .values(
                warned_at=func.clock_timestamp(),
                priority=func.greatest(runs.c.priority, order_in_class(PRIORITIES["guide"], runs.c.deadline_at)),
            )
            .returning(runs.c.id, runs.c.held_for)
        ).all()
        for row in old:
            logger.warning("run {} nears the answer that was promised: {}", row.id, row.held_for or "still queued")
        if old:
            follow_priority(connection, [row.id for row in old])


def register_worker(store: Store, me: ProcessId, *, name: str, slots: int, queues: Sequence[str]) -> int:
    """The row of a worker that begins now."""
    with store.begin() as connection:
        return int(
            connection.execute(
                insert(workers)
                .values(name=name, host=me.host, pid=me.pid, pid_started=me.started, slots=slots, queues=list(queues))
                .returning(workers.c.id)
            ).scalar_one()
        )


def worker_has_ended(store: Store, worker_id: int) -> None:
    with store.begin() as connection:
        connection.execute(
            update(workers).where(workers.c.id == worker_id).values(ended_at=func.clock_timestamp())
        )  # fmt: skip


def _give_sign(connection: Connection, worker_id: int) -> bool:
    return bool(
        connection.execute(
            update(workers)
            .where(workers.c.id == worker_id)
            .values(seen_at=func.clock_timestamp())
            .returning(workers.c.draining)
        ).scalar_one()
    )
