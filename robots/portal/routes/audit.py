"""The audit: what people and programs have done and looked at, the newest first; and as a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Row

from robots.errors import WrongInput
from robots.local_time import moment_of, on_the_wall
from robots.portal.audit import note, noted
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.pages import page, words_of
from robots.portal.rights import May, Visitor
from robots.portal.run_page import LARGEST
from robots.portal.wording import marked as _

router = APIRouter()
ON_A_PAGE = 100
# As many as a sheet is read with; who needs more asks day by day.
IN_A_FILE = 50_000
COLUMNS = ("Nummer", "Tid", "Vem", "Gjorde", "Vad", "Skäl", "Mer")
# What a spreadsheet would take for a formula.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


class Asked(BaseModel):
    """Which events, as the address says: of whom, about what, on which day."""

    by: str = ""
    about: str = ""
    day: str = ""
    before: int = Field(0, ge=0, le=LARGEST)

    def address(self, at: str = "/audit", **other: Any) -> str:
        query = urlencode(self.model_copy(update=other).model_dump(exclude_defaults=True))
        return f"{at}?{query}" if query else at


@router.get("/audit")
def audit(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_AUDIT)], asked: Annotated[Asked, Query()]
) -> Response:
    desk = desk_of(request)
    try:
        rows, fault = _found(desk, visitor, asked, ON_A_PAGE + 1), ""
    except WrongInput as error:
        rows, fault = [], error.expected
    _note_reader(desk, visitor, "audit_read", asked)
    older = asked.address(before=rows[ON_A_PAGE - 1].id) if len(rows) > ON_A_PAGE else ""
    return page(
        request, "audit", visitor, status=422 if fault else 200, rows=rows[:ON_A_PAGE], asked=asked, fault=fault,
        older=older, file=asked.address("/audit/file", before=0), told=told,
    )  # fmt: skip


@router.get("/audit/file")
def audit_file(
    request: Request, visitor: Annotated[Visitor, needs(May.SEE_AUDIT)], asked: Annotated[Asked, Query()]
) -> Response:
    """As CSV that Excel opens: semicolons, and no cell that would be calculated."""
    desk = desk_of(request)
    rows = _found(desk, visitor, asked, IN_A_FILE)
    _note_reader(desk, visitor, "audit_exported", asked)
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";")
    sheet.writerow(COLUMNS)
    for row in rows:
        at = f"{on_the_wall(row.at):%Y-%m-%d %H:%M:%S}"
        sheet.writerow([row.id, at, *map(_harmless, (row.by, row.did, row.about, row.reason, told(row)))])
    headers = {"Content-Disposition": 'attachment; filename="handelselogg.csv"'}
    return Response("\ufeff" + written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def told(row: Row[Any]) -> str:
    """What else was noted: «task: send_drawings, dry_run: false»."""
    return ", ".join(f"{name}: {_word(value)}" for name, value in row.detail.items())


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _found(desk: Desk, visitor: Visitor, asked: Asked, limit: int) -> list[Row[Any]]:
    since = until = None
    if asked.day:
        try:
            day = date.fromisoformat(asked.day)
            since, until = (moment_of(datetime.combine(d, datetime.min.time())) for d in (day, day + timedelta(days=1)))
        except (ValueError, OverflowError):
            raise WrongInput("Dag", asked.day[:20], words_of(visitor, _("Skriv dagen som ÅÅÅÅ-MM-DD."))) from None
    about = asked.about.replace("\0", "").strip()
    return noted(
        desk.store, about=f"K-{about}" if about.isdecimal() else about, by=asked.by.replace("\0", "").strip().lower(),
        before=asked.before, limit=limit, since=since, until=until,
    )  # fmt: skip


def _note_reader(desk: Desk, visitor: Visitor, did: str, asked: Asked) -> None:
    """Who reads the audit is in it."""
    with desk.store.begin() as connection:
        note(connection, visitor.name, did, **asked.model_dump(exclude_defaults=True))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_BEGINS) else cell
