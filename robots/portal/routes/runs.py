"""Runs: the listing, and how it goes for those that are open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Row, func, select
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import credential_of, needs
from robots.portal.live import live_of
from robots.portal.pages import STATES, page, text_of
from robots.portal.rights import May, Visitor
from robots.portal.run_page import LARGEST, task_of
from robots.queue.orders import AT_WORK
from robots.queue.runs import list_runs
from robots.store.schema import runs

router = APIRouter()
ON_A_PAGE = 50


class Chosen(BaseModel):
    """Which runs are listed, as the address says."""

    state: str = ""
    task: str = ""
    case: str = ""
    mine: bool = False
    before: int = Field(0, ge=0, le=LARGEST)


@router.get("/runs")
def all_runs(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_RUNS)], chosen: Annotated[Chosen, Query()]
) -> Response:
    """The newest first, those that the visitor may see."""
    desk = desk_of(request)
    tasks = desk.tasks.by_name
    reached = visitor.reached(tasks.values())
    found = listed(
        desk, visitor, state=chosen.state, task=chosen.task, case=chosen.case, mine=chosen.mine, before=chosen.before,
        limit=ON_A_PAGE + 1,
    )  # fmt: skip
    older = chosen.model_copy(update={"before": found[ON_A_PAGE - 1].id}) if len(found) > ON_A_PAGE else None
    return page(
        request, "runs", visitor, runs=found[:ON_A_PAGE], tasks=tasks, chosen=chosen,
        older=older and address_of(older), total=_open_by_state(desk, reached), address_of=address_of,
        live=urlencode([("of", run.id) for run in found[:ON_A_PAGE] if run.finished_at is None]),
        title_of=lambda name: task.title if (task := task_of(desk, name)) else name,
    )  # fmt: skip


def listed(
    desk: Desk, visitor: Visitor, *, state: str = "", task: str = "", case: str = "", mine: bool = False,
    before: int = 0, limit: int = ON_A_PAGE,
) -> list[Row[Any]]:  # fmt: skip
    """The newest that the visitor reaches, older than the run ``before``; a state that is none is all of them."""
    reached = visitor.reached(desk.tasks.by_name.values())
    conditions = [] if reached is None else [reached]
    conditions += [runs.c.started_by == visitor.name] if mine else []
    conditions += [runs.c.id < before] if before else []
    return list_runs(
        desk.store, *conditions, task=task.replace("\0", ""), states=[state] if state in STATES else [],
        case_number=case.replace("\0", "").strip().upper(), limit=limit,
    )  # fmt: skip


def address_of(chosen: Chosen, **other: Any) -> str:
    """The listing that is chosen, with what is to be otherwise in it."""
    return "/runs?" + urlencode(chosen.model_copy(update=other).model_dump(exclude_defaults=True))


def _open_by_state(desk: Desk, reached: ColumnElement[bool] | None) -> dict[str, int]:
    """How many runs that the visitor reaches are open, in the order of the states."""
    wanted = select(runs.c.state, func.count().label("number")).where(runs.c.state.in_(AT_WORK)).group_by(runs.c.state)
    with desk.store.begin() as connection:
        found = connection.execute(wanted if reached is None else wanted.where(reached))
        counted = {row.state: row.number for row in found}
    return {state: counted[state] for state in STATES if state in counted}


@router.get("/runs/live")
async def live(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_RUNS)], of: Annotated[list[int], Query()]
) -> Response:
    """How these runs stand, until all of them have ended. Those that the visitor does not reach are left out."""
    desk = desk_of(request)
    reached = await run_in_threadpool(_reached, desk, visitor, of[:ON_A_PAGE])

    async def told() -> AsyncIterator[ServerSentEvent]:
        still_open = set(reached)
        with live_of(request).listening(dict.fromkeys(reached, LARGEST), credential_of(request)) as listener:
            async for news in listener:
                (run,) = await run_in_threadpool(list_runs, desk.store, runs.c.id == news.run_id)
                yield ServerSentEvent(text_of(request, "runs_live.html", visitor, run=run).strip(), event="parts")
                still_open -= {news.run_id} if news.ended else set()
                if not still_open:
                    break
        yield ServerSentEvent("", event="end")

    return EventSourceResponse(told() if reached else _nothing())


async def _nothing() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent("", event="end")


def _reached(desk: Desk, visitor: Visitor, numbers: list[int]) -> list[int]:
    conditions: list[ColumnElement[bool]] = [runs.c.id.in_([each for each in numbers if 0 < each <= LARGEST])]
    if (reached := visitor.reached(desk.tasks.by_name.values())) is not None:
        conditions.append(reached)
    return [run.id for run in list_runs(desk.store, *conditions, limit=ON_A_PAGE)]
