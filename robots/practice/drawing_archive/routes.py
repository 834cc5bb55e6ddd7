"""Ritningsarkivet: search, list of hits, drawing card, file and basket. Nothing here changes the archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from robots.practice.drawing_archive.search import ORDERS, Search
from robots.practice.drawing_archive.sheets import (
    HEIGHT,
    WIDTH,
    disposition,
    page_pictures,
    pdf_of,
    size_in_words,
    title_block,
)
from robots.practice.drawing_archive.state import GUARDED_KINDS, Archive, Holding
from robots.practice.sessions import Session
from robots.practice.system import NewField, PracticeSystem

REFUSED = "Sekretess enligt OSL. Ritningen lämnas inte ut utan prövning."


class Elsewhere(APIRoute):
    """The addresses that no other route has, but for the static files: those are mounted after the routes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["path"].split("/")[2:3] == ["static"]:
            return Match.NONE, {}
        return super().matches(scope)


class DrawingArchive(PracticeSystem):
    """The session is a part of every address, ``/s/<sid>/…``; there are no cookies."""

    key: ClassVar[str] = "drawing_archive"
    title: ClassVar[str] = "Ritningsarkivet e-Arkiv Tallinge"
    path: ClassVar[str] = "/ritningar"
    session_minutes: ClassVar[float] = 20.0
    folder: ClassVar[Path] = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {"Ritningstyp": "Typ av ritning", "Fritext": "Sök i text"}
    new_field: ClassVar[NewField | None] = NewField(
        "arkiv", "Arkivbildare", "Välj arkivbildare.", ("Byggnadsnämnden", "Alla arkivbildare")
    )

    def add_routes(self) -> None:
        pages: tuple[tuple[str, Callable[..., Any]], ...] = (
            ("/logga-in", self.login_page),
            ("/s/{sid}/", self.start),
            ("/s/{sid}/traffar", self.hits),
            ("/s/{sid}/ritning/{number}", self.card),
            ("/s/{sid}/ritning/{number}/pdf", self.download),
            ("/s/{sid}/ritning/{number}/visa", self.view),
            ("/s/{sid}/korg", self.basket),
            ("/s/{sid}/hjalp", self.guidance),
            ("/s/{sid}/logga-ut", self.log_out),
        )
        for path, handler in pages:
            self.router.add_api_route(path, handler, methods=["GET"], response_model=None)
        forms: tuple[tuple[str, Callable[..., Any]], ...] = (
            ("/logga-in", self.log_in),
            ("/s/{sid}/korg/lagg-i", self.put_in_basket),
            ("/s/{sid}/korg/ta-bort", self.take_from_basket),
            ("/s/{sid}/korg/tom", self.empty_basket),
        )
        for path, handler in forms:
            self.router.add_api_route(path, handler, methods=["POST"], response_model=None)
        self.router.add_api_route(
            "/{rest:path}",
            self.elsewhere,
            methods=["GET", "POST"],
            response_model=None,
            route_class_override=Elsewhere,
        )

    def reset(self) -> None:
        self.archive = Archive(self.world.town)
        self.sessions.minutes = self.session_minutes

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        return {"mark_secret": self.archive.mark_secret, "set_session_minutes": self._set_session_minutes}

    def maintenance_page(self) -> str:
        return self.templates.get_template("closed.html").render()

    # Logging in and out

    async def login_page(self, nasta: str = "/", utgatt: str = "", utloggad: str = "") -> Response:
        said = "Sessionen har gått ut. Logga in igen." if utgatt else "Du är utloggad." if utloggad else ""
        return self.page("login.html", said=said, error="", name="", next_page=nasta)

    async def log_in(self, anvandare: str = Form(""), losenord: str = Form(""), nasta: str = Form("/")) -> Response:
        session = self.sessions.log_in(self.world.users, anvandare, losenord)
        if session is None:
            wrong = "Fel användarnamn eller lösenord."
            return self.page("login.html", 401, said="", error=wrong, name=anvandare, next_page=nasta)
        return self._go(session, nasta)

    async def log_out(self, sid: str) -> Response:
        self.sessions.end(sid)
        return RedirectResponse(f"{self.path}/logga-in?utloggad=1", 303)

    # What is read

    async def start(self, request: Request, sid: str) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        return self._search_form(session, Search.of(request.query_params), {})

    async def hits(self, request: Request, sid: str) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        search = Search.of(request.query_params)
        errors = search.errors()
        if new := self.new_field_missing(search.archive):
            errors["archive"] = new
        if errors:
            return self._search_form(session, search, errors)
        session.memory["search"] = search
        home = self.archive.home_of(search) if search.designation else None
        return self._show(
            session,
            "hits.html",
            search=search,
            found=self.archive.hits(search),
            home=home,
            unknown=bool(search.designation) and home is None,
            guarded=GUARDED_KINDS.get(home.kind, "") if home else "",
            order_in_words=ORDERS[search.order],
            here=f"/traffar?{search.query()}",
        )

    async def card(self, request: Request, sid: str, number: str) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        held = self.archive.holdings.get(number)
        if held is None:
            return self._no_such_drawing(session, number)
        title, lines = title_block(held)
        return self._show(
            session,
            "card.html",
            held=held,
            drawing=held.drawing,
            refused=REFUSED,
            size="" if held.drawing.secret else size_in_words(pdf_of(held)),
            pictures=[] if held.drawing.secret else page_pictures(held),
            block=(title, *lines),
            width=WIDTH,
            height=HEIGHT,
            here=f"/ritning/{number}",
            **self._neighbours(session, held),
        )

    async def download(self, request: Request, sid: str, number: str) -> Response:
        return self._file(request, sid, number, "attachment")

    async def view(self, request: Request, sid: str, number: str) -> Response:
        """The file for the card's viewer: an attachment there would be saved to disk each time a card is opened."""
        return self._file(request, sid, number, "inline")

    async def guidance(self, request: Request, sid: str) -> Response:
        session = self.sessions.get(sid)
        return self._show(session, "guidance.html") if session else self._to_login(request)

    # The basket, which is the session's own and no part of the archive

    async def basket(self, request: Request, sid: str) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        chosen = [self.archive.holdings[number] for number in _basket_of(session)]
        return self._show(session, "basket.html", chosen=chosen, here="/korg")

    async def put_in_basket(
        self, request: Request, sid: str, nummer: str = Form(""), tillbaka: str = Form("/korg")
    ) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        held = self.archive.holdings.get(nummer)
        if held is None:
            return self._no_such_drawing(session, nummer)
        if held.drawing.secret:
            return self._refuse(session)
        if nummer in _basket_of(session):
            session.memory["notice"] = f"Ritning {nummer} ligger redan i korgen."
        else:
            _basket_of(session).append(nummer)
            session.memory["notice"] = f"Ritning {nummer} har lagts i korgen."
        return self._go(session, tillbaka)

    async def take_from_basket(self, request: Request, sid: str, nummer: str = Form("")) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        if nummer in _basket_of(session):
            _basket_of(session).remove(nummer)
            session.memory["notice"] = f"Ritning {nummer} har tagits bort ur korgen."
        else:
            session.memory["notice"] = f"Ritning {nummer} ligger inte i korgen."
        return self._go(session, "/korg")

    async def empty_basket(self, request: Request, sid: str) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        _basket_of(session).clear()
        session.memory["notice"] = "Korgen har tömts."
        return self._go(session, "/korg")

    # Everything else

    async def elsewhere(self, request: Request) -> Response:
        first, _, rest = request.path_params["rest"].partition("/")
        sid, _, within = rest.partition("/")
        session = self.sessions.get(sid) if first == "s" else None
        if session is None:
            return self._to_login(request)
        if not within and request.method == "GET":
            return self._go(session, "/")
        told = "Kontrollera adressen eller gå till startsidan."
        return self._show(session, "message.html", 404, heading="Sidan finns inte", text=told, warning=False)

    def _show(self, session: Session, template: str, status: int = 200, **values: Any) -> Response:
        return self.page(
            template,
            status,
            user=session.user.display,
            root=f"{self.path}/s/{session.token}",
            in_basket=len(_basket_of(session)),
            basket_numbers=_basket_of(session),
            notice=session.memory.pop("notice", ""),
            **values,
        )

    def _search_form(self, session: Session, search: Search, errors: dict[str, str]) -> Response:
        return self._show(session, "search.html", search=search, errors=errors, kinds=self.archive.kinds)

    def _no_such_drawing(self, session: Session, number: str) -> Response:
        told = f"Ritning {number} finns inte i arkivet."
        return self._show(session, "message.html", 404, heading="Ritningen finns inte", text=told, warning=False)

    def _refuse(self, session: Session) -> Response:
        heading = "Ritningen lämnas inte ut"
        return self._show(session, "message.html", 403, heading=heading, text=REFUSED, warning=True)

    def _file(self, request: Request, sid: str, number: str, how: str) -> Response:
        session = self.sessions.get(sid)
        if session is None:
            return self._to_login(request)
        held = self.archive.holdings.get(number)
        if held is None:
            return self._no_such_drawing(session, number)
        if held.drawing.secret:
            return self._refuse(session)
        headers = {"Content-Disposition": disposition(held, how)}
        return Response(pdf_of(held), media_type="application/pdf", headers=headers)

    def _neighbours(self, session: Session, held: Holding) -> dict[str, Any]:
        """Where the drawing stands among the hits that the user came from, if it does."""
        search: Search | None = session.memory.get("search")
        numbers = [h.drawing.number for h in self.archive.find(search)] if search else []
        if search is None or held.drawing.number not in numbers:
            return {"place": 0, "of": 0, "before": "", "after": "", "back": ""}
        place = numbers.index(held.drawing.number)
        return {
            "place": place + 1,
            "of": len(numbers),
            "before": numbers[place - 1] if place else "",
            "after": numbers[place + 1] if place + 1 < len(numbers) else "",
            "back": f"/traffar?{search.query()}",
        }

    def _to_login(self, request: Request) -> Response:
        """To the login page, which leads on to what was asked for. Only an old session id is told that it is old."""
        first, _, rest = request.url.path.removeprefix(f"{self.path}/").partition("/")
        asked = "/" + (rest.partition("/")[2] if first == "s" else f"{first}/{rest}" if rest else first)
        if request.method == "POST":
            asked = "/korg" if asked.startswith("/korg") else "/"
        elif request.url.query:
            asked += f"?{request.url.query}"
        told = {"nasta": asked} if asked != "/" else {}
        told |= {"utgatt": "1"} if first == "s" else {}
        return RedirectResponse(f"{self.path}/logga-in?{urlencode(told)}".rstrip("?"), 303)

    def _go(self, session: Session, page: str) -> Response:
        """To a page of the session, and nowhere else, whatever the form said."""
        within = page if page.startswith("/") and ".." not in page.partition("?")[0] else "/"
        return RedirectResponse(f"{self.path}/s/{session.token}{within}", 303)

    def _set_session_minutes(self, minutes: float) -> None:
        """Let sessions end sooner, until the town is reset."""
        self.sessions.minutes = minutes


def _basket_of(session: Session) -> list[str]:
    basket: list[str] = session.memory.setdefault("basket", [])
    return basket
