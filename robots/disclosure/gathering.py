"""What the database tells of one case, and of no other: by its runs, and by the case number itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, or_, select

from robots.store.schema import (
    approvals,
    attempts,
    audit_events,
    batch_rows,
    batches,
    effect_history,
    effects,
    handover_work,
    letters,
    messages,
    news,
    orders,
    outcomes,
    run_events,
    runs,
    start_runs,
    starts,
    tellings,
)

# News of these kinds are about one run, whose number is their key.
_ABOUT_RUN = ("handover", "failed", "deadline")

Document = dict[str, Any]


def runs_of(connection: Connection, case_number: str) -> list[int]:
    """The numbers of the case's runs."""
    found = select(runs.c.id).where(runs.c.case_number == case_number).order_by(runs.c.id)
    return list(connection.execute(found).scalars())


def gathered(connection: Connection, case_number: str, run_ids: Sequence[int]) -> Document:
    """Everything, as it stands in the database: nothing is covered."""
    names = [f"K-{run_id}" for run_id in run_ids]
    mentioned = or_(audit_events.c.case_number == case_number, audit_events.c.about.in_(names))
    return {
        "case_number": case_number,
        "runs": [_run(connection, run_id) for run_id in run_ids],
        "orders": _all(connection, select(orders).where(orders.c.about.in_(names)).order_by(orders.c.id)),
        "messages": _messages(connection, run_ids),
        "audit": _all(connection, select(audit_events).where(mentioned).order_by(audit_events.c.id)),
    }


def _run(connection: Connection, run_id: int) -> Document:
    def of(table: Table, order: str) -> list[Document]:
        return _all(connection, select(table).where(table.c.run_id == run_id).order_by(table.c[order]))

    run = connection.execute(select(runs).where(runs.c.id == run_id)).one()
    return _document(run) | {
        "name": f"K-{run_id}",
        "attempts": of(attempts, "number"),
        "steps": of(run_events, "id"),
        "effects": [_effect(connection, row) for row in of(effects, "created_at")],
        "approvals": of(approvals, "id"),
        "outcome": next(iter(of(outcomes, "at")), None),
        "handover": next(iter(of(handover_work, "run_id")), None),
        "came_from": _came_from(connection, run_id),
    }


def _effect(connection: Connection, told: Document) -> Document:
    history = select(effect_history).where(effect_history.c.key == told["key"]).order_by(effect_history.c.id)
    return told | {"history": _all(connection, history)}


def _came_from(connection: Connection, run_id: int) -> list[Document]:
    """The sheet's row, the schedule's start or the message of a mailbox that asked for the run."""
    sheet = (
        select(batches.c.id.label("batch"), batches.c.file_name, batches.c.sheet, batch_rows.c.row)
        .join(batches, batches.c.id == batch_rows.c.batch_id)
        .where(batch_rows.c.run_id == run_id)
    )
    start = (
        select(starts.c.schedule, starts.c.local_time)
        .join(start_runs, start_runs.c.start_id == starts.c.id)
        .where(start_runs.c.run_id == run_id)
    )
    letter = select(letters.c.schedule, letters.c.identity, letters.c.taken_at).where(letters.c.run_id == run_id)
    return [each for asked in (sheet, start, letter) for each in _all(connection, asked)]


def _messages(connection: Connection, run_ids: Sequence[int]) -> list[Document]:
    """What people were told of its runs, and when. A message itself may tell of other cases, so it is left out."""
    told = (
        select(news.c.kind, news.c.about, news.c.at, tellings.c.person, messages.c.made_at, messages.c.sent_at)
        .outerjoin(tellings, tellings.c.news_id == news.c.id)
        .outerjoin(messages, messages.c.id == tellings.c.message_id)
        .where(news.c.kind.in_(_ABOUT_RUN), news.c.key.in_([str(run_id) for run_id in run_ids]))
        .order_by(news.c.at, tellings.c.person)
    )
    return _all(connection, told)


def _all(connection: Connection, wanted: Any) -> list[Document]:
    return [_document(row) for row in connection.execute(wanted)]


def _document(row: Row[Any]) -> Document:
    return dict(row._mapping)
