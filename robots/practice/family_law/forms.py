"""The pages that change: a form in a window of its own, which holds the akt locked until it is saved or left."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from robots.practice.family_law.desk import NO_AKT
from robots.practice.family_law.pages import ReadingPages
from robots.practice.family_law.rules import LONGEST_REFERENCE
from robots.practice.family_law.sheets import SHEETS, Sheet
from robots.practice.family_law.state import Akt, Lock
from robots.practice.guarded import session_of

NO_DELEGATION = "Du saknar delegation att godkänna protokoll. Det gör en familjerättssekreterare."
IS_CLOSED = "Akten är avslutad. Inget kan läggas till."


def locked_words(lock: Lock) -> str:
    return f"Akten är låst av {lock.by}."


class ChangingPages(ReadingPages):
    """What the role "journal" may do; nobody who has only that role approves a protocol."""

    def add_pages(self) -> None:
        super().add_pages()
        get, post = self.router.get, self.router.post
        get("/ny-akt", response_model=None)(self.new_akt)
        post("/ny-akt", response_model=None)(self.save_akt)
        get("/akt/{number}/ny/brev", response_model=None)(self.letter_window)
        get("/akt/{number}/ny/brev/text", response_model=None)(self.letter_form)
        post("/akt/{number}/ny/brev/text", response_model=None)(self.save_letter)
        get("/akt/{number}/ny/{key}", response_model=None)(self.form)
        post("/akt/{number}/ny/{key}", response_model=None)(self.save)
        post("/akt/{number}/slapp", response_model=None)(self.let_go)
        post("/protokoll/{number}/godkann", response_model=None)(self.approve)

    async def new_akt(self, request: Request) -> Response:
        if not session_of(request).may_journal:
            return self.refused(request)
        return self._sheet(request, SHEETS["akt"], None, {}, [])

    async def save_akt(self, request: Request) -> Response:
        return await self._save(request, SHEETS["akt"], None)

    async def letter_window(self, request: Request, number: str) -> Response:
        """A letter is written in a frame beside its template."""
        akt = self.akt_of(number)
        if akt is None:
            return self.missing(request, NO_AKT)
        if not session_of(request).may_journal:
            return self.refused(request)
        return self.show(request, "letter.html", akt=akt)

    async def letter_form(self, request: Request, number: str) -> Response:
        return await self.form(request, number, "brev")

    async def save_letter(self, request: Request, number: str) -> Response:
        return await self.save(request, number, "brev")

    async def form(self, request: Request, number: str, key: str) -> Response:
        akt, sheet = self.akt_of(number), SHEETS.get(key)
        if akt is None or sheet is None or key == "akt":
            return self.missing(request, NO_AKT if akt is None else "Sidan finns inte.")
        session = session_of(request)
        if not session.may_journal:
            return self.refused(request)
        if not akt.open:
            return self.refused(request, IS_CLOSED)
        if akt.locked_for(session.user.display) is None:
            akt.take_lock(session.user.display)
        return self._sheet(request, sheet, akt, {}, [])

    async def save(self, request: Request, number: str, key: str) -> Response:
        akt, sheet = self.akt_of(number), SHEETS.get(key)
        if akt is None or sheet is None or key == "akt":
            return self.missing(request, NO_AKT)
        return await self._save(request, sheet, akt)

    async def let_go(self, request: Request, number: str) -> Response:
        akt = self.akt_of(number)
        if akt:
            akt.let_go(session_of(request).user.display)
        return Response(status_code=204)

    async def approve(self, request: Request, number: str) -> Response:
        if self.register.protocol(number) is None:
            return self.missing(request, "Protokollet finns inte.")
        return self.refused(request, NO_DELEGATION)

    async def _save(self, request: Request, sheet: Sheet, akt: Akt | None) -> Response:
        session, sent = session_of(request), await request.form()
        names = [field.name for field in sheet.fields(akt)] + ["referens"]
        typed = {name: str(sent.get(name, "")).replace("\r\n", "\n").strip() for name in names}
        asked_anew = str(sent.get(self.new_field.name, "")) if self.new_field else ""
        if errors := self._errors(sheet, akt, typed, session.user.display, asked_anew):
            return self._sheet(request, sheet, akt, typed | {"samtycke": asked_anew}, errors)
        made = sheet.save(self.register, akt, typed, session.user.display)
        entry = self.register.journal(
            made.akt, made.what, made.text, session.user.display, reference=typed["referens"], record=made.record
        )
        self.commit(
            sheet.kind, made.about or made.akt.number, session.user.name, record=entry.record,
            reference=entry.reference, **made.facts,
        )  # fmt: skip
        made.akt.let_go(session.user.display)
        return self.show(request, "saved.html", record=entry.record)

    def _errors(self, sheet: Sheet, akt: Akt | None, typed: dict[str, str], user: str, asked_anew: str) -> list[str]:
        if akt and not akt.open:
            return [IS_CLOSED]
        if akt and (lock := akt.locked_for(user)):
            return [locked_words(lock)]
        errors = sheet.errors(self.register, akt, typed)
        if len(typed["referens"]) > LONGEST_REFERENCE:
            errors = [*errors, f"Referensen får vara högst {LONGEST_REFERENCE} tecken."]
        new = self.new_field_missing(asked_anew)
        return [*errors, new] if new else errors

    def _sheet(
        self, request: Request, sheet: Sheet, akt: Akt | None, typed: dict[str, str], errors: list[str]
    ) -> Response:
        lock = akt.locked_for(session_of(request).user.display) if akt else None
        return self.show(
            request, "sheet.html", 422 if errors else 200, sheet=sheet, akt=akt, fields=sheet.fields(akt), typed=typed,
            errors=errors, locked=locked_words(lock) if lock else "",
        )  # fmt: skip
