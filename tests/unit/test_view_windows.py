"""What a system opens in a window of its own: entered by the click, checked, committed in once, and closed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.effects import State
from robots.errors import NotSeen, PageNotRecognised, SessionLost, SeveralMatches, ValueNotKept
from robots.store import Store
from robots.systems.once import effect
from robots.systems.view import View
from robots.systems.windows import opened_by
from robots.worker.warm_browser import Window
from tests.unit.benches import IMPATIENT, bench
from tests.unit.bookings import FORM, Bookings, Reader, ledger_says
from tests.unit.pages import Answer, Asked, page, serving

pytestmark = pytest.mark.browser

START = """<h1>Akt 17</h1>
<button onclick="window.open('/new', 'kort', 'width=600,height=500')">Ny bokning</button>
<button onclick="setTimeout(() => window.open('/new'), 200)">Senare</button>
<a href="/new" target="_blank" rel="noopener">Ny flik</a>
<button onclick="window.open('/first'); window.open('/second')">Två</button>
<button onclick="window.open('/alert')">Ruta</button>
<button onclick="alert('Akten är låst')">Låst</button>
<button onclick="window.open('/frames')">Ramar</button>
<button onclick="window.open('/inner')">Kort i kort</button>
<p ondblclick="window.open('/new')">Rad 1</p>
<button onclick="1">Inget</button>"""
CLOSES = "<h1>Klart</h1><p role=status>Bokat.</p><script>opener.document.title = 'Sparat'; window.close()</script>"
FRAMES = "<frameset cols='30%,70%'><frame name=meny src='/list?q=alltid'><frame name=arbete src='/new'></frameset>"


class Card(Reader):
    """A system whose forms come in windows."""

    looks = True

    @effect(found_by=Reader.find_booking, control=Reader.shows_anything)
    def book(self, words: str, *, once: str) -> None:
        self.open("/akt", heading="Akt 17")
        with opened_by(self, self.button("Ny bokning"), heading="Ny bokning") as form:
            form.fill({"Text": words, "Märkning": once})
            self.commit(form.button("Boka"), done=form.text("Bokat."), refused=form.frame.get_by_role("alert"))

    @effect(found_by=Reader.find_booking, control=Reader.shows_anything)
    def book_in_frames(self, words: str, *, once: str) -> None:
        self.open("/akt", heading="Akt 17")
        with opened_by(self, self.button("Ramar")) as card:
            form = card.inside("arbete")
            if self.looks:
                self.arrive("Ny bokning", view=form)
            form.fill({"Text": words, "Märkning": once})
            self.commit(form.button("Boka"), done=form.text("Bokat."))


class CardSystem(Bookings):
    closes = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._second_came = threading.Event()
        self.pages |= {
            "/first": self._first,
            "/second": self._second,
            "/akt": page(START, title="Akten"),
            "/alert": page("<script>alert('Sekretess!')</script><h1>Ny bokning</h1>"),
            "/frames": Answer(f"<!doctype html><title>Kort</title>{FRAMES}"),
            "/inner": page("<h1>Yttre</h1><button onclick=\"window.open('/confirm')\">Inre</button>"),
            "/confirm": page("<h1>Inre</h1><button onclick=\"document.title = confirm('Ta bort?')\">Ta bort</button>"),
        }

    def _first(self, _: Asked) -> Answer:
        """Not before the other window is there as well."""
        self._second_came.wait(5)
        return page("<h1>Första</h1>")

    def _second(self, _: Asked) -> Answer:
        self._second_came.set()
        return page("<h1>Andra</h1>")

    def _book(self, asked: Asked) -> Answer:
        answer = super()._book(asked)
        return page(CLOSES) if self.closes and not answer.lost else answer


@pytest.fixture
def cards() -> CardSystem:
    return CardSystem()


@pytest.fixture
def driver(window: Window, store: Store, tmp_path: Path, cards: CardSystem, run_id: int) -> Iterator[Card]:
    with serving(cards) as server:
        yield Card(bench(window, store, tmp_path, server.address, run_id=run_id))


@pytest.mark.parametrize("name", ["Ny bokning", "Senare"])
def test_works_in_the_window_and_closes_it(driver: Card, name: str) -> None:
    driver.open("/akt", heading="Akt 17")
    pages = len(driver.bench.context.pages)
    with opened_by(driver, driver.button(name), heading="Ny bokning") as form:
        form.fill({"Text": "en tunna"})
        assert len(driver.bench.context.pages) == pages + 1
    assert len(driver.bench.context.pages) == pages
    assert driver.title == "Akten"


def test_a_link_to_a_new_tab_that_knows_nothing_of_its_opener(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    with opened_by(driver, driver.link("Ny flik"), heading="Ny bokning") as form:
        assert form.frame.url.endswith("/new")


def test_a_window_that_opens_by_a_double_click(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    row = driver.text("Rad 1")
    with opened_by(driver, lambda: driver.double_click(row), heading="Ny bokning") as form:
        assert form.frame.url.endswith("/new")
    driver.timeout = IMPATIENT
    with pytest.raises(NotSeen, match="öppnade inget fönster"), opened_by(driver, row):
        pass


def test_control_a_click_alone_leaves_the_robot_on_the_old_page(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    driver.click(driver.button("Ny bokning"))
    with pytest.raises(NotSeen):
        driver.fill({"Text": "en tunna"})


def test_the_checked_page_is_the_openers_again_afterwards(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    with opened_by(driver, driver.button("Ny bokning"), heading="Ny bokning"):
        assert driver._arrived
        assert driver._arrived[1] == "Ny bokning"
    assert driver._arrived == (driver, "Akt 17")


def test_no_window_two_windows_or_another_page(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    patience, driver.timeout = driver.timeout, IMPATIENT
    before = list(driver.bench.context.pages)
    with pytest.raises(NotSeen, match="öppnade inget fönster"), opened_by(driver, driver.button("Inget")):
        pass
    driver.timeout = patience
    with pytest.raises(SeveralMatches, match="öppnade flera fönster"), opened_by(driver, driver.button("Två")):
        pass
    with pytest.raises(PageNotRecognised, match="skulle visa «Kort»"):
        with opened_by(driver, driver.button("Ny bokning"), heading="Kort"):
            pass
    assert driver.bench.context.pages == before


def test_a_window_that_shows_the_login_is_a_lost_session(driver: Card, cards: CardSystem) -> None:
    driver.open("/akt", heading="Akt 17")
    cards.log_everybody_out()
    with pytest.raises(SessionLost):
        with opened_by(driver, driver.button("Ny bokning"), heading="Ny bokning"):
            pass


# -- message boxes --------------------------------------------------------------------------------------------------


def test_a_message_box_of_the_windows_first_moment_hands_over(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Sekretess!»"):
        with opened_by(driver, driver.button("Ruta"), heading="Ny bokning"):
            pass


def test_a_message_box_in_the_windows_place_is_what_is_told(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    driver.timeout = IMPATIENT
    with pytest.raises(PageNotRecognised, match="Akten är låst"), opened_by(driver, driver.button("Låst")):
        pass


def test_expected_boxes_are_answered_in_a_window_of_a_window(driver: Card) -> None:
    driver.open("/akt", heading="Akt 17")
    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Ta bort\\?»"):
        _work_in_windows(driver)


def _work_in_windows(driver: Card) -> None:
    with opened_by(driver, driver.button("Kort i kort"), heading="Yttre") as outer:
        with opened_by(driver, outer.button("Inre"), heading="Inre") as inner:
            driver.expect_dialog("Ta bort?")
            inner.click(inner.button("Ta bort"))
            assert inner.title == "true"
        _press_unexpected(driver, outer)


def _press_unexpected(driver: Card, outer: View) -> None:
    with opened_by(driver, outer.button("Inre"), heading="Inre") as inner:
        inner.click(inner.button("Ta bort"))
        assert inner.title == "false"


# -- committing -----------------------------------------------------------------------------------------------------


def test_a_change_in_a_window_is_made_and_found(driver: Card, store: Store, cards: CardSystem) -> None:
    assert driver.book("en tunna", once="bokning") == "B-1"
    assert (len(cards.booked), cards.asked, ledger_says(store)) == (1, 1, (State.CONFIRMED, 1))


@pytest.mark.parametrize("lost", ["fin", "rst", "partial"])
def test_a_lost_answer_in_a_window_is_one_change(driver: Card, store: Store, cards: CardSystem, lost: str) -> None:
    cards.lost = lost  # type: ignore[assignment]  # one of the three
    assert driver.book("en tunna", once="bokning") == "B-1"
    assert (len(cards.booked), cards.asked, ledger_says(store)) == (1, 1, (State.CONFIRMED, 1))


def test_control_the_browser_alone_sends_a_windows_form_again(driver: Card, cards: CardSystem) -> None:
    cards.lost = "rst"
    driver.open("/akt", heading="Akt 17")
    with opened_by(driver, driver.button("Ny bokning"), heading="Ny bokning") as form:
        form.fill({"Text": "en tunna", "Märkning": "R-0"})
        with form.frame.page.expect_event("requestfailed"):
            form.frame.page.get_by_role("button", name="Boka").click(no_wait_after=True)
    assert cards.asked > 1


def test_a_window_that_closes_itself_when_it_has_saved(driver: Card, store: Store, cards: CardSystem) -> None:
    cards.closes = True
    assert driver.book("en tunna", once="bokning") == "B-1"
    assert (cards.asked, ledger_says(store)) == (1, (State.CONFIRMED, 1))


def test_a_change_in_a_frame_of_a_window(driver: Card, store: Store, cards: CardSystem) -> None:
    assert driver.book_in_frames("en tunna", once="bokning") == "B-1"
    assert (cards.asked, ledger_says(store)) == (1, (State.CONFIRMED, 1))


def test_a_window_that_nobody_has_looked_at_is_not_committed_in(driver: Card, cards: CardSystem) -> None:
    """That the opener is the right page says nothing about the window."""
    driver.looks = False
    with pytest.raises(PageNotRecognised, match="ingen sida är kontrollerad"):
        driver.book_in_frames("en tunna", once="bokning")
    assert cards.asked == 0


def test_the_window_is_checked_anew_before_the_change(
    driver: Card, cards: CardSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has become another card since it was filled in: nothing leaves, though the opener is as it was."""
    changes = "<script>document.querySelector('input').onchange = () => { document.querySelector('h1').textContent ="
    cards.pages["/new"] = page(f"{FORM}{changes} 'En annan akt' }}</script>")
    with pytest.raises(PageNotRecognised, match="visar inte längre «Ny bokning» utan «En annan akt»"):
        driver.book("en tunna", once="bokning")
    assert cards.asked == 0


def test_control_a_field_that_is_not_kept_in_a_window_is_seen(driver: Card, cards: CardSystem) -> None:
    cards.pages["/new"] = page(FORM + "<script>document.querySelector('input').readOnly = true</script>")
    with pytest.raises(ValueNotKept):
        driver.book("en tunna", once="bokning")
