"""Lists that draw only what is in view, in elements that are used over and over: every row once, and the one row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches
from robots.systems.view import View
from robots.systems.virtual import VirtualList
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

TOTAL = r"(\d+) elever"
NONE = "Inga elever matchar."
# A pool of elements that are moved and written anew while the list is scrolled. `late`: a row's words come after its
# place, and until then it shows the words of the row that it was. `heights`: rows of different height.
RECYCLED = """
<p id=says>%(count)s elever</p>
<div role=grid><div role=row><span role=columnheader>Namn</span><span role=columnheader>Klass</span></div>
<div id=list style="height:200px;overflow:auto;position:relative;border:1px solid"><div id=inner></div></div></div>
<script>
const count = %(count)s, late = %(late)s, pool = [], SIZE = 12;
const names = n => n === %(twin)s ? 'Elev 3' : 'Elev ' + n;
const height = n => %(heights)s ? 22 + (n %% 3) * 10 : 24;
const tops = [0];
for (let n = 0; n < count; n++) tops.push(tops[n] + height(n));
inner.style.height = tops[count] + 'px';
for (let i = 0; i < Math.min(SIZE, count); i++) {
  const row = document.createElement('div');
  row.setAttribute('role', 'row');
  row.style.cssText = 'position:absolute;left:0;right:0;top:0;overflow:hidden';
  row.innerHTML = '<span role=gridcell></span> <span role=gridcell></span>';
  row.onclick = () => { document.title = row.cells; };
  inner.append(row); pool.push(row);
}
function draw() {
  let first = 0;
  while (tops[first + 1] <= list.scrollTop && first < count - pool.length) first++;
  pool.forEach((_, i) => {
    const n = first + i, row = pool[n %% pool.length];
    if (row.number === n) return;
    row.number = n;
    row.style.transform = `translateY(${tops[n]}px)`; row.style.height = height(n) + 'px';
    const write = () => { if (row.number !== n) return;
      row.children[0].textContent = names(n); row.children[1].textContent = (n %% 9 + 1) + 'B';
        row.cells = 'Rad ' + n; };
    if (late && row.children[0].textContent) setTimeout(write, late); else write();
  });
}
list.addEventListener('scroll', () => requestAnimationFrame(draw)); draw();
</script>
"""
# Fetches ten more whenever its end comes near; says at the end what `end` is.
ENDLESS = """
<div id=list style="height:120px;overflow:auto"><ul id=inner style="margin:0;padding:0"></ul></div>
<script>
let shown = 0, asking = false;
const count = %(count)s;
function more() {
  if (asking || shown >= count || %(stuck)s <= shown) return;
  asking = true;
  setTimeout(() => { for (let i = 0; i < 10 && shown < count; i++) {
    const li = document.createElement('li'); li.textContent = 'Ärende ' + shown++; inner.append(li); }
    asking = false;
    if (shown >= count) inner.insertAdjacentHTML('afterend', '<p>%(end)s</p>'); near(); }, 120);
}
const near = () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - 40) more(); };
list.addEventListener('scroll', near); more();
</script>
"""

Listed = Callable[..., VirtualList]


@pytest.fixture
def listed(window: Window) -> Listed:
    tab = window.page()

    def recycled(
        *, count: int = 200, late: int = 0, twin: int = -1, heights: str = "false", timeout: float = 3
    ) -> VirtualList:
        tab.goto("about:blank")  # a new document, for its own names
        tab.set_content(RECYCLED % {"count": count, "late": late, "twin": twin, "heights": heights})
        return VirtualList(View(tab.main_frame, timeout), "#list", absent=NONE, total=TOTAL)

    return recycled


@pytest.fixture
def endless(window: Window) -> Listed:
    tab = window.page()

    def made(*, end: str = "Inga fler ärenden", count: int = 45, stuck: int = 999, timeout: float = 1) -> VirtualList:
        tab.goto("about:blank")  # a new document, for its own names
        tab.set_content(ENDLESS % {"count": count, "end": end, "stuck": stuck})
        return VirtualList(View(tab.main_frame, timeout), "#list", absent=NONE, end=end)

    return made


@pytest.mark.parametrize("late", [0, 60], ids=["at once", "words after place"])
@pytest.mark.parametrize("heights", ["false", "true"], ids=["even", "uneven"])
def test_reads_every_row_once_and_in_order(listed: Listed, late: int, heights: str) -> None:
    rows = listed(late=late, heights=heights).rows()

    assert [r["Namn"] for r in rows] == [f"Elev {n}" for n in range(200)]
    assert rows[10].cells == {"Namn": "Elev 10", "Klass": "2B"}


def test_control_what_is_rendered_is_not_the_list(listed: Listed) -> None:
    page = listed().view.frame.page
    assert page.locator("#inner [role=row]").count() == 12
    page.evaluate("list.scrollTop = 99999")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.get_by_text("Elev 3", exact=True).count() == 0


def test_control_rows_known_by_their_words_alone_lose_a_namesake(listed: Listed) -> None:
    rows = listed(twin=150).rows()
    assert len(rows) == 200
    assert len({r["Namn"] for r in rows}) == 199


def test_scrolls_to_the_one_row_and_that_row_can_be_clicked(listed: Listed) -> None:
    students = listed(late=40)
    row = students.find("Elev 137")
    assert row is not None
    students.view.click(row)
    assert students.view.title == "Rad 137"


def test_a_namesake_far_down_the_list_is_not_chosen_between(listed: Listed) -> None:
    with pytest.raises(SeveralMatches, match="2 rader"):
        listed(twin=150).find("Elev 3")


def test_a_row_is_found_by_a_whole_cell_and_absence_after_the_whole_list(listed: Listed) -> None:
    assert listed().find("Elev") is None
    assert listed().find("Elev 200") is None


def test_a_list_that_says_more_than_it_shows_is_not_believed(listed: Listed) -> None:
    students = listed(count=40, timeout=0.6)
    students.view.frame.evaluate("says.textContent = '41 elever'")
    with pytest.raises(PageNotRecognised, match="41 rader men visar 40"):
        students.rows()


def test_no_rows_only_where_the_page_says_so(listed: Listed) -> None:
    students = listed(count=0, timeout=0.5)
    with pytest.raises(NotSeen):
        students.rows()
    students.view.frame.evaluate(f"says.textContent = '{NONE}'")
    assert students.rows() == []


@pytest.mark.parametrize("end", ["Inga fler ärenden", ""], ids=["says its end", "says nothing"])
def test_a_list_that_fetches_more_is_read_to_its_end(endless: Listed, end: str) -> None:
    assert [r["1"] for r in endless(end=end).rows()] == [f"Ärende {n}" for n in range(45)]


def test_a_list_that_stops_fetching_before_its_end_is_an_error(endless: Listed) -> None:
    with pytest.raises(NotSeen, match="inte fler rader än 20"):
        endless(stuck=20).rows()


def test_two_lists_are_not_chosen_between(listed: Listed) -> None:
    students = listed(count=5)
    students.view.frame.evaluate("list.after(list.cloneNode(true))")
    with pytest.raises(SeveralMatches):
        students.rows()
