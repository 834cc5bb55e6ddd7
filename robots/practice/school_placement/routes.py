"""Skolplacering: the shell of one page, and the JSON behind it with a key in a header."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import date
from json import JSONDecodeError
from pathlib import Path
from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.school_placement import answers
from robots.practice.school_placement.rules import choice_errors, note_errors, obstacles
from robots.practice.school_placement.state import (
    CHOICE,
    DECIDED,
    NOTE,
    REGISTERED,
    SAVED,
    WITHDRAWN,
    Pupil,
    Register,
)
from robots.practice.sessions import Session
from robots.practice.system import NewField

# A search that finds much takes long: by the length of what is sought. What was typed first may be answered last.
SEARCH_SECONDS = (0.25, 0.9, 0.7, 0.5, 0.3)
SHORT_SEARCH_SECONDS = 0.05
SAVING_SECONDS = 0.25
KEY_COOKIE, KEY_HEADER = "XSRF-TOKEN", "X-XSRF-TOKEN"
REFUSED = "Du har läsbehörighet och kan inte ändra."
WRONG_KEY = "Säkerhetsnyckeln är för gammal. Ladda om sidan."
NO_DELEGATION = "Du saknar delegation att besluta om placering."
PROTECTED = "Eleven har skyddade personuppgifter. Handläggs av särskild handläggare."
CHOICE_FIELDS = ("val1", "val2", "val3", "skal", "referens", "kanal")
NOTE_FIELDS = ("text", "referens", "kanal")


class SchoolPlacement(GuardedSystem):
    """A page that is fetched once and shows everything else by itself."""

    key: ClassVar[str] = "school_placement"
    title: ClassVar[str] = "Skolplacering Edda"
    path: ClassVar[str] = "/skolplacering"
    session_minutes: ClassVar[float] = 30
    folder: ClassVar[Path] = Path(__file__).parent
    cookie: ClassVar[str] = "edda_session"
    reworded: ClassVar[dict[str, str]] = {"Förstahandsval": "Önskad skola 1", "Skäl": "Skäl till önskemålet"}
    new_field: ClassVar[NewField | None] = NewField(
        "kanal", "Kom in via", "Ange hur uppgiften kom in.", ("E-tjänst", "Telefon", "Besök")
    )

    register: Register

    def add_pages(self) -> None:
        get, post = self.router.get, self.router.post
        get("/", response_model=None)(self.shell)
        get("/elever", response_model=None)(self.pupils_shell)
        get("/api/session", response_model=None)(self.who)
        get("/api/elever/rows", response_model=None)(self.pupil_rows)
        get("/api/elever/{number}", response_model=None)(self.card)
        get("/api/elever/{number}/skolval", response_model=None)(self.choice_form)
        get("/api/elever/{number}/anteckning", response_model=None)(self.note_form)
        get("/api/handelser/rows", response_model=None)(self.event_rows)
        post("/api/elever/{number}/skolval", response_model=None)(self.register_choice)
        post("/api/elever/{number}/anteckning", response_model=None)(self.write_note)
        post("/api/elever/{number}/placering", response_model=None)(self.decide_placement)
        post("/api/handelser/{number}/aterta", response_model=None)(self.withdraw_choice)

    def reset(self) -> None:
        self.register = Register(self.world.town)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        register = self.register

        def pupil(personal_number: str) -> dict[str, Any]:
            return answers.pupil_as_fact(register.by_person[personal_number], register)

        def pupils() -> list[dict[str, Any]]:
            return [answers.pupil_as_fact(p, register) for p in register.pupils.values()]

        def events(personal_number: str) -> list[dict[str, Any]]:
            number = register.by_person[personal_number].number
            return [answers.event_as_fact(e, register) for e in reversed(register.events) if e.pupil == number]

        def change_as_colleague(personal_number: str, by: str = "Karin Ek") -> int:
            """Somebody else saves the pupil's card: the next version."""
            return self._changed(register.by_person[personal_number], by)

        def sign(personal_number: str, schools: list[str], day: str = "", only: int = -1) -> None:
            """The guardians wish for these schools and sign; ``only`` one of them, by place."""
            for place, guardian in enumerate(register.by_person[personal_number].guardians):
                if only in (-1, place):
                    guardian.wishes = tuple(schools)
                    guardian.signed = date.fromisoformat(day) if day else register.today

        def set_period(stage: str, opens: str, closes: str, remark: str | None = None) -> None:
            """Other days; the remark about them stays unless another one is given."""
            period = next(p for p in register.periods if p.stage == stage)
            period.opens, period.closes = date.fromisoformat(opens), date.fromisoformat(closes)
            period.remark = period.remark if remark is None else remark

        def decide(event: str) -> None:
            next(e for e in register.events if e.number == event).status = DECIDED

        def periods() -> list[dict[str, str]]:
            return [period.as_json(register.today) for period in register.periods]

        return {"pupil": pupil, "pupils": pupils, "events": events, "change_as_colleague": change_as_colleague,
                "sign": sign, "set_period": set_period, "decide": decide, "periods": periods}  # fmt: skip

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    # -- the page, and who looks at it ---------------------------------------------------------------------------

    def begin(self, session: Session) -> None:
        session.memory.update(key=secrets.token_urlsafe(18), fresh=True)

    def to_login(self, request: Request) -> Response:
        if self._of_api(request):  # whoever asks is a script: it knows where the login is
            return _said("Du är inte inloggad.", status=401)
        return super().to_login(request)

    def missing(self, request: Request) -> Response:
        if self._of_api(request):
            return _said("Uppgiften finns inte.", status=404)
        return self.page("message.html", 404, heading="Sidan hittades inte", message="Adressen finns inte.")

    def refused(self, request: Request) -> Response:
        if self._of_api(request):
            return _said(REFUSED, status=403)
        return self.page("message.html", 403, heading="Behörighet saknas", message=REFUSED)

    def _of_api(self, request: Request) -> bool:
        return request.url.path.startswith(f"{self.path}/api/")

    async def shell(self, request: Request) -> Response:
        return self._shell(request, "start")

    async def pupils_shell(self, request: Request) -> Response:
        """The pupils are a part of their own, which is fetched when somebody goes there."""
        return self._shell(request, "elever")

    def _shell(self, request: Request, first: str) -> Response:
        answer = self.page("shell.html", refused=REFUSED, first=first, lasar=self.register.school_year_chosen_for)
        key = session_of(request).memory["key"]
        answer.set_cookie(KEY_COOKIE, key, path=self.path, samesite="lax")
        return answer

    async def who(self, request: Request) -> Response:
        """``omladdning``: the shell fetches itself anew, once after each login."""
        session = session_of(request)
        fresh = session.memory.pop("fresh", False)
        periods = [period.as_json(self.register.today) for period in self.register.periods]
        return JSONResponse({
            "namn": session.user.display, "far_andra": session.may_journal, "omladdning": fresh, "perioder": periods,
            "antal": len(self.register.pupils),
        })  # fmt: skip

    # -- looking -------------------------------------------------------------------------------------------------

    async def pupil_rows(self, sok: str = "", fran: int = 0) -> Response:
        sought = " ".join(sok.split())
        slow = SEARCH_SECONDS[len(sought)] if len(sought) < len(SEARCH_SECONDS) else SHORT_SEARCH_SECONDS
        await asyncio.sleep(SHORT_SEARCH_SECONDS if fran else slow)
        return JSONResponse(answers.pupil_rows(self.register, sought, max(0, fran)))

    async def event_rows(self, sok: str = "", fran: int = 0, avslutade: str = "") -> Response:
        await asyncio.sleep(SHORT_SEARCH_SECONDS)
        sought = " ".join(sok.split())
        also_finished = avslutade == "ja"
        return JSONResponse(answers.event_rows(self.register, sought, max(0, fran), also_finished=also_finished))

    async def card(self, request: Request, number: str) -> Response:
        pupil = self.register.pupils.get(number)
        if pupil is None:
            return self.missing(request)
        return JSONResponse(answers.card(pupil, self.register, may_change=session_of(request).may_journal))

    async def choice_form(self, request: Request, number: str) -> Response:
        pupil = self._open_pupil(request, number)
        return pupil if isinstance(pupil, Response) else JSONResponse(answers.choice_form(pupil, self.register))

    async def note_form(self, request: Request, number: str) -> Response:
        pupil = self._open_pupil(request, number)
        return pupil if isinstance(pupil, Response) else JSONResponse(answers.note_form(pupil))

    def _open_pupil(self, request: Request, number: str) -> Pupil | Response:
        """The pupil, for whom somebody may change something."""
        if not session_of(request).may_journal:
            return self.refused(request)
        pupil = self.register.pupils.get(number)
        if pupil is None:
            return self.missing(request)
        return _said(PROTECTED, status=403) if pupil.protected else pupil

    # -- changing ------------------------------------------------------------------------------------------------

    async def register_choice(self, request: Request, number: str) -> Response:
        """The page shows the choice at once and takes it back when the answer is no."""
        typed = await _typed(request, CHOICE_FIELDS)
        pupil = await self._ready(request, number)
        if isinstance(pupil, Response):
            return pupil
        if typed["version"] != str(pupil.version):
            return _said(
                f"Elevkortet har ändrats av {pupil.changed_by} sedan du öppnade det. Öppna det igen.", status=409
            )
        errors = obstacles(pupil, self.register) or choice_errors(pupil, self.register, typed)
        if errors := errors + self._new_field_errors(typed):
            return _said(*errors, status=422)
        facts = {name: typed[name] for name in ("val1", "val2", "val3", "skal")}
        who = session_of(request).user
        event = self.register.add(pupil, CHOICE, REGISTERED, typed["referens"], who.display, **facts)
        self._changed(pupil, who.display)
        schools = [typed[name] for name in ("val1", "val2", "val3") if typed[name]]
        self.commit("choice_recorded", pupil.personal_number, who.name, event=event.number,
                    schools=schools, reason=typed["skal"], reference=event.reference)  # fmt: skip
        return JSONResponse(answers.saved(event, pupil), 201)

    async def write_note(self, request: Request, number: str) -> Response:
        """A note changes nothing that somebody else could be working with, and nothing stops it from coming twice."""
        typed = await _typed(request, NOTE_FIELDS)
        pupil = await self._ready(request, number)
        if isinstance(pupil, Response):
            return pupil
        if errors := note_errors(typed) + self._new_field_errors(typed):
            return _said(*errors, status=422)
        who = session_of(request).user
        event = self.register.add(pupil, NOTE, SAVED, typed["referens"], who.display, text=typed["text"])
        self.commit("note_written", pupil.personal_number, who.name, event=event.number,
                    text=typed["text"], reference=event.reference)  # fmt: skip
        return JSONResponse(answers.saved(event, pupil), 201)

    async def withdraw_choice(self, request: Request, number: str) -> Response:
        event = next((e for e in self.register.events if e.number == number and e.kind == CHOICE), None)
        if event is None:
            return self.missing(request)
        pupil = await self._ready(request, event.pupil)
        if isinstance(pupil, Response):
            return pupil
        if event.finished:
            return _said(f"Skolvalet är redan {event.status.lower()}.", status=409)
        event.status = WITHDRAWN
        self._changed(pupil, session_of(request).user.display)
        self.commit("choice_withdrawn", pupil.personal_number, session_of(request).user.name, event=event.number)
        return JSONResponse(answers.saved(event, pupil))

    async def decide_placement(self, request: Request, number: str) -> Response:
        """Who goes where is decided by those who have a delegation, which no user here has."""
        pupil = await self._ready(request, number)
        return pupil if isinstance(pupil, Response) else _said(NO_DELEGATION, status=403)

    async def _ready(self, request: Request, number: str) -> Pupil | Response:
        """The pupil that may be changed now, once the system has got round to it."""
        key = session_of(request).memory["key"]
        if not secrets.compare_digest(request.headers.get(KEY_HEADER, "").encode(), key.encode()):
            return _said(WRONG_KEY, status=403)
        await asyncio.sleep(SAVING_SECONDS)
        return self._open_pupil(request, number)

    def _changed(self, pupil: Pupil, by: str) -> int:
        pupil.version += 1
        pupil.changed_by = by
        return pupil.version

    def _new_field_errors(self, typed: dict[str, str]) -> list[str]:
        new = self.new_field_missing(typed["kanal"])
        return [new] if new else []


async def _typed(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """The fields of a posted JSON object as text; whatever else was sent has none of them."""
    try:
        told = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        told = None
    fields = told if isinstance(told, dict) else {}
    return {name: str(fields.get(name, "")).strip() for name in (*names, "version")}


def _said(*words: str, status: int) -> Response:
    return JSONResponse({"fel": list(words)}, status)
