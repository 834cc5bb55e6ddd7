"""A guide follows a run at the desk, in a real browser: sees it go on, stops it, answers, looks at its pictures."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect
from sqlalchemy import update

from robots.evidence.keys import Keys
from robots.evidence.recorder import asked_form
from robots.evidence.sealed import RunEvidence
from robots.queue.approvals import questions_of
from robots.queue.runs import find_run
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from robots.task_files import LoadedTasks
from robots.worker.warm_browser import WarmBrowser
from tests.journey.commands import wait_until
from tests.unit.desk_runs import Robot, seated
from tests.unit.desks import Desk, desk_over
from tests.unit.questions import form, waiting_run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened
    shutil.rmtree(machine.evidence_dir, ignore_errors=True)


@pytest.fixture
def page(desk: Desk, browser: WarmBrowser) -> Iterator[Page]:
    """Gun's; whatever goes wrong in it is a fault."""
    window = browser.take_window()
    token = seated(desk, "gun").cookies["ragnhild"]
    window.context.add_cookies([{"name": "ragnhild", "value": token, "url": desk.address}])
    shown, wrong = window.page(), []
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    yield shown
    window.close()
    assert wrong == []


def demand_accessible(page: Page) -> None:
    """In both themes, and without anything to scroll sideways for on a narrow screen."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_run_is_followed_to_its_end_without_reloading(desk: Desk, tasks: LoadedTasks, page: Page) -> None:
    run = Robot(desk, tasks)
    page.goto(desk.address + run.page)
    page.evaluate("window.notReloaded = true")
    state, steps, said = page.locator("#standing"), page.locator("#steps"), page.locator("#said")
    expect(state).to_contain_text("I kö")
    claimed = run.begin()
    expect(state).to_contain_text("Pågår")
    page.get_by_text("Stoppa", exact=True).click()
    page.get_by_label("Varför?").fill("den jag håller på att skriva")
    with run.recorder.step("Hämta ritningarna"):
        run.recorder.flush()
        expect(steps.get_by_text("pågår")).to_be_visible()
        expect(said).to_have_text("Pågår: Hämta ritningarna")
        run.note("picture", "Före: ritningar", file="01-001.jpg", page="Meddelande")  # before its file is there
        small = steps.get_by_role("img", name="Före: ritningar")
        expect(small).to_be_visible()
        run.picture(title="Före: ritningar")
    run.recorder.flush()
    expect(steps.get_by_text("klart på")).to_be_visible()
    # Asked by us: a page of the desk evaluates no text of anybody's, not even a test's.
    wait_until(lambda: page.evaluate("[...document.querySelectorAll('.pictures img')].every(e => e.naturalWidth > 0)"))
    expect(page.get_by_label("Varför?")).to_be_focused()
    expect(page.get_by_label("Varför?")).to_have_value("den jag håller på att skriva")
    run.make(claimed)
    expect(page.locator("#effects")).to_contain_text("M-17")
    run.end(claimed)
    expect(state).to_contain_text("Klar")
    expect(said).to_have_text("Klar")
    expect(page.get_by_text("Gör en gång till")).to_be_visible()
    assert page.evaluate("window.notReloaded"), "all of it on the page that was opened"
    demand_accessible(page)


def test_a_picture_opens_large_and_closes_by_keyboard(desk: Desk, tasks: LoadedTasks, page: Page) -> None:
    run = Robot(desk, tasks)
    run.end(run.work())
    page.goto(desk.address + run.page)
    link = page.get_by_role("link", name=re.compile("Bild i steget «Hämta ritningarna»"))
    link.focus()
    page.keyboard.press("Enter")
    large = page.get_by_role("dialog", name="Bild")
    expect(large.get_by_role("img")).to_be_visible()
    demand_accessible(page)
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(link).to_be_focused()


def test_a_run_is_stopped_by_keyboard_with_a_reason(desk: Desk, tasks: LoadedTasks, page: Page) -> None:
    run = Robot(desk, tasks)
    page.goto(desk.address + run.page)
    page.get_by_text("Stoppa", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Varför?").fill("   ")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Varför?")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Varför?")).to_have_accessible_description(re.compile("Skriv varför."))
    demand_accessible(page)
    page.get_by_label("Varför?").fill("fel ärende")
    page.keyboard.press("Enter")
    expect(page.locator("#standing")).to_contain_text("Avbruten")
    assert find_run(desk.store, run.id).state == "cancelled"


def test_the_filled_form_is_looked_at_and_sent(desk: Desk, page: Page) -> None:
    run_id = waiting_run(desk.store, "till ▮▮▮")
    with desk.store.begin() as connection:
        connection.execute(update(runs).values(started_by="gun"))
    page.goto(f"{desk.address}/runs/{run_id}")
    expect(page.get_by_text("till ▮▮▮")).to_be_visible()
    fields = [{"name": "Text", "value": "till Berit Provsson"}]
    evidence = RunEvidence.below(desk.settings.evidence_dir, run_id, Keys.of(desk.settings, desk.store))
    evidence.folder.mkdir(parents=True, exist_ok=True)
    evidence.write(asked_form("01"), json.dumps(form("").shown(str) | {"fields": fields}).encode())
    page.reload()
    expect(page.get_by_text("till Berit Provsson")).to_be_visible()
    demand_accessible(page)
    page.get_by_role("button", name="Skicka").click()
    expect(page.locator("#standing")).to_contain_text("I kö")
    assert questions_of(desk.store, run_id)[0].answer == "send"


def test_the_listing_follows_the_runs_that_are_open(desk: Desk, tasks: LoadedTasks, page: Page) -> None:
    run = Robot(desk, tasks)
    page.goto(f"{desk.address}/runs")
    row = page.get_by_role("row").filter(has_text=f"K-{run.id}")
    expect(row).to_contain_text("I kö")
    claimed = run.begin()
    expect(row).to_contain_text("Pågår")
    run.end(claimed, "handed_over", "Arkivet är tomt")
    expect(row).to_contain_text("Överlämnad till handläggare")
    expect(row).to_contain_text("Arkivet är tomt")
    demand_accessible(page)


def test_without_script_the_page_says_what_to_do(desk: Desk, tasks: LoadedTasks, page: Page) -> None:
    run = Robot(desk, tasks)
    browser = page.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    shown = plain.new_page()
    shown.goto(desk.address + run.page)
    expect(shown.get_by_text("Ladda om för att se nya steg.", exact=True)).to_be_visible()
    claimed = run.work()
    shown.reload()
    expect(shown.locator("#steps")).to_contain_text("Skicka till den sökande")
    run.end(claimed)
    shown.reload()
    expect(shown.get_by_text("Ladda om för att se nya steg.", exact=True)).to_be_hidden()
    plain.close()
