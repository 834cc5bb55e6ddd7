"""The audit: what people and programs have done and looked at, the newest first; and as a file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Row

from robots.audit.chain import verify
from robots.audit.reading import Wanted, noted
from robots.audit.writing import note
from robots.errors import WrongInput
from robots.local_time import moment_of, on_the_wall
from robots.portal.deeds import DEEDS, PLACES
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
# So much of the chain is checked whenever somebody looks.
LATELY = 1_000
COLUMNS = ("Nummer", "Tid", "Vem", "Gjorde", "Vad", "Ärende", "Åt vem", "Skäl", "Varifrån", "Mer")
# What a spreadsheet would take for a formula.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


class Asked(BaseModel):
    """Which events, as the address says: of whom, about what, which case, what was done, which day."""

    by: str = ""
    about: str = ""
    case: str = ""
    did: str = ""
    day: str = ""
    before: int = Field(0, ge=0, le=LARGEST)
    check: bool = False

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
        older=older, file=asked.address("/audit/file", before=0), told=told, DEEDS=DEEDS, PLACES=PLACES,
        chain=_chain(desk, visitor, asked), check=asked.address(check=True, before=0),
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
        did, place = words_of(visitor, DEEDS.get(row.did, row.did)), words_of(visitor, PLACES.get(row.place, "–"))
        said = (row.by, did, row.about, row.case_number, row.for_whom, row.reason, f"{place} {row.machine}", told(row))
        sheet.writerow([row.id, at, *map(_harmless, said)])
    headers = {"Content-Disposition": 'attachment; filename="handelselogg.csv"'}
    return Response("\ufeff" + written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@dataclass(frozen=True)
class Chain:
    """How the chain stands, in words."""

    words: str
    whole: bool


def _chain(desk: Desk, visitor: Visitor, asked: Asked) -> Chain:
    """Of its newest lines, or of all where that is asked for: all of them may be years."""
    found = verify(desk.store, newest=0 if asked.check else LATELY)
    if found.fault:
        words = _("Händelseloggen är ändrad vid rad %(line)s. Säg till robotägaren, och ändra inget själv.")
        return Chain(words_of(visitor, words, line=found.fault.seq), whole=False)
    if found.head is None:
        return Chain(words_of(visitor, _("Loggen är tom.")), whole=True)
    words = _("Kedjan är hel från rad %(first)s till och med rad %(last)s.")
    return Chain(words_of(visitor, words, first=found.first, last=found.head.seq), whole=True)


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
    about = _plain(asked.about)
    wanted = Wanted(
        about=f"K-{about}" if about.isdecimal() else about, by=_plain(asked.by).lower(), case_number=_plain(asked.case),
        did=[asked.did] if asked.did in DEEDS else (), before=asked.before, since=since, until=until,
    )  # fmt: skip
    return noted(desk.store, wanted, limit=limit)


def _plain(typed: str) -> str:
    return typed.replace("\0", "").strip()


def _note_reader(desk: Desk, visitor: Visitor, did: str, asked: Asked) -> None:
    """Who reads the audit is in it."""
    with desk.store.begin() as connection:
        note(connection, visitor.name, did, **asked.model_dump(exclude_defaults=True))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_BEGINS) else cell
