"""One run: its page, what a person orders about it, its pictures and its report."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from robots.audit.writing import note, note_look
from robots.errors import RagnhildError, WrongInput
from robots.evidence.full_trace import there_now
from robots.evidence.report import report_page
from robots.portal import run_orders as orders
from robots.portal.desk import desk_of
from robots.portal.doors.guards import credential_of, needs
from robots.portal.live import Listener, live_of
from robots.portal.pages import STATES, page, text_of, words_of
from robots.portal.rights import May, Visitor
from robots.portal.run_page import (
    EFFECT_STATES,
    ENDINGS,
    ORDERS,
    SOURCES,
    RunPage,
    pictures_of,
    reached_run,
    task_of,
)
from robots.portal.story import Stage
from robots.portal.wording import marked as _
from robots.queue.run_record import report_words
from robots.queue.runs import Submitted

router = APIRouter()
PICTURE = re.compile(r"[0-9]{2,4}-[0-9]{3,5}\.jpg")
NOTHING_TYPED = {"act": "", "reason": ""}
Reason = Annotated[str, Form()]


@router.get("/runs/{run_id:int}")
def one_run(request: Request, run_id: int, visitor: Annotated[Visitor, needs(May.SEE_RUNS)]) -> Response:
    shown = RunPage(desk_of(request), visitor, run_id)
    note_look(desk_of(request).store, visitor.name, run_id, "looked")
    return _page(request, visitor, shown)


def _page(request: Request, visitor: Visitor, shown: RunPage, *, wrong: str = "", **typed: str) -> HTMLResponse:
    return page(
        request, "run", visitor, status=422 if wrong else 200, p=shown, wrong=wrong, typed=NOTHING_TYPED | typed,
        SOURCES=SOURCES, EFFECT_STATES=EFFECT_STATES, ENDINGS=ENDINGS, ORDERS=ORDERS,
    )  # fmt: skip


# -- as it happens ----------------------------------------------------------------------------------------------------


@router.get("/runs/{run_id:int}/live")
async def live(
    request: Request, run_id: int, visitor: Annotated[Visitor, needs(May.SEE_RUNS)], after: int = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:  # fmt: skip
    """The parts of the page that are not as they were, each time that they are not; continued where it was cut off."""
    seen = int(last_event_id) if last_event_id.isdecimal() else after
    shown = await run_in_threadpool(RunPage, desk_of(request), visitor, run_id)

    async def told() -> AsyncIterator[ServerSentEvent]:
        with live_of(request).listening({run_id: shown.story.last}, credential_of(request)) as listener:
            async for part in _told(request, visitor, shown, seen, listener):
                yield part

    return EventSourceResponse(told())


async def _told(
    request: Request, visitor: Visitor, shown: RunPage, seen: int, listener: Listener
) -> AsyncIterator[ServerSentEvent]:
    desk, run_id = desk_of(request), int(shown.run.id)
    yield _parts(request, visitor, shown, shown.story.since(seen), whole=True)
    async for news in listener:
        stages = shown.story.grow(news.events)
        # What is not in the events is read anew: how the run stands, its effects, what it asks.
        whole = news.standing != _standing(shown) or any(each.kind not in STEPS_ONLY for each in news.events)
        if whole:
            shown = await run_in_threadpool(RunPage, desk, visitor, run_id, shown.story)
        yield _parts(request, visitor, shown, stages, whole=whole)
        if words := _said(visitor, shown, stages):
            yield ServerSentEvent(words, event="say")
        if news.ended:
            yield ServerSentEvent("", event="end")
            return
    yield ServerSentEvent("", event="end" if shown.has_ended else "closed")


STEPS_ONLY = frozenset({"step", "step_done", "picture", "told", "login", "download", "letter", "table", "form"})


def _standing(shown: RunPage) -> tuple[str, str | None, bool]:
    return shown.run.state, shown.run.held_for, shown.has_ended


def _parts(
    request: Request, visitor: Visitor, shown: RunPage, stages: list[Stage], *, whole: bool
) -> ServerSentEvent:  # fmt: skip
    parts = text_of(
        request, "run_live.html", visitor, p=shown, stages=stages, whole=whole, typed=NOTHING_TYPED,
        EFFECT_STATES=EFFECT_STATES,
    )  # fmt: skip
    return ServerSentEvent(parts.strip(), event="parts", id=str(shown.story.last))


def _said(visitor: Visitor, shown: RunPage, stages: list[Stage]) -> str:
    """For those who listen instead of looking: the outcome, or the step that has begun last."""
    if shown.has_ended or shown.question:
        return ". ".join(filter(None, (words_of(visitor, STATES[shown.run.state][0]), shown.run.kind)))
    begun = [stage.title for stage in stages if shown.goes_on(stage)]
    return words_of(visitor, _("Pågår: %(step)s"), step=begun[-1]) if begun else ""


# -- what a person orders ---------------------------------------------------------------------------------------------


@router.post("/runs/{run_id:int}/stop")
def stop(
    request: Request, run_id: int, visitor: Annotated[Visitor, needs(May.STOP_RUNS)], reason: Reason = ""
) -> Response:
    desk, shown = desk_of(request), RunPage(desk_of(request), visitor, run_id)
    return _ordered(request, visitor, run_id, lambda: orders.stop(desk, visitor, shown, reason), act="stop")


@router.post("/runs/{run_id:int}/retry")
def try_again(request: Request, run_id: int, visitor: Annotated[Visitor, needs(May.START)]) -> Response:
    desk, shown = desk_of(request), RunPage(desk_of(request), visitor, run_id)
    return _ordered(request, visitor, run_id, lambda: orders.try_again(desk, visitor, shown))


@router.post("/runs/{run_id:int}/again")
def once_more(
    request: Request, run_id: int, visitor: Annotated[Visitor, needs(May.START)], reason: Reason = ""
) -> Response:
    desk, shown = desk_of(request), RunPage(desk_of(request), visitor, run_id)
    return _ordered(request, visitor, run_id, lambda: orders.once_more(desk, visitor, shown, reason), act="again")


class Answer(BaseModel):
    """What is said to a question; ``asked`` is its number."""

    asked: int
    send: Literal["yes", "no"]
    reason: str = ""


@router.post("/runs/{run_id:int}/answer")
def answer_question(
    request: Request, run_id: int, visitor: Annotated[Visitor, needs(May.START)], told: Annotated[Answer, Form()]
) -> Response:
    """*Skicka* or *Avbryt* to the question that stood on the page, and to no other."""
    desk = desk_of(request)
    shown = RunPage(desk, visitor, run_id)

    def order() -> None:
        orders.answer_question(desk, visitor, shown, told.asked, told.reason, send=told.send == "yes")

    return _ordered(request, visitor, run_id, order)


def _ordered(
    request: Request, visitor: Visitor, run_id: int, order: Callable[[], Submitted | None], *, act: str = ""
) -> Response:
    """Carry out an order and go to the run that it is about; where it cannot be, its page says why.

    ``act`` is the page's own order that wants a reason.
    """
    try:
        made = order()
    except RagnhildError as error:
        words = error.expected if isinstance(error, WrongInput) else str(error)
        typed = {"act": act} if isinstance(error, WrongInput) and error.field == orders.REASON else {}
        return _page(request, visitor, RunPage(desk_of(request), visitor, run_id), wrong=words, **typed)
    return RedirectResponse(f"/runs/{made.run_id if made else run_id}", 303)


# -- evidence ---------------------------------------------------------------------------------------------------------


@router.get("/runs/{run_id:int}/evidence/{file}")
def picture(request: Request, run_id: int, file: str, visitor: Annotated[Visitor, needs(May.SEE_PERSONAL)]) -> Response:
    """A picture that the run's events name; nothing else of what lies in its folder."""
    desk = desk_of(request)
    reached_run(desk, visitor, run_id)
    evidence = desk.evidence_of(run_id)
    if not PICTURE.fullmatch(file) or file not in pictures_of(desk.store, run_id) or not evidence.there(file):
        raise HTTPException(404)
    shown = evidence.read(file)
    note_look(desk.store, visitor.name, run_id, "looked_at_pictures")
    named = {"Content-Disposition": f'inline; filename="K-{run_id} {file}"'}
    return Response(shown, media_type="image/jpeg", headers=named)


@router.get("/runs/{run_id:int}/trace/{file}")
def full_trace(
    request: Request, run_id: int, file: str, visitor: Annotated[Visitor, needs(May.SEE_PERSONAL)]
) -> Response:
    """A full trace, while it is there: a file for Playwright's viewer."""
    desk = desk_of(request)
    reached_run(desk, visitor, run_id)
    traces = desk.traces_of(run_id)
    if file not in there_now(traces):
        raise HTTPException(404)
    content = traces.read(file)
    with desk.store.begin() as connection:
        note(connection, visitor.name, "downloaded_trace", f"K-{run_id}")
    named = {"Content-Disposition": f'attachment; filename="K-{run_id}-{file}"'}
    return Response(content, media_type="application/zip", headers=named)


@router.get("/runs/{run_id:int}/report")
def report(request: Request, run_id: int, visitor: Annotated[Visitor, needs(May.SEE_PERSONAL)]) -> Response:
    """All of the run in one file, as it stands now."""
    desk = desk_of(request)
    run = reached_run(desk, visitor, run_id)
    words = report_words(task_of(desk, run.task), run.task)
    written = report_page(desk.store, desk.evidence_of(run_id), **words)
    with desk.store.begin() as connection:
        note(connection, visitor.name, "downloaded_report", f"K-{run_id}")
    return HTMLResponse(written, headers={"Content-Disposition": f'attachment; filename="K-{run_id}.html"'})
