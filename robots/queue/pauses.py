"""What people have stopped: a task, a system, everything; and the emergency stop, which lets no change out at all.

A paused run waits in the queue and is woken by ``resume``. What is at work when something is paused goes on to its
end; under the emergency stop it is cut short in front of its next change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.audit.writing import note
from robots.effects import STOPPED_COMMITS
from robots.queue.breakers import words_of_open
from robots.queue.engine import wake
from robots.store import Store
from robots.store.schema import orders, pauses, runs, seat_waits

EVERYTHING = "everything"
# What a run says that waits for the second person (robots/queue/task_versions.py).
WAITS_FOR_EYES = "Uppgiften har ändrats och väntar på att någon godkänner den"


def task_scope(task: str) -> str:
    return f"task:{task}"


def system_scope(system: str) -> str:
    return f"system:{system}"


def pause_of(connection: Connection, task: str, systems: Sequence[str]) -> str:
    """Why a run of this task must not begin now, in words for people; "" when it may."""
    scopes = [STOPPED_COMMITS, EVERYTHING, task_scope(task), *map(system_scope, systems)]
    row = connection.execute(select(pauses).where(pauses.c.scope.in_(scopes)).order_by(pauses.c.since)).first()
    return _words(row.scope, row.reason) if row else ""


def schedule_scope(schedule: str) -> str:
    return f"schedule:{schedule}"


def _words(scope: str, reason: str) -> str:
    kind, _, name = scope.partition(":")
    what = {EVERYTHING: "Allt är pausat", STOPPED_COMMITS: "Nödstopp", "task": f"Uppgiften {name} är pausad",
            "system": f"Systemet {name} är pausat", "schedule": f"Schemat {name} är pausat"}[kind]  # fmt: skip
    return f"{what}: {reason}"


def pause(store: Store, scope: str, *, by: str, reason: str) -> bool:
    """Let no run of the scope begin from now on. False when that was so already."""
    with store.begin() as connection:
        made = connection.execute(
            upsert(pauses)
            .values(scope=scope, by=by, reason=reason)
            .on_conflict_do_nothing(index_elements=["scope"])
            .returning(pauses.c.scope)
        ).first()
        if made:
            write_order(connection, "pause", scope, by, reason)
    return made is not None


def resume(store: Store, scope: str, *, by: str, reason: str = "") -> int | None:
    """Let the runs of the scope begin again. How many were woken, or None when nothing was paused."""
    with store.begin() as connection:
        if connection.execute(delete(pauses).where(pauses.c.scope == scope)).rowcount != 1:
            return None
        write_order(connection, "resume", scope, by, reason)
        return wake_held(connection)


def wake_held(connection: Connection) -> int:
    """Wake the runs that a pause or a breaker held, and none holds now.

    The line for seats is woken by itself, and whoever waits for a system to open wakes then.
    """
    held = connection.execute(
        select(runs.c.key, runs.c.held_for)
        .outerjoin(seat_waits, seat_waits.c.run_id == runs.c.id)
        .where(runs.c.state == "queued", runs.c.held_for.is_not(None), runs.c.held_until.is_(None))
        .where(seat_waits.c.run_id.is_(None))
    ).all()
    if not held:
        return 0
    still = {_words(row.scope, row.reason) for row in connection.execute(select(pauses))} | words_of_open(connection)
    still.add(WAITS_FOR_EYES)  # which whoever approves it wakes
    return wake(connection, [row.key for row in held if row.held_for not in still])


def pauses_now(store: Store) -> list[Row[tuple[object, ...]]]:
    """What is paused, since when, by whom and why."""
    with store.begin() as connection:
        return list(connection.execute(select(pauses).order_by(pauses.c.since)))


def write_order(connection: Connection, order: str, about: str, by: str, reason: str, **detail: Any) -> None:
    """Remember for ever what a person ordered, and note it in the audit with what else there is to tell."""
    connection.execute(insert(orders).values(order=order, about=about, by=by, reason=reason))
    note(connection, by, DEEDS[order], about, reason=reason, **detail)


# What the audit calls the orders.
DEEDS = {
    "cancel": "stopped", "retry": "retried", "again": "made_again", "approve": "sent", "deny": "denied",
    "pause": "paused", "resume": "resumed", "look": "looked_again", "drain": "drained", "restore": "restored",
    "start now": "schedule_started", "let go": "schedule_let_go", "accept page": "page_accepted",
}  # fmt: skip
