"""Trees whose branches are fetched when they are opened, lists of many choices that stay open, and maps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches, ValueNotKept
from robots.systems.choices import choose_all
from robots.systems.map_canvas import pin, spoken
from robots.systems.reach import expand, scroll_to
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

# «Övrigt» stands in every branch. A branch is opened by its sign, its children come 80 ms later; a second click on the
# sign folds it again.
TREE = """
<ul id=tree></ul>
<script>
const known = {'': ['Bygg', 'Miljö', 'Övrigt'], 'Bygg': ['Bygglov', 'Övrigt'], 'Miljö': ['Avlopp', 'Övrigt'],
  'Miljö/Övrigt': ['Buller', 'Djur'], 'Bygg/Övrigt': %s};
function fill(list, path) {
  for (const name of known[path] || []) {
    const here = path ? path + '/' + name : name, li = document.createElement('li');
    li.innerHTML = (known[here] ? '<span class=toggle>+</span> ' : '') + `<span>${name}</span>`;
    li.lastChild.onclick = () => { document.title = here; };
    const sign = li.querySelector('.toggle');
    if (sign) sign.onclick = () => { clicks++; const open = li.querySelector('ul');
      if (open) { open.remove(); return; }
      setTimeout(() => { const sub = document.createElement('ul'); li.append(sub); fill(sub, here); }, 80); };
    list.append(li); } }
let clicks = 0;
fill(document.querySelector('#tree'), '');
</script>
"""
# The list stays open; a choice takes 40 ms, in which it takes no other click. «Stängt» cannot be chosen.
CHOICES = """
<label for=f>Nämnder</label> <input id=f readonly>
<ul id=box role=listbox hidden style="max-height:60px;overflow:auto"></ul>
<script>
const names = %s, on = new Set(['Socialnämnden']); let busy = false, takes = true;
function draw() { box.innerHTML = names.map(n => `<li role=option aria-selected=${on.has(n)} ${n === 'Stängt' ?
  'aria-disabled=true' : ''}>${n}</li>`).join('');
  [...box.children].forEach(o => o.onclick = () => { if (busy || !takes) return; busy = true; const n = o.textContent;
    setTimeout(() => { on.has(n) ? on.delete(n) : on.add(n); busy = false; draw(); f.value = [...on].join(', ');
      }, 40); }); }
f.onclick = () => { box.hidden = !box.hidden; draw(); };
document.onkeydown = event => { if (event.key === 'Escape') box.hidden = true; };
</script>
"""
# A map in SWEREF-like metres: the further in, the fewer metres a picture element is. Reads out N and E 40 ms later.
MAP = """
<canvas id=map width=400 height=300 style="border:2px solid;padding:3px"></canvas><button id=in>Zooma in</button>
  <p id=out>Ingen plats</p>
<script>
let scale = %(scale)s, east = 154000, north = 6640000; const off = %(off)s;
const show = (e, n) => setTimeout(() => {
  out.textContent = `N ${Math.round(n).toLocaleString('sv-SE')} E ${Math.round(e).toLocaleString('sv-SE')}`; }, 40);
map.onclick = event => { const box = map.getBoundingClientRect();
  const e = east + (event.clientX - box.left - 200) * scale + off, n = north - (event.clientY - box.top - 150) * scale;
  pinned = [e, n]; show(e, n); };
let pinned = null;
document.getElementById('in').onclick = () => { scale /= 2; if (pinned) [east, north] = pinned; };
</script>
"""

Show = Callable[[str], View]


@pytest.fixture
def show(window: Window) -> Show:
    tab = window.page()

    def put(body: str) -> View:
        tab.goto("about:blank")  # a new document, for its own names
        tab.set_content(f"<!doctype html><html lang=sv><title></title><body>{body}</body></html>")
        return View(tab.main_frame, 0.6)

    return put


# -- trees ----------------------------------------------------------------------------------------------------------


def test_the_namesake_of_the_right_branch(show: Show) -> None:
    view = show(TREE % "['Rivning']")
    view.click(expand(view, "Miljö", "Övrigt", "Djur", css="#tree"))
    assert view.title == "Miljö/Övrigt/Djur"
    view.click(expand(view, "Miljö", "Övrigt", css="#tree"))
    assert view.title == "Miljö/Övrigt"
    assert view.frame.evaluate("clicks") == 2, "what is open is left open"


def test_control_the_first_of_these_words_is_another_branch(show: Show) -> None:
    view = show(TREE % "['Rivning']")
    expand(view, "Bygg", "Bygglov", css="#tree")
    expand(view, "Miljö", "Avlopp", css="#tree")
    assert view.frame.get_by_text("Övrigt").count() == 3


def test_a_caption_that_does_not_come_and_two_alike(show: Show) -> None:
    view = show(TREE % "['Riv', 'Riv']")
    with pytest.raises(NotSeen, match=r"Strand syntes inte .* där finns Bygglov, Övrigt"):
        expand(view, "Bygg", "Strand", css="#tree")
    with pytest.raises(SeveralMatches, match=r"2 grenar .* heter Riv"):
        expand(view, "Bygg", "Övrigt", "Riv", css="#tree")
    with pytest.raises(NotSeen, match=r"Miljö › Avlopp .* öppnades inte"):
        expand(view, "Miljö", "Avlopp", "Enskilt", css="#tree")


def test_rolls_to_a_thing_that_wakes_the_page(show: Show) -> None:
    view = show("<div style='height:3000px'></div><p id=end>Villkor</p><script>new IntersectionObserver(seen => {"
                " if (seen[0].isIntersecting) document.title = 'läst'; }).observe(end)</script>")  # fmt: skip
    assert view.frame.evaluate("document.title") == ""
    scroll_to(view, view.text("Villkor"))
    view.frame.wait_for_function("document.title === 'läst'")


# -- several choices ------------------------------------------------------------------------------------------------

NAMES = ["Byggnadsnämnden", "Socialnämnden", "Kulturnämnden", "Stängt"]


def test_chooses_exactly_these(show: Show) -> None:
    view = show(CHOICES % NAMES)
    choose_all(view, "Nämnder", ["Kulturnämnden", "Byggnadsnämnden"])
    assert sorted(view.frame.evaluate("[...on]")) == ["Byggnadsnämnden", "Kulturnämnden"]
    assert not view.frame.locator("#box").is_visible()


def test_control_two_quick_clicks_choose_one(show: Show) -> None:
    view = show(CHOICES % NAMES)
    view.frame.locator("#f").click()
    view.frame.evaluate("[...box.children].filter(o => !on.has(o.textContent)).slice(0, 2).forEach(o => o.click())")
    view.frame.wait_for_function("on.size === 2")
    assert not view.frame.evaluate("on.has('Kulturnämnden')")


def test_a_choice_that_is_not_there_twice_there_or_closed(show: Show) -> None:
    with pytest.raises(NotSeen, match="har inte valet Skolnämnden"):
        choose_all(show(CHOICES % NAMES), "Nämnder", ["Skolnämnden"])
    with pytest.raises(SeveralMatches):
        choose_all(show(CHOICES % [*NAMES, NAMES[0]]), "Nämnder", [NAMES[0]])
    with pytest.raises(PageNotRecognised, match="Stängt går inte att välja"):
        choose_all(show(CHOICES % NAMES), "Nämnder", ["Socialnämnden", "Stängt"])


def test_a_choice_that_does_not_take_and_a_list_that_does_not_open(show: Show) -> None:
    view = show(CHOICES % NAMES)
    view.frame.evaluate("takes = false")
    with pytest.raises(ValueNotKept, match="tog inte emot"):
        choose_all(view, "Nämnder", ["Kulturnämnden"])
    with pytest.raises(NotSeen, match="öppnades inte"):
        choose_all(show("<label>Nämnder <input></label>"), "Nämnder", ["Kulturnämnden"])


# -- maps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [0, 35], ids=["", "the picture lies askew"])
def test_a_place_is_known_by_what_the_page_reads_out(show: Show, off: int) -> None:
    view = show(MAP % {"scale": 1, "off": off})
    put = pin(view, view.part("#map"), 154120, 6640030, read=spoken(view.part("#out")), within=2)
    assert abs(put.x - 154120) <= 2
    assert abs(put.y - 6640030) <= 2
    assert spoken(view.part("#out"))() == (put.x, put.y)


def test_zooms_in_until_a_picture_element_is_fine_enough(show: Show) -> None:
    view = show(MAP % {"scale": 16, "off": 0})
    read, closer = spoken(view.part("#out")), view.button("Zooma in")
    put = pin(view, view.part("#map"), 154333, 6640777, read=read, within=1, closer=closer)
    assert abs(put.x - 154333) <= 1
    assert abs(put.y - 6640777) <= 1


def test_control_without_zooming_the_picture_is_too_coarse(show: Show) -> None:
    view = show(MAP % {"scale": 16, "off": 0})
    with pytest.raises(ValueNotKept):
        pin(view, view.part("#map"), 154333, 6640777, read=spoken(view.part("#out")), within=1)


def test_a_place_outside_the_picture_or_a_map_that_says_nothing(show: Show) -> None:
    view = show(MAP % {"scale": 1, "off": 0})
    with pytest.raises(PageNotRecognised, match="utanför"):
        pin(view, view.part("#map"), 160000, 6640030, read=spoken(view.part("#out")), within=2)
    with pytest.raises(PageNotRecognised, match="säger ingen plats"):
        pin(view, view.part("#map"), 154120, 6640030, read=lambda: None, within=2)


@pytest.mark.parametrize("says", ["<output id=out>%s</output>", "<p id=out>%s</p>", "<input id=out value='%s'>"])
def test_the_place_is_read_in_whatever_the_page_says_it(show: Show, says: str) -> None:
    assert spoken(show(says % "N 6 640 120,5 E 154 310").part("#out"))() == (154310, 6640120.5)
