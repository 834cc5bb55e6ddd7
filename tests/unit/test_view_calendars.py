"""Dates in calendars without names and without a year jump, booking calendars of boxes, and cards that are dragged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches, ValueNotKept
from robots.systems.calendars import BoardCell, board, board_cell, dates_in, set_date, set_range
from robots.systems.drag import drag
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

# A calendar of boxes, shown by a click in a field that cannot be typed in. It begins in November 2026, draws a month
# `late` ms after the click and takes no second click until then. Weeks have their number; neighbours' days are shown.
CALENDAR = """
<label for=field>Datum</label> <input id=field readonly placeholder="Välj"> <p>Klockan är 12:30, 5 oktober 2026</p>
<div id=cal hidden style="position:absolute;background:#fff;border:1px solid"></div>
<script>
const months = ['januari','februari','mars','april','maj','juni','juli','augusti','september','oktober',
  'november','december'];
const settings = Object.assign({late: 30, closed: [], order: 'around', weeks: true, range: false,
  format: iso => iso, skip: 1}, %s);
let year = 2026, month = 10, picked = [];
const iso = d => d.getFullYear() + '-' + String(d.getMonth() + 1).padStart(2, '0') + '-' +
  String(d.getDate()).padStart(2, '0');
function draw() {
  const back = '<span class=b style="cursor:pointer">◂</span>', on = '<span class=f style="cursor:pointer">▸</span>';
  const title = `<b>${months[month]} ${year}</b>`;
  const head = settings.order === 'around' ? back + title + on : title + back + on;
  const first = new Date(year, month, 1), start = new Date(year, month, 1 - (first.getDay() + 6) %% 7);
  let rows = '';
  for (let w = 0; w < 6; w++) {
    let cells = settings.weeks ? `<td>${w + 1}</td>` : '';
    for (let d = 0; d < 7; d++) {
      const day = new Date(start.getFullYear(), start.getMonth(), start.getDate() + w * 7 + d);
      const shut = settings.closed.includes(iso(day)) ? ' aria-disabled=true' : '';
      cells += `<td><div data-day="${iso(day)}"${shut} style="cursor:pointer">${day.getDate()}</div></td>`;
    }
    rows += `<tr>${cells}</tr>`;
  }
  cal.innerHTML = `<div style="text-transform:uppercase">${head}</div><table>${rows}</table>`;
  let asked = false;
  const turn = by => () => { if (asked) return; asked = true; month += by * settings.skip;
    setTimeout(() => { year += Math.floor(month / 12); month = (month + 12) %% 12; draw(); }, settings.late); };
  cal.querySelector('.b').onclick = turn(-1); cal.querySelector('.f').onclick = turn(1);
  cal.querySelectorAll('[data-day]').forEach(e => e.onclick = () => {
    if (e.getAttribute('aria-disabled')) return;
    picked.push(e.dataset.day);
    if (settings.range && picked.length < 2) return;
    setTimeout(() => { field.value = picked.map(settings.format).join(' – '); }, 40);
    cal.hidden = true; });
}
field.onclick = () => { cal.hidden = false; draw(); };
</script>
"""
BOARD = """
<style>#b{display:grid;grid-template-columns:60px repeat(3,120px)} #b div{height:30px;border:1px solid}</style>
<div id=b><div></div><div class=dag>Lördag 6 mars</div><div class=dag>Söndag 7 mars</div>
  <div class=dag>Måndag 8 mars</div>
<div class=tid>13:00</div><div class=ruta onclick="document.title='A'">Ledig</div><div class=ruta></div>
  <div class=ruta>Upptagen</div>
<div class=tid>13:30</div><div class=ruta>Ledig</div><div class=ruta onclick="document.title='B'">Ledig</div>
  <div class=ruta>Ledig</div></div>
"""
CARDS = """
<div id=card style="width:120px;height:30px;border:1px solid">Vigsel 17</div>
<div title="Rådhuset" class=room style="margin-top:90px;width:200px;height:80px;border:1px solid"></div>
<div title="Parken" class=room style="width:200px;height:80px;border:1px solid"></div>
<script>
let moved = 0, held = false, locked = false;
card.onmousedown = event => { held = true; event.preventDefault(); };
document.onmousemove = () => { if (held) moved++; };
document.onmouseup = event => { if (held && moved > 4 && !locked) {
  const room = document.elementsFromPoint(event.clientX, event.clientY).find(e => e.className === 'room');
  if (room) setTimeout(() => room.append(card), 100); } held = false; moved = 0; };
</script>
"""

Show = Callable[[str], View]


@pytest.fixture
def show(window: Window) -> Show:
    tab = window.page()

    def put(body: str) -> View:
        tab.goto("about:blank")  # a new document, for its own names
        tab.set_content(f"<!doctype html><html lang=sv><title>Prov</title><body>{body}</body></html>")
        return View(tab.main_frame, 1)

    return put


def value(view: View) -> str:
    return view.frame.locator("#field").input_value()


@pytest.mark.parametrize("order", ["around", "beside"])
@pytest.mark.parametrize("weeks", ["true", "false"], ids=["week numbers", ""])
@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 11, 30), date(2027, 2, 28), date(2025, 12, 31)])
def test_goes_month_by_month_to_the_day(show: Show, order: str, weeks: str, day: date) -> None:
    view = show(CALENDAR % f"{{order: '{order}', weeks: {weeks}}}")
    set_date(view, "Datum", day)
    assert value(view) == day.isoformat()


def test_control_the_field_cannot_be_filled_in(show: Show) -> None:
    with pytest.raises(ValueNotKept, match="går inte att ändra"):
        show(CALENDAR % "{}").fill({"Datum": date(2027, 2, 28)})


def test_control_two_quick_clicks_are_one_month_and_the_first_30_is_another_months(show: Show) -> None:
    view = show(CALENDAR % "{late: 200}")
    view.frame.locator("#field").click()
    view.frame.evaluate("() => { for (let i = 0; i < 2; i++) cal.querySelector('.f').click(); }")
    view.frame.locator("b", has_text="december 2026").wait_for()
    first_30 = view.frame.locator("#cal [data-day]", has_text="30").first
    assert first_30.get_attribute("data-day") == "2026-11-30"


def test_a_day_that_is_closed_is_not_chosen(show: Show) -> None:
    view = show(CALENDAR % "{closed: ['2026-12-24']}")
    with pytest.raises(PageNotRecognised, match="2026-12-24 går inte att välja"):
        set_date(view, "Datum", date(2026, 12, 24))
    assert value(view) == ""


def test_a_field_that_shows_another_day_is_an_error(show: Show) -> None:
    with pytest.raises(ValueNotKept):
        set_date(show(CALENDAR % "{format: () => '2026-11-02'}"), "Datum", date(2026, 11, 3))


def test_an_arrow_that_goes_further_than_a_month_is_an_error(show: Show) -> None:
    with pytest.raises(PageNotRecognised, match="bläddrade till"):
        set_date(show(CALENDAR % "{skip: 2}"), "Datum", date(2027, 2, 1))


def test_no_calendar_and_an_arrow_that_does_nothing(show: Show) -> None:
    with pytest.raises(NotSeen, match="öppnades inte"):
        set_date(show("<label>Datum <input readonly></label>"), "Datum", date(2027, 2, 1))
    with pytest.raises(NotSeen, match="bläddrade inte"):
        set_date(show(CALENDAR % "{late: 60000}"), "Datum", date(2027, 2, 1))


@pytest.mark.parametrize(
    "shown", ["iso => iso.slice(8) + '/' + iso.slice(5, 7) + ' ' + iso.slice(0, 4)", "iso => 'lör ' + iso"]
)
def test_the_field_may_write_the_day_in_its_own_way(show: Show, shown: str) -> None:
    set_date(show(CALENDAR % f"{{format: {shown}}}"), "Datum", date(2026, 11, 7))


def test_a_range_over_a_new_year(show: Show) -> None:
    view = show(CALENDAR % "{range: true}")
    set_range(view, "Datum", date(2026, 12, 30), date(2027, 1, 4))
    assert value(view) == "2026-12-30 – 2027-01-04"


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("2026-03-05", [date(2026, 3, 5)]),
        ("5/3 2026 – 17.10.2026", [date(2026, 3, 5), date(2026, 10, 17)]),
        ("tisdag 5 mars 2026, 1 okt. 2026", [date(2026, 3, 5), date(2026, 10, 1)]),
        ("31 februari 2026", []),
        ("", []),
    ],
)
def test_dates_as_systems_write_them(words: str, days: list[date]) -> None:
    assert dates_in(words) == days


# -- boards ---------------------------------------------------------------------------------------------------------

EDGES = {"cells": ".ruta", "columns": ".dag", "rows": ".tid"}


def test_a_board_is_read_by_what_stands_along_its_edges(show: Show) -> None:
    cells = board(show(BOARD), **EDGES)
    assert len(cells) == 6
    assert BoardCell("Söndag 7 mars", "13:00", "") in cells
    assert BoardCell("Måndag 8 mars", "13:00", "Upptagen") in cells


def test_a_cell_by_its_day_and_time(show: Show) -> None:
    view = show(BOARD)
    view.click(board_cell(view, "Söndag 7 mars", "13:30", **EDGES))
    assert view.title == "B"
    with pytest.raises(NotSeen, match="ingen ruta för Söndag 7 mars 14:00"):
        board_cell(view, "Söndag 7 mars", "14:00", **EDGES)
    view.frame.evaluate("document.querySelectorAll('.dag').forEach(d => d.textContent = 'Söndag 7 mars')")
    with pytest.raises(SeveralMatches):
        board_cell(view, "Söndag 7 mars", "13:30", **EDGES)


def test_control_words_alone_lead_to_another_cell(show: Show) -> None:
    view = show(BOARD)
    view.frame.get_by_text("Ledig").first.click()
    assert view.title == "A"


def test_a_cell_without_a_day_or_a_board_without_cells(show: Show) -> None:
    with pytest.raises(NotSeen, match="saknar dag eller tid"):
        board(show(BOARD), cells=".ruta", columns=".dag:nth-child(2)", rows=".tid")
    with pytest.raises(NotSeen, match="visade inga rutor"):
        board(show("<p>Laddar"), **EDGES)


# -- dragging -------------------------------------------------------------------------------------------------------


def test_a_card_is_dragged_to_a_titled_target(show: Show) -> None:
    view = show(CARDS)
    park = view.part('[title="Parken"]')
    drag(view, view.text("Vigsel 17"), park, landed=view.text("Vigsel 17", within=park))
    assert view.frame.evaluate("card.parentElement.title") == "Parken"


def test_control_a_jump_with_the_mouse_drags_nothing(show: Show) -> None:
    view = show(CARDS)
    mouse = view.frame.page.mouse
    view.frame.locator("#card").hover()
    mouse.down()
    box = view.frame.locator('[title="Parken"]').bounding_box()
    assert box
    mouse.move(box["x"] + 20, box["y"] + 20)
    mouse.up()
    view.frame.page.wait_for_timeout(150)  # there is nothing to wait on for what must not happen
    assert view.frame.evaluate("card.parentElement.tagName") == "BODY"


def test_a_card_that_springs_back_is_told(show: Show) -> None:
    view = show(CARDS)
    view.frame.evaluate("locked = true")
    park = view.part('[title="Parken"]')
    with pytest.raises(PageNotRecognised, match="landade inte"):
        drag(view, view.text("Vigsel 17"), park, landed=view.text("Vigsel 17", within=park))


def test_what_looks_landed_before_proves_nothing(show: Show) -> None:
    view = show(CARDS)
    with pytest.raises(PageNotRecognised, match="redan"):
        drag(view, view.text("Vigsel 17"), view.part('[title="Parken"]'), landed=view.text("Vigsel 17"))


def test_of_two_cards_none_is_dragged(show: Show) -> None:
    view = show(CARDS + "<p>Vigsel 17</p>")
    with pytest.raises(SeveralMatches):
        drag(view, view.text("Vigsel 17"), view.part('[title="Parken"]'), landed=view.text("Klart"))
