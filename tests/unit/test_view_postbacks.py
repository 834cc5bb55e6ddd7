"""The answer to a click is waited for on pages that send themselves back, whole or in part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event
from urllib.parse import parse_qs

import pytest

from robots.errors import NotSeen, PageNotRecognised, SystemDown, ValueNotKept
from robots.systems.postbacks import choose, postback
from robots.systems.view import PlaywrightError, View
from robots.worker.warm_browser import Window
from tests.unit.pages import Answer, Asked, PageServer, page, serving

pytestmark = pytest.mark.browser

LATE = 0.25  # seconds that the system takes for an answer
KINDS = {"": [], "Bygglov": ["Nybyggnad", "Tillbyggnad"], "Rivning": ["Helt", "Delvis"]}
SCRIPT = """
function __doPostBack(target) { form.__EVENTTARGET.value = target; if (!window.partly) return form.submit();
  const busy = document.querySelector('#busy'); busy.hidden = false;
  const asked = new XMLHttpRequest();
  asked.open('POST', location.href); asked.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
  asked.onload = () => { const [state, part] = asked.responseText.split('|');
    busy.hidden = true;
    if (part) { form.__VIEWSTATE.value = state; document.querySelector('#part').innerHTML = part; } };
  asked.send(new URLSearchParams([...new FormData(form), ['partly', '1']])); }
"""


class Permits:
    """A search page with a list that fills another list, a pager, and the same look before and after."""

    def __init__(self) -> None:
        self.partly = False
        self.status = 200
        self.lost = False
        self.forgets = False
        self.empty = False
        self.hold: Event | None = None
        self.redirects = False
        self.shown = 1
        self.kind = ""

    def __call__(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return self._whole()
        time.sleep(LATE)  # the system's own slowness is what is tried
        told = parse_qs(asked.body.decode())
        if self.lost:
            return Answer(lost="fin")
        if self.status != 200:
            return Answer("fel", self.status)
        target = told.get("__EVENTTARGET", [""])[0]
        if target == "kind" and not self.forgets:
            self.kind = told["kind"][0]
        if target == "next":
            self.shown += 1
        if self.redirects:
            return Answer("", 303, {"Location": "/"})
        if self.partly and "partly" in told:
            return Answer("" if self.empty else f"tillstånd{self.shown}{self.kind}|{self._part()}")
        return self._whole()

    def _part(self) -> str:
        kinds = "".join(f"<option{' selected' * (k == self.kind)}>{k}" for k in KINDS)
        works = "".join(f"<option>{w}" for w in ["", *KINDS[self.kind]])
        return (
            f"<p>Sida {self.shown}</p><table><tr><td>Ärendetyp</td><td><select name=kind "
            f"onchange=\"setTimeout('__doPostBack(\\'kind\\')', 0)\">{kinds}</select></td></tr>"
            f"<tr><td>Åtgärd</td><td><select name=work>{works}</select></td></tr></table>"
        )

    def _whole(self) -> Answer:
        return page(
            "<h1>Sök ärende</h1><form name=form method=post><input type=hidden name=__VIEWSTATE value=x>"
            f"<input type=hidden name=__EVENTTARGET><div id=part>{self._part()}</div><p id=busy hidden>Vänta …</p>"
            "<a href=\"javascript:__doPostBack('next')\">Nästa</a> <a href='javascript:void 0'>Ingenting</a></form>"
            f"<script>const form = document.forms[0]; window.partly = {str(self.partly).lower()};{SCRIPT}</script>",
            title="Ärenden",
        )


@pytest.fixture
def permits() -> Permits:
    return Permits()


@pytest.fixture
def server(permits: Permits) -> Iterator[PageServer]:
    with serving(permits) as running:
        yield running


@pytest.fixture
def show(window: Window, server: PageServer) -> Callable[[], View]:
    def opened() -> View:
        tab = window.page()
        tab.goto(server.address)
        return View(tab.main_frame, 2)

    return opened


def shown(view: View) -> str:
    return view.frame.locator("#part p").inner_text()


@pytest.mark.parametrize("partly", [False, True], ids=["whole", "partly"])
def test_a_click_is_waited_for_until_its_answer_stands_there(
    permits: Permits, show: Callable[[], View], partly: bool
) -> None:
    permits.partly = partly
    view = show()
    for n in (2, 3, 4):
        postback(view, view.link("Nästa"))
        assert shown(view) == f"Sida {n}"


@pytest.mark.parametrize("partly", [False, True], ids=["whole", "partly"])
def test_control_right_after_a_plain_click_the_answer_is_not_there(
    permits: Permits, show: Callable[[], View], partly: bool
) -> None:
    permits.partly = partly
    view = show()
    view.frame.page.get_by_role("link", name="Nästa").click(no_wait_after=True)
    words = ""
    with suppress(PlaywrightError):  # the page may go away while it is read, which is no better
        words = view.frame.page.evaluate("document.querySelector('#part p').textContent")
    assert words == ("Sida 1" if partly else words)
    assert words != "Sida 2"
    view.frame.page.get_by_text("Sida 2").wait_for()  # it was only a matter of time


@pytest.mark.parametrize("partly", [False, True], ids=["whole", "partly"])
def test_a_choice_that_fills_the_next_list(permits: Permits, show: Callable[[], View], partly: bool) -> None:
    permits.partly = partly
    view = show()
    assert choose(view, "Ärendetyp", "Rivning") is True
    view.fill({"Åtgärd": "Delvis"})
    assert choose(view, "Ärendetyp", "Bygglov") is True
    view.fill({"Åtgärd": "Tillbyggnad"})
    assert view.frame.locator("[name=work]").input_value() == "Tillbyggnad"


def test_control_a_plain_fill_does_not_find_what_the_choice_brings(permits: Permits, show: Callable[[], View]) -> None:
    permits.partly = True
    with pytest.raises(NotSeen, match="har inte valet 'Delvis'"):
        show().fill({"Ärendetyp": "Rivning", "Åtgärd": "Delvis"})


def test_what_is_chosen_already_posts_nothing_back(
    permits: Permits, show: Callable[[], View], server: PageServer
) -> None:
    permits.kind = "Bygglov"
    assert choose(show(), "Ärendetyp", "Bygglov") is False
    assert server.posts() == []


def test_a_choice_that_the_page_does_not_come_back_with(permits: Permits, show: Callable[[], View]) -> None:
    permits.forgets = True
    with pytest.raises(ValueNotKept):
        choose(show(), "Ärendetyp", "Bygglov")


def test_a_choice_that_is_not_in_the_list(show: Callable[[], View], server: PageServer) -> None:
    with pytest.raises(NotSeen, match="har inte valet"):
        choose(show(), "Ärendetyp", "Strandskydd")
    assert server.posts() == []


def test_the_answer_is_the_page_that_a_redirection_leads_to(permits: Permits, show: Callable[[], View]) -> None:
    permits.redirects = True
    view = show()
    postback(view, view.link("Nästa"))
    assert shown(view) == "Sida 2"


def test_a_click_that_sends_nothing_is_told_in_bounded_time(show: Callable[[], View]) -> None:
    view = show()
    with pytest.raises(NotSeen, match="skickades inte tillbaka inom 2 s"):
        postback(view, view.link("Ingenting"))


def test_an_answer_that_the_page_does_not_put_in_is_told(permits: Permits, show: Callable[[], View]) -> None:
    """Such a page has hidden its «Vänta …», which is a change, but where it hides nothing there is none."""
    permits.partly = permits.empty = True
    view = show()
    view.frame.evaluate("document.querySelector('#busy').remove(); document.body.append(Object.assign("
                        "document.createElement('i'), {id: 'busy', hidden: false}))")  # fmt: skip
    view.frame.evaluate("Object.defineProperty(document.querySelector('#busy'), 'hidden', {set() {}})")
    with pytest.raises(NotSeen, match="lades inte in"):
        postback(view, view.link("Nästa"))


@pytest.mark.parametrize("partly", [False, True], ids=["whole", "partly"])
@pytest.mark.parametrize("status", [500, 403])
def test_a_failure_is_not_taken_for_an_answer(
    permits: Permits, show: Callable[[], View], partly: bool, status: int
) -> None:
    permits.partly, permits.status = partly, status
    view = show()
    with pytest.raises(SystemDown, match=str(status)):
        postback(view, view.link("Nästa"))


@pytest.mark.parametrize("partly", [False, True], ids=["whole", "partly"])
def test_a_lost_answer_is_told(permits: Permits, show: Callable[[], View], partly: bool) -> None:
    permits.partly, permits.lost = partly, True
    view = show()
    with pytest.raises((SystemDown, PageNotRecognised)):
        postback(view, view.link("Nästa"))


def test_the_answer_may_come_in_another_frame(window: Window, server: PageServer) -> None:
    tab = window.page()
    tab.goto(server.address)
    tab.evaluate(
        "document.body.innerHTML = '<form method=post action=/ target=arbete><input type=hidden name=__EVENTTARGET "
        "value=next><button>Hämta</button></form><iframe name=arbete src=/></iframe>'"
    )
    view = View(tab.main_frame, 2)
    work = view.inside("arbete")
    assert shown(work) == "Sida 1"
    postback(view, view.button("Hämta"), into=work)
    assert shown(work) == "Sida 2"
