"""The API: the figures of a period, and the description of the API itself."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from robots.errors import WrongInput
from robots.portal.api.description import description_of
from robots.portal.api.faults import NOT_USABLE, RESPONSES, Refused
from robots.portal.api.models import Statistics
from robots.portal.desk import desk_of
from robots.portal.doors.guards import needs
from robots.portal.rights import May, Visitor
from robots.portal.routes import api_batches, api_handovers, api_rows, api_runs, api_tasks, api_webhooks
from robots.statistics.calculating import figures_of, today_of
from robots.statistics.period import chosen_period

router = APIRouter(
    prefix="/api/v1", tags=["figures"], responses=RESPONSES, generate_unique_id_function=lambda route: route.name
)
Day = Annotated[str, Query(max_length=20)]


@router.get("/statistics")
def statistics(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_STATISTICS)],
    month: Annotated[str, Query(max_length=20, examples=["2026-10"], description="Instead of days.")] = "",
    first: Annotated[Day, Query(alias="from", examples=["2026-10-01"])] = "",
    last: Annotated[Day, Query(alias="to", examples=["2026-10-31"], description="Today where it is left out.")] = "",
) -> Statistics:  # fmt: skip
    """The figures of docs/statistics.md, beside those of the period before; the latest whole month unless it is told.
    A leader's are those of their teams."""
    desk = desk_of(request)
    try:
        period = chosen_period(today_of(desk.store), month=month, first=first, last=last)
    except WrongInput as error:
        raise Refused(422, NOT_USABLE, "month" if month else "from" if first else "to", error.expected) from error
    return Statistics(**figures_of(desk.store, desk.settings, desk.tasks, period, owners=visitor.owners).as_json())


@router.get("/openapi.json")
def describe_api(_visitor: Annotated[Visitor, needs()]) -> dict[str, Any]:
    """This description."""
    return _described()


@cache
def _described() -> dict[str, Any]:
    return description_of(ROUTERS)


ROUTERS = (
    api_tasks.router, api_runs.router, api_batches.router, api_rows.router, api_handovers.router, api_webhooks.router,
    router,
)  # fmt: skip
