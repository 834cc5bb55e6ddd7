"""Diariet: a tree of boards and years, lists with menus of the right mouse button, cards in windows of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from fastapi import HTTPException, Request
from fastapi.responses import Response

from robots.practice.registry.desk import Desk
from robots.practice.registry.filing import Filing
from robots.practice.registry.state import BOARDS, CLOSED, OPEN, SECRECY, CaseFile, Document, Register
from robots.practice.system import NewField

PER_PAGE = 50
CASES, DOCUMENTS = "Ärenden", "Handlingar"


class Registry(Desk):
    key = "registry"
    title = "Diariet"
    path = "/diarium"
    session_minutes = 30
    folder = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {"Extern id": "Extern beteckning", "Sekretess": "Skyddsklass"}
    new_field = NewField("handlingstyp", "Handlingstyp", "Handlingstyp: välj i listan.", ("Brev", "E-post", "Blankett"))

    register: Register

    def add_pages(self) -> None:
        self.templates.globals.update(boards=BOARDS, classes=SECRECY, kinds=(CASES, DOCUMENTS))
        get = self.router.get
        get("/")(self.desktop)
        get("/trad/rows")(self.branches)
        get("/sok/rows")(self.hits)
        get("/arenden/{key}")(self.case_card)
        get("/handlingar/{key}")(self.document_card)
        get("/handlingar/{key}/historik")(self.history)
        get("/handlingar/{key}/fil")(self.file)
        Filing(self)

    def reset(self) -> None:
        self.register = Register(self.world.town)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        def documents(title: str = "", mark: str = "") -> list[dict[str, Any]]:
            found = self.register.documents.values()
            return [d.as_json() for d in found if title in ("", d.title) and mark in ("", d.mark)]

        def cases(mark: str = "", status: str = "") -> list[dict[str, Any]]:
            found = [c for c in self.register.cases.values() if mark in ("", c.mark) and status in ("", c.status)]
            return [{"id": c.id, "dnr": c.dnr, "title": c.title, "status": c.status, "mark": c.mark} for c in found]

        def check_out(document: str, by: str = "Marit Sandell") -> None:
            """A colleague (``by``, "" for nobody) has the document, by its number."""
            known = self._numbered(document)
            known.checked_out_by, known.checked_out_on = by, self.world.today if by else None

        def close(dnr: str) -> None:
            self._case_with(dnr).status = CLOSED

        def mark_secret(document: str, secrecy: str = "OSL 21:3") -> None:
            self._numbered(document).secrecy = secrecy

        return {"documents": documents, "cases": cases, "check_out": check_out, "close": close,
                "mark_secret": mark_secret}  # fmt: skip

    def _numbered(self, number: str) -> Document:
        found = [d for d in self.register.documents.values() if d.number == number]
        if not found:
            raise HTTPException(404, f"no document {number!r}")
        return found[0]

    def _case_with(self, dnr: str) -> CaseFile:
        found = [c for c in self.register.cases.values() if c.dnr == dnr]
        if not found:
            raise HTTPException(404, f"no ärende {dnr!r}")
        return found[0]

    async def desktop(self, request: Request) -> Response:
        mine = self.register.checked_out_by(self.me(request))
        return self.show(request, "desktop.html", mine=mine)

    async def branches(self, request: Request, gren: str = "") -> Response:
        """The boards, or the years of one board. As many as have ärenden."""
        if not gren:
            return self.show(request, "_boards.html")
        years = sorted({c.year for c in self.register.cases.values() if c.board == gren}, reverse=True)
        return self.show(request, "_years.html", board=gren, years=years)

    async def hits(self, request: Request) -> Response:
        """What was searched for. What is closed is hidden unless it is asked for."""
        asked = {n: v.strip() for n, v in request.query_params.items()}
        kind = DOCUMENTS if asked.get("vad") == DOCUMENTS else CASES
        cases = [c for c in self.register.cases.values() if c.status == OPEN or asked.get("avslutade") == "ja"]
        cases = [c for c in cases if asked.get("namnd", "") in ("", c.board)]
        cases = [c for c in cases if asked.get("ar", "") in ("", str(c.year))]
        cases = [c for c in cases if asked.get("dnr", "").upper() in c.dnr]
        found: list[Any]
        if kind == CASES:
            found = [c for c in cases if _fits(asked, c.title, c.mark)]
        else:
            found = [d for c in cases for d in c.documents
                     if _fits(asked, d.title if d.secret else f"{d.title} {d.party}", d.mark)]  # fmt: skip
        found.reverse()
        page = max(1, int(asked["sida"])) if asked.get("sida", "").isdecimal() else 1
        pages = max(1, -(-len(found) // PER_PAGE))
        return self.show(
            request, "_hits.html", kind=kind, rows=found[(page - 1) * PER_PAGE : page * PER_PAGE], total=len(found),
            page=page, pages=pages,
        )  # fmt: skip

    async def case_card(self, request: Request, key: str) -> Response:
        return self.show(request, "case.html", case=self.case(request, key))

    async def document_card(self, request: Request, key: str) -> Response:
        document = self.document(request, key)
        case = self.register.case_of(document)
        return self.show(request, "document.html", document=document, case=case)

    async def history(self, request: Request, key: str, q: str = "") -> Response:
        document = self.document(request, key)
        found = [v for v in reversed(document.versions) if q in f"{v.number} {v.what} {v.comment}"]
        return self.show(request, "history.html", document=document, versions=found, q=q)

    async def file(self, request: Request, key: str) -> Response:
        document = self.document(request, key)
        if document.secret:
            raise self.stop(request, f"Handlingen har sekretess ({document.secrecy}). Registrator prövar utlämnandet.")
        if document.content is None:
            return self.missing(request)
        headers = {"Content-Disposition": f'attachment; filename="{document.file_name}"'}
        return Response(document.content, media_type="application/pdf", headers=headers)


def _fits(asked: dict[str, str], text: str, mark: str) -> bool:
    words = asked.get("text", "").casefold().split()
    whole = set(text.casefold().split())
    return whole.issuperset(words) and asked.get("extern", "").casefold() in mark.casefold()
