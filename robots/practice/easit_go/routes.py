"""Easit GO: the programming interface on one address, and the few pages that people look at their cases in."""

from __future__ import annotations

import json
import secrets
from base64 import b64decode
from binascii import Error as NotBase64Error
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import Form, Request
from fastapi.responses import JSONResponse, Response

from robots.practice.case_management.dealings import BehindTheirBack, Dealings, obstacle
from robots.practice.case_management.state import INBOXES, CaseFile, Register
from robots.practice.easit_go.handlers import Handlers
from robots.practice.easit_go.names import STATUSES, datasource
from robots.practice.easit_go.views import Views, WrongRequestError, answer
from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.sessions import User, accounts
from robots.practice.system import NewField, World

API = "/integration-api"
NOTE_MAX = 4000
ROWS_A_PAGE = 25
Text = Annotated[str, Form()]


class EasitGo(BehindTheirBack, GuardedSystem):
    """The other case system: after the class of service desks that integrations read and write by item views and
    import handlers."""

    key = "easit_go"
    title = "Easit GO"
    path = "/easit"
    session_minutes = 60.0
    folder = Path(__file__).parent
    cookie: ClassVar[str] = "easit_session"
    name_field: ClassVar[str] = "username"
    password_field: ClassVar[str] = "password"
    asked_field: ClassVar[str] = "target"
    reworded: ClassVar[dict[str, str]] = {"Handläggare": "Ansvarig", "Ny kommentar": "Skriv kommentar"}
    new_field = NewField("synlighet", "Synlighet", "Välj synlighet.", ("Intern", "Delad med den sökande"))

    register: Register

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.dealings = Dealings(lambda: self.register, self.commit, world.smtp_port)

    def reset(self) -> None:
        self.register = Register(self.world.town, "Easit GO")

    def add_routes(self) -> None:
        """The interface lies outside the login: each of its requests brings its key along."""
        self.router.add_api_route(f"{API}/ping", self.ping, methods=["GET"])
        for address, methods, page in (
            ("items", ["GET"], self.get_items), ("items", ["POST"], self.post_items),
            ("datasources", ["GET"], self.get_datasources),
        ):  # fmt: skip
            self.router.add_api_route(f"{API}/{address}", page, methods=methods, response_model=None)
        super().add_routes()

    def add_pages(self) -> None:
        self.router.add_api_route("/", self.listing, methods=["GET"], response_model=None)
        self.router.add_api_route("/arende/{number}", self.card, methods=["GET"], response_model=None)
        self.router.add_api_route("/arende/{number}/kommentar", self.comment, methods=["POST"], response_model=None)

    # The interface

    async def ping(self) -> dict[str, str]:
        return {"message": "Pong!"}

    async def get_items(self, request: Request) -> Response:
        if self._user(request) is None:
            return _no_key()
        try:
            return JSONResponse(answer(Views(self.register, accounts(self.world.users)), await _asked(request)))
        except WrongRequestError as error:
            return JSONResponse({"message": error.words}, 400)

    async def post_items(self, request: Request) -> Response:
        user = self._user(request)
        if user is None:
            return _no_key()
        handlers = Handlers(self.register, self.dealings)
        try:
            told = await _asked(request)
        except WrongRequestError as error:
            return JSONResponse({"message": error.words}, 400)
        name = str(told.get("importHandlerIdentifier", ""))
        if not handlers.knows(name):
            return JSONResponse({"message": f"Import handler {name} could not be found."}, 400)
        may = user.roles.get(self.key) == "journal"
        results = [await handlers.take(name, sent, user, may_import=may) for sent in told.get("itemToImport", [])]
        return JSONResponse({"importItemResult": results})

    async def get_datasources(self, request: Request) -> Response:
        if self._user(request) is None:
            return _no_key()
        try:
            told = await _asked(request)
        except WrongRequestError as error:
            return JSONResponse({"message": error.words}, 400)
        return JSONResponse({"datasource": datasource(str(told.get("moduleId")), str(told.get("parentRawValue")))})

    def _user(self, request: Request) -> User | None:
        """Whose key it is; the key is the user name of Basic authentication, and nobody looks at the password."""
        kind, _, told = request.headers.get("authorization", "").partition(" ")
        try:
            key = b64decode(told, validate=True).decode().rpartition(":")[0] if kind == "Basic" else ""
        except (NotBase64Error, UnicodeDecodeError):
            key = ""
        for user in self.world.users.values():
            if user.roles.get(self.key) and secrets.compare_digest(user.password.encode(), key.encode()):
                return user
        self.sessions.failed_logins += 1
        return None

    # The pages

    async def listing(self, request: Request, inkorg: str = "", q: str = "", sida: str = "1") -> Response:
        cases = self.register.search(q, inkorg if inkorg in INBOXES.values() else "", also_closed=False)
        cases.sort(key=lambda case: (case.created, case.number), reverse=True)
        pages = max(1, -(-len(cases) // ROWS_A_PAGE))
        page = min(int(sida), pages) if sida.isdecimal() and int(sida) else 1
        shown = cases[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        return self.show(request, "list.html", cases=shown, total=len(cases), inboxes=INBOXES.values(), inbox=inkorg,
                         q=q, page=page, pages=pages, statuses=STATUSES)  # fmt: skip

    async def card(self, request: Request, number: str) -> Response:
        case = self.register.cases.get(number)
        return self._shown(request, case) if case else self.missing(request)

    async def comment(self, request: Request, number: str, text: Text = "", synlighet: Text = "") -> Response:
        case = self.register.cases.get(number)
        if case is None:
            return self.missing(request)
        text = text.replace("\r\n", "\n").strip()
        error = obstacle(case, "note") or self.new_field_missing(synlighet)
        if not text or len(text) > NOTE_MAX:
            error = error or f"Skriv en kommentar på högst {NOTE_MAX} tecken."
        if error:
            return self._shown(request, case, 422, error=error, typed=text)
        self.dealings.note(case, session_of(request).user, "Intern anteckning", text)
        return self.go(f"/arende/{number}")

    def _shown(self, request: Request, case: CaseFile, status: int = 200, **more: str) -> Response:
        values = {"error": "", "typed": ""} | more
        return self.show(request, "card.html", status, case=case, state=STATUSES[case.status], **values)

    def missing(self, request: Request) -> Response:
        return self.show(request, "message.html", 404, heading="Objektet finns inte",
                         text="Det finns inget objekt på den här adressen.")  # fmt: skip

    def refused(self, request: Request) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas",
                         text="Du har läsbehörighet och kan inte ändra något.")  # fmt: skip

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()


def _no_key() -> Response:
    return JSONResponse({"message": "Unauthorized"}, 401, {"WWW-Authenticate": 'Basic realm="integration-api"'})


async def _asked(request: Request) -> dict[str, Any]:
    """The body; the address counts only where there is none."""
    body = await request.body()
    if not body:
        return dict(request.query_params)
    try:
        told = json.loads(body)
    except ValueError:
        raise WrongRequestError("The request body is not valid JSON.") from None
    if not isinstance(told, dict):
        raise WrongRequestError("The request body is not a JSON object.")
    return told
