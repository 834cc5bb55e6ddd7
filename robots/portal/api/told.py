"""What the desk knows, in the words of the API for one visitor: what is personal only for those who may see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from robots.evidence.redaction import redact
from robots.portal.api.input_schema import schema_of
from robots.portal.api.models import (
    Effect,
    Handover,
    Line,
    Picture,
    Question,
    RunLine,
    RunWhole,
    Step,
    TaskLine,
    TaskWhole,
)
from robots.portal.desk import Desk
from robots.portal.rights import May, Visitor
from robots.portal.run_page import RunPage, task_of
from robots.portal.story import Stage
from robots.task import Task

_COLUMNS = (
    "case_number", "state", "held_for", "held_until", "dry_run", "source", "started_by", "robot", "attempts",
    "created_at", "started_at", "finished_at", "earlier_run", "outcome",
)  # fmt: skip
_HANDOVER_COLUMNS = (
    "case_number", "standing", "handed_over_at", "promised_at", "late", "taken_by", "closed_by", "way", "ended_at",
    "since_run",
)  # fmt: skip


def task_line(task: Task, hindrance: str) -> TaskLine:
    return TaskLine(
        name=task.command, title=task.title, owner=task.owner, description=task.description, hindrance=hindrance
    )


def task_whole(task: Task, hindrance: str) -> TaskWhole:
    return TaskWhole(
        **task_line(task, hindrance).model_dump(), level=task.level, saves_minutes=task.saves_minutes,
        asks_before=list(task.asks_before), inputs=schema_of(task.inputs),
    )  # fmt: skip


def run_line(desk: Desk, visitor: Visitor, row: Row[Any]) -> RunLine:
    return RunLine(**_run(desk, visitor, row))


def _run(desk: Desk, visitor: Visitor, row: Row[Any]) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _COLUMNS}, **_named(desk, row), **_words(visitor, row),
        "waits": row.waits or [], "seconds": None if row.seconds is None else float(row.seconds),
    }  # fmt: skip


def _named(desk: Desk, row: Row[Any]) -> dict[str, Any]:
    task = task_of(desk, row.task)
    title = task.title if task else row.task
    return {"run": row.id, "name": f"K-{row.id}", "task": row.task.replace("_", "-"), "title": title}


def _words(visitor: Visitor, row: Row[Any], *names: str) -> dict[str, Any]:
    """What is told of a case in words, which may hold what a citizen wrote."""
    told = {name: getattr(row, name) for name in ("kind", "reason", "todo", *names)}
    return told if visitor.may(May.SEE_PERSONAL) else {name: text and redact(text) for name, text in told.items()}


def run_whole(desk: Desk, visitor: Visitor, page: RunPage) -> RunWhole:
    sees = visitor.may(May.SEE_PERSONAL)
    typed = {each.name: page.run.inputs[each.name] if sees else each.masked for each in page.record.typed}
    effects = [
        Effect(
            once=each.once, system=each.system, state=each.state, mark=each.mark, receipt=each.receipt,
            confirmed_at=each.confirmed_at,
        )
        for each in page.record.effects
    ]  # fmt: skip
    return RunWhole(
        **_run(desk, visitor, page.run),
        question=_question(page),
        inputs=typed,
        effects=effects,
        newest_run=page.newest,
    )


def _question(page: RunPage) -> Question | None:
    asked = page.question if page.can_answer and page.visitor.may(May.HANDLE) else None
    return asked and Question(
        question=asked.id, once=asked.once, system=asked.system, shown=asked.shown, expires_at=asked.expires_at
    )


def step_of(visitor: Visitor, page: RunPage, stage: Stage) -> Step:
    sees, is_technical = visitor.may(May.SEE_PERSONAL), visitor.may(May.SEE_MACHINERY)
    lines = [
        Line(kind=each.kind, at=each.at, receipt=each.receipt,
             words="" if each.is_technical and not is_technical else each.words)
        for each in stage.lines
    ]  # fmt: skip
    pictures = [
        Picture(title=each.title, at=each.at, address=f"/runs/{page.run.id}/evidence/{each.file}")
        for each in stage.pictures
        if sees and page.there(each)
    ]
    return Step(
        number=stage.number, attempt=stage.attempt, title=stage.title, at=stage.at, ended=stage.ended,
        seconds=stage.seconds, error=stage.error if is_technical else "", lines=lines, pictures=pictures,
    )  # fmt: skip


def handover_of(desk: Desk, visitor: Visitor, row: Row[Any]) -> Handover:
    columns = {name: getattr(row, name) for name in _HANDOVER_COLUMNS}
    return Handover(**columns, **_named(desk, row), **_words(visitor, row, "done"))
