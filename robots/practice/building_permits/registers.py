"""The three registers of the menu: a search form, and a list that comes page by page in the page's moving part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import Response

from robots.practice.building_permits.access import Posted
from robots.practice.building_permits.state import DOCUMENTS, DRAWINGS, PermitCase

if TYPE_CHECKING:
    from robots.practice.building_permits.routes import BuildingPermits

PER_PAGE = 10
Asked = dict[str, str]


@dataclass(frozen=True)
class Field:
    """A search field. With ``choices`` it is a list, with ``box`` a check box, else a line to type in."""

    name: str
    label: str
    choices: tuple[str, ...] = ()
    box: bool = False


@dataclass(frozen=True)
class Row:
    """``opens`` is the page that the row leads to, ``file`` the address of its file."""

    cells: tuple[str, ...]
    opens: str = ""
    file: str = ""


@dataclass(frozen=True)
class Register:
    """One of the menu's lists. ``recent`` heads what it shows before anybody has searched."""

    page: str
    heading: str
    absent: str
    columns: tuple[str, ...]
    fields: tuple[Field, ...]
    rows: Callable[[list[PermitCase], Asked], list[Row]]

    @property
    def recent(self) -> str:
        return f"{self.heading}: senast inkomna"


DNR, PROPERTY = Field("txtDiarienr", "Diarienummer"), Field("txtFastighet", "Fastighet")
REFERENCE = Field("txtReferens", "Vår referens")
FINISHED = Field("chkAvslutade", "Visa även avslutade ärenden", box=True)
STAGE = Field(
    "ddlStatus", "Ärendestatus",
    ("Alla", "Under handläggning", "Väntar på komplettering", "Beslut fattat", "Startbesked lämnat",
     "Slutbesked lämnat"),
)  # fmt: skip
KIND = Field("ddlHandlingstyp", "Handlingstyp", ("Alla", "Ritningar", "Beslut"))


def _case_rows(cases: list[PermitCase], asked: Asked) -> list[Row]:
    stage = asked.get(STAGE.name) or "Alla"
    return [
        Row((c.number, c.home.designation, c.what, c.arrived.isoformat(), c.stage, c.official), f"/Arende.aspx?{_q(c)}")
        for c in cases
        if stage in ("Alla", c.stage)
    ]


def _event_rows(cases: list[PermitCase], asked: Asked) -> list[Row]:
    wanted = asked.get(REFERENCE.name, "").lower()
    return [
        Row((e.number, e.on.isoformat(), c.number, e.direction, "Sekretess" if e.secret else e.title,
             e.reference or "–", c.stage), f"/Handelsekort.aspx?nr={e.number}")
        for c in cases
        for e in reversed(c.events)
        if not wanted or wanted in e.reference.lower()
    ]  # fmt: skip


def _document_rows(cases: list[PermitCase], asked: Asked) -> list[Row]:
    kind = asked.get(KIND.name) or "Alla"
    codes = {"Ritningar": set(DRAWINGS), "Beslut": {"BESL", "STAB", "SBES"}}.get(kind, set(DOCUMENTS))
    return [
        Row((d.number, d.code, d.title, d.on.isoformat(), c.number, c.home.designation), f"/Arende.aspx?{_q(c)}",
            "" if d.secret else f"/Fil.aspx?handling={d.number}")
        for c in cases
        for d in c.documents
        if d.code in codes
    ]  # fmt: skip


def _q(case: PermitCase) -> str:
    return f"dnr={case.number.replace(' ', '+')}"


REGISTERS = (
    Register(
        "/Arenden.aspx", "Ärenden", "Inga ärenden hittades.",
        ("Diarienummer", "Fastighet", "Ärendemening", "Inkom", "Ärendestatus", "Handläggare"),
        (DNR, PROPERTY, STAGE, FINISHED), _case_rows,
    ),
    Register(
        "/Handelser.aspx", "Händelser", "Inga händelser hittades.",
        ("Händelsenr", "Datum", "Diarienummer", "Riktning", "Rubrik", "Vår referens", "Ärendestatus"),
        (DNR, REFERENCE, FINISHED), _event_rows,
    ),
    Register(
        "/Handlingar.aspx", "Handlingar", "Inga handlingar hittades.",
        ("Handlingsnr", "Kod", "Benämning", "Datum", "Diarienummer", "Fastighet", "Fil"),
        (DNR, PROPERTY, KIND, FINISHED), _document_rows,
    ),
)  # fmt: skip


class RegisterPage:
    """One register's page. It remembers what was asked for, which page of the list it shows, and what its rows open."""

    def __init__(self, system: BuildingPermits, register: Register) -> None:
        self.system = system
        self.register = register
        system.router.get(register.page)(self.open)
        system.router.post(register.page)(self.post_back)

    async def open(self, request: Request) -> Response:
        remembered, values = self._listed({}, 1)
        return self.system.opened(request, "register.html", remembered, **values)

    async def post_back(self, request: Request) -> Response:
        posted = await self.system.posted(request)
        before = posted.state.values
        if posted.clicked("gvLista") and posted.argument.startswith("Select$"):
            return self._select(request, before["opens"], posted.argument.removeprefix("Select$"))
        asked, page = before["asked"], before["page"]
        if posted.clicked("btnSok"):
            asked, page = self._asked(posted), 1
        elif posted.argument.startswith("Page$"):
            page = int(posted.argument.removeprefix("Page$")) if posted.argument[5:].isdecimal() else 1
        remembered, values = self._listed(asked, page)
        return self.system.sent_back(request, posted, "register.html", remembered, part="_list.html", **values)

    def _select(self, request: Request, opens: list[str], place: str) -> Response:
        if not place.isdecimal() or int(place) >= len(opens):
            return self.system.missing(request)
        return self.system.go(opens[int(place)])

    def _asked(self, posted: Posted) -> Asked:
        return {"sokt": "ja"} | {field.name: posted[field.name] for field in self.register.fields}

    def _listed(self, asked: Asked, page: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the page is to remember, and what it shows."""
        rows = self.register.rows(self._cases(asked), asked)
        if not asked:
            rows = rows[:PER_PAGE]
        pages = max(1, -(-len(rows) // PER_PAGE))
        page = min(max(page, 1), pages)
        shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
        remembered = {"asked": asked, "page": page, "opens": [row.opens for row in shown]}
        said = "; ".join(f"{f.label}: {asked[f.name]}" for f in self.register.fields if not f.box and asked.get(f.name))
        return remembered, {
            "register": self.register, "asked": asked, "rows": shown, "total": len(rows), "number": page,
            "pages": pages, "said": said or "alla",
        }  # fmt: skip

    def _cases(self, asked: Asked) -> list[PermitCase]:
        """The latest first; the finished ones only where they are asked for."""
        number, home = asked.get(DNR.name, "").upper(), asked.get(PROPERTY.name, "").upper()
        return [
            case
            for case in reversed(self.system.records.cases.values())
            if (asked.get(FINISHED.name) or not case.closed)
            and (not number or case.number == number)
            and (not home or case.home.designation == home)
        ]
