"""An admin stops everything in a hurry, and a leader shares out what was handed over; with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from robots.effects import STOPPED_COMMITS
from robots.queue.pauses import pauses_now
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from robots.worker.warm_browser import WarmBrowser
from tests.unit.desk_runs import Robot
from tests.unit.desks import Desk, desk_over

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


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


def test_a_leader_shares_out_a_handover_and_takes_the_figures_along(
    desk: Desk, tasks: LoadedTasks, browser: WarmBrowser
) -> None:
    run = Robot(desk, tasks)
    run.end(run.begin(), "handed_over", "Sekretess", "En ritning är hemlig", "Gör en sekretessprövning")
    window = browser.take_window()
    (cookie,) = desk.person("lena").cookies.jar
    window.context.add_cookies([{"name": cookie.name, "value": str(cookie.value), "url": desk.address}])
    page = window.page()
    page.goto(desk.address)
    page.get_by_role("link", name="Överlämnade (1)").press("Enter")
    page.get_by_role("link", name=run.case).press("Enter")
    page.get_by_label("Handläggare").select_option("gun")
    page.get_by_role("button", name="Ge den").press("Enter")
    expect(page.get_by_text("Gun har tagit den.")).to_be_visible()
    page.get_by_role("link", name="Statistik").press("Enter")
    with page.expect_download() as asked:
        page.get_by_role("link", name="Ladda ner som Excel").press("Enter")
    assert asked.value.suggested_filename.startswith("statistik-")
    window.close()
