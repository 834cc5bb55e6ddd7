"""The pages that change a case: taking it, noting, sending, distributing, setting its status."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from robots.practice.case_management.dealings import NotDoneError, obstacle
from robots.practice.case_management.desk import NO_RIGHT, TurnedAwayError
from robots.practice.case_management.pages import ReadingPages
from robots.practice.case_management.state import INBOXES, NOTE_KINDS, STATUSES, CaseFile
from robots.practice.guarded import session_of
from robots.practice.sessions import Session

NOTE_MAX = 4000
MESSAGE_MAX = 10_000
SUBJECT_MAX = 200
REFERENCE_MAX = 40
FILES_MAX = 20 * 1024 * 1024

TOO_BIG = "Bilagorna får vara högst 20 MB tillsammans."

Text = Annotated[str, Form()]
Files = Annotated[list[UploadFile] | None, File()]


class ChangingPages(ReadingPages):
    """What the role "journal" may do. Every form is named by its template: note, message, handover, status."""

    def _form(
        self, session: Session, case: CaseFile, name: str, typed: dict[str, str], errors: dict[str, str]
    ) -> Response:
        values = {"typed": typed, "errors": errors, "obstacle": "", "note_kinds": NOTE_KINDS, "statuses": STATUSES,
                  "inbox_names": tuple(INBOXES.values())}  # fmt: skip
        return self.show_case(session, f"{name}.html", case, 422 if errors else 200, **values)

    def _refused(self, session: Session, case: CaseFile, name: str, why: str, status: int) -> Response:
        """The form's page with the reason in the form's place."""
        template = "card.html" if name == "claim" else f"{name}.html"
        return self.show_case(session, template, case, status, typed={}, errors={}, obstacle=why)

    async def _blank(self, request: Request, number: str, name: str, **typed: str) -> Response:
        session = session_of(request)
        if not session.may_journal:
            return self.notice(session, 403, "Behörighet saknas", NO_RIGHT)
        case = self.case_of(session, number)
        if why := obstacle(case, name):
            return self._refused(session, case, name, why, 200)
        return self._form(session, case, name, typed, {})

    def _open(self, request: Request, number: str, name: str, key: str) -> tuple[Session, CaseFile]:
        """The session and the case of a posted form, when the case can be changed right now."""
        session = self.changer(request, key)
        case = self.case_of(session, number)
        if why := obstacle(case, name):
            raise TurnedAwayError(self._refused(session, case, name, why, 409))
        return session, case

    def _done(self, session: Session, case: CaseFile, flash: str, tab: str = "/handelser") -> Response:
        session.memory["flash"][case.number] = flash
        return RedirectResponse(f"{self.path}/arende/{case.number}{tab}", 303)

    async def claim(self, request: Request, number: str, handlaggare: Text = "", formularnyckel: Text = "") -> Response:
        session, case = self._open(request, number, "claim", formularnyckel)
        try:
            self.dealings.claim(case, session.user, seen=handlaggare)
        except NotDoneError as error:
            return self._refused(session, case, "claim", error.words, 409)
        return self._done(session, case, "Du är nu handläggare för ärendet.", tab="")

    async def note_form(self, request: Request, number: str) -> Response:
        return await self._blank(request, number, "note", typ="", text="", bedomning="")

    async def save_note(
        self,
        request: Request,
        number: str,
        *,
        typ: Text = "",
        text: Text = "",
        bedomning: Text = "",
        formularnyckel: Text = "",
    ) -> Response:
        session, case = self._open(request, number, "note", formularnyckel)
        text = _lines(text)
        errors = _long_text("text", "Texten", text, NOTE_MAX, "Skriv en text.")
        if typ not in NOTE_KINDS:
            errors["typ"] = "Välj typ av anteckning."
        if new := self.new_field_missing(bedomning):
            errors["bedomning"] = new
        if errors:
            typed = {"typ": typ, "text": text, "bedomning": bedomning}
            return self._form(session, case, "note", typed, errors)
        self.dealings.note(case, session.user, typ, text)
        return self._done(session, case, "Anteckningen är sparad.")

    async def message_form(self, request: Request, number: str) -> Response:
        return await self._blank(request, number, "message", amne="", meddelande="", referens="")

    async def send_message(
        self,
        request: Request,
        number: str,
        *,
        amne: Text = "",
        meddelande: Text = "",
        referens: Text = "",
        bilagor: Files = None,
        formularnyckel: Text = "",
    ) -> Response:
        session, case = self._open(request, number, "message", formularnyckel)
        files = [f for f in bilagor or [] if f.filename]  # an empty file field is sent as a file without a name
        subject, text, reference = _line(amne), _lines(meddelande), _line(referens)
        typed = {"amne": subject, "meddelande": text, "referens": reference}
        errors = _message_errors(subject, text, reference, sum(f.size or 0 for f in files))
        if errors:
            if files:
                errors.setdefault("bilagor", "Välj bilagorna igen.")
            return self._form(session, case, "message", typed, errors)
        kept = [self.register.keep_file(_line(f.filename or ""), f.content_type or "", await f.read()) for f in files]
        try:
            receipt = await self.dealings.message(case, session.user, subject, text, reference=reference, files=kept)
        except NotDoneError as error:
            return self._form(session, case, "message", typed, {"skicka": error.words})
        return self._done(session, case, f"Meddelandet är skickat. Kvittens {receipt}.")

    async def handover_form(self, request: Request, number: str) -> Response:
        return await self._blank(request, number, "handover", inkorg="", motivering="", att_gora="", referens="")

    async def hand_over(
        self,
        request: Request,
        number: str,
        *,
        inkorg: Text = "",
        motivering: Text = "",
        att_gora: Text = "",
        referens: Text = "",
        formularnyckel: Text = "",
    ) -> Response:
        session, case = self._open(request, number, "handover", formularnyckel)
        reason, todo, reference = _lines(motivering), _line(att_gora), _line(referens)
        errors = _long_text("motivering", "Motiveringen", reason, NOTE_MAX, "Skriv en motivering.")
        errors |= _reference_error(reference)
        if inkorg not in INBOXES.values():
            errors["inkorg"] = "Välj en inkorg."
        if errors:
            typed = {"inkorg": inkorg, "motivering": reason, "att_gora": todo, "referens": reference}
            return self._form(session, case, "handover", typed, errors)
        self.dealings.hand_over(case, session.user, inkorg, reason, todo=todo, reference=reference)
        return self._done(session, case, f"Ärendet är fördelat till {inkorg}.")

    async def status_form(self, request: Request, number: str) -> Response:
        return await self._blank(request, number, "status", status="")

    async def set_status(self, request: Request, number: str, status: Text = "", formularnyckel: Text = "") -> Response:
        session, case = self._open(request, number, "status", formularnyckel)
        if status not in STATUSES:
            return self._form(session, case, "status", {"status": ""}, {"status": "Välj en status."})
        self.dealings.set_status(case, session.user, status)
        return self._done(session, case, f"Status är ändrad till {status}.")


def _message_errors(subject: str, text: str, reference: str, size: int) -> dict[str, str]:
    errors = _long_text("meddelande", "Meddelandet", text, MESSAGE_MAX, "Skriv ett meddelande.")
    errors |= _long_text("amne", "Ämnet", subject, SUBJECT_MAX, "Skriv ett ämne.")
    errors |= _reference_error(reference)
    if size > FILES_MAX:
        errors["bilagor"] = TOO_BIG
    return errors


def _reference_error(reference: str) -> dict[str, str]:
    too_long = len(reference) > REFERENCE_MAX
    return {"referens": f"Referensen får vara högst {REFERENCE_MAX} tecken."} if too_long else {}


def _long_text(field: str, name: str, text: str, most: int, missing: str) -> dict[str, str]:
    if not text:
        return {field: missing}
    if len(text) > most:
        return {field: f"{name} får vara högst {most} tecken. Nu är det {len(text)} tecken."}
    return {}


def _lines(text: str) -> str:
    """Browsers send every line break as two characters; one is counted and kept."""
    return text.replace("\r\n", "\n").strip()


def _line(text: str) -> str:
    """A single line, whatever was posted."""
    return " ".join(text.split())
