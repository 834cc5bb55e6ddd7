"""The API: runs. Start one, follow it, read what it has done, and order what becomes of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Header, Path, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from robots.audit.writing import note_look
from robots.errors import WrongInput
from robots.portal import run_orders as orders
from robots.portal.api.faults import NOT_ALONE, NOT_USABLE, RESPONSES, Refused
from robots.portal.api.models import (
    Again,
    Answer,
    ChosenRuns,
    Number,
    RunLine,
    RunList,
    RunWhole,
    Start,
    Started,
    Steps,
    Stop,
)
from robots.portal.api.told import run_line, run_whole, step_of
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import credential_of, needs
from robots.portal.forms import faults_of
from robots.portal.live import News, live_of
from robots.portal.request_keys import IDEMPOTENCY_KEY, KEY
from robots.portal.rights import May, Visitor
from robots.portal.routes.api_tasks import named_task
from robots.portal.routes.runs import listed
from robots.portal.run_page import LARGEST, RunPage, reached_run
from robots.portal.starting import start
from robots.portal.story import TECHNICAL
from robots.queue.runs import Submitted, find_run

router = APIRouter(
    prefix="/api/v1", tags=["runs"], responses=RESPONSES, generate_unique_id_function=lambda route: route.name
)
CREATED = 201
T = TypeVar("T")
Seeing = Annotated[Visitor, needs(May.SEE_RUNS)]
Starting = Annotated[Visitor, needs(May.START)]
Stopping = Annotated[Visitor, needs(May.STOP_RUNS)]
RunId = Annotated[Number, Path(description="The number in K-17.", examples=[17])]
Key = Annotated[
    str,
    Header(alias=IDEMPOTENCY_KEY, pattern=f"^{KEY.pattern}$", examples=["kc-26110042-4-1"],
           description="Your own name for this start; kept for a week. The same once more starts nothing."),
]  # fmt: skip
KeyOrNone = Annotated[
    str,
    Header(alias=IDEMPOTENCY_KEY, pattern=f"^{KEY.pattern}$", examples=["kc-26110042-4-2"],
           description="As for a start. What needs none is once without it too; with it nothing else is taken for it."),
]  # fmt: skip
_STARTED_BEFORE: dict[int | str, dict[str, Any]] = {
    200: {"model": Started, "description": "The key, or the same request, has a run already."}
}


@router.post("/runs", status_code=CREATED, responses=_STARTED_BEFORE)
def start_run(request: Request, answer: Response, visitor: Starting, key: Key, sent: Start) -> Started:
    """Start a run: 201 for a new one; 200 with the earlier one for the same key or the same request; 409 where the key
    has started something else."""
    desk = desk_of(request)
    task = named_task(desk, sent.task)
    if faults := faults_of(visitor, task, sent.inputs):
        field, words = next(iter(faults.items()))
        raise Refused(422, "Uppgifterna går inte att använda.", field, words)
    try:
        made = start(
            desk, visitor, task, sent.inputs, dry_run=sent.dry_run, asks_first=sent.asks_first, key=key,
            trace=sent.trace.strip(),
        )  # fmt: skip
    except WrongInput as error:
        if error.field != IDEMPOTENCY_KEY:
            raise
        raise Refused(409, error.expected, error.field) from error
    return _started(desk, visitor, made, answer, is_new=made.new and not made.repeated)


def _started(desk: Desk, visitor: Visitor, made: Submitted, answer: Response, *, is_new: bool) -> Started:
    answer.status_code = CREATED if is_new else 200
    run = find_run(desk.store, made.run_id)
    if not visitor.reaches(run, desk.tasks.by_name):
        raise Refused(409, NOT_ALONE)
    answer.headers["Location"] = f"/api/v1/runs/{made.run_id}"
    return Started(run=run_line(desk, visitor, run), new=is_new)


@router.get("/runs")
def list_runs(request: Request, visitor: Seeing, chosen: Annotated[ChosenRuns, Query()]) -> RunList:
    """Those that the account reaches, the newest first."""
    desk, most = desk_of(request), chosen.limit
    found = listed(
        desk, visitor, state=chosen.state or "", task=chosen.task.replace("-", "_"), case=chosen.case,
        mine=chosen.mine, before=int(chosen.cursor or 0), limit=most + 1,
    )  # fmt: skip
    after = str(found[most - 1].id) if len(found) > most else None
    return RunList(runs=[run_line(desk, visitor, row) for row in found[:most]], next=after)


@router.get("/runs/{run_id}")
def read_run(request: Request, visitor: Seeing, run_id: RunId) -> RunWhole:
    """The run with its inputs, its outcome, and its changes with their receipts. That it was read is noted."""
    desk = desk_of(request)
    page = RunPage(desk, visitor, run_id)
    note_look(desk.store, visitor.name, run_id, "looked")
    return run_whole(desk, visitor, page)


@router.get("/runs/{run_id}/steps")
def read_steps(request: Request, visitor: Seeing, run_id: RunId) -> Steps:
    """What the robot has done, step by step, with the addresses of its pictures. That it was read is noted."""
    desk = desk_of(request)
    page = RunPage(desk, visitor, run_id)
    note_look(desk.store, visitor.name, run_id, "looked")
    return Steps(steps=[step_of(visitor, page, stage) for stage in page.story.stages])


# -- as it happens ----------------------------------------------------------------------------------------------------


_EVENT = {
    "type": "object", "description": "One event of the stream; data is JSON, and empty at the end.",
    "properties": {
        "event": {"enum": ["event", "state", "end"]}, "id": {"type": "string", "pattern": "^[0-9]+$"},
        "data": {"type": "string", "examples": ['{"state": "running", "held_for": null, "ended": false}']},
    },
    "required": ["event"],
}  # fmt: skip
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": _EVENT}}}
}


@router.get("/runs/{run_id}/events", response_class=EventSourceResponse, responses=_STREAM)
async def follow_run(
    request: Request, visitor: Seeing, run_id: RunId,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="The number of the last event that is known.")] = 0,
    last_event_id: Annotated[str, Header(description="Goes before ``after``.")] = "",
) -> Response:  # fmt: skip
    """Server-sent events until the run has ended: ``event`` (what happened, numbered), ``state`` (how it stands now),
    ``end``. Continued by Last-Event-ID, nothing is lost and nothing told twice."""
    desk = desk_of(request)
    is_number = last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) < len(str(LARGEST))
    known = int(last_event_id) if is_number else after
    await run_in_threadpool(reached_run, desk, visitor, run_id)
    await run_in_threadpool(note_look, desk.store, visitor.name, run_id, "looked")

    async def told() -> AsyncIterator[ServerSentEvent]:
        with live_of(request).listening({run_id: known}, credential_of(request)) as listener:
            async for news in listener:
                for each in _told(visitor, news):
                    yield each
                if news.ended:
                    break
        yield ServerSentEvent("", event="end")

    return EventSourceResponse(told())


def _told(visitor: Visitor, news: News) -> list[ServerSentEvent]:
    is_technical = visitor.may(May.SEE_MACHINERY)
    found = []
    for each in news.events:
        words = "" if each.kind in TECHNICAL and not is_technical else each.title
        told = {"kind": each.kind, "attempt": each.attempt, "at": each.at.isoformat(), "words": words,
                "receipt": each.detail.get("receipt") or ""}  # fmt: skip
        found.append(ServerSentEvent(_json(told), event="event", id=str(each.id)))
    state = {"state": news.state, "held_for": news.held_for, "ended": news.ended}
    return [*found, ServerSentEvent(_json(state), event="state")]


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


# -- orders -----------------------------------------------------------------------------------------------------------


@router.post("/runs/{run_id}/cancel")
def cancel_run(
    request: Request, visitor: Annotated[Visitor, needs(May.STOP_RUNS)], run_id: RunId, sent: Stop
) -> RunLine:
    """No further change is made. What is at work notices at its next change: the run has ended when it is finished."""
    desk = desk_of(request)
    _ordered(lambda: orders.stop(desk, visitor, RunPage(desk, visitor, run_id), sent.reason))
    return run_line(desk, visitor, find_run(desk.store, run_id))


@router.post("/runs/{run_id}/retry", status_code=CREATED, responses=_STARTED_BEFORE)
def retry_run(
    request: Request, answer: Response, visitor: Starting, run_id: RunId, *, key: KeyOrNone = ""
) -> Started:  # fmt: skip
    """Try a cancelled run or a dry run anew. What it has changed stands; ordered twice it is one run."""
    desk = desk_of(request)
    made = _ordered(lambda: orders.try_again(desk, visitor, RunPage(desk, visitor, run_id), key=key))
    return _started(desk, visitor, made, answer, is_new=made.new)


@router.post("/runs/{run_id}/again", status_code=CREATED, responses=_STARTED_BEFORE)
def make_run_again(
    request: Request, answer: Response, visitor: Starting, run_id: RunId, sent: Again, *, key: KeyOrNone = ""
) -> Started:  # fmt: skip
    """Make all the changes of a run that is done once more, for a reason. Ordered twice it is one run."""
    desk = desk_of(request)
    made = _ordered(lambda: orders.once_more(desk, visitor, RunPage(desk, visitor, run_id), sent.reason, key=key))
    return _started(desk, visitor, made, answer, is_new=made.new)


@router.post("/runs/{run_id}/answer")
def answer_run(
    request: Request, visitor: Annotated[Visitor, needs(May.HANDLE)], run_id: RunId, sent: Answer
) -> RunLine:  # fmt: skip
    """Send or stop what the run asks about, as a person who has looked at it says. 409 where it asks something else by
    now."""
    desk = desk_of(request)
    page = RunPage(desk, visitor, run_id)
    _ordered(lambda: orders.answer_question(desk, visitor, page, sent.question, sent.reason, send=sent.send))
    return run_line(desk, visitor, find_run(desk.store, run_id))


def _ordered(order: Callable[[], T]) -> T:
    """An order that cannot be carried out as the run stands is a conflict."""
    try:
        return order()
    except WrongInput as error:
        if error.field == orders.REASON:
            raise Refused(422, NOT_USABLE, "reason", error.expected) from error
        raise Refused(409, error.expected, error.field if error.field == IDEMPOTENCY_KEY else "") from error
