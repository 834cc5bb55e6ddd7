"""A calculation grid that is filled in cell by cell with keys, and reckons in its own time; function keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.errors import NotSeen, SeveralMatches, ValueNotKept
from robots.systems.sheet import Sheet, _plain, press
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

# A cell takes the focus by a click and has no field until `key` (or any other key, where that is "") opens it. Enter
# takes what was typed, formats it 60 ms later and reckons the sum; Escape and a click elsewhere forget it.
SHEET = """
<table id=sheet><tr><th>Post</th><th>Sökt</th><th>Godkänt</th></tr>
<tr><td>Hyra</td><td tabindex=0>0,00</td><td tabindex=0>0,00</td></tr>
<tr><td>El *</td><td tabindex=0>0,00</td><td tabindex=0>0,00</td></tr>
<tr><td>Summa</td><td>0,00</td><td>0,00</td></tr></table><p id=told></p>
<script>
const key = '%(key)s', cap = %(cap)s;
const show = n => n.toLocaleString('sv-SE', {minimumFractionDigits: 2, maximumFractionDigits: 2});
const number = cell => Number(cell.textContent.replace(/\\s/g, '').replace(',', '.'));
const open = (cell, text) => { const old = cell.textContent; cell.innerHTML = '<input size=8>';
  const field = cell.firstChild; field.value = text ?? old; field.focus();
  field.onblur = () => { if (field.isConnected && !field.taken) cell.textContent = old; };
  field.onkeydown = event => { event.stopPropagation(); if (event.key !== 'Enter') return;
    field.taken = true; const value = Math.min(Number(field.value.replace(/\\s/g, '').replace(',', '.')), cap);
    cell.textContent = '…'; cell.focus();
    setTimeout(() => { cell.textContent = show(value); reckon(); }, 60); }; };
const reckon = () => [1, 2].forEach(c => {
  sheet.rows[3].cells[c].textContent = show(number(sheet.rows[1].cells[c]) + number(sheet.rows[2].cells[c])); });
sheet.querySelectorAll('td[tabindex]').forEach(cell => cell.onkeydown = event => {
  if (event.key === 'F8') { told.textContent += 'F8 ' + cell.parentElement.cells[0].textContent + ';';
    event.preventDefault(); }
  else if (key ? event.key === key : event.key.length === 1) { open(cell, key ? null : '');
    if (key) event.preventDefault(); }
});
</script>
"""

Made = Callable[..., Sheet]


@pytest.fixture
def made(window: Window) -> Made:
    tab = window.page()

    def one(key: str = "F2", cap: int = 99999, **more: str) -> Sheet:
        tab.goto("about:blank")  # a new document, for its own names
        tab.set_content("<!doctype html><title>Beräkning</title>" + SHEET % {"key": key, "cap": cap})
        return Sheet(View(tab.main_frame, 0.6), "#sheet", edit=key, **more)

    return one


@pytest.mark.parametrize("key", ["F2", ""], ids=["opened by F2", "opened by typing"])
def test_fills_cell_by_cell_and_reads_the_sum(made: Made, key: str) -> None:
    sheet = made(key)
    sheet.fill({("Hyra", "Sökt"): "6 250,50", ("El", "Sökt"): "410", ("Hyra", "Godkänt"): "6250,5"})
    assert sheet.read("Hyra", "Sökt").split() == ["6", "250,50"]
    assert _plain(sheet.read("Summa", "Sökt")) == _plain("6660,5")
    assert _plain(sheet.read("El", "Godkänt")) == _plain("0")


def test_control_there_is_no_field_to_fill_in(made: Made) -> None:
    with pytest.raises(NotSeen):
        made().view.fill({"Hyra": "6250"})


def test_control_without_its_key_a_cell_takes_nothing(made: Made) -> None:
    sheet = made()
    sheet.edit = ""
    with pytest.raises(ValueNotKept, match=r"Hyra, Sökt .* behöll inte '6250'"):
        sheet.fill({("Hyra", "Sökt"): "6250"})


def test_a_cell_that_changes_what_was_typed_is_told(made: Made) -> None:
    with pytest.raises(ValueNotKept, match="behöll inte '6250'"):
        made(cap=5000).fill({("Hyra", "Sökt"): "6250"})


def test_what_is_left_by_the_wrong_key_is_forgotten_and_told(made: Made) -> None:
    with pytest.raises(ValueNotKept):
        made(leave="Tab").fill({("Hyra", "Sökt"): "6250"})


def test_a_cell_that_is_not_there_or_there_twice(made: Made) -> None:
    sheet = made()
    with pytest.raises(NotSeen, match="rader: Hyra, El, Summa; kolumner: Sökt, Godkänt"):
        sheet.read("Hyror", "Sökt")
    sheet.view.frame.evaluate("sheet.rows[2].cells[0].textContent = 'Hyra'")
    with pytest.raises(SeveralMatches):
        sheet.read("Hyra", "Sökt")


def test_a_function_key_goes_to_the_cell_that_was_named(made: Made) -> None:
    sheet = made()
    sheet.press("El", "Sökt", "F8")
    press(sheet.view, sheet.view.part("#sheet td[tabindex]").first, "F8")
    assert sheet.view.frame.locator("#told").inner_text() == "F8 El *;F8 Hyra;"


def test_keys_are_not_pressed_where_the_focus_is_not(made: Made) -> None:
    sheet = made()
    with pytest.raises(ValueNotKept, match="ställa sig i"):
        sheet.press("Summa", "Sökt", "F8")
    with pytest.raises(ValueNotKept, match="ställa sig i"):
        press(sheet.view, sheet.view.part("#sheet th").first, "F8")
    with pytest.raises(SeveralMatches):
        press(sheet.view, sheet.view.part("td[tabindex]"), "F8")


@pytest.mark.parametrize(
    ("one", "other"),
    [("1 234,50", "1234,5"), ("1 234", "1234"), ("-3,10 kr", "−3,1"), ("12.50", "12,5"), ("1.234", "1234")],
)
def test_numbers_are_compared_as_numbers(one: str, other: str) -> None:
    assert _plain(one) == _plain(other)


@pytest.mark.parametrize(("one", "other"), [("1,2", "12"), ("12 ,5x", "12,5"), ("Ja", "ja"), ("", "0")])
def test_control_other_values_are_others(one: str, other: str) -> None:
    assert _plain(one) != _plain(other)
