"""Tallingekartan: log in, look at the map, ask it about a property, take home a plan."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlencode

from fastapi import Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.convertors import StringConvertor, register_url_convertor

from robots.practice.detail_plan_map import search
from robots.practice.detail_plan_map.backdrop import backdrop, flat
from robots.practice.detail_plan_map.documents import description_pdf, plan_map_pdf, status_words
from robots.practice.detail_plan_map.geometry import Ground, survey
from robots.practice.sessions import Session
from robots.practice.system import PracticeSystem
from robots.practice.town import Plan, Town

COOKIE = "tallingekartan"
SHORTEST_SEARCH = 2
ANSWER_SECONDS = (0.08, 0.15)  # how long the suggestions take, on top of the network
LAYERS = {"granser": True, "planer": True, "adresser": False, "vatten": True}
KINDS = {"villa": "Villa", "fritidshus": "Fritidshus", "flerbostadshus": "Flerbostadshus", "skola": "Skola",
         "bank": "Bank"}  # fmt: skip
PLAN_STATUSES = ("laga kraft", "antagen", "samråd", "granskning")


class _NotStatic(StringConvertor):
    """Every address but the static files', which the server mounts after this system's routes."""

    regex = "(?!static/).*"


register_url_convertor("kartan_not_static", _NotStatic())


class DetailPlanMap(PracticeSystem):
    """A map that is one page. Nobody changes anything in it."""

    key: ClassVar[str] = "detail_plan_map"
    title: ClassVar[str] = "Tallingekartan – detaljplaner"
    path: ClassVar[str] = "/kartan"
    session_minutes: ClassVar[float] = 60
    folder: ClassVar[Path] = Path(__file__).parent

    plans: dict[str, Plan]
    edition: int
    surveyed: tuple[Town, Ground] | None = None

    def add_routes(self) -> None:
        route = self.router
        route.get("/logga-in")(self.login_page)
        route.post("/logga-in")(self.log_in)
        route.get("/logga-ut")(self.log_out)
        route.get("/")(self.map_page)
        route.get("/data/karta.json")(self.map_data)
        route.get("/sok/rows")(self.suggestions)
        route.get("/fastighet/rows")(self.about_property)
        route.post("/lager")(self.set_layer)
        route.get("/planer/{number:path}/plankarta.pdf")(self.plan_map)
        route.get("/planer/{number:path}/planbeskrivning.pdf")(self.plan_description)
        every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        route.api_route("/{rest:kartan_not_static}", methods=every)(self.not_found)

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

    def session_of(self, request: Request) -> Session | None:
        return self.sessions.get(request.cookies.get(COOKIE))

    def to_login(self, request: Request) -> Response:
        """Where a visitor without a session is sent. One who brings the cookie of an ended session is told so."""
        asked = {"till": f"{self.path}/"}
        if request.method == "GET":
            asked["till"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.cookies.get(COOKIE):
            asked["utloggad"] = "1"
        return RedirectResponse(f"{self.path}/logga-in?{urlencode(asked)}", 303)

    async def login_page(self, till: str = "", utloggad: str = "", avslutad: str = "") -> Response:
        notice = "Du har blivit utloggad. Logga in igen." if utloggad else "Du har loggat ut." if avslutad else ""
        return self.page("login.html", till=till, notice=notice, error="", name="")

    async def log_in(
        self, anvandarnamn: Annotated[str, Form()] = "", losenord: Annotated[str, Form()] = "",
        till: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        session = self.sessions.log_in(self.world.users, anvandarnamn, losenord)
        if session is None:
            error = "Fel användarnamn eller lösenord."
            return self.page("login.html", 401, till=till, notice="", error=error, name=anvandarnamn)
        inside = till.startswith(f"{self.path}/") and "\\" not in till and ".." not in till
        answer = RedirectResponse(till if inside else f"{self.path}/", 303)
        answer.set_cookie(COOKIE, session.token, path=self.path, httponly=True, samesite="lax")
        return answer

    async def log_out(self, request: Request) -> Response:
        self.sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(f"{self.path}/logga-in?avslutad=1", 303)
        answer.delete_cookie(COOKIE, path=self.path)
        return answer

    # The map

    async def map_page(self, request: Request, fastighet: str = "") -> Response:
        session = self.session_of(request)
        if session is None:
            return self.to_login(request)
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

    async def map_data(self, request: Request) -> Response:
        """Everything that is drawn. A browser keeps it until there is a new edition."""
        if self.session_of(request) is None:
            return self.to_login(request)
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
        if self.session_of(request) is None:
            return self.to_login(request)
        await asyncio.sleep(self.pace.uniform(*ANSWER_SECONDS))
        typed = " ".join(q.split())
        if len(typed) < SHORTEST_SEARCH:
            return self.page("suggestions.html", typed=typed, too_short=True, found=search.Suggestions((), 0))
        found = search.suggest(self.world.town, typed)
        return self.page("suggestions.html", typed=typed, too_short=False, found=found)

    async def about_property(self, request: Request, fastighet: str = "") -> Response:
        """The info panel's content, without a page round it."""
        session = self.session_of(request)
        if session is None:
            return self.to_login(request)
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
        """Light or put out a layer for this session. It is a way of looking, no change: everybody may."""
        session = self.session_of(request)
        if session is None:
            return self.to_login(request)
        if lager not in LAYERS:
            return self.page("message.html", 422, user=session.user, heading="Fel i kartan",
                             text="Lagret finns inte i kartan.")  # fmt: skip
        self._layers(session)[lager] = visas == "ja"
        return Response(status_code=204)

    # The plans' documents

    async def plan_map(self, request: Request, number: str) -> Response:
        session, plan = self.session_of(request), self.plans.get(number)
        if session is None:
            return self.to_login(request)
        if plan is None or number not in self.ground.plan_borders:
            return self._missing(session)
        covered = [p for p in self.ground.parcels.values() if number in p.home.plans]
        parcels = tuple((p.home.designation.rpartition(" ")[2], p.home.kind, p.ring) for p in covered)
        return self._pdf("Plankarta", plan, plan_map_pdf(plan, self.ground.plan_borders[number], parcels))

    async def plan_description(self, request: Request, number: str) -> Response:
        session, plan = self.session_of(request), self.plans.get(number)
        if session is None:
            return self.to_login(request)
        if plan is None or not plan.has_description:
            return self._missing(session)
        covered = tuple(d for d, p in self.ground.parcels.items() if number in p.home.plans)
        return self._pdf("Planbeskrivning", plan, description_pdf(plan, covered))

    def _pdf(self, kind: str, plan: Plan, content: bytes) -> Response:
        name = f"{kind} {plan.number.replace('/', '-')} {plan.name}.pdf"
        # The plain name is for programs that cannot read the real one.
        plain = f"{kind}_{plan.number.replace('/', '-')}.pdf"
        headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type="application/pdf", headers=headers)

    # What is not there

    def _missing(self, session: Session) -> Response:
        return self.page("message.html", 404, user=session.user, heading="Sidan finns inte",
                         text="Adressen leder ingenstans i Tallingekartan.")  # fmt: skip

    async def not_found(self, request: Request) -> Response:
        session = self.session_of(request)
        return self._missing(session) if session else self.to_login(request)
