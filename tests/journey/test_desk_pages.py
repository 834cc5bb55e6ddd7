"""Every page of the desk, for everybody who may open it: to see, to reach by keyboard, in all sizes, without script."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from robots.portal.doors.guards import COOKIE, Needs, Open
from robots.portal.rights import GRANTED, Role
from robots.portal.routes import ROUTERS
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts
from robots.worker.warm_browser import WarmBrowser
from tests.journey import page_checks as checks
from tests.unit.full_desk import FullDesk, full_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
# What each page is opened with; the first is what «make test» looks at. Names are of ``FullDesk.has``.
PAGES: dict[str, tuple[str, ...]] = {
    "/login": ("/login",), "/": ("/", "/?q=ritn", "/?q=finnsinte"), "/me": ("/me",),
    "/runs": ("/runs", "/runs?state=failed", "/runs?case=finnsinte"),
    "/runs/{run_id:int}": tuple(
        f"/runs/{{{each}}}" for each in ("done", "waiting", "running", "queued", "failed", "cancelled", "dry", "free")
    ),
    "/run/{name}": ("/run/{task}", "/run/{task}?case_number=KC-1", "/run/book-waste-pickup", "/run/report-fault"),
    "/handovers": ("/handovers", "/handovers?closed=true"),
    "/handovers/{run_id}": tuple(
        f"/handovers/{{{each}}}" for each in ("mine", "free", "theirs", "closed", "with_robot")
    ),
    "/excel": ("/excel?task=send_drawings", "/excel"), "/excel/sheets/{number}": ("/excel/sheets/{sheet}",),
    "/excel/batches/{number}": ("/excel/batches/{batch}",),
    "/statistics": ("/statistics", "/statistics?month=2026-13"),
    "/machinery": ("/machinery",), "/machinery/tasks": ("/machinery/tasks",),
    "/machinery/robots": ("/machinery/robots",), "/machinery/settings": ("/machinery/settings",),
    "/machinery/webhooks": ("/machinery/webhooks",),
    "/machinery/webhooks/{number:int}": ("/machinery/webhooks/{webhook}", "/machinery/webhooks/{paused_webhook}"),
    "/systems": ("/systems",),
    "/systems/{key}": ("/systems/{system}", "/systems/waste_collection", "/systems/school_placement"),
    "/messages": ("/messages",), "/schedules": ("/schedules",),
    "/schedules/{name}": ("/schedules/{schedule}", "/schedules/monthly"),
    "/accounts": ("/accounts",), "/accounts/{name}": ("/accounts/{account}",),
    "/audit": ("/audit?by=gun", "/audit?day=igår"),
}  # fmt: skip
# What is no page: files, parts of a page, and ways to somewhere else.
NO_PAGE = {
    "/login/oidc", "/login/oidc/back", "/runs/live", "/runs/{run_id:int}/live", "/runs/{run_id:int}/evidence/{file}",
    "/runs/{run_id:int}/trace/{file}", "/runs/{run_id:int}/report", "/excel/templates/{task}",
    "/excel/batches/{number}/progress", "/excel/batches/{number}/result", "/statistics/workbook",
    "/systems/{key}/pictures/{place:int}", "/audit/file",
}  # fmt: skip
# Whose the page alone is.
OWN = {"/excel/sheets/{number}": "gun"}
SEATS = {Role.GUIDE: "gun", Role.LEADER: "lena", Role.ADMIN: "adam", Role.AUDITOR: "rut"}
LOOKS = tuple(itertools.product(("sv", "en"), ("light", "dark")))
# What is put into a page, the check that is to find it, and a part of what it says.
FAULTS: tuple[tuple[str, Callable[[Page], list[str]], str], ...] = (
    ("document.querySelector('h1').style.color = '#aaa'", checks.axe_faults, "color-contrast"),
    ("document.querySelector('main').append(document.createElement('button'))", checks.axe_faults, "button-name"),
    ("document.querySelector('main').style.minWidth = '90rem'", checks.too_wide, "window of 1280 px"),
    ("document.querySelector('h1').style.cssText = 'height: 2.2rem; overflow: hidden; width: 9rem'",
     checks.lost_by_larger_text, "cut off"),
    ("document.querySelector('main select').tabIndex = -1", checks.unreachable, "is not next"),
    ("document.querySelector('main select').tabIndex = 1", checks.unreachable, "is not next"),
    ("document.querySelector('main select').style.outline = 'none'", checks.unreachable, "no ring"),
)  # fmt: skip


def routes() -> dict[str, Any]:
    """The pages by their path, out of the routes that the desk has."""
    found = {route.path: route for router in ROUTERS for route in router.routes if "GET" in route.methods}  # type: ignore[attr-defined]
    return {path: route for path, route in found.items() if not path.startswith("/api/")}


def seats_at(path: str) -> list[str]:
    """Who may open the page; "" is nobody in particular."""
    guards = [each.call for each in routes()[path].dependant.dependencies if isinstance(each.call, Needs | Open)]
    rights = guards[0].rights
    if rights is None:
        return [""]
    seats = [name for role, name in SEATS.items() if not rights or rights & GRANTED[role]]
    return [name for name in seats if name == OWN.get(path, name)]


def test_every_page_is_known_here() -> None:
    assert sorted(set(routes()) ^ (set(PAGES) | NO_PAGE)) == [], "a page is missing from PAGES, or is there no more"


@dataclass
class Office:
    """The desk, and a window for each of those who sit at it."""

    full: FullDesk
    browser: Any
    windows: dict[tuple[str, str], Page]
    wrong: list[str]

    def at(self, name: str, path: str, kind: str = "") -> Page:
        """Somebody's window on a page; ``kind`` is a window with half the room or without script."""
        page = self.window(name, kind)
        answer = page.goto(self.full.desk.address + path.format(**self.full.has))
        assert answer is not None
        assert answer.status in (200, 422), f"{path} of {name}: {answer.status}"
        return page

    def window(self, name: str, kind: str = "") -> Page:
        if (name, kind) not in self.windows:
            options = {"zoomed": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
                       "plain": {"java_script_enabled": False, "viewport": checks.WIDE}}  # fmt: skip
            context = self.browser.new_context(locale="sv-SE", **options.get(kind, {"viewport": checks.WIDE}))
            if name:
                token = self.full.desk.person(name).cookies[COOKIE]
                context.add_cookies([{"name": COOKIE, "value": token, "url": self.full.desk.address}])
            page = self.windows[name, kind] = context.new_page()
            checks.watch(page, self.full.desk.address, self.wrong)
        return self.windows[name, kind]

    def looks(self, language: str, theme: str) -> None:
        with self.full.desk.store.begin() as connection:
            connection.execute(update(accounts).values(language=language, theme=theme))
        for page in self.windows.values():
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")


@pytest.fixture
def office(machine: Settings, store: Store, tmp_path: Path, browser: WarmBrowser) -> Iterator[Office]:
    window = browser.take_window()
    with full_desk(machine, store, tmp_path) as full:
        sat = Office(full, window.context.browser, {}, [])
        yield sat
        for page in sat.windows.values():
            page.context.close()
    window.close()
    assert [each for each in sat.wrong if "422" not in each] == []


def test_each_page_is_good_in_one_look_each(office: Office) -> None:
    """A page each, in turn in Swedish and English, light and dark; ``make test-long`` has them all in all."""
    looks, faults = itertools.cycle(LOOKS), list[str]()
    for place, (path, addresses) in enumerate(PAGES.items()):
        seats = seats_at(path)
        name, look = seats[place % len(seats)], next(looks)
        office.window(name)
        office.looks(*look)
        page = office.at(name, addresses[0])
        found = [*checks.axe_faults(page), *checks.too_wide(page, (320,))]
        faults += [f"{path} {name} {look}: {each}" for each in found]
    assert not faults, "\n".join(faults)


@pytest.mark.long
@pytest.mark.parametrize("name", ["", *SEATS.values()])
def test_each_page_is_good_in_every_look_and_size(office: Office, name: str) -> None:
    """The whole product, for everybody who may open a page."""
    faults: list[str] = []
    page = office.window(name)
    for address in (each for path, some in PAGES.items() if name in seats_at(path) for each in some):
        found = []
        for look in LOOKS:
            office.looks(*look)
            office.at(name, address)
            found += [f"{look}: {each}" for each in checks.axe_faults(page)]
        office.looks("sv", "auto")
        office.at(name, address)
        found += [*checks.too_wide(page), *checks.lost_by_larger_text(page)]
        found += checks.lost_by_zoom(page, office.at(name, address, "zoomed"))
        found += checks.lost_without_script(page, office.at(name, address, "plain"))
        found += checks.unreachable(page)
        faults += [f"{address} of {name}: {each}" for each in found]
    assert not faults, "\n".join(faults)


def test_the_checks_find_what_they_look_for(office: Office) -> None:
    page = office.at("gun", "/me")
    assert checks.unreachable(page) == []
    for script, check, words in FAULTS:
        office.at("gun", "/me")
        page.evaluate(script)
        assert words in " ".join(check(page)), script
