"""Every route × role × whose run it is: what is answered follows from ``GRANTED`` and reach alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from robots.portal.doors.sessions import new_key
from robots.portal.rights import GRANTED, May, Role, Visitor
from robots.portal.routes import ROUTERS
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts, batches, runs
from robots.task_files import LoadedTasks
from tests.unit.desk_runs import Robot
from tests.unit.desks import PEOPLE, Client, Desk, desk_over

TEAM, OTHER_TASK = "Samhällsbyggnad", "tell_invoice"
WHOSE = ("own", "team", "foreign")
PROGRAM = "etjanst"
ROLES = {"gun": Role.GUIDE, "lena": Role.LEADER, "adam": Role.ADMIN, "rut": Role.AUDITOR, PROGRAM: Role.API}
OF_ALL_RUNS = {"adam", "rut"}
START = {"task": "send-drawings", "inputs": {}}


@dataclass(frozen=True)
class Rule:
    """What a route takes. No rights named lets in whoever is logged in; None, whoever there is."""

    rights: frozenset[May] | None = frozenset()
    fields: dict[str, Any] = field(default_factory=dict)
    about: str = ""  # "run" or "batch", which not everybody reaches
    leads: bool = False  # only to who leads the team whose task it is: one's own run of another team's has no such step
    missing: bool = False  # what the address names does not exist here: 404 to whoever has the right


def _takes(*rights: May, **more: Any) -> Rule:
    return Rule(frozenset(rights), **more)


def _run(*rights: May, **fields: Any) -> Rule:
    return Rule(frozenset(rights), fields, "run")


SEEING, STARTING, KEEPING = _takes(May.SEE_MACHINERY), _takes(May.START), _takes(May.CHANGE_ACCOUNTS)
HANDLES, WHY = (May.HANDLE, May.SEE_AUDIT), {"reason": "Prov"}
RULES: dict[str, Rule] = {
    "GET /login": Rule(None), "POST /login": Rule(None, {"name": "gun", "password": "fel"}),
    "GET /login/oidc": Rule(None), "GET /login/oidc/back": Rule(None),
    "POST /logout": Rule(), "GET /me": Rule(), "POST /me": Rule(fields={"language": "sv", "theme": "auto"}),
    "POST /me/password": Rule(fields={"now": "fel", "wanted": "kort"}), "GET /": Rule(),
    "GET /runs": _takes(May.SEE_RUNS), "GET /runs/live": _takes(May.SEE_RUNS, fields={"of": 1}),
    "GET /runs/{run_id:int}": _run(May.SEE_RUNS), "GET /runs/{run_id:int}/live": _run(May.SEE_RUNS),
    "POST /runs/{run_id:int}/stop": _run(May.STOP_RUNS, **WHY), "POST /runs/{run_id:int}/retry": _run(May.START),
    "POST /runs/{run_id:int}/again": _run(May.START, **WHY),
    "POST /runs/{run_id:int}/answer": _run(May.START, asked=1, send="no"),
    "GET /runs/{run_id:int}/evidence/{file}": _run(May.SEE_PERSONAL),
    "GET /runs/{run_id:int}/report": _run(May.SEE_PERSONAL),
    "GET /runs/{run_id:int}/trace/{file}": Rule(frozenset({May.SEE_PERSONAL}), about="run", missing=True),
    "GET /run/{name}": STARTING, "POST /run/{name}": STARTING, "POST /run/{name}/check": STARTING,
    "GET /handovers": _takes(*HANDLES), "GET /handovers/{run_id}": _run(*HANDLES),
    "POST /handovers/{run_id}/take": _run(May.HANDLE), "POST /handovers/{run_id}/give-back": _run(May.HANDLE),
    "POST /handovers/{run_id}/assign": Rule(frozenset({May.ASSIGN}), {"to": "gun"}, "run", leads=True),
    "POST /handovers/{run_id}/return": _run(May.HANDLE, **WHY),
    "POST /handovers/{run_id}/close": _run(May.HANDLE, way="by_hand", done="Prov"),
    "GET /excel": STARTING, "GET /excel/templates/{task}": STARTING,
    "POST /excel/sheets": _takes(May.START, fields={"task": "send_drawings"}),
    "GET /excel/sheets/{number}": _takes(May.START, missing=True),
    "POST /excel/sheets/{number}/start": _takes(May.START, missing=True),
    "GET /excel/batches/{number}": _takes(May.SEE_RUNS, about="batch"),
    "GET /excel/batches/{number}/progress": _takes(May.SEE_RUNS, about="batch"),
    "GET /excel/batches/{number}/result": _takes(May.SEE_PERSONAL, about="batch"),
    "GET /api/v1/tasks": STARTING, "GET /api/v1/tasks/{name}": STARTING,
    "POST /api/v1/tasks/{name}/check": _takes(May.START, fields={"inputs": {}}),
    "POST /api/v1/tasks/{name}/check-rows": _takes(May.START, fields={"rows": [{}]}),
    "POST /api/v1/batches": _takes(May.START, fields={"task": "send-drawings", "rows": [{}]}),
    "GET /api/v1/batches/{number}/rows": _takes(May.SEE_PERSONAL, about="batch"),
    "POST /api/v1/runs": _takes(May.START, fields=START), "GET /api/v1/runs": _takes(May.SEE_RUNS),
    "GET /api/v1/runs/{run_id}": _run(May.SEE_RUNS), "GET /api/v1/runs/{run_id}/steps": _run(May.SEE_RUNS),
    "GET /api/v1/runs/{run_id}/events": _run(May.SEE_RUNS),
    "POST /api/v1/runs/{run_id}/cancel": _run(May.STOP_RUNS, **WHY),
    "POST /api/v1/runs/{run_id}/retry": _run(May.START),
    "POST /api/v1/runs/{run_id}/again": _run(May.START, **WHY),
    "GET /api/v1/handovers": _takes(*HANDLES), "GET /api/v1/handovers/{run_id}": _run(*HANDLES),
    "POST /api/v1/handovers/{run_id}/take": _run(May.HANDLE),
    "POST /api/v1/handovers/{run_id}/give-back": _run(May.HANDLE),
    "POST /api/v1/handovers/{run_id}/close": _run(May.HANDLE, way="by_hand", done="Prov"),
    "POST /api/v1/handovers/{run_id}/return": _run(May.HANDLE, **WHY),
    "GET /api/v1/tasks/{name}/template": STARTING,
    "POST /api/v1/sheets": STARTING,
    "GET /api/v1/sheets/{number}": _takes(May.START, missing=True),
    "POST /api/v1/sheets/{number}/start": _takes(May.START, fields={"dry_run": True}, missing=True),
    "GET /api/v1/batches/{number}": _takes(May.SEE_RUNS, about="batch"),
    "GET /api/v1/batches/{number}/result": _takes(May.SEE_PERSONAL, about="batch"),
    "POST /api/v1/runs/{run_id}/answer": _run(May.HANDLE, question=1, send=False),
    "GET /api/v1/webhooks": STARTING, "POST /api/v1/webhooks/{number}/end": _takes(May.START, missing=True),
    "POST /api/v1/webhooks": _takes(May.START, fields={"url": "ftp://nej", "events": ["handover"]}),
    "GET /api/v1/statistics": _takes(May.SEE_STATISTICS), "GET /api/v1/openapi.json": Rule(),
    "GET /statistics": _takes(May.SEE_STATISTICS), "GET /statistics/workbook": _takes(May.SEE_STATISTICS),
    "GET /machinery": SEEING, "GET /machinery/tasks": SEEING, "GET /machinery/robots": SEEING,
    "GET /machinery/settings": _takes(May.SEE_SETTINGS),
    "POST /machinery/tasks/{name}/starters": _takes(May.CHANGE_MACHINERY, fields=WHY),
    "POST /machinery/tasks/{name}/put-forward": _takes(May.CHANGE_MACHINERY, fields=WHY),
    "POST /machinery/tasks/{name}/approve": _takes(May.CHANGE_MACHINERY, fields=WHY),
    "POST /machinery/pause": _takes(May.CHANGE_MACHINERY, fields={"scope": "prov", **WHY}),
    "POST /machinery/resume": _takes(May.CHANGE_MACHINERY, fields={"scope": "prov", **WHY}),
    "GET /machinery/webhooks": _takes(May.CHANGE_MACHINERY), "POST /machinery/webhooks": _takes(May.CHANGE_MACHINERY),
    "GET /machinery/webhooks/{number:int}": _takes(May.CHANGE_MACHINERY, missing=True),
    "POST /machinery/webhooks/{number:int}/test": _takes(May.CHANGE_MACHINERY, missing=True),
    "POST /machinery/webhooks/{number:int}/pause": _takes(May.CHANGE_MACHINERY, fields=WHY, missing=True),
    "POST /machinery/webhooks/{number:int}/resume": _takes(May.CHANGE_MACHINERY, fields=WHY, missing=True),
    "POST /machinery/webhooks/{number:int}/end": _takes(May.CHANGE_MACHINERY, fields=WHY, missing=True),
    "POST /machinery/drain": _takes(May.CHANGE_MACHINERY, fields={"worker": "finns inte", **WHY}),
    "GET /systems": SEEING, "GET /systems/{key}": SEEING,
    "GET /systems/{key}/pictures/{place:int}": _takes(May.SEE_MACHINERY, missing=True),
    "POST /systems/{key}/accept": _takes(May.CHANGE_MACHINERY, fields=WHY),
    "GET /messages": SEEING, "POST /messages/again": _takes(May.CHANGE_MACHINERY, fields={"number": 1, **WHY}),
    "GET /schedules": SEEING, "GET /schedules/{name}": _takes(May.SEE_MACHINERY, missing=True),
    "POST /schedules/{name}/start": _takes(May.CHANGE_MACHINERY, fields=WHY, missing=True),
    "POST /schedules/{name}/let-go": _takes(May.CHANGE_MACHINERY, fields=WHY, missing=True),
    "GET /accounts": KEEPING, "POST /accounts": KEEPING, "GET /accounts/{name}": KEEPING,
    "POST /accounts/{name}": KEEPING,
    "POST /accounts/{name}/active": _takes(May.CHANGE_ACCOUNTS, fields={"active": "1"}),
    "POST /accounts/{name}/password": KEEPING,
    "POST /accounts/{name}/keys": _takes(May.CHANGE_ACCOUNTS, fields={"key_name": "prov"}),
    "POST /accounts/{name}/keys/{number:int}/end": _takes(May.CHANGE_ACCOUNTS, missing=True),
    "GET /audit": _takes(May.SEE_AUDIT), "GET /audit/file": _takes(May.SEE_AUDIT),
}  # fmt: skip
NAMES = {"/run/": "send-drawings", "/tasks/": "send-drawings", "/accounts/": "olle",
         "/machinery/": "ingen", "/schedules/": "ingen"}  # fmt: skip


def routes() -> dict[str, Any]:
    """Each route of the desk by its method and path."""
    found = [route for router in ROUTERS for route in router.routes]
    return {f"{method} {route.path}": route for route in found for method in route.methods}  # type: ignore[attr-defined]


@dataclass
class Asking:
    """Everybody at one desk, and what each may and may not reach."""

    desk: Desk
    tasks: LoadedTasks
    kept: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = {name: self.desk.person(name) for name in ROLES if name in PEOPLE}
        (number,) = self.desk.store.ask(select(accounts.c.id).where(accounts.c.name == PROGRAM)) or (0,)
        self.people[PROGRAM] = self.desk.program(new_key(self.desk.store, number, "prov", by="prov"))

    def run(self, name: str, whose: str) -> int:
        """A handed over run with a picture: one's own of another team's task, the team's, or neither."""
        made = Robot(self.desk, self.tasks, by=name if whose == "own" else "olle")
        claimed = made.begin()
        made.picture()
        made.end(claimed, "handed_over", "Arkivet är tomt", "Inga träffar", "Sök i pappersarkivet")
        if whose != "team":
            with self.desk.store.begin() as connection:
                connection.execute(update(runs).where(runs.c.id == made.id).values(task=OTHER_TASK))
        return made.id

    def batch(self, name: str, whose: str) -> int:
        task, by = ("send_drawings" if whose == "team" else OTHER_TASK), (name if whose == "own" else "olle")
        values = {"task": task, "file_name": "a.xlsx", "file_sha256": "0", "sheet": "1", "dry_run": True}
        with self.desk.store.begin() as connection:
            made = connection.execute(insert(batches).values(**values, started_by=by).returning(batches.c.id))
            return int(made.scalar_one())

    def thing(self, about: str, name: str, whose: str, *, kept: bool) -> int:
        """The number of what the address is about; where nothing changes it one is ``kept`` for many routes."""
        if not about:
            return 999_999
        make = {"run": self.run, "batch": self.batch}[about]
        if not kept:
            return make(name, whose)
        key = (about, name, whose)
        if key not in self.kept:
            self.kept[key] = make(name, whose)
        return self.kept[key]

    def status(self, route: str, client: Client, about: int, csrf: bool) -> tuple[int, str]:
        """What is answered, and where it leads."""
        method, path = route.split(" ")
        fields = RULES[route].fields
        address = path.replace("{file}", "01-001.jpg").replace("{place:int}", "0").replace("{task}", "send_drawings")
        for part in ("{run_id:int}", "{run_id}", "{number:int}", "{number}"):
            address = address.replace(part, str(about))
        address = address.replace("{name}", next((n for at, n in NAMES.items() if at in path), ""))
        address = address.replace("{key}", "drawing_archive")
        if method == "GET":
            with client.stream("GET", address, params=fields) as answer:
                return answer.status_code, answer.headers.get("location", "")
        if path.startswith("/api/"):
            headers = {"Idempotency-Key": "prov-1"} | ({"X-CSRF-Token": self.token(client)} if csrf else {})
            sent = client.post(address, json=fields or None, headers=headers)
        elif csrf:
            sent = client.send_form(address, **{key: str(value) for key, value in fields.items()})
        else:
            sent = client.post(address, data=fields)
        return sent.status_code, sent.headers.get("location", "")

    def token(self, client: Client) -> str:
        if not client._token:
            client.send_form("/me", language="sv", theme="auto")
        return client._token

    def faults(self, route: str) -> list[str]:
        """Each answer of the route that is another than the rights and the reach say."""
        rule, wrong = RULES[route], []
        for name, role in ROLES.items():
            for whose in WHOSE if rule.about else ("",):
                expected = _expected(rule, role, name, whose)
                about = self.thing(rule.about, name, whose, kept=route.startswith("GET ") or expected != 0)
                leaving = route == "POST /logout" and name in PEOPLE
                client = self.desk.person(name) if leaving else self.people[name]
                status, _ = self.status(route, client, about, csrf=name in PEOPLE)
                if rule.rights is None and status == 404:  # no provider to log in with
                    continue
                if (status if status in {401, 403, 404} or status >= 500 else 0) != expected:
                    wrong.append(f"{route} {name} {whose}: {status}, not {expected or 'let in'}")
        status, to = self.status(route, self.desk.guest(), self.thing(rule.about, "gun", "team", kept=True), False)
        if rule.rights is None:
            return wrong + ([f"{route}: shut, {status}"] if status in {401, 403} or "to=" in to else [])
        shut = status == 401 if "/api/" in route else (status == 303 and to.startswith("/login"))
        return wrong if shut else [*wrong, f"{route} nobody: {status}"]


def _expected(rule: Rule, role: Role, name: str, whose: str) -> int:
    """403 without the right, 404 for what is not reached, else 0."""
    if rule.rights and not rule.rights & GRANTED[role]:
        return 403
    if rule.missing or (rule.leads and whose == "own") or (whose == "foreign" and name not in OF_ALL_RUNS):
        return 404
    return 0


@pytest.fixture
def asking(machine: Settings, store: Store, tasks: LoadedTasks, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    monkeypatch.setitem(PEOPLE, PROGRAM, ({Role.API}, {TEAM}))
    with desk_over(machine, store) as desk:
        del PEOPLE[PROGRAM]
        yield Asking(desk, tasks)
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


def test_a_new_route_needs_an_expectation() -> None:
    assert set(routes()) == set(RULES)


def test_every_route_answers_as_rights_and_reach_say(asking: Asking) -> None:
    found = [fault for route in RULES for fault in asking.faults(route)]
    assert not found, "\n".join(found)


def test_a_right_that_is_not_asked_for_is_found(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asking.faults("GET /audit") == []
    monkeypatch.setattr(Visitor, "may", lambda *_: True)
    assert len(asking.faults("GET /audit")) == 3


def test_a_reach_that_is_not_asked_for_is_found(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asking.faults("GET /runs/{run_id:int}") == []
    monkeypatch.setattr(Visitor, "reaches", lambda *_: True)
    assert len(asking.faults("GET /runs/{run_id:int}")) == 3
