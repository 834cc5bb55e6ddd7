"""Menus by their words: right-clicked, folded, opened by pointing, with entries that cannot be chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches
from robots.systems.menus import context_menu, pick
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

# A register: a right click fetches the row's menu, its entries without roles. Some are grey until it is known whose
# the document is (100 ms), one is always; «Lämna ut» has a sub-menu that comes only when pointed at.
REGISTER = """
<style>.m{position:absolute;background:#fff;border:1px solid;list-style:none;padding:4px;min-width:120px}
.m .m{left:118px;display:none} .m li:hover>.m{display:block} li{position:relative}</style>
<table><tr><td>2026-17</td><td>Ansökan</td></tr><tr><td>2026-18</td><td>Beslut</td></tr></table>
<nav aria-label="Huvudmeny"><a href="#x">Öppna register</a></nav>
<div id=menus></div>
<script>
document.querySelectorAll('tr').forEach(row => row.oncontextmenu = event => { event.preventDefault();
  const number = row.cells[0].textContent;
  setTimeout(() => { menus.innerHTML = `<ul class=m style="left:${event.clientX}px;top:${event.clientY}px">
    <li data-do=open><span>Öppna</span> <kbd>Ctrl+O</kbd></li><li data-do=out class=disabled>Checka ut</li>
    <li data-do=lock aria-disabled=true>Gallra</li>
    <li>Lämna ut ›<ul class=m><li data-do=mail>Med e-post</li><li data-do=print>Skriv ut</li></ul></li></ul>`;
    menus.querySelectorAll('[data-do]').forEach(e => e.onclick = () => {
      document.title += number + ' ' + e.dataset.do + ';'; menus.innerHTML = ''; });
    setTimeout(() => menus.querySelector('[data-do=out]')?.classList.remove('disabled'), 100);
  }, 80); });
</script>
"""
FOLDED = """
<nav><div class=head onclick="const b = this.nextElementSibling; b.hidden = !b.hidden;
  clicks.textContent += 'I'">Registrering</div>
<div %s><a href="#" onclick="document.title = 'ny'">Nytt ärende</a>
<a href="#" onclick="document.title = 'sök'">Sök</a></div>
<div class=head>Arkiv</div></nav><p id=clicks></p><p>Nytt ärende</p>
"""

Show = Callable[[str], View]


@pytest.fixture
def show(window: Window) -> Show:
    tab = window.page()

    def put(body: str) -> View:
        tab.goto("about:blank")  # a new document, for its own names
        tab.set_content(f"<!doctype html><html lang=sv><title></title><body>{body}</body></html>")
        return View(tab.main_frame, 1)

    return put


def test_an_entry_of_the_rows_own_menu(show: Show) -> None:
    view = show(REGISTER)
    context_menu(view, view.row("2026-18"), "Öppna", menu=".m")
    assert view.frame.evaluate("document.title") == "2026-18 open;"


def test_a_sub_menu_that_opens_when_pointed_at(show: Show) -> None:
    view = show(REGISTER)
    context_menu(view, view.row("2026-17"), "Lämna ut", "Med e-post", menu=".m")
    assert view.frame.evaluate("document.title") == "2026-17 mail;"


def test_control_what_is_not_pointed_at_is_not_there_to_click(show: Show) -> None:
    view = show(REGISTER)
    with pytest.raises(NotSeen, match="Med e-post syntes inte i menyn"):
        context_menu(view, view.row("2026-17"), "Med e-post", menu=".m")


def test_an_entry_that_opens_a_moment_later_is_waited_for(show: Show) -> None:
    view = show(REGISTER)
    context_menu(view, view.row("2026-17"), "Checka ut", menu=".m")
    assert view.frame.evaluate("document.title") == "2026-17 out;"


def test_an_entry_that_is_closed_is_not_clicked(show: Show) -> None:
    view = show(REGISTER)
    with pytest.raises(PageNotRecognised, match=r"Gallra i menyn .* går inte att välja nu"):
        context_menu(view, view.row("2026-17"), "Gallra", menu=".m")
    assert view.frame.evaluate("document.title") == ""


def test_control_a_plain_click_on_a_closed_entry_does_it_without_a_word(show: Show) -> None:
    view = show(REGISTER)
    view.row("2026-17").click(button="right")
    view.frame.locator("[data-do=lock]").click(force=True)
    assert view.frame.evaluate("document.title") == "2026-17 lock;"


def test_two_entries_alike_are_not_chosen_between_and_a_missing_one_is_told(show: Show) -> None:
    view = show(REGISTER.replace("Checka ut", "Öppna").replace("class=disabled", ""))
    with pytest.raises(SeveralMatches, match="2 val"):
        context_menu(view, view.row("2026-17"), "Öppna", menu=".m")
    with pytest.raises(NotSeen, match=r"Diarieför .* där finns .*Gallra"):
        context_menu(view, view.row("2026-17"), "Diarieför", menu=".m")


def test_two_rows_are_not_chosen_between(show: Show) -> None:
    view = show(REGISTER)
    with pytest.raises(SeveralMatches):
        context_menu(view, view.row("2026"), "Öppna", menu=".m")


@pytest.mark.parametrize(("folded", "clicks"), [("hidden", "I"), ("", "")], ids=["folded", "open"])
def test_a_menu_is_unfolded_only_where_it_is_folded(show: Show, folded: str, clicks: str) -> None:
    view = show(FOLDED % folded)
    pick(view, "Registrering", "Nytt ärende")
    assert view.title == "ny"
    assert view.frame.locator("#clicks").inner_text() == clicks


def test_control_a_plain_click_on_the_caption_folds_what_was_open(show: Show) -> None:
    view = show(FOLDED % "")
    view.frame.get_by_text("Registrering").click()
    assert not view.frame.get_by_role("link", name="Nytt ärende").is_visible()
