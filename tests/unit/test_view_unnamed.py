"""Fields that nothing is bound to, in the layouts of old systems, and buttons that only their row tells apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.errors import NotSeen, SeveralMatches
from robots.systems.beside import press_beside
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

OVER = """<table><tr><td>Efternamn</td><td>Förnamn</td><td>Ort</td></tr>
<tr><td><input name=last></td><td><input name=first></td><td><select name=town><option>Åby<option>Ed</select></td></tr>
<tr><td colspan=2>Adress</td><td>Port</td></tr><tr><td colspan=2><input name=street></td><td><input name=gate></td></tr>
<tr><td>Telefon:</td><td>&nbsp;</td><td><input name=phone></td></tr></table>"""
LOOSE = """<div>Diarienummer: <input name=number><br>Datum <i>*</i> <input name=day> Till <input name=to></div>
<p><b>Sökande</b><br><input name=who></p>"""
LEGEND = """<fieldset><legend>Motivering</legend><div><textarea name=why></textarea></div></fieldset>
<fieldset><legend>Perioden</legend><input name=a><input name=b></fieldset>"""
LIST = "<table><tr><td>Belopp</td></tr><tr><td><input name=a></td></tr><tr><td><input name=b></td></tr></table>"
ROWS = """<ul><li><span>EKBACKEN 3:1</span> <img alt="Öppna" style="cursor:pointer;width:9px;height:9px"
  onclick="document.title='1'">
<div title="Ta bort" onclick="document.title='borta'">✕</div></li>
<li><span>EKBACKEN 3:10</span> <img alt="Öppna" style="cursor:pointer;width:9px;height:9px"
  onclick="document.title='10'"></li></ul>
<div class=card><h3>Anna Berg</h3><p>Skriv till EKBACKEN 3:1</p>
<button onclick="document.title='Anna'">Välj</button></div>
<div class=card><h3>Bo Ek</h3><button onclick="document.title='Bo'"><span>Välj</span></button></div>"""

Show = Callable[[str], View]


@pytest.fixture
def show(window: Window) -> Show:
    tab = window.page()

    def put(body: str) -> View:
        tab.set_content(f"<!doctype html><html lang=sv><title></title><body><form>{body}</form></body></html>")
        return View(tab.main_frame, 0.6)

    return put


def sent(view: View) -> dict[str, str]:
    told: dict[str, str] = view.frame.evaluate("Object.fromEntries(new FormData(document.forms[0]))")
    return {name: value for name, value in told.items() if value}


def test_words_in_the_cell_above(show: Show) -> None:
    view = show(OVER)
    view.fill({"Förnamn": "Åsa", "Efternamn": "Öberg", "Ort": "Ed", "Adress": "Ågatan 1", "Port": "B", "Telefon": "1"})
    assert sent(view) == {
        "first": "Åsa", "last": "Öberg", "town": "Ed", "street": "Ågatan 1", "gate": "B", "phone": "1",
    }  # fmt: skip


def test_loose_words_before_the_field(show: Show) -> None:
    view = show(LOOSE)
    view.fill({"Diarienummer": "17", "Datum": "2026-03-05", "Till": "2026-03-06", "Sökande": "Bo"})
    assert sent(view) == {"number": "17", "day": "2026-03-05", "to": "2026-03-06", "who": "Bo"}


def test_the_legend_of_a_box_with_one_field(show: Show) -> None:
    view = show(LEGEND)
    view.fill({"Motivering": "Enligt plan"})
    assert sent(view) == {"why": "Enligt plan"}
    with pytest.raises(NotSeen):
        view.fill({"Perioden": "2026"})


def test_a_caption_over_several_rows_of_fields_is_not_one_fields(show: Show) -> None:
    with pytest.raises(SeveralMatches):
        show(LIST).fill({"Belopp": "17"})


def test_a_name_that_is_bound_goes_before_words_nearby(show: Show) -> None:
    view = show("<label>Ort <input name=right></label><table><tr><td>Ort</td></tr><tr><td><input name=wrong></table>")
    view.fill({"Ort": "Åby"})
    assert sent(view) == {"right": "Åby"}


@pytest.mark.parametrize("body", [OVER, LOOSE, LEGEND])
def test_control_no_label_leads_to_these_fields(show: Show, body: str) -> None:
    view = show(body)
    labels = ("Förnamn", "Adress", "Diarienummer", "Sökande", "Motivering")
    assert [label for label in labels if view.frame.get_by_label(label).count()] == []


# -- buttons --------------------------------------------------------------------------------------------------------


def test_the_picture_in_the_row_with_exactly_these_words(show: Show) -> None:
    view = show(ROWS)
    press_beside(view, "EKBACKEN 3:1", "Öppna")
    assert view.frame.evaluate("document.title") == "1"
    press_beside(view, "EKBACKEN 3:1", "Ta bort")
    assert view.frame.evaluate("document.title") == "borta"


def test_control_rows_that_contain_the_words_are_two(show: Show) -> None:
    view = show(ROWS)
    assert view.frame.get_by_role("listitem").filter(has_text="EKBACKEN 3:1").count() == 2


def test_the_button_on_a_card_that_is_a_plain_box(show: Show) -> None:
    view = show(ROWS)
    view.frame.evaluate("document.querySelectorAll('button').forEach(b => b.type = 'button')")
    press_beside(view, "Bo Ek", "Välj", rows=".card")
    assert view.frame.evaluate("document.title") == "Bo"


def test_no_row_no_button_or_two_of_either(show: Show) -> None:
    view = show(
        ROWS + "<li>Rad <b>X</b> <button>Välj</button><button>Välj</button></li><li><b>Y</b></li><li><b>Y</b></li>"
    )
    with pytest.raises(NotSeen, match=r"Ingen rad .* har texten EKBACKEN 3:2"):
        press_beside(view, "EKBACKEN 3:2", "Öppna")
    with pytest.raises(NotSeen, match="inget som heter Ändra; där finns Öppna, Ta bort"):
        press_beside(view, "EKBACKEN 3:1", "Ändra")
    with pytest.raises(SeveralMatches, match="2 saker"):
        press_beside(view, "X", "Välj")
    with pytest.raises(SeveralMatches, match="2 rader"):
        press_beside(view, "Y", "Välj")
