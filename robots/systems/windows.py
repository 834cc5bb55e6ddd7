"""Windows that a system opens by itself: entered by the click that opens them, closed when the work there is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Dialog, Locator, Page

from robots.errors import NotSeen, SeveralMatches
from robots.systems.driver import Driver
from robots.systems.reading import described
from robots.systems.view import PlaywrightError, PlaywrightTimeout, View


@contextmanager
def opened_by(driver: Driver, thing: Locator | Callable[[], None], *, heading: str | None = None) -> Iterator[View]:
    """Click on ``thing`` and work in the one window that it opens; afterwards the window is closed.

    What opens by a double-click or out of a menu is given as a function that does just that.

    ``heading`` is what the window's page must show before anything is done there; leave it out only where the page
    consists of frames, and ``driver.arrive(heading, view=window.inside(name))`` says it of one of them. ``commit``
    then checks, photographs and sends from that window. Message boxes of the window are dealt with as the driver's
    own, from the window's first moment on. A window may close itself when it has saved.

    Raises ``NotSeen`` when no window comes, ``SeveralMatches`` when more than one does, ``SessionLost`` when it shows
    the login, and ``PageNotRecognised`` for any other page or for a message box that nobody expects.
    """
    arrived = driver._arrived
    with _watched(driver) as opened:
        try:
            view = _only_one(driver, thing, opened)
            driver._arrived = None  # what was checked is the opener, and nothing is committed there
            if heading is not None:
                driver.arrive(heading, view=view)
            yield view
            driver._demand_no_surprise()
        finally:
            driver._arrived = arrived
            _close(opened)


def _only_one(driver: Driver, thing: Locator | Callable[[], None], opened: list[Page]) -> View:
    context, patience = driver.bench.context, driver.timeout * 1000
    try:
        with context.expect_page(timeout=patience) as told:
            driver.click(thing) if isinstance(thing, Locator) else thing()
        page = told.value
        page.wait_for_load_state("domcontentloaded", timeout=patience)
        there = _windows_of(page)  # a second may be told of while we ask, or later
        several = len(opened) > 1 or there > len(context.pages)
    except PlaywrightTimeout:
        driver._demand_no_surprise()  # a message box in the window's place says more than its absence
        what = "visade inte klart sitt fönster" if opened else "öppnade inget fönster"
        raise NotSeen(f"{_words(thing)} på sidan «{driver.title}» {what} inom {driver.timeout:g} s.") from None
    except PlaywrightError as error:
        raise driver._explained(error) from error
    if several:
        raise SeveralMatches(f"{_words(thing)} på sidan «{driver.title}» öppnade flera fönster.")
    return View(page.main_frame, driver.timeout)


def _windows_of(page: Page) -> int:
    """How many windows of the robot's the browser itself says are open, this one among them."""
    session = page.context.new_cdp_session(page)
    try:
        mine = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
        there = session.send("Target.getTargets")["targetInfos"]
    finally:
        session.detach()
    return sum(each["type"] == "page" and each.get("browserContextId") == mine for each in there)


def _words(thing: Locator | Callable[[], None]) -> str:
    return described(thing) if isinstance(thing, Locator) else "Det som roboten gjorde"


@contextmanager
def _watched(driver: Driver) -> Iterator[list[Page]]:
    """The windows that are opened meanwhile. Their message boxes are heard by the context, since a box may come before
    anybody could have begun to listen to the window itself."""
    context, before, opened = driver.bench.context, set(driver.bench.context.pages), list[Page]()

    def answer(dialog: Dialog) -> None:
        if dialog.page not in before:  # those that were there have somebody who listens to them
            driver._answer_dialog(dialog)

    def remember(page: Page) -> None:
        opened.append(page)
        driver.own_pages.watch(page)

    outermost = not driver._answers_in_windows
    driver._answers_in_windows = True
    context.on("page", remember)
    if outermost:
        context.on("dialog", answer)
    try:
        yield opened
    finally:
        context.remove_listener("page", remember)
        if outermost:
            context.remove_listener("dialog", answer)
            driver._answers_in_windows = False


def _close(opened: list[Page]) -> None:
    for page in reversed(opened):
        if not page.is_closed():
            page.close()
