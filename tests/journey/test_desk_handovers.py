"""A guide picks up what the robots hand over, and gives them a sheet, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import select

from robots.browser.launch import WINDOW
from robots.portal.sheet_files import READING
from robots.queue.attempts import Outcome, finish
from robots.queue.claims import claim
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import handover_work, runs
from robots.task_files import LoadedTasks
from robots.worker.warm_browser import WarmBrowser
from tests.unit.desk_runs import Robot
from tests.unit.desks import Desk, desk_over
from tests.unit.workbook_files import TITLES, case, sheet_file

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def desk(machine: Settings, store: Store, tmp_path: Path) -> Iterator[Desk]:
    with desk_over(machine.model_copy(update={"data_dir": tmp_path / "data"}), store) as opened:
        yield opened


@pytest.fixture
def page(desk: Desk, browser: WarmBrowser) -> Iterator[Page]:
    """Gun's, who has logged in; whatever goes wrong in it is a fault."""
    # A person's window: a robot's takes no files by itself.
    window = browser._browser.new_context(viewport=WINDOW, locale="sv-SE")  # type: ignore[arg-type]  # as in warm_browser
    cookies = [
        {"name": name, "value": value, "url": desk.address} for name, value in desk.person("gun").cookies.items()
    ]
    window.add_cookies(cookies)  # type: ignore[arg-type]  # plain dicts with the keys that it wants
    shown = window.new_page()
    wrong: list[str] = []
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield shown
    window.close()
    assert wrong == []


def demand_accessible(page: Page) -> None:
    """In both themes."""
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_yesterdays_handover_is_found_taken_and_closed_with_the_keyboard(
    page: Page, desk: Desk, store: Store, tasks: LoadedTasks
) -> None:
    run = Robot(desk, tasks)
    run.end(run.work(), "handed_over", "Sekretess", "En ritning är hemlig", "Gör en sekretessprövning")
    page.goto(f"{desk.address}/handovers")
    expect(page.get_by_role("navigation").get_by_role("link", name="Överlämnade (1)")).to_be_visible()
    demand_accessible(page)
    page.get_by_role("button", name="Ta den").press("Enter")
    expect(page.get_by_text("Du har tagit den.")).to_be_visible()
    demand_accessible(page)
    page.get_by_label("Gjort för hand").press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Vad gjorde du?")).to_be_focused()
    page.keyboard.type("Lämnade ut de tre som gick")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"K-{run.id} är avslutad.")).to_be_visible()
    expect(page.get_by_role("link", name="Överlämnade", exact=True)).to_be_visible()
    with store.begin() as connection:
        closed = connection.execute(select(handover_work)).one()
    assert (closed.closed_by, closed.way, closed.done) == ("gun", "by_hand", "Lämnade ut de tre som gick")
    page.get_by_role("link", name="Avslutade").click()
    expect(page.get_by_role("row").filter(has_text=run.case)).to_contain_text("Gjort för hand")
    demand_accessible(page)


def test_a_sheet_is_checked_started_and_followed_to_its_result(
    page: Page, desk: Desk, store: Store, tmp_path: Path
) -> None:
    rows = [TITLES, *([case(number), "EKBACKEN 3:14", "Hej"] for number in (1, 2, 3)), ["KC-1", "EKBACKEN 3:14", ""]]
    page.goto(f"{desk.address}/excel")
    page.get_by_label("Uppgift").select_option(label="Skicka ritningar")
    page.get_by_role("button", name="Välj").click()
    demand_accessible(page)
    page.get_by_label("Ifylld fil").set_input_files(sheet_file(tmp_path, rows, name="mars.xlsx"))
    page.get_by_role("button", name="Kontrollera filen").click()
    expect(page.get_by_role("row").filter(has_text="KC-1")).to_contain_text("Skriv KC, åtta siffror")
    demand_accessible(page)
    page.get_by_role("button", name="Starta 3 rader").click()
    left = page.locator('[data-count="left"]')
    expect(left).to_have_text("3")
    demand_accessible(page)
    _end(store, 1)
    expect(left).to_have_text("2")
    _end(store, 2)
    expect(page.get_by_role("heading", name="Så gick det")).to_be_visible()
    expect(page.locator("#said")).to_have_text("Bunten är klar.")
    with page.expect_download() as asked:
        page.get_by_role("link", name="Hämta resultatet").click()
    assert asked.value.suggested_filename == "mars-resultat.xlsx"
    asked.value.save_as(tmp_path / "resultat.xlsx")
    told = load_workbook(tmp_path / "resultat.xlsx")["Resultat"].iter_rows(min_row=2, values_only=True)
    assert [row[4] for row in told] == ["Klar", "Klar", "Klar", "Fel i raden"]


def test_a_sheet_whose_rows_are_still_being_laid_is_followed_until_they_lie_there(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    rows = [TITLES, *([case(number), "EKBACKEN 3:14", "Hej"] for number in (1, 2, 3))]
    page.goto(f"{desk.address}/excel?task=send-drawings")
    page.get_by_label("Ifylld fil").set_input_files(sheet_file(tmp_path, rows, name="april.xlsx"))
    page.get_by_role("button", name="Kontrollera filen").click()
    with READING, READING:  # nobody can read it now
        page.get_by_role("button", name="Starta 3 rader").click()
        expect(page.locator("#laying")).to_have_text(
            "Raderna läggs in i kön: 0 av 3 hittills. Du kan lämna sidan, det går vidare ändå."
        )
        demand_accessible(page)
    expect(page.locator('[data-count="left"]')).to_have_text("3")
    expect(page.locator("#laying")).to_have_count(0)


def test_a_file_that_is_too_large_is_told_before_it_is_sent(page: Page, desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "stor.xlsx").write_bytes(b"x" * 10_000_001)
    page.goto(f"{desk.address}/excel?task=send-drawings")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    for name in ("stor.xlsx", "stor.xlsx"):
        page.get_by_label("Ifylld fil").set_input_files(tmp_path / name)
        page.get_by_role("button", name="Kontrollera filen").click()
        expect(page.get_by_text("Filen är större än 10 MB. Dela upp den.")).to_be_visible()
    assert sent == []


def _end(store: Store, count: int) -> None:
    """The robots have done so many of the runs that wait."""
    with store.begin() as connection:
        waiting = select(runs.c.id).where(runs.c.state == "queued").order_by(runs.c.id).limit(count)
        ids = list(connection.execute(waiting).scalars())
    for run_id in ids:
        claimed = claim(store, run_id, this_process())
        assert claimed is not None
        finish(store, claimed, Outcome("done"))
