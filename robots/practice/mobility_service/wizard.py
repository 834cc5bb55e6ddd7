"""The wizard "Ny utredning". Its fields are saved one by one by the page's own script; what is posted by its buttons
says only where to go. Nothing that is saved in a draft is registered until the last button is pressed."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Form, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from robots.practice.dates import parse_date
from robots.practice.guarded import session_of
from robots.practice.mobility_service import steps
from robots.practice.mobility_service.state import NO_CERTIFICATE, Draft, File, Investigation, Paper
from robots.practice.mobility_service.steps import FIELDS, LAST, STEPS

if TYPE_CHECKING:
    from robots.practice.mobility_service.routes import MobilityService

Text = Annotated[str, Form()]
MOST_BYTES = 10 * 1024 * 1024
LONGEST_REFERENCE = 40
OPEN_ALREADY = "Personen har redan en öppen utredning"


class WizardPages:
    """Begin or continue a draft, fill it in step by step, and register it."""

    def __init__(self, system: MobilityService) -> None:
        self.system = system
        get, post = system.router.get, system.router.post
        get("/akt/{number}/ny-utredning", response_model=None)(self.drafts)
        post("/akt/{number}/ny-utredning", response_model=None)(self.begin)
        post("/utkast/{draft_id}/falt", response_model=None)(self.save_field)
        post("/utkast/{draft_id}/ta-bort", response_model=None)(self.discard)
        get("/utkast/{draft_id}/steg/{number}", response_model=None)(self.step)
        post("/utkast/{draft_id}/steg/{number}", response_model=None)(self.leave_step)
        post("/utkast/{draft_id}/registrera", response_model=None)(self.register)

    # Drafts

    async def drafts(self, request: Request, number: str) -> Response:
        """A draft that lies there from earlier is offered before a new one can be begun."""
        file = self.system.register.files.get(number)
        if file is None:
            return self.system.missing(request, "Personakten finns inte")
        if not session_of(request).may_journal:
            return self.system.refused(request)
        return self._drafts_page(request, file, "", 200)

    def _drafts_page(self, request: Request, file: File, error: str, status: int) -> Response:
        return self.system.show(
            request, "drafts.html", status, file=file, drafts=self.system.register.drafts_of(file), error=error,
            obstacle=_obstacle(file), key=secrets.token_hex(8),
        )  # fmt: skip

    async def begin(self, request: Request, number: str, referens: Text = "", nyckel: Text = "") -> Response:
        register = self.system.register
        file = register.files.get(number)
        if file is None:
            return self.system.missing(request, "Personakten finns inte")
        if obstacle := _obstacle(file):
            return self._drafts_page(request, file, obstacle, 409)
        if len(referens) > LONGEST_REFERENCE:
            return self._drafts_page(request, file, f"Referensen får vara högst {LONGEST_REFERENCE} tecken.", 422)
        sent_before = [d for d in register.drafts.values() if nyckel and d.key == nyckel]
        made = sent_before[0] if sent_before else Draft(
            file, session_of(request).user.display, referens.strip(), nyckel, f"{self.system.world.today} {_clock()}"
        )  # fmt: skip
        register.drafts[made.id] = made
        return self.system.go(f"/utkast/{made.id}/steg/1")

    async def discard(self, request: Request, draft_id: str) -> Response:
        draft = self.system.register.drafts.pop(draft_id, None)
        if draft is None:
            return self.system.missing(request, "Utkastet finns inte")
        return self.system.go(f"/akt/{draft.file.number}/ny-utredning")

    async def save_field(self, draft_id: str, falt: Text = "", varde: Text = "") -> Response:
        """One field of a draft, as it is. Whether it is right is asked when the step is left."""
        draft = self.system.register.drafts.get(draft_id)
        new = self.system.new_field
        if draft is None or (falt not in FIELDS and not (new and falt == new.name)):
            return JSONResponse({"fel": "Utkastet finns inte längre."}, 404)
        draft.values[falt] = varde.strip()
        draft.saved = _clock()
        return JSONResponse({"sparat": draft.saved})

    # Steps

    async def step(self, request: Request, draft_id: str, number: int) -> Response:
        draft = self.system.register.drafts.get(draft_id)
        if draft is None or not 1 <= number <= LAST:
            return self.system.missing(request, "Utkastet finns inte")
        if not session_of(request).may_journal:
            return self.system.refused(request)
        wrong = self._first_wrong(draft, before=number)
        return self.system.go(f"/utkast/{draft_id}/steg/{wrong}") if wrong else self._step_page(request, draft, number)

    async def leave_step(self, request: Request, draft_id: str, number: int, riktning: Text = "nasta") -> Response:
        draft = self.system.register.drafts.get(draft_id)
        if draft is None or not 1 <= number < LAST + (riktning == "tillbaka"):
            return self.system.missing(request, "Utkastet finns inte")
        if riktning == "tillbaka":
            return self.system.go(f"/utkast/{draft_id}/steg/{max(1, number - 1)}")
        if errors := self._errors(draft, number):
            return self._step_page(request, draft, number, errors)
        return self.system.go(f"/utkast/{draft_id}/steg/{number + 1}")

    def _step_page(
        self, request: Request, draft: Draft, number: int, errors: list[str] | None = None, status: int = 0
    ) -> Response:
        step = STEPS[number - 1]
        template = "step.html" if step.fields else "review.html"
        new = self.system.new_field
        return self.system.show(
            request, template, status or (422 if errors else 200), draft=draft, file=draft.file, number=number,
            heading=steps.heading(number), steps=[s.title for s in STEPS], fields=step.fields, errors=errors or [],
            values={f.name: steps.value(draft, f) for f in step.fields}, summary=steps.summary(draft),
            new_value=draft.values.get(new.name, "") if new else "", open_already=self._open_already(draft),
        )  # fmt: skip

    # Registering

    async def register(self, request: Request, draft_id: str) -> Response:
        draft = self.system.register.drafts.get(draft_id)
        if draft is None:
            return self.system.missing(request, "Utkastet finns inte")
        if wrong := self._first_wrong(draft, before=LAST):
            return self._step_page(request, draft, wrong, self._errors(draft, wrong))
        form = await request.form()
        papers, errors = await self._papers(draft, form.get("ansokan"), form.get("lakarintyg"))
        already = self._open_already(draft)
        if already and form.get("anda") != "ja":
            errors.insert(0, f"{already}. Bekräfta att en till ska startas.")
        if obstacle := _obstacle(draft.file):
            errors = [obstacle]
        if errors:
            return self._step_page(request, draft, LAST, errors)
        made = self._make(draft, papers, session_of(request).user.display)
        told = {name: steps.value(draft, field) for name, field in FIELDS.items()}
        self.system.commit(
            "investigation_opened", draft.file.person.personal_number, session_of(request).user.name,
            investigation=made.number, reference=made.reference, papers=[p.title for p in papers],
            sizes=[len(p.content or b"") for p in papers], **told,
        )  # fmt: skip
        return self.system.go(f"/utredningar/{made.number}?registrerad=ja")

    def _make(self, draft: Draft, papers: list[Paper], by: str) -> Investigation:
        register = self.system.register
        value = {name: steps.value(draft, field) for name, field in FIELDS.items()}
        received = parse_date(value["inkom"]) or self.system.world.today
        made = register.add(
            draft.file, received, value["insats"], value["svarighet"], value["intyg_av"],
            reference=draft.reference, by=by,
        )  # fmt: skip
        made.papers += papers
        for application in draft.file.applications:
            application.registered_in = application.registered_in or made.number
        register.drafts.pop(draft.id)
        return made

    async def _papers(self, draft: Draft, application: object, certificate: object) -> tuple[list[Paper], list[str]]:
        wanted = [("Ansökan", application)]
        if steps.value(draft, FIELDS["intyg_av"]) != NO_CERTIFICATE:
            wanted.append(("Läkarintyg", certificate))
        papers, errors = [], []
        for title, upload in wanted:
            if not isinstance(upload, UploadFile) or not upload.filename:
                errors.append(f"{title}: välj en fil.")
                continue
            content = await upload.read()
            if not content.startswith(b"%PDF-") or len(content) > MOST_BYTES:
                errors.append(f"{title}: filen ska vara en PDF på högst 10 MB.")
            papers.append(Paper(title, upload.filename, self.system.world.today, content))
        return papers, errors

    def _errors(self, draft: Draft, number: int) -> list[str]:
        found = steps.errors(draft, number, self.system.world.today)
        new = self.system.new_field
        if new and STEPS[number - 1].title == "Förflyttning":
            missing = self.system.new_field_missing(draft.values.get(new.name, ""))
            found += [missing] if missing else []
        return found

    def _first_wrong(self, draft: Draft, *, before: int) -> int:
        """The first step before this one that has an error, 0 if none has."""
        return next((n for n in range(1, before) if self._errors(draft, n)), 0)

    def _open_already(self, draft: Draft) -> str:
        found = [i.number for i in self.system.register.of_file(draft.file) if i.open]
        return f"{OPEN_ALREADY}: {', '.join(found)}" if found else ""


def _obstacle(file: File) -> str:
    if file.person.deceased:
        return "Personen är avliden. Utredning kan inte startas."
    if file.person.municipality != "Tallinge":
        return "Personen är inte folkbokförd i Tallinge kommun. Utredning kan inte startas."
    return ""


def _clock() -> str:
    return f"{datetime.now():%H:%M}"
