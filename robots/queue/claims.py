"""Claiming a run: the one process that gets it begins an attempt, with all the seats that it needs, or it waits.

One statement reads what decides and begins the attempt; it does nothing where something stands in the way, or when
the run is no longer as it was read, and then it is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Executable,
    Text,
    bindparam,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from robots.queue.approvals import WAITS, time_left
from robots.queue.attempts import LEASE_SECONDS, Claimed, close_lost_attempts, write_cancelled
from robots.queue.breakers import open_breaker
from robots.queue.engine import RetryLater
from robots.queue.pauses import pause_of
from robots.queue.seats import Chosen, Need, choose, leave_line, occupy
from robots.store import Store
from robots.store.processes import ProcessId
from robots.store.quick import Quick
from robots.store.schema import approvals, attempts, breakers, pauses, runs, seat_waits

# A run that waits for a seat or for what is paused is woken when that is over; this is only how long it would sleep.
HELD_SECONDS = 3600.0


Barred = Callable[[Connection, Any], str]


class Held(RetryLater):
    """It is not the run's time: it is woken when what stands in its way is over, or wakes after ``seconds``."""

    def __init__(self, words: str, seconds: float = HELD_SECONDS) -> None:
        super().__init__(min(seconds, HELD_SECONDS), words)


@dataclass(frozen=True)
class Way:
    """What stands in a run's way, in words for people, and when it can be tried again where that is known.

    Without words it is free: ``seats`` are kept for the run until the end of the transaction. ``broken`` is the
    breaker for whose sake a person gets the case now.
    """

    words: str = ""
    again_at: datetime | None = None
    opens: bool = False  # ``again_at`` is when a system opens, and nothing wakes the run before
    seats: Chosen = field(default_factory=Chosen)
    broken: str = ""


def claim(
    store: Store,
    run_id: int,
    me: ProcessId,
    *,
    worker_id: int | None = None,
    needs: Callable[[str, str], Sequence[Need]] | None = None,
    lease_seconds: float = LEASE_SECONDS,
    barred: Barred | None = None,
) -> Claimed | None:
    """Begin an attempt, with its seats: from now on this process, and no other, may change anything for the run.

    ``needs`` tells, for a task and a robot, what it needs a seat in; without it nothing is limited. ``barred`` tells,
    in words, what else stands in the run's way. None when the run
    has ended. Raises ``StillAtWork`` while an earlier attempt's process may be alive, ``Held`` when it is not the
    run's time.
    """
    told = {"run": run_id, "host": me.host, "pid": me.pid, "pid_started": me.started, "worker_id": worker_id}
    broken = ""
    while True:
        run = store.ask_quick(_CLAIM_QUICK, {**told, "may_begin": needs is None, "despite_pauses": False})
        if run is None:
            raise LookupError(f"there is no run {run_id}")
        if run.begun is None and run.state == "waiting_approval":
            if not _is_answered(store, run_id):
                return None
            continue
        if run.begun is None and run.state not in ("queued", "running", "cancelled"):
            return None
        if run.begun is None and (run.open_attempts or run.state == "cancelled"):
            with store.begin() as connection:
                _clear_the_way(connection, run_id, lease_seconds)
            if run.state == "cancelled":
                return None
            continue
        if run.begun is None:
            with store.begin() as connection:
                words = barred(connection, run) if barred else ""
                way = _way_of(connection, run, needs(run.task, run.robot) if needs else (), words)
                if not way.words:
                    run = connection.execute(_CLAIM, {**told, "may_begin": True, "despite_pauses": True}).one()
                    if run.begun is not None:
                        occupy(connection, way.seats, run.begun)
                        broken = way.broken
            if way.words:
                raise Held(way.words, _seconds_to(way.again_at, run.at))
        if run.begun is not None:
            return Claimed(
                run.id, run.begun, run.attempts + 1, run.task, run.robot, run.inputs, run.case_number, run.dry_run,
                run.lost, run.lost_words or "", run.counted + 1, run.again, run.earlier_run is not None,
                run.source == "inbox", run.source != "guide", broken, run.breakers, run.asks_first, run.asked,
                run.trace_reason is not None,
            )  # fmt: skip
        # Somebody else has begun it, or a person has stopped it, since it was read.


def _is_answered(store: Store, run_id: int) -> bool:
    """Whether a waiting run need wait no longer; False where nobody knows for what. Raises ``Held`` while it must."""
    with store.begin() as connection:
        left = time_left(connection, run_id)
    if left:
        raise Held(WAITS, left)
    return left is not None


def _clear_the_way(connection: Connection, run_id: int, lease_seconds: float) -> None:
    """End what dead owners left, and a cancelled run for good."""
    # Locked first and read after that: a read that waited for the lock would see the attempts as they were before.
    state = connection.execute(select(runs.c.state).where(runs.c.id == run_id).with_for_update()).scalar_one()
    close_lost_attempts(connection, run_id, lease_seconds)
    if state == "cancelled":
        write_cancelled(connection, run_id)


def _way_of(connection: Connection, run: Any, needs: Sequence[Need], words: str = "") -> Way:
    """Whether the run may begin, and with which seats. That it may not is noted in its row."""
    way = Way(words) if words else _barred(connection, run, needs)
    if way.words:
        leave_line(connection, run.id)
    else:
        # A run that is to be given to a person needs nothing but the way to that person.
        wanted = [need for need in needs if need.takes_handovers] if way.broken else needs
        chosen = choose(connection, run, wanted, line=run.line)
        way = replace(way, words=chosen.lacking, seats=chosen)
    if way.words:
        as_read = (runs.c.id == run.id, runs.c.state == run.state, runs.c.attempts == run.attempts)
        held = {"held_for": way.words, "held_until": way.again_at if way.opens else None}
        connection.execute(update(runs).where(*as_read).values(state="queued", **held))
    return way


def _barred(connection: Connection, run: Any, needs: Sequence[Need]) -> Way:
    """What people have stopped, which systems are closed, and which are left alone because they fail."""
    systems = [need.system for need in needs]
    used = [need.system for need in needs if not need.looks]
    if run.pauses and (words := pause_of(connection, run.task, systems)):
        return Way(words)
    for need in needs:
        if need.hours and (closed := need.hours.closed_at(run.at)):
            return Way(f"{need.title} är {closed.words}", closed.until, opens=True)
    if run.breakers and (breaker := open_breaker(connection, used, run.robot)):
        can_hand_over = not any(need.takes_handovers and need.system == breaker.system for need in needs)
        if can_hand_over and run.deadline_at <= run.at:
            return Way(broken=breaker.why)
        return Way(breaker.why, run.deadline_at if can_hand_over else None)
    return Way()


def _seconds_to(moment: datetime | None, now: datetime) -> float:
    return HELD_SECONDS if moment is None else max((moment - now).total_seconds(), 1.0)


_READ = (
    "id", "task", "robot", "case_number", "inputs", "source", "dry_run", "priority", "state", "attempts", "earlier_run",
    "again", "deadline_at", "asks_first", "trace_reason",
)  # fmt: skip


def _claiming() -> Executable:
    """The statement that reads everything that decides about a run, and begins an attempt when nothing is in its way.

    It tells the run as it stood before, and the id of the attempt (``begun``), None where it was not begun.
    """
    mine, lost = bindparam("run", type_=BigInteger), attempts.c.ending == "lost"
    tried = (
        select(
            func.count().filter(attempts.c.ended_at.is_(None)).label("open_attempts"),
            func.count().filter(lost).label("lost"),
            func.count().filter(attempts.c.ending != "held").label("counted"),
            func.array_agg(aggregate_order_by(attempts.c.error, attempts.c.number.desc()), type_=ARRAY(Text))
            .filter(lost)[1]
            .label("lost_words"),
        )
        .where(attempts.c.run_id == mine)
        .subquery()
    )
    standing = (
        select(
            *(runs.c[name] for name in _READ), tried,
            exists().select_from(pauses).label("pauses"), exists().select_from(seat_waits).label("line"),
            exists().select_from(breakers).label("breakers"), func.clock_timestamp().label("at"),
            exists().where(approvals.c.run_id == mine).label("asked"),
        )
        .select_from(runs)
        .join(tried, true())
        .where(runs.c.id == mine)
        .cte("standing")
    )  # fmt: skip
    free = (
        select(runs.c.id, (runs.c.attempts + 1).label("number"))
        .join(standing, standing.c.id == runs.c.id)
        .where(bindparam("may_begin", type_=Boolean))
        .where(or_(standing.c.state == "queued", standing.c.state == "running"))
        .where(standing.c.open_attempts == 0)
        .where(or_(not_(standing.c.pauses), bindparam("despite_pauses", type_=Boolean)))
        # Whoever has begun it since it was read has counted an attempt in its row, and whoever has ended it its state.
        .where(runs.c.state == standing.c.state, runs.c.attempts == standing.c.attempts)
        .with_for_update(of=runs)
        .cte("free")
    )
    owner = {name: bindparam(name, type_=attempts.c[name].type) for name in ("host", "pid", "pid_started", "worker_id")}
    begun = (
        insert(attempts)
        .from_select(["run_id", "number", *owner], select(free.c.id, free.c.number, *owner.values()))
        .returning(attempts.c.id, attempts.c.run_id, attempts.c.number)
        .cte("begun")
    )
    started = func.coalesce(runs.c.started_at, func.clock_timestamp())
    taken = (
        update(runs)
        .where(runs.c.id == begun.c.run_id)
        .values(state="running", attempts=begun.c.number, held_for=None, held_until=None, started_at=started)
        .returning(runs.c.id)
        .cte("taken")
    )
    return select(standing, begun.c.id.label("begun")).outerjoin(begun, true()).add_cte(taken)


_CLAIM = _claiming()
_CLAIM_QUICK = Quick(_CLAIM)
