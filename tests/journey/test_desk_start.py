"""A guide at the desk with a citizen on the phone, in a real browser: finds the task, fills in, starts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect
from sqlalchemy import select

from robots.queue.runs import submit
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from robots.task_files import LoadedTasks
from robots.worker.warm_browser import WarmBrowser
from tests.unit.desks import PASSWORD, Desk, desk_over

CASE, PROPERTY = "KC-26110042-4", "EKBACKEN 3:14"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened


@pytest.fixture
def page(desk: Desk, browser: WarmBrowser) -> Iterator[Page]:
    """Gun's, who has just logged in and stands where she starts."""
    window = browser.take_window()
    shown = window.page()
    shown.goto(desk.address)
    shown.get_by_label("Användarnamn").fill("gun")
    shown.get_by_label("Lösenord").fill(PASSWORD)
    shown.keyboard.press("Enter")
    expect(shown.get_by_label("Sök uppgift")).to_be_focused()
    yield shown
    window.close()


def asked(store: Store, tasks: LoadedTasks, name: str, **typed: str) -> int:
    found = tasks.find(name)
    return submit(
        store, found, found.inputs.parse(typed), robot="ragnhild", source="guide", started_by="gun"
    ).run_id  # fmt: skip


def test_drawings_are_sent_for_with_the_keyboard_alone(
    page: Page, desk: Desk, store: Store, tasks: LoadedTasks
) -> None:
    asked(store, tasks, "send-permit-checklist", case_number=CASE, property_id=PROPERTY,
          measure="Nybyggnad av garage")  # fmt: skip
    page.keyboard.type("ritn")
    expect(page.locator(".task:visible")).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("Uppgifter som passar: 1")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Ärendenummer")).to_be_focused()
    page.keyboard.type(CASE)
    expect(page.locator("#known")).to_contain_text("Ärendet har körningar: Skicka checklista för bygglov, i kö i dag")
    page.keyboard.press("Tab")
    page.keyboard.type("ekb")
    expect(page.locator("datalist option")).to_have_attribute("value", PROPERTY)
    page.keyboard.type("acken 3:14")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk.address}/runs/2")
    with store.begin() as connection:
        run = connection.execute(select(runs).where(runs.c.id == 2)).one()
    assert (run.task, run.case_number, run.inputs["property_id"]) == ("send_drawings", CASE, PROPERTY)


def test_a_digit_opens_the_usual_task_and_the_arrows_go_between_them(
    page: Page, store: Store, tasks: LoadedTasks
) -> None:
    asked(store, tasks, "tell-permit-status", case_number=CASE, permit="BYGG 2026-000123")
    page.reload()
    expect(page.get_by_label("Sök uppgift")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Status i bygglov").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Sök uppgift")).to_be_focused()
    page.keyboard.type("x1")
    expect(page.get_by_text("Ingen uppgift passar")).to_be_visible()
    page.get_by_label("Sök uppgift").fill("")
    page.keyboard.press("1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Status i bygglov")


def test_a_field_is_told_what_is_wrong_when_it_has_been_left_and_not_before(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.address}/run/send-drawings?case_number={CASE}")
    field, fault = page.get_by_label("Fastighetsbeteckning"), page.locator("#f-property_id-fault")
    expect(field).to_be_focused()
    with page.expect_response("**/check"):
        page.keyboard.type("ekbacken 3:")
    expect(fault).to_be_hidden()
    page.keyboard.press("Tab")
    expect(fault).to_contain_text("Skriv trakt eller kvarter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("status")).to_contain_text("Skriv trakt eller kvarter")
    field.fill("ekbacken 3:14")
    expect(fault).to_be_hidden()
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_a_double_click_in_a_deep_link_is_one_run_and_what_was_done_is_said(
    page: Page, desk: Desk, store: Store
) -> None:
    address = f"{desk.address}/run/send-drawings?case_number={CASE}&property={PROPERTY}"
    page.goto(address)
    start = page.get_by_role("button", name="Starta")
    expect(start).to_be_focused()
    start.dblclick()
    page.wait_for_url("**/runs/1")
    page.goto(address)
    expect(start).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pågår redan")).to_be_focused()
    expect(page.get_by_role("link", name="Öppna körningen K-1")).to_be_visible()
    with store.begin() as connection:
        assert connection.execute(select(runs.c.id)).scalars().all() == [1]


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_starting(page: Page, desk: Desk, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    for address, width in (("/", 1280), ("/?q=bygg", 320), ("/run/book-waste-pickup?case_number=KC-1", 320)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(desk.address + address)
        told = Axe().run(page, options={"runOnly": RULES})
        assert told.violations_count == 0, told.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is wider than {width}"
