"""Skolskjuts: one page, and the questions that its script asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.school_transport import records, rules
from robots.practice.school_transport.state import DECIDED, FINISHED, REGISTERED, Application, Proposal, Register
from robots.practice.system import NewField
from robots.practice.town import SCHOOLS

STRAIGHT_SECONDS, WALKING_SECONDS = 0.05, 0.3  # how long the map service takes for its two answers
NO_RIGHT = "Du har läsbehörighet och kan inte ändra något."
NO_DELEGATION = "Du saknar delegation. Beslut fattas av handläggare med delegation."
PROTECTED = "Eleven har skyddade personuppgifter. Särskilt utsedd handläggare tar emot ansökan."


class SchoolTransport(GuardedSystem):
    """Everything the page shows comes as JSON under ``/api``; who has no session gets 401 there, and no login page."""

    key: ClassVar[str] = "school_transport"
    title: ClassVar[str] = "Skolskjuts"
    path: ClassVar[str] = "/skolskjuts"
    folder: ClassVar[Path] = Path(__file__).parent
    cookie: ClassVar[str] = "skolskjuts_sid"
    asked_field: ClassVar[str] = "vidare"
    ended_words: ClassVar[str] = "Sessionen har gått ut. Logga in igen."
    reworded: ClassVar[dict[str, str]] = {"Sökandes personnummer": "Vårdnadshavarens personnummer",
                                          "Vår referens": "Vår beteckning"}  # fmt: skip
    new_field: ClassVar[NewField | None] = NewField(
        "aterkoppling", "Besked lämnas", "Välj hur beskedet lämnas.", ("Brev", "E-post", "Digital brevlåda")
    )

    register: Register

    def add_pages(self) -> None:
        route = self.router
        for address in ("/", "/elever", "/ansokningar", "/forslag", "/ansokningar/{number}"):
            route.get(address)(self.shell)
        route.get("/api/start/rows")(self.overview)
        route.get("/api/elever/rows")(self.one_pupil)
        route.get("/api/vag/rows")(self.measure)
        route.get("/api/ansokningar/rows")(self.list_applications)
        route.get("/api/ansokningar/{number}/rows")(self.one_application)
        route.get("/api/forslag/rows")(self.list_proposals)
        route.post("/api/ansokningar")(self.apply)
        route.post("/api/forslag")(self.propose)
        route.post("/api/beslut")(self.decide_here)

    def reset(self) -> None:
        self.register = Register(self.world.town)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {"applications": self.told, "lock": self.lock, "decide": self.decide, "apply": self.somebody_applies}

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    # What a colleague does

    def told(self, pupil: str = "", term: str = "") -> list[dict[str, Any]]:
        found = [a for a in self.register.applications.values() if pupil in ("", a.pupil) and term in ("", a.term)]
        return [records.card(self.register, a) for a in found]

    def lock(self, number: str, by: str = "Berit Handläggare") -> None:
        """A colleague has the application open; with ``by=""`` no more."""
        self._change(number, locked_by=by)

    def decide(self, number: str) -> None:
        """An officer with delegation has decided."""
        self._change(number, status=DECIDED)

    def somebody_applies(self, pupil: str, term: str = "") -> str:
        """The guardian applies in the e-service meanwhile."""
        term = term or rules.terms(self.world.today)[0]
        found = records.child_of(self.world.town, pupil, term)
        assert found is not None
        child, year = found
        home = self.world.town.properties[child.property_id]
        school = rules.nearest(home, year)
        return self.register.register(Application(
            "", pupil, term, year, school.name, child.guardians[0], rules.BY_DISTANCE, rules.WHOLE_TIME, "", "E-tjänst",
            rules.way(home, school).walking, rules.limit(year), REGISTERED, self.world.today, "E-tjänsten",
        )).number  # fmt: skip

    def _change(self, number: str, **values: Any) -> None:
        self.register.applications[number] = replace(self.register.applications[number], **values)

    # The page

    def to_login(self, request: Request) -> Response:
        if "/api/" in request.url.path:
            return JSONResponse({"fel": ["Du är utloggad."]}, 401)
        return super().to_login(request)

    async def shell(self, request: Request) -> Response:
        session = session_of(request)
        return self.page(
            "app.html", user=session.user.display, may_journal=session.may_journal, reasons=rules.REASONS,
            residences=rules.RESIDENCES, outcomes=rules.OUTCOMES, terms=rules.terms(self.world.today),
        )  # fmt: skip

    def missing(self, request: Request) -> Response:
        if "/api/" in request.url.path:
            return _no(404, "Uppgiften finns inte.")
        return self.page("message.html", 404, heading="Sidan finns inte", words="Adressen leder ingenstans.")

    def refused(self, request: Request) -> Response:
        if "/api/" in request.url.path:
            return _no(403, NO_RIGHT)
        return self.page("message.html", 403, heading="Behörighet saknas", words=NO_RIGHT)

    # What the script asks for

    async def overview(self) -> Response:
        status = [a.status for a in self.register.applications.values()]
        return JSONResponse({
            "nya": status.count(REGISTERED), "klara": sum(s in FINISHED for s in status),
            "forslag": len(status) - status.count(REGISTERED) - sum(s in FINISHED for s in status),
        })  # fmt: skip

    async def one_pupil(self, elev: str = "", lasar: str = "") -> Response:
        if lasar not in rules.terms(self.world.today):
            return _no(422, "Välj ett läsår.")
        found = records.child_of(self.world.town, elev.strip(), lasar)
        if found is None:
            return JSONResponse({"finns": False})
        return JSONResponse({"finns": True} | records.pupil(self.register, *found, lasar))

    async def measure(self, elev: str = "", lasar: str = "", steg: str = "1") -> Response:
        """The straight line at once, and the way to walk when the map service has found it."""
        found = records.child_of(self.world.town, elev, lasar) if lasar in rules.terms(self.world.today) else None
        if found is None or found[0].protection:
            return _no(404, "Vägen går inte att mäta.")
        child, year = found
        home = self.world.town.properties[child.property_id]
        school = rules.nearest(home, year)
        await asyncio.sleep(STRAIGHT_SECONDS if steg == "1" else WALKING_SECONDS)
        if home.island:
            return JSONResponse({"matbar": False})
        way = rules.way(home, school)
        schools = [{"namn": s.name, "x": s.x, "y": s.y} for s in SCHOOLS]
        line = way.line if steg == "2" else (way.line[0], way.line[-1])
        metres = way.walking if steg == "2" else way.straight
        return JSONResponse({"matbar": True, "meter": metres, "linje": line, "skolor": schools})

    async def list_applications(
        self, referens: str = "", nummer: str = "", avslutade: str = "", visade: int = 0
    ) -> Response:
        found = records.applications(self.register, referens.strip(), nummer.strip(), avslutade == "ja")
        return JSONResponse(records.part_of([records.application_row(self.register, a) for a in found], visade))

    async def list_proposals(self, referens: str = "", visade: int = 0) -> Response:
        wanted = referens.strip().casefold()
        found = [p for p in reversed(self.register.proposals.values()) if wanted in p.reference.casefold()]
        return JSONResponse(records.part_of([records.proposal_row(p) for p in found], visade))

    async def one_application(self, number: str) -> Response:
        found = self.register.applications.get(number)
        return JSONResponse({"finns": False} if found is None else
                            {"finns": True} | records.card(self.register, found))  # fmt: skip

    # What changes something

    async def apply(self, request: Request) -> Response:
        typed, today = await _typed(request), self.world.today
        found = records.child_of(self.world.town, typed["elev"], typed["lasar"]) if (
            typed["lasar"] in rules.terms(today)) else None  # fmt: skip
        if found is None:
            return _no(422, "Hämta eleven först.")
        child, year = found
        if child.protection:
            return _no(403, PROTECTED)
        home = self.world.town.properties[child.property_id]
        school = rules.nearest(home, year)
        metres = 0 if home.island else rules.way(home, school).walking
        errors = [] if typed["sokande"] in child.guardians else ["Den sökande är inte vårdnadshavare för eleven."]
        errors += [] if typed["skal"] in rules.REASONS else ["Välj ett skäl."]
        errors += [] if typed["boende"] in rules.RESIDENCES else ["Välj hur eleven bor."]
        errors += [] if typed["avstand"] == str(metres) else ["Vägen är inte färdigmätt. Hämta eleven igen."]
        errors += rules.too_long(typed["meddelande"], typed["referens"])
        errors += [new] if (new := self.new_field_missing(typed["aterkoppling"])) else []
        if errors:
            return _no(422, *errors)
        if standing := self.register.of(typed["elev"], typed["lasar"]):
            return _no(409, f"Eleven har redan en ansökan för läsåret {typed['lasar']}: {standing[0].number}.")
        session = session_of(request)
        made = self.register.register(Application(
            "", typed["elev"], typed["lasar"], year, school.name, typed["sokande"], typed["skal"], typed["boende"],
            typed["meddelande"], typed["referens"], metres, rules.limit(year), REGISTERED, today, session.user.display,
        ))  # fmt: skip
        self.commit(
            "application_registered", made.pupil, session.user.name, application=made.number, term=made.term,
            applicant=made.applicant, reason=made.reason, residence=made.residence, metres=made.metres,
            reference=made.reference, message=made.message,
        )  # fmt: skip
        return JSONResponse({"nr": made.number}, 201)

    async def propose(self, request: Request) -> Response:
        """Somebody else decides; a later proposal takes the place of an earlier one."""
        typed = await _typed(request)
        about = self.register.applications.get(typed["ansokan"])
        if about is None:
            return _no(404, "Ansökan finns inte.")
        if about.locked_by:
            return _no(423, f"Ansökan är låst av {about.locked_by}.")
        if about.status in FINISHED:
            return _no(409, f"Ansökan är avslutad ({about.status}). Förslag kan inte lämnas.")
        errors = rules.proposal_errors(typed["forslag"], typed["motivering"], typed["referens"])
        special = about.pupil in self.register.special
        stop = rules.for_an_officer(about.reason, about.residence, special, about.metres, about.limit)
        stop = stop or rules.against_the_distance(typed["forslag"], about.metres, about.limit)
        if errors or stop:
            return _no(422, *(errors or [stop]))
        session = session_of(request)
        made = self.register.propose(Proposal(
            "", about.number, typed["forslag"], typed["motivering"], typed["referens"], self.world.today,
            session.user.display,
        ))  # fmt: skip
        self.commit(
            "proposal_made", about.number, session.user.name, proposal=made.number, outcome=made.outcome,
            motivation=made.motivation, reference=made.reference,
        )  # fmt: skip
        return JSONResponse({"nr": made.number}, 201)

    async def decide_here(self) -> Response:
        """Nobody who works in the contact centre has delegation, nor has any robot."""
        return _no(403, NO_DELEGATION)


def _no(status: int, *words: str) -> Response:
    return JSONResponse({"fel": words}, status)


async def _typed(request: Request) -> dict[str, str]:
    """The fields of a form, each without the space round it; "" where it is not there."""
    told = await request.json()
    fields = ("elev", "lasar", "sokande", "skal", "boende", "avstand", "meddelande", "referens", "aterkoppling",
              "ansokan", "forslag", "motivering")  # fmt: skip
    return {name: str(told.get(name, "")).strip() for name in fields}
