"""What a person orders about one run: stop it, try it anew, make its changes once more. Each order is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from robots.effects import effect_key
from robots.errors import WrongInput
from robots.queue.approvals import close_question
from robots.queue.attempts import LEASE_SECONDS, StillAtWork, close_lost_attempts, write_cancelled
from robots.queue.breakers import look_soon
from robots.queue.engine import ANSWER_HOURS, wake
from robots.queue.pauses import system_scope, write_order
from robots.queue.runs import WRITE_RUN, Source, Submitted, asked_run, find_run, no_such_run
from robots.store import Store
from robots.store.schema import runs

AT_WORK = ("queued", "running", "waiting_approval")


@dataclass(frozen=True)
class Order:
    """What a person wants of a run, and why."""

    kind: str
    by: str
    reason: str


def cancel(store: Store, run_id: int, *, by: str, reason: str = "", lease_seconds: float = LEASE_SECONDS) -> bool:
    """Stop a run. True when it has ended by that, False when an attempt is at work.

    That attempt makes no further change: the ledger refuses to arm one. What it has made stands, and it writes the
    outcome. Raises ``WrongInput`` when there is no such run or it has ended.
    """
    find_run(store, run_id)
    with store.begin() as connection:
        key = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, runs.c.state.in_(AT_WORK))
            .values(state="cancelled")
            .returning(runs.c.key)
        ).scalar()
        if key is None:
            raise WrongInput("Körning", f"K-{run_id}", "Den är redan avslutad och går inte att avbryta.")
        write_order(connection, "cancel", f"K-{run_id}", by, reason)
        close_question(connection, run_id, by=by, reason=reason)
        try:
            close_lost_attempts(connection, run_id, lease_seconds)
        except StillAtWork:
            return False
        write_cancelled(connection, run_id)
        wake(connection, [key])  # a later run of the same case goes when this one's place in the queue is empty
        return True


def retry(
    store: Store, run_id: int, *, by: str, reason: str = "", answer_hours: float = ANSWER_HOURS
) -> Submitted:  # fmt: skip
    """Try a run that failed, was handed over or cancelled once more, as a run of its own.

    What the earlier one has changed stands and is not changed again: both share their effects. Raises ``WrongInput``
    when the run is done (then nothing is left to try) or has not ended, or when it has a later one.
    """
    with store.begin() as connection:
        return retry_within(connection, run_id, by=by, reason=reason, answer_hours=answer_hours)


def retry_within(
    connection: Connection, run_id: int, *, by: str, reason: str = "", answer_hours: float = ANSWER_HOURS,
    asks_first: bool = False, inputs: Mapping[str, Any] | None = None, source: Source = "guide",
) -> Submitted:  # fmt: skip
    """As ``retry``, in a transaction that is open. ``inputs`` are those of the same request as they are typed now."""
    run = _ended(connection, run_id)
    if run.state == "done":
        raise WrongInput("Körning", f"K-{run_id}", "Den är klar; det finns inget kvar att försöka med.")
    return _anew(connection, run, Order("retry", by, reason), again=run.again, answer_hours=answer_hours,
                 asks_first=asks_first, inputs=inputs, source=source)  # fmt: skip


def run_again(
    store: Store, run_id: int, *, by: str, reason: str, answer_hours: float = ANSWER_HOURS, asks_first: bool = False
) -> Submitted:
    """Make the changes of an ended run once more, since a person wants that and says why.

    ``asks_first`` as for a run that is asked for the first time; one that asked before asks again.

    Raises ``WrongInput`` without a reason, or when the run has not ended or has a later one.
    """
    with store.begin() as connection:
        return run_again_within(
            connection, run_id, by=by, reason=reason, answer_hours=answer_hours, asks_first=asks_first
        )  # fmt: skip


def run_again_within(
    connection: Connection, run_id: int, *, by: str, reason: str, answer_hours: float = ANSWER_HOURS,
    asks_first: bool = False, inputs: Mapping[str, Any] | None = None, source: Source = "guide",
) -> Submitted:  # fmt: skip
    """As ``run_again``, in a transaction that is open; ``inputs`` as in ``retry_within``."""
    if not reason.strip():
        raise WrongInput("Skäl", reason, "Skriv varför det ska göras en gång till; det sparas med körningen.")
    run = _ended(connection, run_id)
    return _anew(connection, run, Order("again", by, reason), again=run.again + 1, answer_hours=answer_hours,
                 asks_first=asks_first, inputs=inputs, source=source)  # fmt: skip


def _ended(connection: Connection, run_id: int) -> Row[Any]:
    run = connection.execute(select(runs).where(runs.c.id == run_id).with_for_update()).first()
    if run is None:
        raise no_such_run(run_id)
    if run.state in AT_WORK:
        raise WrongInput("Körning", f"K-{run_id}", "Den är inte avslutad. Vänta, eller avbryt den först.")
    return run


def _anew(
    connection: Connection, run: Row[Any], order: Order, *, again: int, answer_hours: float, asks_first: bool = False,
    inputs: Mapping[str, Any] | None = None, source: Source = "guide",
) -> Submitted:  # fmt: skip
    """A run with the same inputs, or with ``inputs`` of the same request.

    Ordered twice at once it is one: its key is made of the run that it comes after.
    """
    key = effect_key(run.request, order.kind, str(run.id))
    known = connection.execute(select(runs.c.id).where(runs.c.key == key)).scalar()
    if known is not None:
        return Submitted(known, new=False)
    newest = connection.execute(select(func.max(runs.c.id)).where(runs.c.request == run.request)).scalar_one()
    if newest != run.id:
        raise WrongInput("Körning", f"K-{run.id}", f"Den har redan gjorts om, senast som K-{newest}.")
    asked = asked_run(
        answer_hours, key=key, request=run.request, task=run.task, task_version=run.task_version,
        robot=run.robot, case_number=run.case_number, inputs=inputs or run.inputs, source=source, started_by=order.by,
        dry_run=run.dry_run, asks_first=run.asks_first or asks_first, earlier_run=run.id, again=again,
        team=run.team,
    )  # fmt: skip
    made = connection.execute(
        WRITE_RUN, asked
    ).one()  # the earlier run's row is locked, so nobody else can have made it
    write_order(connection, order.kind, f"K-{run.id}", order.by, order.reason, run=f"K-{made.id}")
    return Submitted(made.id, new=True)


def look_again(store: Store, system: str, *, by: str, reason: str = "") -> bool:
    """A person says that a system works again: it is looked at once more. False when nothing stands in its way."""
    with store.begin() as connection:
        waits = look_soon(connection, system)
        if waits:
            write_order(connection, "look", system_scope(system), by, reason)
    return waits
