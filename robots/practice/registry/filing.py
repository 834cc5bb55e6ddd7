"""What is changed in Diariet, in windows of their own: a new ärende, a new document, check-out and check-in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from robots.practice.guarded import session_of
from robots.practice.registry.state import BOARDS, CLOSED, INCOMING, SECRECY, CaseFile, Document

if TYPE_CHECKING:
    from robots.practice.registry.routes import Registry

FIELDS = ("rubrik", "avsandare", "inkom", "sekretess", "extern", "handlingstyp", "kommentar", "namnd")


class Filing:
    """The forms. Each answers its POST with the window that says what was done, and asks the opener to look again."""

    def __init__(self, system: Registry) -> None:
        self.system = system
        get, post = system.router.get, system.router.post
        get("/nytt-arende")(self.new_case)
        post("/nytt-arende")(self.add_case)
        get("/arenden/{key}/ny-handling")(self.new_document)
        post("/arenden/{key}/ny-handling")(self.add_document)
        get("/handlingar/{key}/checka-ut")(self.check_out_form)
        post("/handlingar/{key}/checka-ut")(self.check_out)
        get("/handlingar/{key}/checka-in")(self.check_in_form)
        post("/handlingar/{key}/checka-in")(self.check_in)
        get("/klart")(self.done_page)

    # -- a new ärende

    async def new_case(self, request: Request) -> Response:
        self.system.demand_right(request)
        return self.system.show(request, "new_case.html", errors=[], form=dict.fromkeys(FIELDS, ""))

    async def add_case(self, request: Request) -> Response:
        form = _typed(await request.form())
        errors = []
        if form["namnd"] not in BOARDS:
            errors.append("Nämnd: välj i listan.")
        if not form["rubrik"]:
            errors.append("Ärendemening: skriv vad ärendet gäller.")
        if errors:
            return self.system.show(request, "new_case.html", 422, errors=errors, form=form)
        case = self.system.register.add_case(
            form["namnd"], form["rubrik"], officer=self.system.me(request), mark=form["extern"]
        )
        self.system.commit("case_opened", case.board, self._user(request), dnr=case.dnr, mark=case.mark)
        return self._done(request, f"Ärendet har fått diarienummer {case.dnr}.")

    # -- a new document

    async def new_document(self, request: Request, key: str) -> Response:
        case = self._open_case(request, key)
        return self.system.show(request, "new_document.html", case=case, errors=[], form=dict.fromkeys(FIELDS, ""))

    async def add_document(self, request: Request, key: str) -> Response:
        case = self._open_case(request, key)
        sent = await request.form()
        form, content = _typed(sent), await _file(sent)
        errors, on = self._document_errors(form, content)
        if errors or on is None:
            return self.system.show(request, "new_document.html", 422, case=case, errors=errors, form=form)
        document = self.system.register.add_document(
            case, INCOMING, form["rubrik"], form["avsandare"], on, secrecy=form["sekretess"], mark=form["extern"],
            content=content, by=self.system.me(request),
        )  # fmt: skip
        self.system.commit(
            "document_registered", case.dnr, self._user(request), number=document.number, title=document.title,
            secrecy=document.secrecy, mark=document.mark, bytes=len(content),
        )  # fmt: skip
        return self._done(request, f"Handlingen är registrerad som {document.number}.")

    def _document_errors(self, form: dict[str, str], content: bytes) -> tuple[list[str], date | None]:
        errors, on = [], _day(form["inkom"])
        if not form["rubrik"]:
            errors.append("Rubrik: skriv vad handlingen är.")
        if not form["avsandare"]:
            errors.append("Avsändare: skriv vem den kommer från.")
        if on is None or on > self.system.world.today:
            errors.append("Inkom: skriv dagen den kom in, ÅÅÅÅ-MM-DD.")
        if form["sekretess"] not in SECRECY:
            errors.append("Sekretess: ange om handlingen har sekretess.")
        if new := self.system.new_field_missing(form["handlingstyp"]):
            errors.append(new)
        return errors + _file_errors(content), on

    def _open_case(self, request: Request, key: str) -> CaseFile:
        self.system.demand_right(request)
        case = self.system.case(request, key)
        if case.status == CLOSED:
            raise self.system.stop(request, f"Ärendet {case.dnr} är avslutat. Ingen handling kan läggas till.")
        return case

    # -- check-out and check-in

    async def check_out_form(self, request: Request, key: str) -> Response:
        return self.system.show(request, "check_out.html", document=self._free(request, key), errors=[])

    async def check_out(self, request: Request, key: str) -> Response:
        document = self._free(request, key)
        form, me = _typed(await request.form()), self.system.me(request)
        if not form["kommentar"]:
            errors = ["Kommentar: skriv varför du checkar ut."]
            return self.system.show(request, "check_out.html", 422, document=document, errors=errors)
        document.checked_out_by, document.checked_out_on = me, self.system.world.today
        version = self.system.register.remember(document, f"Utcheckad av {me}", form["kommentar"], me)
        self.system.commit("checked_out", document.number, self._user(request), version=version.number)
        return self._done(request, f"{document.number} är utcheckad till dig.")

    async def check_in_form(self, request: Request, key: str) -> Response:
        return self.system.show(request, "check_in.html", document=self._mine(request, key), errors=[], comment="")

    async def check_in(self, request: Request, key: str) -> Response:
        document = self._mine(request, key)
        sent = await request.form()
        form, content, me = _typed(sent), await _file(sent), self.system.me(request)
        errors = _file_errors(content) + ([] if form["kommentar"] else ["Kommentar: skriv vad som är ändrat."])
        if errors:
            return self.system.show(
                request, "check_in.html", 422, document=document, errors=errors, comment=form["kommentar"]
            )  # fmt: skip
        document.checked_out_by, document.checked_out_on = "", None
        document.content = content
        version = self.system.register.remember(document, "Ny version", form["kommentar"], me)
        self.system.commit(
            "checked_in", document.number, self._user(request), version=version.number, bytes=len(content)
        )
        return self._done(request, f"{document.number} är incheckad.")

    def _free(self, request: Request, key: str) -> Document:
        """A document that nobody has, or the words for why it cannot be taken."""
        self.system.demand_right(request)
        document = self.system.document(request, key)
        if document.checked_out_by:
            raise self.system.stop(
                request, f"{document.number} är utcheckad av {document.checked_out_by} sedan {document.checked_out_on}."
            )
        if self.system.register.case_of(document).status == CLOSED:
            raise self.system.stop(request, f"Ärendet {document.case} är avslutat. Handlingen kan inte ändras.")
        return document

    def _mine(self, request: Request, key: str) -> Document:
        """A document that the user has checked out; a colleague's cannot be changed."""
        self.system.demand_right(request)
        document = self.system.document(request, key)
        if document.checked_out_by != self.system.me(request):
            whom = f"är utcheckad av {document.checked_out_by}" if document.checked_out_by else "är inte utcheckad"
            raise self.system.stop(request, f"{document.number} {whom}. Du kan inte checka in den.")
        return document

    # -- afterwards

    def _done(self, request: Request, words: str) -> Response:
        session_of(request).memory["done"] = words
        return self.system.go("/klart")

    async def done_page(self, request: Request) -> Response:
        words = session_of(request).memory.get("done", "Ingenting har ändrats.")
        return self.system.show(request, "done.html", words=words)

    def _user(self, request: Request) -> str:
        return session_of(request).user.name


def _typed(form: FormData) -> dict[str, str]:
    return {name: str(form.get(name, "")).strip().replace("\r\n", "\n") for name in FIELDS}


async def _file(form: FormData) -> bytes:
    file = form.get("fil")
    return await file.read() if isinstance(file, UploadFile) else b""


def _file_errors(content: bytes) -> list[str]:
    if not content:
        return ["Fil: välj en PDF."]
    whole = content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]
    return [] if whole else ["Fil: filen är inte en hel PDF."]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
