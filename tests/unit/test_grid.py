"""A list is read when it has answered, not when its page is there. Small pages, a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import JSHandle, Page, Route

from robots.errors import ApplicationException, NotSeen, PageNotRecognised, SessionLost, SeveralMatches
from robots.systems.grid import Grid
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser
NONE = "Inga träffar."
TOTAL = r"(\d+) träff(?:ar)?\b"
LATE = 200  # milliseconds after the page or the click
ADDRESS = "http://listor.test"

# fill(rows) puts a table in the list, say(html) anything else; after(f) is when they come. search is what «Sök» does.
SCRIPT = f"""
const list = document.querySelector('#lista');
const say = html => {{ list.innerHTML = html; list.setAttribute('aria-busy', 'false'); }};
const fill = (rows, more = '') => say('<table><tr><th>Nummer</th><th>Gata</th></tr>' + rows.map(r =>
  `<tr ondblclick="document.title = 'öppnade ' + this.cells[0].textContent"><td>${{r[0]}}</td><td>${{r[1]}}</td></tr>`
).join('') + '</table>' + more);
const busy = () => {{ list.setAttribute('aria-busy', 'true'); list.innerHTML = '<p>Hämtar…</p>'; }};
const after = f => setTimeout(f, {LATE});
const wanted = () => document.querySelector('[name=gata]').value;
"""


@pytest.fixture
def page(window: Window) -> Page:
    return window.page()


@pytest.fixture
def grid_on(page: Page) -> Callable[..., Grid]:
    """The list of a page whose script does what the test says; ``timeout`` in seconds."""

    def made(script: str, *, total: str = "", timeout: float = 5.0) -> Grid:
        page.set_content(
            "<table><tr><td>Gata</td><td><input name=gata></td></tr></table><button onclick='search()'>Sök</button>"
            f"<div id=lista aria-busy=true><p>Hämtar…</p></div><script>(() => {{ {SCRIPT}{script} }})()</script>"
        )
        return Grid(View(page.main_frame, timeout), "#lista", absent=NONE, total=total)

    return made


def numbers(grid: Grid, street: str) -> list[str]:
    return [row["Nummer"] for row in grid.search({"Gata": street}, grid.view.button("Sök"))]


def test_waits_for_rows_that_come_after_the_page(grid_on: Callable[..., Grid], page: Page) -> None:
    grid = grid_on("after(() => fill([['1', 'Storgatan'], ['2', 'Ågatan']]))")

    assert page.locator("#lista tr").count() == 0, "without waiting there is nothing to read"
    assert [row.cells for row in grid.rows()] == [
        {"Nummer": "1", "Gata": "Storgatan"}, {"Nummer": "2", "Gata": "Ågatan"},
    ]  # fmt: skip


def test_absence_is_what_the_list_says(grid_on: Callable[..., Grid]) -> None:
    assert grid_on(f"after(() => say('<p>{NONE}</p>'))").rows() == []


@pytest.mark.parametrize(
    "silence",
    ["", "say('')", "fill([])", f"say('<p hidden>{NONE}</p>')", f"say('<p>{NONE} Men sök i arkivet.</p>')",
     f"list.innerHTML = '<p>{NONE}</p>'"],
)  # fmt: skip
def test_silence_is_not_absence(grid_on: Callable[..., Grid], silence: str) -> None:
    """Nothing, an empty table, words that nobody sees, other words, and words while the list says that it is busy."""
    with pytest.raises(NotSeen, match="varken rader eller"):
        grid_on(silence, timeout=0.3).rows()


def test_rows_and_absence_at_once_are_not_believed(grid_on: Callable[..., Grid]) -> None:
    with pytest.raises(SeveralMatches, match="både rader och"):
        grid_on(f"fill([['1', 'Ågatan']], '<p>{NONE}</p>')", timeout=0.3).rows()


def test_the_lists_own_words_for_a_failure_are_told_at_once(grid_on: Callable[..., Grid]) -> None:
    grid = grid_on("say('<p role=alert>Listan kunde inte hämtas.</p>')", timeout=60)

    with pytest.raises(ApplicationException, match=r"Listan kunde inte hämtas\."):
        grid.rows()


def test_more_hits_than_rows_are_never_taken_for_the_whole(grid_on: Callable[..., Grid]) -> None:
    script = "fill([['1', 'Ågatan']], '<span>2 träffar</span>')"
    with pytest.raises(PageNotRecognised, match="2 träffar men visar 1"):
        grid_on(script, total=TOTAL).rows()
    with pytest.raises(PageNotRecognised, match="säger inte hur många"):
        grid_on("fill([['1', 'Ågatan']])", total=TOTAL).rows()
    assert len(grid_on(script).rows()) == 1, "without the pattern the page is taken for the list"


def test_a_search_reads_its_own_answer_and_not_what_stood_there(grid_on: Callable[..., Grid]) -> None:
    """This list never says that it is busy, and keeps its old rows until the new ones come."""
    grid = grid_on("fill([['1', 'Storgatan']]); search = () => after(() => fill([['2', wanted()]]))")

    assert numbers(grid, "Ågatan") == ["2"]
    grid.view.click(grid.view.button("Sök"))
    assert grid.rows()[0]["Gata"] == "Ågatan"


def test_without_remembering_what_stood_there_the_old_rows_would_be_the_answer(
    grid_on: Callable[..., Grid], monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = grid_on("fill([['1', 'Storgatan']]); search = () => after(() => fill([['2', wanted()]]))")
    monkeypatch.setattr(Grid, "_what_stands_there", lambda _: None)

    assert numbers(grid, "Ågatan") == ["1"]


def test_an_earlier_absence_is_not_the_answer_to_a_new_search(grid_on: Callable[..., Grid]) -> None:
    grid = grid_on(f"say('<p>{NONE}</p>'); search = () => {{ busy(); after(() => fill([['2', wanted()]])) }}")

    assert numbers(grid, "Ågatan") == ["2"]


def test_double_clicks_the_row_with_exactly_this_text(grid_on: Callable[..., Grid], page: Page) -> None:
    grid = grid_on("after(() => fill([['12', '1'], ['1', 'Ågatan 12'], ['112', 'Ågatan']]))")

    grid.double_click("112")
    assert page.title() == "öppnade 112"
    grid.double_click("Ågatan 12")
    assert page.title() == "öppnade 1"


def test_two_rows_with_the_text_or_none_are_not_chosen_between(grid_on: Callable[..., Grid], page: Page) -> None:
    grid = grid_on("fill([['12', '1'], ['1', 'Ågatan']])", timeout=0.4)

    with pytest.raises(SeveralMatches):
        grid.double_click("1")
    with pytest.raises(NotSeen):
        grid.double_click("Åg")
    assert "öppnade" not in page.title()


def test_a_login_in_the_lists_place_is_a_lost_session(grid_on: Callable[..., Grid]) -> None:
    grid = grid_on("after(() => document.body.innerHTML = '<h1>Logga in</h1><input type=password>')", timeout=60)

    with pytest.raises(SessionLost):
        grid.rows()


def test_a_page_that_goes_on_to_the_login_is_a_lost_session(page: Page) -> None:
    """As when the rows are answered by a login page and the list loads itself anew."""
    leaving = f"<script>setTimeout(() => location.assign('/login'), {LATE})</script>"
    pages = {"/lista": f"<div id=lista aria-busy=true>…</div>{leaving}", "/login": "<input type=password>"}

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=pages[urlsplit(route.request.url).path])

    page.route(f"{ADDRESS}/**", answer)
    page.goto(f"{ADDRESS}/lista")

    with pytest.raises(SessionLost):
        Grid(View(page.main_frame, 60), "#lista", absent=NONE).rows()


def test_a_search_that_is_a_page_of_its_own(page: Page) -> None:
    """Its answer is there before anybody can look whether anything is left of the page before."""
    form = "<form><table><tr><td>Gata</td><td><input name=gata></td></tr></table><button>Sök</button></form>"
    row = "<div id=lista><table><tr><th>Nummer<th>Gata<tr><td>{}<td>Ågatan</table></div>"
    page.route(f"{ADDRESS}/**", lambda route: route.fulfill(
        content_type="text/html; charset=utf-8", body=form + row.format(2 if "gata" in route.request.url else 1)
    ))  # fmt: skip
    page.goto(f"{ADDRESS}/lista")
    view = View(page.main_frame, 5)

    class Slow(Grid):
        def _look(self, before: JSHandle | None) -> dict[str, Any]:
            if before is not None:
                page.wait_for_url("**gata=*")
            return super()._look(before)

    found = Slow(view, "#lista", absent=NONE).search({"Gata": "Ågatan"}, view.button("Sök"))

    assert [row["Nummer"] for row in found] == ["2"]


def test_two_lists_that_fit_are_not_chosen_between(grid_on: Callable[..., Grid]) -> None:
    grid = grid_on("list.after(list.cloneNode(true))")

    with pytest.raises(SeveralMatches, match="2 listor"):
        grid.rows()


def test_a_list_in_a_frame_is_found_by_the_frames_title(page: Page) -> None:
    inner = "<div id=lista><table><tr><th>Nummer<th>Gata<tr><td>7<td>Ågatan</table></div>"
    page.set_content(f"<iframe title=Arbetsyta srcdoc='{inner}'></iframe>")

    work = View(page.main_frame, 5).inside("Arbetsyta")

    assert [row["Nummer"] for row in Grid(work, "#lista", absent=NONE).rows()] == ["7"]
