"""Support-management: the open interface on one address, and the pages that the contact centre works in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import Form, Request
from fastapi.responses import Response

from robots.practice.case_management.dealings import BehindTheirBack, Dealings, obstacle
from robots.practice.case_management.state import INBOXES, CaseFile, Register
from robots.practice.guarded import GuardedSystem, session_of
from robots.practice.support_management.api import Api
from robots.practice.support_management.changes import Versions
from robots.practice.support_management.names import STATUSES
from robots.practice.system import NewField, World

NOTE_MAX = 4000
ROWS_A_PAGE = 20
Text = Annotated[str, Form()]


class SupportManagement(BehindTheirBack, GuardedSystem):
    """The third case system: after the class of open interfaces that keep to what is common on the web, where whoever
    changes an errand must say which version of it he has read, or overwrites what others have done."""

    key = "support_management"
    title = "Support-management"
    path = "/support-management"
    session_minutes = 60.0
    folder = Path(__file__).parent
    cookie: ClassVar[str] = "support_session"
    name_field: ClassVar[str] = "user"
    password_field: ClassVar[str] = "pass"
    asked_field: ClassVar[str] = "next"
    reworded: ClassVar[dict[str, str]] = {"Ansvarig": "Handläggs av", "Ny notering": "Skriv en notering"}
    new_field = NewField("amne", "Ämne", "Välj ett ämne.", ("Samtal", "Beslut"))

    register: Register
    versions: Versions

    def __init__(self, world: World) -> None:
        self.dealings = Dealings(lambda: self.register, self.commit, world.smtp_port)
        super().__init__(world)

    def reset(self) -> None:
        self.register = Register(self.world.town, "Support-management")
        self.versions = Versions()
        self._in_between: dict[str, str] = {}

    def add_routes(self) -> None:
        """The interface lies outside the login: each of its requests brings its key along."""
        api = Api(
            lambda: self.register, self.dealings, self.commit, users=self.world.users, system=self.key,
            refused=self._refused_key, versions=lambda: self.versions, before_patch=self._colleague_first,
        )  # fmt: skip
        api.add_to(self.router, "/api")
        super().add_routes()

    def _refused_key(self) -> None:
        self.sessions.failed_logins += 1

    def add_pages(self) -> None:
        self.router.add_api_route("/", self.listing, methods=["GET"], response_model=None)
        self.router.add_api_route("/arenden/{number}", self.card, methods=["GET"], response_model=None)
        self.router.add_api_route("/arenden/{number}/noteringar", self.write, methods=["POST"], response_model=None)

    # What tests may do

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        """What a colleague does behind a robot's back gives the errand another version."""
        actions = super().control_actions()
        for name in ("lock", "unlock", "take", "put", "reopen"):
            actions[name] = self._another_version(actions[name])
        return actions | {"in_between": self._await_change}

    def _another_version(self, action: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(action)
        def acted(case_number: str, **more: Any) -> Any:
            self.versions.changed_behind(case_number)
            return action(case_number, **more)

        return acted

    def _await_change(self, case_number: str, change: str, times: int = 1) -> None:
        """When the errand is next changed over the interface, a colleague does this first: take, put, lock or touch."""
        self._known(case_number)
        self._in_between[case_number] = f"{change} {times}"

    def _colleague_first(self, case: CaseFile) -> None:
        action, _, times = self._in_between.pop(case.number, "").partition(" ")
        if not action:
            return
        if int(times) > 1:
            self._in_between[case.number] = f"{action} {int(times) - 1}"
        if action == "touch":
            self.versions.changed_behind(case.number)
        else:
            self.control_actions()[action](case.number)

    # The pages

    async def listing(self, request: Request, kategori: str = "", sok: str = "", sida: str = "1") -> Response:
        cases = self.register.search(sok, kategori if kategori in INBOXES.values() else "", also_closed=False)
        cases.sort(key=lambda case: (case.created, case.number), reverse=True)
        pages = max(1, -(-len(cases) // ROWS_A_PAGE))
        page = min(int(sida), pages) if sida.isdecimal() and int(sida) else 1
        shown = cases[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        return self.show(request, "list.html", cases=shown, total=len(cases), categories=INBOXES.values(),
                         category=kategori, wanted=sok, page=page, pages=pages, statuses=STATUSES)  # fmt: skip

    async def card(self, request: Request, number: str) -> Response:
        case = self.register.cases.get(number)
        return self._shown(request, case) if case else self.missing(request)

    async def write(self, request: Request, number: str, text: Text = "", amne: Text = "") -> Response:
        case = self.register.cases.get(number)
        if case is None:
            return self.missing(request)
        text = text.replace("\r\n", "\n").strip()
        error = obstacle(case, "note") or self.new_field_missing(amne)
        if not text or len(text) > NOTE_MAX:
            error = error or f"Skriv en notering på högst {NOTE_MAX} tecken."
        if error:
            return self._shown(request, case, 422, error=error, typed=text)
        self.dealings.note(case, session_of(request).user, "Intern anteckning", text)
        return self.go(f"/arenden/{number}")

    def _shown(self, request: Request, case: CaseFile, status: int = 200, **more: str) -> Response:
        values = {"error": "", "typed": ""} | more
        return self.show(request, "card.html", status, case=case, state=STATUSES[case.status], **values)

    def missing(self, request: Request) -> Response:
        return self.show(request, "message.html", 404, heading="Sidan finns inte",
                         text="Det finns inget ärende på den här adressen.")  # fmt: skip

    def refused(self, request: Request) -> Response:
        return self.show(request, "message.html", 403, heading="Behörighet saknas",
                         text="Du får läsa ärenden men inte ändra dem.")  # fmt: skip

    def maintenance_page(self) -> str:
        return self.templates.get_template("maintenance.html").render()
