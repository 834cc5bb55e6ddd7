"""An admin stops everything in a hurry, and every page of leaders and admins can be read by everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from robots.effects import STOPPED_COMMITS
from robots.queue.pauses import pause as pause_scope
from robots.queue.pauses import pauses_now, task_scope
from robots.settings import Settings
from robots.store import Store
from robots.worker.warm_browser import WarmBrowser
from tests.journey.test_desk_handovers import demand_accessible
from tests.unit.desks import Desk, desk_over

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
PAGES = (
    "/statistics", "/machinery", "/machinery/tasks", "/machinery/robots", "/systems", "/systems/waste_collection",
    "/schedules", "/accounts", "/accounts/gun", "/audit", "/messages",
)  # fmt: skip


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened


@pytest.fixture
def page(desk: Desk, browser: WarmBrowser) -> Iterator[Page]:
    """Adam's, who has logged in; whatever the browser refuses in it is a fault."""
    window = browser.take_window()
    cookies = [
        {"name": name, "value": value, "url": desk.address} for name, value in desk.person("adam").cookies.items()
    ]
    window.context.add_cookies(cookies)  # type: ignore[arg-type]  # plain dicts with the keys that it wants
    shown = window.page()
    wrong: list[str] = []
    shown.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield shown
    window.close()
    assert wrong == []


def test_everything_is_stopped_with_the_keyboard_alone(desk: Desk, page: Page) -> None:
    page.goto(f"{desk.address}/machinery")
    page.get_by_text("Nödstopp …").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Breven går till fel mottagare")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nödstoppet är på.")).to_be_visible()
    assert [row.scope for row in pauses_now(desk.store)] == [STOPPED_COMMITS]


@pytest.mark.long
def test_every_page_is_accessible_and_fits_a_narrow_window(desk: Desk, page: Page) -> None:
    pause_scope(desk.store, task_scope("send_drawings"), by="adam", reason="Arkivet flyttas i kväll")
    for address in PAGES:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{desk.address}{address}")
        for each in page.locator("details").all()[:3]:
            each.evaluate("details => { details.open = true }")
        demand_accessible(page)
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
