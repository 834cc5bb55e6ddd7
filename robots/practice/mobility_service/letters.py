"""The letters of an investigation, and the times for its interview."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Form, Request
from fastapi.responses import JSONResponse, Response

from robots.practice.dates import is_workday, parse_date
from robots.practice.guarded import session_of
from robots.practice.mobility_service.state import FINAL, FIRST, KINDS, REMINDER, Investigation, workdays_on

if TYPE_CHECKING:
    from robots.practice.mobility_service.routes import MobilityService

Text = Annotated[str, Form()]
SHORTEST_ANSWER, LONGEST_ANSWER, SHORTEST_TEXT, LONGEST_TEXT = 10, 30, 20, 3000
BLANK = dict.fromkeys(("brevtyp", "svar_senast", "brevtext", "referens"), "")
FORMS = ("Besök", "Telefon")
BEFORE = {REMINDER: FIRST, FINAL: REMINDER}
TEMPLATES = {
    FIRST: "Hej!\n\nVi har fått din ansökan om färdtjänst, men vi saknar ett läkarintyg. Skicka in det senast {due}.",
    REMINDER: "Hej!\n\nVi saknar fortfarande ditt läkarintyg. Skicka in det senast {due}.",
    FINAL: "Hej!\n\nDet här är den sista påminnelsen. Skickar du inte in ditt läkarintyg senast {due} avgör vi "
    "ärendet utan det.",
}


class LetterPages:
    """What is sent to the applicant, and when they meet a handläggare."""

    def __init__(self, system: MobilityService) -> None:
        self.system = system
        get, post = system.router.get, system.router.post
        get("/utredningar/{number}/brev", response_model=None)(self.letters)
        get("/utredningar/{number}/brev/nytt", response_model=None)(self.letter_form)
        post("/utredningar/{number}/brev/nytt", response_model=None)(self.send)
        get("/utredningar/{number}/brevmall", response_model=None)(self.template)
        get("/utredningar/{number}/tider", response_model=None)(self.time_form)
        get("/utredningar/{number}/tider/rows", response_model=None)(self.time_rows)
        post("/utredningar/{number}/tider", response_model=None)(self.book)

    async def letters(self, request: Request, number: str, referens: str = "") -> Response:
        one = self.system.register.investigations.get(number)
        if one is None:
            return self.system.missing(request, "Utredningen finns inte")
        found = [letter for letter in one.letters if referens.strip().lower() in letter.reference.lower()]
        return self.system.show(request, "letters.html", one=one, letters=found, referens=referens)

    async def letter_form(self, request: Request, number: str) -> Response:
        one = self.system.changeable(request, number)
        return one if isinstance(one, Response) else self._letter_page(request, one, {}, [])

    def _letter_page(
        self, request: Request, one: Investigation, typed: dict[str, str], errors: list[str], status: int = 0
    ) -> Response:
        return self.system.show(
            request, "letter.html", status or (422 if errors else 200), one=one, kinds=KINDS, typed=BLANK | typed,
            errors=errors, obstacle=one.obstacle or self._no_letter(one),
        )  # fmt: skip

    def _no_letter(self, one: Investigation) -> str:
        if one.file.protected:
            return "Skyddade personuppgifter: brev skickas bara genom Skatteverkets förmedling, av enhetschefen."
        if not one.lacks_certificate:
            return "Inget saknas i utredningen. Brev om komplettering kan inte skickas."
        return ""

    async def template(self, number: str, typ: str = "") -> Response:
        if number not in self.system.register.investigations or typ not in TEMPLATES:
            return JSONResponse({"fel": "Mallen finns inte."}, 404)
        due = workdays_on(self.system.world.today, 10)
        return JSONResponse({"text": TEMPLATES[typ].format(due=due), "svar_senast": str(due)})

    async def send(
        self,
        request: Request,
        number: str,
        *,
        brevtyp: Text = "",
        svar_senast: Text = "",
        brevtext: Text = "",
        referens: Text = "",
    ) -> Response:
        """As in the real system nothing stops the same letter from being sent twice."""
        one = self.system.changeable(request, number)
        if isinstance(one, Response):
            return one
        text = brevtext.replace("\r\n", "\n").strip()
        typed = {"brevtyp": brevtyp, "svar_senast": svar_senast, "brevtext": text, "referens": referens}
        if one.obstacle or self._no_letter(one):
            return self._letter_page(request, one, typed, [], 409)
        due = parse_date(svar_senast)
        errors = self._letter_errors(one, brevtyp, due, text)
        if errors or due is None:
            return self._letter_page(request, one, typed, errors)
        session, today = session_of(request), self.system.world.today
        made = self.system.register.send(
            one, brevtyp, due, text, reference=referens.strip(), by=session.user.display, on=today
        )
        self.system.commit("letter_sent", number, session.user.name, letter=made.number, letter_kind=brevtyp,
                           due=str(due), text=text, reference=made.reference)  # fmt: skip
        return self.system.go(f"/utredningar/{number}/brev?skickat={made.number}")

    def _letter_errors(self, one: Investigation, kind: str, due: date | None, text: str) -> list[str]:
        today, errors = self.system.world.today, []
        if kind not in KINDS:
            errors.append("Brevtyp: välj ett alternativ.")
        elif before := BEFORE.get(kind):
            earlier = [letter for letter in one.requests if letter.kind == before]
            latest = one.requests[-1].due if one.requests else None
            if not earlier:
                errors.append(f"{kind} kan inte skickas innan {before.lower()} har skickats.")
            elif latest is not None and latest >= today:
                errors.append(f"{kind} kan inte skickas förrän svarstiden har gått ut ({latest}).")
        if due is None or not is_workday(due) or not SHORTEST_ANSWER <= (due - today).days <= LONGEST_ANSWER:
            errors.append(
                f"Svar senast ska vara en arbetsdag {SHORTEST_ANSWER} till {LONGEST_ANSWER} dagar fram i tiden."
            )
        if not SHORTEST_TEXT <= len(text) <= LONGEST_TEXT:
            errors.append(f"Brevtexten ska vara {SHORTEST_TEXT} till {LONGEST_TEXT} tecken.")
        return errors

    # Interview times

    async def time_form(self, request: Request, number: str, fran: str = "") -> Response:
        one = self.system.changeable(request, number)
        return one if isinstance(one, Response) else self._time_page(request, one, fran, [])

    def _time_page(
        self, request: Request, one: Investigation, first: str, errors: list[str], status: int = 200, **typed: Any
    ) -> Response:
        begins = parse_date(first) or self.system.world.today
        week = timedelta(days=7)
        return self.system.show(
            request, "times.html", status, one=one, first=begins, last=begins + timedelta(days=6), errors=errors,
            before=begins - week, after=begins + week, forms=FORMS, typed={"referens": "", "form": ""} | typed,
            obstacle=one.obstacle or _no_booking(one),
        )  # fmt: skip

    async def time_rows(self, request: Request, number: str, fran: str = "") -> Response:
        one = self.system.changeable(request, number)
        if isinstance(one, Response):
            return one
        first = parse_date(fran) or self.system.world.today
        return self.system.show(request, "_times.html", times=self.system.register.free_times(first))

    async def book(
        self, request: Request, number: str, *, tid: Text = "", form: Text = "", referens: Text = "", fran: Text = ""
    ) -> Response:
        one = self.system.changeable(request, number)
        if isinstance(one, Response):
            return one
        register, session = self.system.register, session_of(request)
        typed = {"form": form, "referens": referens}
        if one.obstacle or _no_booking(one):
            return self._time_page(request, one, fran, [], 409, **typed)
        time = register.times.get(tid)
        errors = [] if form in FORMS else ["Mötesform: välj ett alternativ."]
        if time is None:
            errors.insert(0, "Ledig tid: välj en tid i listan.")
        elif time.taken:
            errors.insert(0, f"Tiden {time.day} {time.clock} är inte längre ledig. Välj en annan tid.")
        if errors or time is None:
            return self._time_page(request, one, fran, errors, 409, **typed)
        made = register.book(one, time, form, reference=referens.strip(), by=session.user.display)
        self.system.commit("interview_booked", number, session.user.name, booking=made.number, time=time.words,
                           form=form, reference=made.reference)  # fmt: skip
        return self.system.go(f"/utredningar/{number}?bokad={made.number}")


def _no_booking(one: Investigation) -> str:
    if one.lacks_certificate:
        return "Ansökan är inte komplett. Intervju kan inte bokas."
    if one.booking:
        return f"Intervju är redan bokad: {one.booking.time}."
    return ""
