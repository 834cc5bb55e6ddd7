"""The work as the database tells of it: who is silent, what nobody takes, what is closed, what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from robots.cli import console
from robots.cli.examined.finding import Finding

if TYPE_CHECKING:
    from sqlalchemy import Row

    from robots.store import Store

# A worker takes a run within the second; one that has waited longer than this is not on its way.
LONGEST_UNTAKEN = 60.0
# A scheduler looks every second.
SCHEDULER_SILENT = 60.0
# A worker that nobody has seen for longer is history, whatever its row says.
FORGOTTEN_SECONDS = 86_400.0


def work_findings(store: Store) -> Iterator[Finding]:
    """One for each thing that a person has to see to, and for what is paused; nothing of what is as it should be."""
    from robots.queue.pauses import pauses_now
    from robots.queue.standing import SILENT_SECONDS, workers_now

    known = [row for row in workers_now(store) if row.silent < FORGOTTEN_SECONDS]
    yield from (_silent(row) for row in known if row.silent > SILENT_SECONDS)
    yield from _untaken(store, [row for row in known if row.silent <= SILENT_SECONDS and not row.draining])
    yield from _late(store)
    yield from _breakers(store)
    yield from _schedules(store)
    for row in pauses_now(store):
        told = f"{row.scope}, av {row.by} {console.clock(row.since)}: {row.reason}"
        yield Finding("Pausat", ok=True, told=told)


def _silent(worker: Row[Any]) -> Finding:
    return Finding(
        f"Worker {worker.name}", ok=False, told=f"tyst i {console.seconds_text(worker.silent)}",
        todo=f"Se efter på maskinen {worker.host.partition('/')[0]} om den är igång (tjänsten, loggen), och starta om.",
    )  # fmt: skip


def _untaken(store: Store, at_work: Sequence[Row[Any]]) -> Iterator[Finding]:
    """Runs that no worker takes: there is none, or none that reaches the systems of the task."""
    from sqlalchemy import func, select

    from robots.queue.engine import queue_of
    from robots.store.clock import seconds_since
    from robots.store.schema import runs

    waiting = (
        select(runs.c.task, func.count().label("number"))
        .where(runs.c.state == "queued", runs.c.held_for.is_(None))
        .where(seconds_since(runs.c.created_at) > LONGEST_UNTAKEN)
        .group_by(runs.c.task)
        .order_by(runs.c.task)
    )
    with store.begin() as connection:
        found = connection.execute(waiting).all()
    for row in found:
        if any(not worker.queues or queue_of(row.task) in worker.queues for worker in at_work):
            continue
        why = "ingen worker som är igång når dess system" if at_work else "ingen worker är igång"
        yield Finding(
            f"Kön till {row.task.replace('_', '-')}", ok=False, told=f"{row.number} körningar väntar, och {why}",
            todo="Starta en: ragnhild worker (eller tjänsten). Vilka system den når säger inställningen reaches.",
        )  # fmt: skip


def _late(store: Store) -> Iterator[Finding]:
    from sqlalchemy import func, select

    from robots.store.schema import runs

    late = select(func.count()).where(runs.c.state == "queued", runs.c.deadline_at < func.clock_timestamp())
    with store.begin() as connection:
        number = connection.execute(late).scalar_one()
    if number:
        told = f"{number} körningar i kön har passerat det svar som är utlovat (answer_hours)"
        yield Finding("Svar i tid", ok=False, told=told, todo="Se varför de väntar: ragnhild runs --state queued")


def _breakers(store: Store) -> Iterator[Finding]:
    from sqlalchemy import select

    from robots.store.schema import breakers

    with store.begin() as connection:
        found = connection.execute(select(breakers).where(breakers.c.state == "open").order_by(breakers.c.system)).all()
    for row in found:
        whom = f" för {row.robot}" if row.robot else ""
        told = f"används inte{whom} sedan {console.clock(row.opened_at)}: {row.why}"
        todo = (
            f"Kontrollera systemet. Det provas igen av sig självt {console.clock(row.probe_at)}." if row.probe_at
            else "Lägg in ett nytt lösenord för roboten; det gamla provas aldrig mer."
        )  # fmt: skip
        yield Finding(f"System {row.system}, spärr", ok=False, told=told, todo=todo)


def _schedules(store: Store) -> Iterator[Finding]:
    from sqlalchemy import func, select

    from robots.store.clock import seconds_since
    from robots.store.schema import schedules, starts

    asked = (
        select(starts.c.schedule, func.count().label("number"))
        .where(starts.c.state == "asked")
        .group_by(starts.c.schedule)
        .order_by(starts.c.schedule)
    )
    # Each look notes how far it has looked; a schedule is looked at once a second.
    looked = select(func.min(seconds_since(schedules.c.looked_until))).where(schedules.c.gone.is_(False))
    with store.begin() as connection:
        found, silent = connection.execute(asked).all(), connection.execute(looked).scalar()
    if silent is not None and silent > SCHEDULER_SILENT:
        told = f"har inte sett på scheman på {console.seconds_text(silent)}, så inget startar av sig självt"
        yield Finding("Schemaläggaren", ok=False, told=told, todo="Starta den: ragnhild scheduler, up, eller tjänsten.")
    for row in found:
        todo = f"Svara: ragnhild schedules {row.schedule}, och run-now eller let-go."
        yield Finding(f"Schema {row.schedule}", ok=False, told=f"{row.number} starter väntar på svar", todo=todo)
