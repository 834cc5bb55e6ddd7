"""Tallingekartan: log in, look at the map, ask it about a property, take home a plan."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from robots.practice.detail_plan_map import search
from robots.practice.detail_plan_map.backdrop import backdrop, flat
from robots.practice.detail_plan_map.documents import description_pdf, plan_map_pdf, status_words
from robots.practice.detail_plan_map.geometry import Ground, survey
from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.sessions import Session
from robots.practice.system import NewField
from robots.practice.town import Plan, Town

SHORTEST_SEARCH = 2
ANSWER_SECONDS = (0.08, 0.15)  # how long the suggestions take, on top of the network
LAYERS = {"granser": True, "planer": True, "adresser": False, "vatten": True}
KINDS = {"villa": "Villa", "fritidshus": "Fritidshus", "flerbostadshus": "Flerbostadshus", "skola": "Skola",
         "bank": "Bank"}  # fmt: skip
PLAN_STATUSES = ("laga kraft", "antagen", "samråd", "granskning")


class DetailPlanMap(GuardedSystem):
    """A map that is one page. Nobody changes anything in it."""

    key: ClassVar[str] = "detail_plan_map"
    title: ClassVar[str] = "Tallingekartan – detaljplaner"
    path: ClassVar[str] = "/kartan"
    session_minutes: ClassVar[float] = 60
    folder: ClassVar[Path] = Path(__file__).parent
    cookie: ClassVar[str] = "tallingekartan"
    asked_field: ClassVar[str] = "till"
    left: ClassVar[str] = "avslutad=1"
    reworded: ClassVar[dict[str, str]] = {"Adress": "Besöksadress", "Fastighetstyp": "Typ av fastighet"}
    new_field: ClassVar[NewField | None] = NewField(
        "soktyp", "Jag söker", "Välj om du söker fastighet eller adress.", ("Fastighet", "Adress")
    )
    calls_with_names: ClassVar[frozenset[str]] = frozenset({"element", "say", "info.words"})
    looks: ClassVar[frozenset[str]] = frozenset({"/lager", "/soktyp"})  # a way of looking, no change: everybody may

    plans: dict[str, Plan]
    edition: int
    surveyed: tuple[Town, Ground] | None = None

    def add_pages(self) -> None:
        route = self.router
        route.get("/")(self.map_page)
        route.get("/data/karta.json")(self.map_data)
        route.get("/sok/rows")(self.suggestions)
        route.get("/fastighet/rows")(self.about_property)
        route.post("/lager")(self.set_layer)
        route.post("/soktyp")(self.set_kind_sought)
        route.get("/planer/{number:path}/plankarta.pdf")(self.plan_map)
        route.get("/planer/{number:path}/planbeskrivning.pdf")(self.plan_description)

    def reset(self) -> None:
        self.plans = dict(self.world.town.plans)
        self.edition = 1
        self.pace = random.Random(self.world.town.seed)
        self.drawn: dict[str, Any] = {}

    @property
    def ground(self) -> Ground:
        """Measured when it is first needed, and kept as long as the town's properties are the same."""
        town = self.world.town
        if self.surveyed is None or self.surveyed[0] is not town:
            same = self.surveyed is not None and self.surveyed[0].properties == town.properties
            self.surveyed = (town, self.surveyed[1] if self.surveyed and same else survey(town))
        return self.surveyed[1]

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {"set_plan_status": self.set_plan_status}

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()

    def set_plan_status(self, number: str, status: str, final_on: str = "") -> dict[str, Any]:
        """Move a plan on in its process, as the plan unit would. ``final_on`` is needed for "laga kraft"."""
        if status not in PLAN_STATUSES or (status == "laga kraft") != bool(final_on):
            raise ValueError(f"status is one of {', '.join(PLAN_STATUSES)}; final_on goes with laga kraft only")
        day = date.fromisoformat(final_on) if final_on else None
        self.plans[number] = replace(self.plans[number], status=status, final_on=day)
        self.edition += 1
        self.drawn = {}
        return {"number": number, "status": status_words(self.plans[number])}

    # Logging in and out

    def ended(self, request: Request) -> bool:
        return bool(request.query_params.get("utloggad"))

    def told_at_login(self, request: Request) -> dict[str, str]:
        """Whoever brings the cookie of a session that has ended is told so."""
        return {"utloggad": "1"} if request.cookies.get(self.cookie) else {}

    # The map

    async def map_page(self, request: Request, fastighet: str = "") -> Response:
        session = session_of(request)
        first_visit = not session.memory.get("welcomed")
        session.memory["welcomed"] = True
        wanted = search.find(self.world.town, fastighet)
        answer = self.page(
            "map.html",
            user=session.user,
            layers=self._layers(session),
            first_visit=first_visit,
            asked=wanted.designation if wanted else fastighet.strip(),
            data=f"{self.path}/data/karta.json?utgava={self._edition()}",
        )
        answer.headers["Cache-Control"] = "no-store"  # Back must not show a welcome box, or another's layers, again
        return answer

    def _edition(self) -> str:
        return f"{self.world.town.seed}-{self.world.today:%y%m%d}-{self.edition}"

    def _layers(self, session: Session) -> dict[str, bool]:
        layers: dict[str, bool] = session.memory.setdefault("layers", dict(LAYERS))
        return layers

    async def map_data(self) -> Response:
        """Everything that is drawn. A browser keeps it until there is a new edition."""
        if not self.drawn:
            self.drawn = {
                "properties": [
                    {"d": p.home.designation, "a": p.home.street, "q": p.home.quarter, "r": flat(p.ring),
                     "b": [flat(b) for b in p.buildings]}
                    for p in self.ground.parcels.values()
                ],
                "plans": [
                    {"n": plan.number, "s": plan.status, "r": [flat(r) for r in self.ground.plan_borders[plan.number]]}
                    for plan in self.plans.values()
                    if plan.number in self.ground.plan_borders
                ],
                **backdrop(self.ground),
            }  # fmt: skip
        return JSONResponse(self.drawn, headers={"Cache-Control": "private, max-age=86400, immutable"})

    async def suggestions(self, request: Request, q: str = "") -> Response:
        await asyncio.sleep(self.pace.uniform(*ANSWER_SECONDS))
        typed = " ".join(q.split())
        if new := self.new_field_missing(session_of(request).memory.get("soktyp", "")):
            return HTMLResponse(f'<p class="suggest-words" role="status">{new}</p>')
        if len(typed) < SHORTEST_SEARCH:
            return self.page("suggestions.html", typed=typed, too_short=True, found=search.Suggestions((), 0))
        found = search.suggest(self.world.town, typed)
        return self.page("suggestions.html", typed=typed, too_short=False, found=found)

    async def about_property(self, request: Request, fastighet: str = "") -> Response:
        """The info panel's content, without a page round it."""
        session = session_of(request)
        home = search.find(self.world.town, fastighet)
        if home is None:
            now = self.world.town.by_older_designation.get(search.plain(fastighet).upper(), "")
            return self.page("unknown.html", 404, asked=fastighet.strip(), now=now)
        area = f"{self.ground.parcels[home.designation].square_metres:,} m²".replace(",", "\N{NO-BREAK SPACE}")
        plans = [(self.plans[n], status_words(self.plans[n])) for n in home.plans]
        shown = self._layers(session)["planer"]
        return self.page("property.html", home=home, kind=KINDS[home.kind], area=area, plans=plans, shown=shown)

    async def set_layer(
        self, request: Request, lager: Annotated[str, Form()] = "", visas: Annotated[str, Form()] = ""
    ) -> Response:
        """Light or put out a layer for this session."""
        session = session_of(request)
        if lager not in LAYERS:
            return self._message(request, 422, "Fel i kartan", "Lagret finns inte i kartan.")
        self._layers(session)[lager] = visas == "ja"
        return Response(status_code=204)

    async def set_kind_sought(self, request: Request, soktyp: Annotated[str, Form()] = "") -> Response:
        """What the search box of the second release looks for, for this session."""
        session_of(request).memory["soktyp"] = soktyp
        return Response(status_code=204)

    # The plans' documents

    async def plan_map(self, request: Request, number: str) -> Response:
        plan = self.plans.get(number)
        if plan is None or number not in self.ground.plan_borders:
            return self.missing(request)
        covered = [p for p in self.ground.parcels.values() if number in p.home.plans]
        parcels = tuple((p.home.designation.rpartition(" ")[2], p.home.kind, p.ring) for p in covered)
        return self._pdf("Plankarta", plan, plan_map_pdf(plan, self.ground.plan_borders[number], parcels))

    async def plan_description(self, request: Request, number: str) -> Response:
        plan = self.plans.get(number)
        if plan is None or not plan.has_description:
            return self.missing(request)
        covered = tuple(d for d, p in self.ground.parcels.items() if number in p.home.plans)
        return self._pdf("Planbeskrivning", plan, description_pdf(plan, covered))

    def _pdf(self, kind: str, plan: Plan, content: bytes) -> Response:
        name = f"{kind} {plan.number.replace('/', '-')} {plan.name}.pdf"
        # The plain name is for programs that cannot read the real one.
        plain = f"{kind}_{plan.number.replace('/', '-')}.pdf"
        headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type="application/pdf", headers=headers)

    # What is not there

    def missing(self, request: Request) -> Response:
        return self._message(request, 404, "Sidan finns inte", "Adressen leder ingenstans i Tallingekartan.")

    def refused(self, request: Request) -> Response:
        return self._message(request, 403, "Behörighet saknas", "Ingen kan ändra något i Tallingekartan.")

    def _message(self, request: Request, status: int, heading: str, text: str) -> Response:
        return self.page("message.html", status, user=session_of(request).user, heading=heading, text=text)
