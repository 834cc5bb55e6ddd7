"""What the robots give: a period's figures beside those of the one before, in pictures and as a workbook."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from babel.dates import format_date
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from robots.errors import WrongInput
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.pages import page
from robots.portal.rights import May, Visitor
from robots.portal.sheets import EXCEL_TYPE
from robots.portal.wording import translations
from robots.statistics import tables
from robots.statistics.calculating import figures_of, today_of
from robots.statistics.charts import charts_of
from robots.statistics.explained import explained, file_name, period_words
from robots.statistics.figures import Figures
from robots.statistics.period import Period, chosen_period
from robots.statistics.tables import change, key_rows
from robots.statistics.wording import Say, shown
from robots.statistics.workbook import workbook_bytes

router = APIRouter()
MONTHS_BACK = 24


class Asked(BaseModel):
    """Which period, as the address says; what a person wrote in a form is read by ``chosen_period``."""

    month: str = ""
    first: str = Field("", alias="from")
    last: str = Field("", alias="to")

    @property
    def query(self) -> str:
        return urlencode(self.model_dump(exclude_defaults=True, by_alias=True))


@router.get("/statistics")
def statistics(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_STATISTICS)], asked: Annotated[Asked, Query()]
) -> Response:
    """A period that cannot be is told at the form, with the latest whole month below it."""
    desk = desk_of(request)
    today = today_of(desk.store)
    try:
        period, fault, status = _period(today, asked), None, 200
    except WrongInput as error:
        period, fault, status = chosen_period(today), error, 422
    figures = _figures(desk, visitor, period)
    language, say = visitor.language, translations(visitor.language).gettext
    made = tables.all_tables(figures, say)
    charts = charts_of(figures, language, say)
    charted = {chart.table.name for chart in charts} | {"key_figures"}
    return page(
        request, "statistics", visitor, status=status, asked=asked, fault=fault, figures=figures, charts=charts,
        period=period_words(figures, language, say), months=_months(today, language), chosen=_as_month(period),
        keys=[_key(each, language, say) for each in key_rows(figures, say)], language_of_numbers=language,
        explained=explained(say),
        others=[each for each in made if each.name not in charted and each.rows],
        workbook=f"/statistics/workbook?{Asked().query if fault else asked.query}".rstrip("?"),
    )  # fmt: skip


@router.get("/statistics/workbook")
def workbook(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_STATISTICS)], asked: Annotated[Asked, Query()]
) -> Response:
    desk = desk_of(request)
    period = _period(today_of(desk.store), asked)
    written = workbook_bytes(_figures(desk, visitor, period), desk.settings.municipality)
    return Response(written, 200, {"Content-Disposition": f'attachment; filename="{file_name(period)}"'}, EXCEL_TYPE)


def _period(today: date, asked: Asked) -> Period:
    return chosen_period(today, month=asked.month, first=asked.first, last=asked.last)


def _figures(desk: Desk, visitor: Visitor, period: Period) -> Figures:
    """Of the visitor's teams; of all tasks for those who see all."""
    return figures_of(desk.store, desk.settings, desk.tasks, period, owners=visitor.owners)


def _key(each: tables.KeyFigure, language: str, say: Say) -> dict[str, Any]:
    now, before = (shown(value, each.kind, language) for value in (each.now, each.before))
    changed = change(each.now, each.before, each.kind, language, say)
    return {"title": each.title, "now": now, "before": before, "change": changed}


def _months(today: date, language: str) -> list[tuple[str, str]]:
    """The months that can be chosen, the newest first, this one too: as they are sent, and as they are read."""
    found = []
    day = today.replace(day=1)
    for _ in range(MONTHS_BACK):
        found.append((f"{day:%Y-%m}", format_date(day, "LLLL y", locale=language)))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def _as_month(period: Period) -> str:
    return f"{period.first:%Y-%m}" if period.whole_months == 1 else ""
