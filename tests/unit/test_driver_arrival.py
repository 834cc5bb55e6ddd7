"""Arriving on the right page or saying what is there instead; seeing a thing or the page's own words of its absence."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import Page

from robots.errors import NotSeen, PageNotRecognised, RagnhildError, SessionLost, SeveralMatches, SystemDown
from robots.store import Store
from robots.systems.view import Found, View
from robots.worker.warm_browser import Window
from tests.unit.benches import IMPATIENT, Practice, Site, bench
from tests.unit.pages import Answer, page, serving

pytestmark = pytest.mark.browser

Show = Callable[[str], View]
BOX = (
    '<div role=dialog aria-modal=true aria-label="{name}"><p>Ny version i kväll.</p>'
    "<button onclick=\"this.closest('div').remove()\">Jag har läst</button></div>"
)


class WithBoxes(Practice):
    known_boxes: ClassVar = {"Nyheter": "Jag har läst"}
    own_boxes: ClassVar = ("Guide",)


@pytest.fixture
def site() -> Site:
    return Site({"/": page("<h1>Start</h1>"), "/a": page("<h1>Sida A</h1>")})


@pytest.fixture
def driver(window: Window, store: Store, tmp_path: Path, site: Site) -> Iterator[Practice]:
    with serving(site) as server:
        yield WithBoxes(bench(window, store, tmp_path, server.address))


# -- arriving -----------------------------------------------------------------------------------------------------


def test_arrives_at_the_page_that_has_the_heading(driver: Practice, site: Site) -> None:
    assert driver.open("/a", heading="Sida A") is True
    assert site.logins == 1


def test_tells_which_of_two_pages_it_is(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1>Sidan finns inte</h1>")
    assert driver.open("/b", heading="Sida B", otherwise="Sidan finns inte") is False


def test_a_question_and_swedish_letters_arrive_as_they_are(driver: Practice, site: Site) -> None:
    site.pages["/s%C3%B6k"] = lambda asked: page(f"<h1>Sök</h1><p>{asked.path}</p>")
    driver.open("/sök", heading="Sök", q="å & 3:14")
    assert driver.frame.locator("p").inner_text() == "/s%C3%B6k?q=%C3%A5+%26+3%3A14"


def test_a_page_that_comes_late_is_waited_for(driver: Practice, site: Site) -> None:
    site.pages["/late"] = page("<h1>Laddar</h1><script>setTimeout(() => { document.querySelector('h1').textContent = "
                               "'Sida A'; }, 300)</script>")  # fmt: skip
    driver.open("/late", heading="Sida A")


def test_another_page_is_told_by_its_heading_in_bounded_time(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1>Sida B</h1>")
    driver.open("/a", heading="Sida A")
    driver.timeout = IMPATIENT
    begun = time.monotonic()
    with pytest.raises(PageNotRecognised, match=r"skulle visa «Sida A».* visar «Sida B» \(/b\)"):
        driver.open("/b", heading="Sida A")
    assert time.monotonic() - begun < 5


def test_a_heading_that_nobody_sees_is_not_the_page(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1 style='display:none'>Sida A</h1><h1>Sida B</h1>")
    driver.open("/a", heading="Sida A")
    driver.timeout = IMPATIENT
    with pytest.raises(PageNotRecognised, match="Sida B"):
        driver.open("/b", heading="Sida A")


@pytest.mark.parametrize(
    ("answer", "after", "words"),
    [
        (Answer("stängt", 503, {"Retry-After": "17"}), 17.0, "svarar 503"),
        (Answer("för många", 429, {"Retry-After": "3"}), 3.0, "svarar 429"),
        (Answer("fel", 500), None, "svarar 500"),
        (Answer("stängt", 503, {"Retry-After": "i kväll"}), None, "svarar 503"),
        (Answer(lost="rst"), None, "går inte att nå"),
    ],
    ids=["503", "429", "500", "no number", "reset"],
)
def test_a_closed_system_says_when_to_come_back(
    driver: Practice, site: Site, answer: Answer, after: float | None, words: str
) -> None:
    site.pages["/b"] = answer
    with pytest.raises(SystemDown, match=words) as told:
        driver.open("/b", heading="Sida B")
    assert told.value.retry_after == after


def test_a_system_that_does_not_answer_is_given_up_in_bounded_time(driver: Practice, site: Site) -> None:
    def silent(_: object) -> Answer:
        time.sleep(4)  # longer than the driver's patience of a second: that is the fault
        return page("<h1>Sida B</h1>")

    driver.open("/a", heading="Sida A")
    driver.timeout = IMPATIENT
    site.pages["/b"] = silent
    begun = time.monotonic()
    with pytest.raises(SystemDown, match="svarade inte inom 1 s"):
        driver.open("/b", heading="Sida B")
    assert time.monotonic() - begun < 3.5


# -- a page that is only frames --------------------------------------------------------------------------------------


def _frameset(site: Site, menu: Answer) -> None:
    site.pages |= {
        "/ramar": Answer("<!doctype html><title>Ramar</title><frameset cols='30%,*'><frame src=/meny><frame src=/a>"),
        "/meny": menu,
    }


def test_a_frameset_is_known_by_a_heading_in_one_of_its_frames(driver: Practice, site: Site) -> None:
    _frameset(site, page("<h1>Meny</h1>"))
    assert driver.open("/ramar", heading="Meny") is True
    driver.timeout = IMPATIENT
    with pytest.raises(PageNotRecognised, match="visar «Meny»"):
        driver.open("/ramar", heading="Sida B")


def test_a_frame_in_a_page_of_its_own_words_does_not_speak_for_it(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1>Sida B</h1><iframe src=/a></iframe>")
    driver.open("/a", heading="Sida A")
    driver.timeout = IMPATIENT
    with pytest.raises(PageNotRecognised, match="visar «Sida B»"):
        driver.open("/b", heading="Sida A")


def test_a_frame_whose_page_is_still_on_its_way_is_waited_for(driver: Practice, site: Site) -> None:
    comes = threading.Event()

    def late(_: object) -> Answer:
        comes.wait(10)
        return page("<h1>Sida A</h1>")

    site.pages |= {"/b": page("<h1>Sida B</h1><iframe title=Arbetsyta src=/sen></iframe>"), "/sen": late}
    driver.open("/b", heading="Sida B")
    work = driver.inside("Arbetsyta")
    assert work.frame.url == ""  # no address yet, which is nobody else's
    threading.Timer(0.2, comes.set).start()
    driver.arrive("Sida A", view=work)


def test_a_login_in_one_of_the_frames_is_the_login(driver: Practice, site: Site) -> None:
    shown: list[int] = []

    def menu(_: object) -> Answer:
        shown.append(1)
        return page("<h1>Logga in</h1><input type=password>" if len(shown) == 1 else "<h1>Meny</h1>")

    _frameset(site, page(""))
    site.pages["/meny"] = menu
    driver.open("/ramar", heading="Meny")
    assert (site.logins, len(shown)) == (2, 2)


def test_a_box_in_one_of_the_frames_covers_them(driver: Practice, site: Site) -> None:
    _frameset(site, page("<h1>Meny</h1>" + BOX.format(name="Viktigt meddelande")))
    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Viktigt meddelande»"):
        driver.open("/ramar", heading="Meny")


# -- boxes and dialogs --------------------------------------------------------------------------------------------


def test_an_unexpected_box_is_told_with_its_words(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1>Sida B</h1>" + BOX.format(name="Viktigt meddelande"))
    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Viktigt meddelande»"):
        driver.open("/b", heading="Sida B")


def test_a_box_that_nobody_sees_or_that_belongs_to_the_work_is_no_surprise(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page(
        "<h1>Sida B</h1>" + BOX.format(name="Guide") + f"<div hidden>{BOX.format(name='Viktigt')}</div>"
    )
    driver.open("/b", heading="Sida B")


def test_a_known_box_is_closed(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1>Sida B</h1>" + BOX.format(name="Nyheter"))
    driver.open("/b", heading="Sida B")
    assert driver.page.get_by_role("dialog").count() == 0


def test_a_known_box_that_comes_back_is_closed_once_only(driver: Practice, site: Site) -> None:
    again = BOX.format(name="Nyheter").replace("this.closest('div').remove()", "clicks.textContent += 'I'")
    site.pages["/b"] = page("<h1>Sida B</h1><p id=clicks></p>" + again)
    with pytest.raises(PageNotRecognised, match="Nyheter"):
        driver.open("/b", heading="Sida B")
    assert driver.page.locator("#clicks").inner_text() == "I"


@pytest.mark.parametrize("how", ["alert", "confirm", "prompt"])
def test_an_unexpected_message_box_hands_the_case_over(driver: Practice, site: Site, how: str) -> None:
    site.pages["/b"] = page(f"<h1>Sida B</h1><script>window.said = {how}('Säker?')</script>")
    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Säker\\?»"):
        driver.open("/b", heading="Sida B")
    assert driver.page.evaluate("window.said || 'nej'") in ("nej", None)  # answered with no
    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Säker"):
        driver.open("/a", heading="Sida A")  # nobody knows what was said no to: this driver goes nowhere any more


def test_an_expected_message_box_is_answered_with_yes_once(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1>Sida B</h1><script>window.said = confirm('Säker?')</script>")
    driver.expect_dialog("Säker?")
    driver.open("/b", heading="Sida B")
    assert driver.page.evaluate("window.said") is True
    with pytest.raises(PageNotRecognised, match="Säker"):
        driver.open("/b", heading="Sida B")


# -- the session --------------------------------------------------------------------------------------------------


def test_a_lost_session_is_renewed_once(driver: Practice, site: Site) -> None:
    driver.open("/a", heading="Sida A")
    site.log_everybody_out()
    driver.open("/a", heading="Sida A")
    assert site.logins == 2


def test_a_system_that_logs_out_at_once_is_not_logged_in_to_for_ever(driver: Practice, site: Site) -> None:
    site.pages["/a"] = page("<h1>Logga in</h1><input type=password>")
    with pytest.raises(SessionLost, match="så fort"):
        driver.open("/a", heading="Sida A")
    assert site.logins == 2


def test_a_click_that_leads_to_the_login_page_is_a_lost_session(driver: Practice, site: Site) -> None:
    site.pages["/b"] = page("<h1>Sida B</h1><a href=/a>Vidare</a>")
    driver.open("/b", heading="Sida B")
    site.log_everybody_out()
    driver.click(driver.link("Vidare"))
    with pytest.raises(SessionLost):
        driver.arrive("Sida A")


# -- seeing -------------------------------------------------------------------------------------------------------


@pytest.fixture
def tab(window: Window) -> Page:
    return window.context.new_page()


@pytest.fixture
def show(tab: Page) -> Show:
    def put(body: str) -> View:
        tab.set_content(f"<!doctype html><title>Lista</title>{body}")
        return View(tab.main_frame, 0.5)

    return put


ABSENT = "Inga bokningar"
ROW = "<article id=n>R-1 bokad</article>"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (ROW, True),
        (f"<p>{ABSENT}</p>", False),
        (f"<p>{ABSENT}</p><p>{ABSENT}</p>", False),
        (f"{ROW}<p hidden>{ABSENT}</p>", True),
        (f"<p>{ABSENT}</p><div hidden>{ROW}</div>", False),
        (f"{ROW}<template>{ROW}</template><div style='display:none'>{ROW}</div>", True),
        (f"<script>setTimeout(() => {{ document.body.innerHTML = '{ROW}'; }}, 200)</script>", True),
        (f"<script>setTimeout(() => {{ document.body.innerHTML = '{ABSENT}'; }}, 200)</script>", False),
    ],
    ids=["there", "absent", "absent in two places", "words of absence that nobody sees", "a row that nobody sees",
         "a row to copy", "late", "late absence"],
)  # fmt: skip
def test_a_thing_is_there_or_the_page_says_that_it_is_not(show: Show, body: str, seen: bool) -> None:
    view = show(body)
    assert (view.see(view.article("R-1"), absent=view.text(ABSENT)) is not None) is seen


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("<p>Laddar …</p>", NotSeen, "syntes inte inom 0.5 s på sidan «Lista»"),
        (f"<div hidden>{ROW}<p>{ABSENT}</p></div>", NotSeen, "syntes inte"),
        (f"{ROW}<p>{ABSENT}</p>", SeveralMatches, "visar både"),
        (f"{ROW}{ROW}", SeveralMatches, "2 saker"),
        (f"{ROW}{ROW}<p>{ABSENT}</p>", SeveralMatches, "2 saker"),
    ],
    ids=["silence", "nothing shown", "both at once", "two", "two and absence"],
)
def test_anything_else_is_an_error_in_bounded_time(
    show: Show, body: str, kind: type[RagnhildError], words: str
) -> None:
    view = show(body)
    begun = time.monotonic()
    with pytest.raises(kind, match=words):
        view.see(view.article("R-1"), absent=view.text(ABSENT))
    assert time.monotonic() - begun < 2


def test_a_thing_that_vanishes_while_it_is_looked_at_is_not_absent(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    view = show(ROW)
    thing = view.article("R-1")
    real = type(thing).wait_for

    def wait_and_lose(self: object, **told: object) -> None:
        real(self, **told)  # type: ignore[arg-type]  # as it was called
        view.frame.evaluate("document.body.innerHTML = 'Laddar …'")

    monkeypatch.setattr(type(thing), "wait_for", wait_and_lose)
    with pytest.raises(NotSeen, match="försvann"):
        view.see(thing, absent=view.text(ABSENT))


def test_without_words_of_absence_the_thing_must_come(show: Show) -> None:
    view = show(f"<p>{ABSENT}</p>")
    with pytest.raises(NotSeen):
        view.see(view.article("R-1"))


def test_of_two_buttons_none_is_clicked(show: Show) -> None:
    view = show("<button onclick='document.title = 1'>Spara</button>" * 2)
    with pytest.raises(SeveralMatches):
        view.click(view.button("Spara"))
    assert view.title == "Lista"


@pytest.mark.parametrize(
    ("text", "found"),
    [("Visar 3 av 17 rader", "17"), ("Visar 3 av 17. Visar 3 av 17.", "17"), ("Inget att visa", "")],
)
def test_what_the_page_says_in_running_text(show: Show, text: str, found: str) -> None:
    assert show(f"<p>{text}</p>").said(r"av (\d+)", absent="Inget att visa") == found


@pytest.mark.parametrize(("text", "kind"), [("av 17, av 18", SeveralMatches), ("Laddar", NotSeen)])
def test_a_page_that_says_two_things_or_none(show: Show, text: str, kind: type[RagnhildError]) -> None:
    with pytest.raises(kind):
        show(f"<p>{text}</p>").said(r"av (\d+)", absent="Inget")


def test_a_table_is_read_by_its_captions(show: Show) -> None:
    view = show(
        "<table><tr><th>Nummer:<th>Fil</tr><tr><td>1<td><a href='http://x.example/1'>Hämta</a></tr>"
        "<tr><td colspan=2>Summa</tr></table>"
    )
    [row] = view.table(view.part("table"))
    assert view.table("table") == [row]
    assert (row["Nummer"], row.links) == ("1", {"Hämta": "http://x.example/1"})


def test_facts_are_said_once_or_alike(show: Show) -> None:
    once = "<dl><dt>Namn<dd>Åsa<dt>Ort:<dd>Åby</dl><table><tr><td>Namn<td>Åsa</tr></table>"
    view = show(once)
    assert view.facts(view.part("body")) == view.facts("body") == {"Namn": "Åsa", "Ort": "Åby"}
    view = show(once.replace("<td>Åsa", "<td>Bo"))
    with pytest.raises(SeveralMatches, match="Namn"):
        view.facts(view.part("body"))


def test_a_thing_is_looked_for_and_read_in_one_trip(show: Show) -> None:
    view = show("<article id=a1>Not R-1 <dl><dt>Kvittens<dd>K 17</dl></article><article id=a2>Not R-2</article>")
    found = view.look("article", containing="R-1", absent="Inga", read="pairs")
    assert found == Found("a1", {"Kvittens": "K 17"})
    assert view.look("article", containing="R-2") == Found("a2", "Not R-2")
    assert view.texts("article") == ["Not R-1 Kvittens K 17", "Not R-2"]


def test_a_thing_that_comes_late_is_waited_for(show: Show) -> None:
    view = show("<p id=p></p><script>setTimeout(() => p.outerHTML = '<article>R-1</article>', 400)</script>")
    assert view.texts("article") == []  # control: a look that does not wait sees nothing
    assert view.look("article", containing="R-1", absent="Inga träffar.") is not None


def test_a_page_that_has_no_body_yet_is_waited_for(show: Show) -> None:
    view = show("<p>Inga träffar.</p>")
    view.frame.evaluate(
        "() => { const body = document.body; body.remove();"
        " setTimeout(() => document.documentElement.append(body), 300); }"
    )
    assert view.look("article", absent="Inga träffar.") is None


def test_absence_counts_only_in_the_page_s_own_visible_words(show: Show) -> None:
    assert show("<p>Inga  <b>träffar.</b></p>").look("article", absent="Inga träffar.") is None
    for silent in ("<p>Inga träffar. Sök igen.</p>", "<p hidden>Inga träffar.</p>", "<article hidden>R-1</article>"):
        with pytest.raises(NotSeen):
            show(silent).look("article", absent="Inga träffar.")


@pytest.mark.parametrize("shown", ["<article>R-1<article>R-1", "<article>R-1</article><p>Inga träffar.</p>"])
def test_two_things_or_a_thing_and_its_absence_are_not_chosen_between(show: Show, shown: str) -> None:
    with pytest.raises(SeveralMatches):
        show(shown).look("article", containing="R-1", absent="Inga träffar.")
