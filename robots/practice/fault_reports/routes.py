"""Felanmälan: a page with a map, and the questions that its script asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from robots.practice.fault_reports import ground, intake
from robots.practice.fault_reports.state import CATEGORIES, DANGERS, FINISHED, NEW, STATUSES, Note, Register, Report
from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.system import NewField

ADDRESS_SECONDS, PLACE_SECONDS = 0.08, 0.2  # how long the map service takes
MOST_ADDRESSES, ROWS_AT_A_TIME = 6, 12
NO_RIGHT = "Din roll får läsa men inte ändra."


class FaultReports(GuardedSystem):
    """Everything the page shows comes as JSON under ``/api``; who has no session gets 401 there, and no login page."""

    key: ClassVar[str] = "fault_reports"
    title: ClassVar[str] = "Felanmälan"
    path: ClassVar[str] = "/felanmalan"
    folder: ClassVar[Path] = Path(__file__).parent
    cookie: ClassVar[str] = "fa_token"
    asked_field: ClassVar[str] = "retur"
    ended_words: ClassVar[str] = "Du har varit borta för länge. Logga in igen."
    reworded: ClassVar[dict[str, str]] = {"Extern referens": "Er referens", "Beskrivning": "Vad har hänt"}
    new_field: ClassVar[NewField | None] = NewField(
        "kanal", "Anmälan kom via", "Välj hur anmälan kom.", ("Telefon", "E-post", "E-tjänst")
    )

    register: Register

    def add_pages(self) -> None:
        route = self.router
        for address in ("/", "/karta", "/anmalningar", "/anmalningar/{number}"):
            route.get(address)(self.shell)
        route.get("/api/karta.json")(self.map_data)
        route.get("/api/adresser/rows")(self.addresses)
        route.get("/api/plats/rows")(self.about_place)
        route.get("/api/anmalningar/rows")(self.list_reports)
        route.get("/api/anmalningar/{number}/rows")(self.one_report)
        route.post("/api/anmalningar")(self.report)
        route.post("/api/anmalningar/{number}/anteckningar")(self.add_note)

    def reset(self) -> None:
        self.register = Register(self.world.town)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {"reports": self.reports, "near": self.near, "open_at": self.open_at, "set_status": self.set_status,
                "place": self.place}  # fmt: skip

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    # What a colleague does

    def reports(self) -> list[dict[str, Any]]:
        return [_card(r) for r in self.register.reports.values()]

    def near(self, n: int, e: int) -> list[str]:
        return [r.number for r in self.register.near(ground.Place(n, e))]

    def place(self, property_id: str) -> dict[str, int]:
        """Where a property lies, as the map reads it out."""
        found = ground.place_of(self.world.town.properties[property_id])
        return {"n": found.n, "e": found.e}

    def open_at(self, number: str, who: str = "Kim på gatudriften") -> None:
        """A colleague works in the report; with ``who=""`` nobody any more."""
        self.register.reports[number] = replace(self.register.reports[number], open_at=who)

    def set_status(self, number: str, status: str) -> None:
        assert status in STATUSES
        self.register.reports[number] = replace(self.register.reports[number], status=status)

    # The page

    def to_login(self, request: Request) -> Response:
        if "/api/" in request.url.path:
            return _no(401, "Du är utloggad.")
        return super().to_login(request)

    async def shell(self, request: Request) -> Response:
        session = session_of(request)
        return self.page(
            "app.html", user=session.user.display, may_journal=session.may_journal, categories=CATEGORIES,
            dangers=DANGERS, statuses=STATUSES, duty=intake.DUTY_PHONE,
        )  # fmt: skip

    def missing(self, request: Request) -> Response:
        if "/api/" in request.url.path:
            return _no(404, "Uppgiften finns inte.")
        return self.page("message.html", 404, heading="Sidan finns inte", words="Länken leder ingenstans.")

    def refused(self, request: Request) -> Response:
        if "/api/" in request.url.path:
            return _no(403, NO_RIGHT)
        return self.page("message.html", 403, heading="Behörighet saknas", words=NO_RIGHT)

    # What the script asks for

    async def map_data(self) -> Response:
        return JSONResponse(ground.drawn())

    async def addresses(self, q: str = "") -> Response:
        await asyncio.sleep(ADDRESS_SECONDS)
        wanted = " ".join(q.casefold().split())
        homes = [h for h in self.world.town.properties.values() if h.street.casefold().startswith(wanted)]
        homes.sort(key=lambda h: (len(h.street), h.street))
        shown = [{"adress": h.street, "n": p.n, "e": p.e}
                 for h in homes[:MOST_ADDRESSES] for p in [ground.place_of(h)]]  # fmt: skip
        return JSONResponse({"antal": len(homes), "rader": shown})

    async def about_place(self, n: str = "", e: str = "") -> Response:
        """Who looks after the road, and what has been reported near by lately."""
        await asyncio.sleep(PLACE_SECONDS)
        place = intake.place_from(n, e)
        if place is None or not place.inside:
            return JSONResponse({"inom": False})
        owner = ground.road_owner(self.world.town, place)
        near = [_row(r) | {"meter": round(r.place.metres_to(place))} for r in self.register.near(place)]
        return JSONResponse({"inom": True, "vaghallare": owner, "egen": owner == ground.OWN_ROADS, "nara": near})

    async def list_reports(
        self, *, sok: str = "", referens: str = "", grupp: str = "", status: str = "", avslutade: str = "",
        visade: int = 0,
    ) -> Response:  # fmt: skip
        found = self.register.search(
            text=sok.strip(), reference=referens.strip(), group=grupp, status=status, finished=avslutade == "ja"
        )
        rows = [_row(r) for r in found[visade : visade + ROWS_AT_A_TIME]]
        return JSONResponse({"antal": len(found), "rader": rows})

    async def one_report(self, number: str, anteckning: str = "") -> Response:
        found = self.register.reports.get(number)
        if found is None:
            return JSONResponse({"finns": False})
        notes = [{"datum": n.on.isoformat(), "av": n.by, "text": n.text}
                 for n in found.notes if anteckning.casefold() in n.text.casefold()]  # fmt: skip
        return JSONResponse({"finns": True, "anteckningar": notes} | _card(found))

    # What changes something

    async def report(self, request: Request) -> Response:
        typed = await intake.typed_in(await request.form())
        errors = intake.errors(typed, self.world.town)
        errors += [new] if (new := self.new_field_missing(typed.channel)) else []
        if errors or typed.place is None:
            return _no(422, *errors)
        session = session_of(request)
        made = self.register.add(Report(
            "", typed.place, typed.group, typed.category, typed.text, typed.reference, NEW, self.world.today,
            session.user.display, "Gatudriften", typed.duty, typed.kept_pictures,
        ))  # fmt: skip
        self.commit(
            "fault_reported", made.category, session.user.name, number=made.number, n=made.place.n, e=made.place.e,
            group=made.group, text=made.text, reference=made.reference, duty=made.duty,
            pictures=[p.sha256 for p in made.pictures],
        )  # fmt: skip
        return JSONResponse({"nr": made.number}, 201)

    async def add_note(self, request: Request, number: str) -> Response:
        told = await request.json()
        text = str(told.get("text", "")).strip()
        about = self.register.reports.get(number)
        if about is None:
            return _no(404, "Anmälan finns inte.")
        if about.open_at:
            return _no(423, f"Anmälan är öppen hos {about.open_at}.")
        if not 1 <= len(text) <= intake.LONGEST_TEXT:
            return _no(422, f"Skriv en anteckning på högst {intake.LONGEST_TEXT} tecken.")
        session = session_of(request)
        self.register.note(number, Note(self.world.today, session.user.display, text))
        self.commit("note_added", number, session.user.name, text=text)
        return JSONResponse({"nr": number}, 201)


def _row(one: Report) -> dict[str, Any]:
    return {"nr": one.number, "grupp": one.group, "kategori": one.category, "status": one.status,
            "referens": one.reference or "–", "datum": one.made.isoformat()}  # fmt: skip


def _card(one: Report) -> dict[str, Any]:
    return _row(one) | {
        "n": one.place.n, "e": one.place.e, "beskrivning": one.text, "anmald_av": one.made_by, "ansvarig": one.owner,
        "jour": one.duty or "–", "bilder": ", ".join(p.name for p in one.pictures) or "Inga bilder",
        "oppen": one.open_at, "avslutad": one.status in FINISHED,
    }  # fmt: skip


def _no(status: int, *words: str) -> Response:
    return JSONResponse({"fel": words}, status)
