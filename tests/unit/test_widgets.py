"""The box that suggests while one types, on pages that answer late, twice, with nothing, or to an older text."""

from __future__ import annotations

import re

import pytest

from robots.errors import NotSeen, SeveralMatches, ValueNotKept
from robots.systems.view import View
from robots.systems.widgets import Card, Suggestions, cards, fact, suggest, suggestions
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

HOMES = ["EKBACKEN 3:10", "EKBACKEN 3:1", "EKBACKEN 3:11", "KVARNEN 14"]
ABSENT = "Inga förslag"
# Asks 50 ms after the last key and shows the answer `delays[text]` ms later, or at once. `chosen` is what was clicked.
PAGE = """
<title>Karta</title><label>Sök <input id=field aria-controls=box></label>
<div id=box hidden></div><p>Valt: <b id=chosen></b></p>
<script>
const known = %(known)s, delays = %(delays)s;
let timer;
function show(text) {
  const fitting = known.filter(k => k.toLowerCase().startsWith(text.toLowerCase()));
  box.innerHTML = fitting.map(k => `<div role=option>${k}</div>`).join('') || `<p>Inga förslag för "${text}"</p>`;
  box.querySelectorAll('[role=option]').forEach(o => o.onclick = () => { chosen.textContent += o.textContent; });
  box.hidden = false;
}
field.addEventListener('input', () => {
  clearTimeout(timer);
  const text = field.value;
  timer = setTimeout(() => setTimeout(show, delays[text] || 0, text), 50);
});
</script>
"""


def opened(window: Window, html: str, timeout: float = 2) -> View:
    page = window.page()
    page.set_content(html)
    return View(page.main_frame, timeout)


def box(window: Window, known: list[str], delays: dict[str, int] | None = None, timeout: float = 2) -> View:
    return opened(window, PAGE % {"known": known, "delays": delays or {}}, timeout)


def chosen(view: View) -> str:
    return view.frame.locator("#chosen").inner_text()


def test_picks_the_one_that_is_exactly_right_among_its_namesakes(window: Window) -> None:
    view = box(window, HOMES)

    assert suggest(view, "Sök", "EKBACKEN 3:1", absent=ABSENT) == "EKBACKEN 3:1"
    assert chosen(view) == "EKBACKEN 3:1"


def test_control_the_first_suggestion_is_not_the_right_one(window: Window) -> None:
    view = box(window, HOMES)

    assert suggestions(view, "Sök", "EKBACKEN 3:1", absent=ABSENT).words[0] == "EKBACKEN 3:10"


def test_picks_by_a_pattern_where_the_suggestion_says_more(window: Window) -> None:
    view = box(window, ["KVARNEN 1 – Ågatan 2", "KVARNEN 14 – Ågatan 3"])

    picked = suggest(view, "Sök", "KVARNEN 1", absent=ABSENT, choose=re.compile("KVARNEN 1 – .+"))

    assert picked == chosen(view) == "KVARNEN 1 – Ågatan 2"


def test_none_only_where_the_page_says_so(window: Window) -> None:
    view = box(window, HOMES, {"LINDEN 9": 300})

    assert suggest(view, "Sök", "LINDEN 9", absent='Inga förslag för "LINDEN 9"') is None
    assert chosen(view) == ""


def test_a_box_that_stays_silent_is_an_error(window: Window) -> None:
    view = box(window, HOMES, {"LINDEN 9": 60_000}, timeout=0.5)

    with pytest.raises(NotSeen, match="inget svar"):
        suggest(view, "Sök", "LINDEN 9", absent=ABSENT)


def test_does_not_pick_the_nearest_when_none_is_exactly_right(window: Window) -> None:
    view = box(window, ["EKBACKEN 3:10", "EKBACKEN 3:11"])

    with pytest.raises(NotSeen, match="2 förslag, men inget är exakt"):
        suggest(view, "Sök", "EKBACKEN 3:1", absent=ABSENT)
    assert chosen(view) == ""


def test_does_not_choose_between_two_equal_ones(window: Window) -> None:
    view = box(window, ["KVARNEN 14", "KVARNEN 14"])

    with pytest.raises(SeveralMatches, match="2 förslag"):
        suggest(view, "Sök", "KVARNEN 14", absent=ABSENT)
    assert chosen(view) == ""


def test_waits_out_a_late_answer_to_an_older_text(window: Window) -> None:
    """The answer to what stood there before comes while the new one is still on its way."""
    view = box(window, HOMES, {"EKBACKEN": 200, "KVARNEN 14": 400})
    view.frame.get_by_label("Sök").fill("EKBACKEN")
    view.frame.page.wait_for_timeout(100)  # the question about the older text has been asked by now

    assert suggest(view, "Sök", "KVARNEN 14", absent=ABSENT) == "KVARNEN 14"
    assert chosen(view) == "KVARNEN 14"


def test_control_the_late_answer_stands_there_before_the_right_one(window: Window) -> None:
    view = box(window, HOMES, {"EKBACKEN": 200, "KVARNEN 14": 400})
    view.frame.get_by_label("Sök").fill("EKBACKEN")
    view.frame.page.wait_for_timeout(100)  # as above
    view.frame.get_by_label("Sök").fill("KVARNEN 14")

    view.frame.get_by_role("option").first.wait_for()

    assert view.frame.get_by_role("option").first.inner_text() == "EKBACKEN 3:10"


def test_never_picks_from_an_answer_to_an_older_text_that_came_last(window: Window) -> None:
    """A page without any order among its answers: what it shows in the end is about something else."""
    view = box(window, HOMES, {"EKBACKEN": 60, "KVARNEN 14": 1}, timeout=1)
    view.frame.evaluate("box.innerHTML = ''; setInterval(show, 10, 'EKBACKEN')")

    with pytest.raises(NotSeen, match="3 andra förslag"):
        suggest(view, "Sök", "KVARNEN 14", absent=ABSENT)
    assert chosen(view) == ""


def test_an_absence_of_an_older_text_is_none_for_the_new_one(window: Window) -> None:
    view = box(window, HOMES, {"KVARNEN 14": 500})
    view.frame.evaluate("show('LINDEN 9')")

    found = suggestions(view, "Sök", "KVARNEN 14", absent='Inga förslag för "KVARNEN 14"')

    assert found.words == ("KVARNEN 14",)


def test_a_list_that_fills_one_by_one_is_read_when_it_has_settled(window: Window) -> None:
    view = opened(
        window,
        "<label>Sök <input id=field></label><div role=listbox><div role=option>KVARNEN 14</div></div>"
        "<script>setTimeout(() => document.querySelector('[role=listbox]')"
        ".insertAdjacentHTML('beforeend', '<div role=option>KVARNEN 14</div>'), 60)</script>",
    )

    with pytest.raises(SeveralMatches):
        suggest(view, "Sök", "KVARNEN 14", absent=ABSENT)


def test_a_busy_box_is_waited_for(window: Window) -> None:
    view = opened(
        window,
        "<label>Sök <input id=field aria-controls=box></label>"
        "<div id=box aria-busy=true><div role=option>KVARNEN 14 gammal</div></div>"
        "<script>setTimeout(() => { box.innerHTML = '<div role=option>KVARNEN 14 ny</div>'; box.ariaBusy = 'false'; }"
        ", 500)</script>",
    )

    assert suggestions(view, "Sök", "KVARNEN 14", absent=ABSENT).words == ("KVARNEN 14 ny",)


def test_tells_what_the_box_says_when_the_search_is_down(window: Window) -> None:
    view = opened(
        window,
        "<label>Sök <input aria-controls=box></label><div id=box><p role=alert>Sökningen svarar inte.</p></div>",
    )

    with pytest.raises(NotSeen, match="Sökningen svarar inte"):
        suggestions(view, "Sök", "KVARNEN 14", absent=ABSENT)


def test_finds_a_list_without_any_roles_by_its_css_and_tells_its_other_words(window: Window) -> None:
    view = opened(
        window,
        "<table><tr><td>Sök</td><td><input></td></tr></table>"
        "<div class=hits><ul><li>KVARNEN 14</li></ul><p>Visar 1 av 9</p></div>",
    )

    assert suggestions(view, "Sök", "KVARNEN", absent=ABSENT, box="div.hits") == Suggestions(
        ("KVARNEN 14",), "Visar 1 av 9"
    )


def refusing(window: Window, refuses: str) -> View:
    """A field that empties itself when ``refuses``; ``grown`` is by how many letters its text has just grown."""
    return opened(
        window,
        "<label>Sök <input id=field aria-controls=box></label><div id=box><li>KVARNEN 14</li></div><script>let was = 0;"
        "field.oninput = () => { const grown = field.value.length - was;"
        f"if ({refuses}) field.value = ''; was = field.value.length; }}</script>",
    )


def test_types_key_by_key_where_the_field_refuses_the_fast_way(window: Window) -> None:
    view = refusing(window, "grown > 1")

    assert suggestions(view, "Sök", "KVARNEN 14", absent=ABSENT).words == ("KVARNEN 14",)


def test_a_field_that_does_not_keep_the_text_is_an_error(window: Window) -> None:
    view = refusing(window, "true")

    with pytest.raises(ValueNotKept, match="behöll inte"):
        suggestions(view, "Sök", "KVARNEN 14", absent=ABSENT)


def test_reads_cards_in_one_trip(window: Window) -> None:
    view = opened(
        window,
        "<article aria-label=P1><h4>Plan  ett</h4><p>P1</p><ul><li><a href='http://x.example/p1.pdf'>Karta</a></ul>"
        "</article><article><p>två</p></article>",
    )

    assert cards(view, "article") == [
        Card("P1", ("Plan ett", "P1", "Karta"), {"Karta": "http://x.example/p1.pdf"}), Card("", ("två",), {}),
    ]  # fmt: skip


def test_a_fact_is_one_value_and_its_errors_do_not_tell_it(window: Window) -> None:
    view = opened(window, "<title>Kort</title>")
    pairs: dict[str, str | list[str]] = {"Namn": "Ada Öst", "Adress": ["Ågatan 1", "Ågatan 2"]}

    assert fact(view, pairs, "Namn") == "Ada Öst"
    with pytest.raises(NotSeen, match="Telefon finns inte") as missing:
        fact(view, pairs, "Telefon")
    with pytest.raises(SeveralMatches, match="Adress står 2 gånger") as several:
        fact(view, pairs, "Adress")
    assert not re.search("Ada|Ågatan", f"{missing.value} {several.value}")
