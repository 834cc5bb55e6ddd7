"""What a driver finds its way by, page by page, and a look at whether it is there: read only, as the robot user.

Each system says it in ``landmarks.toml`` in its folder, a heading in brackets for each page::

    ["Sök anläggning"]
    heading = "Renhållning Framtid"          # of the page that the way begins on
    way = [{ link = "Anläggningar" }, { frame = "Arbetsyta", heading = "Anläggningar" }]
    fields = ["Anläggningsnummer"]
    buttons = ["Sök"]

A way only leads somewhere: it clicks on links, menus and tabs, and fills in nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from playwright.sync_api import Frame, Locator, Request
from playwright.sync_api import Page as Window
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from robots.errors import PageNotRecognised
from robots.systems.access import SystemAccess
from robots.systems.driver import Driver
from robots.systems.in_page import in_page
from robots.systems.level import NO_PART_OF_A_DRIVER as FILE
from robots.systems.menus import pick
from robots.systems.reading import Reading
from robots.systems.skeleton import Part, Skeleton, Sort, steady
from robots.systems.view import PlaywrightError, View
from robots.systems.windows import opened_by
from robots.toml_files import checked, read_toml

Words = Annotated[str, StringConstraints(min_length=1)]
# A page stands still when it has looked the same for so long, in seconds, and for longer where something that it has
# asked for is still on its way. A landmark is waited for until it has done so for longer, and nothing is on its way.
RESTED, SETTLED = 0.3, 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
# What rows of data show is covered in a picture: only what stands round them is looked at.
DATA = (
    "table:has(> * > tr > th) > * > tr > td", "[role=gridcell]", "[role=cell]", "dd", "article", "[role=article]",
)  # fmt: skip


class Step(BaseModel):
    """One step of a way: what is clicked on, or the frame that is gone into; and the heading that it leads to.

    ``frame`` is one of the page's, or of the window's that one is in, by its title. ``window``: the click opens a
    window. ``within`` is the CSS of what the words stand in, where the page has them twice. ``shows`` are words to
    wait for and nothing else.
    """

    model_config = ConfigDict(extra="forbid")

    link: str = ""
    button: str = ""
    text: str = ""
    menu: tuple[Words, ...] = ()
    frame: str = ""
    shows: str = ""
    heading: str = ""
    window: bool = False
    within: str = ""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        told = [name for name in ("link", "button", "text", "menu", "frame", "shows") if getattr(self, name)]
        if len(told) != 1:
            raise ValueError("Skriv ett av link, button, text, menu, frame och shows i varje steg.")
        if self.window and not self.heading:
            raise ValueError("Skriv heading: vad fönstret som öppnas har för rubrik.")
        return self


class Page(BaseModel):
    """A page that a driver works in, and the landmarks on it.

    ``path`` is below the system's address, ``heading`` what the page there shows, ``query`` what its address asks.
    ``dialogs`` are message boxes of the system's that belong to the way, and are answered with yes. ``texts`` are words
    that stand by themselves somewhere on the page. ``asks`` is for a system without pages: words to search for, which
    no case holds.
    """

    model_config = ConfigDict(extra="forbid")

    title: str
    path: str = "/"
    heading: str = ""
    query: dict[str, str] = {}
    dialogs: tuple[Words, ...] = ()
    way: tuple[Step, ...] = ()
    headings: tuple[Words, ...] = ()
    fields: tuple[Words, ...] = ()
    buttons: tuple[Words, ...] = ()
    columns: tuple[Words, ...] = ()
    links: tuple[Words, ...] = ()
    texts: tuple[Words, ...] = ()
    asks: str = Field("", description="what a system without pages is asked for")

    @model_validator(mode="after")
    def _a_page_or_a_question(self) -> Self:
        if bool(self.heading) == bool(self.asks):
            raise ValueError("Skriv heading, eller asks för ett system utan sidor.")
        return self

    @property
    def named(self) -> dict[Sort, tuple[str, ...]]:
        return {"heading": self.headings, "field": self.fields, "button": self.buttons, "column": self.columns,
                "link": self.links}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What a page was made of, and the landmarks that were not there. ``picture`` is its file in the evidence."""

    parts: Skeleton
    missing: tuple[tuple[Sort, str], ...]
    picture: str = ""


def read_landmarks(folder: Path) -> tuple[Page, ...]:
    """The pages of the system whose driver lies there; none where it has named none.

    Raises ``ConfigurationError`` with file and line.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    return tuple(checked(Page, {**told, "title": name}, path, name) for name, told in read_toml(path).items())


def look_at(access: SystemAccess, page: Page, *, pictured: Callable[[Seen], bool]) -> Seen:
    """Go to the page, wait until it stands still with its landmarks, and tell what is there.

    A picture is taken where ``pictured`` says so. Raises as ``Driver.open`` and the verbs do, where the way does not
    lead there.
    """
    if not isinstance(access, Driver):
        reader: Any = access  # what is no driver is a case system's interface: ``Cases.Reader``
        reader.find(words=page.asks)
        return Seen((), ())

    def look() -> Seen:
        with _awaited(access) as awaited, _arrived_at(access, page) as view:
            seen = _come_to_rest(access, view, page, awaited)
            return replace(seen, picture=photograph(access, page.title, view.frame.page)) if pictured(seen) else seen

    return access.renewing_login(look)


def photograph(driver: Driver, title: str, window: Window | None = None) -> str:
    """A picture of what the driver's window shows, or another one; its file's name, "" in a system of secrecy."""
    return driver.photograph(window or driver.page, title, selectors=DATA)


@contextmanager
def _awaited(driver: Driver) -> Iterator[set[Request]]:
    """What the pages have asked for and not had an answer to."""
    awaited: set[Request] = set()

    def begins(request: Request) -> None:
        awaited.add(request)

    def ends(request: Request) -> None:
        awaited.discard(request)

    context = driver.bench.context
    context.on("request", begins)
    context.on("requestfinished", ends)
    context.on("requestfailed", ends)
    try:
        yield awaited
    finally:
        context.remove_listener("request", begins)
        context.remove_listener("requestfinished", ends)
        context.remove_listener("requestfailed", ends)


@contextmanager
def _arrived_at(driver: Driver, page: Page) -> Iterator[View]:
    """The page, or the frame or window in it, that the way leads to."""
    with ExitStack() as windows:
        for words in page.dialogs:
            driver.expect_dialog(words)
        driver.open(page.path, heading=page.heading, **page.query)
        _close_known_boxes(driver)
        whole: View = driver
        view, again = whole, None
        for step in page.way:
            if step.frame:
                view = whole.inside(step.frame)
            elif step.shows:
                view.see(view.text_containing(step.shows).first)
            elif step.window:
                whole = view = windows.enter_context(opened_by(driver, _click(view, step), heading=step.heading))
                continue
            else:
                click = _click(view, step)
                again = click if step.link else None
                click()
            if step.heading:
                _arrive(driver, view, step.heading, again)
        yield view


def _arrive(driver: Driver, view: View, heading: str, again: Callable[[], None] | None) -> None:
    try:
        driver.arrive(heading, view=view)
    except PageNotRecognised:
        if again is None:
            raise
        # A page that is still making itself ready, or a box that comes by itself, may swallow a click. A link changes
        # nothing however often it is followed.
        again()
        driver.arrive(heading, view=view)


def _click(view: View, step: Step) -> Callable[[], None]:
    if step.menu:
        return partial(pick, view, *step.menu)
    within = view.part(step.within) if step.within else None
    named = {"link": view.link, "button": view.button, "text": view.text}
    thing: Locator = next(named[kind](words, within=within) for kind in named if (words := getattr(step, kind)))
    return partial(view.click, thing)


def _close_known_boxes(driver: Driver) -> None:
    """Those that cover the page without being modal; ``open`` sees to the others."""
    for name, button in driver.known_boxes.items():
        box = driver.page.get_by_role("dialog", name=name, exact=True)
        if box.is_visible():
            driver.click(driver.button(button, within=box))


def _come_to_rest(driver: Driver, view: View, page: Page, awaited: set[Request]) -> Seen:
    """What is there when nothing changes any more; a landmark is waited for while it may still come."""
    begun = since = time.monotonic()
    pause = _FIRST_PAUSE
    before: Skeleton | None = None
    while True:
        parts, texts, busy = _gather(view, page)
        missing, now = _missing(page, parts, texts), time.monotonic()
        if busy or parts != before:
            since, before = now, parts
        rests = now - since
        # A page that always asks for something, to keep itself up to date, is taken as it is after a while.
        settled = rests >= (SETTLED if missing or awaited else RESTED) and not (missing and awaited)
        if settled or now - begun >= driver.timeout:
            return Seen(parts, missing)
        if rests >= RESTED:
            pause = min(pause * 1.3, _LONGEST_PAUSE)
        driver.pause(pause)


def _gather(view: View, page: Page) -> tuple[Skeleton, set[str], bool]:
    """The parts of the view and of the frames in it, the texts that nobody says, and whether it is still at work."""
    parts: list[Part] = []
    lacking, busy = set(page.texts), False
    try:
        for frame in _frames(view):
            told = Reading(frame, view.timeout).ask_page(in_page("skeleton"), list(page.texts))
            parts += [Part(**{**part, "name": steady(part["name"], part["sort"])}) for part in told["parts"]]
            lacking &= set(told["lacking"])
            busy |= told["busy"]
    except PlaywrightError:  # a frame that goes away, or is being opened anew
        busy = True
    return tuple(parts), lacking, busy


def _frames(view: View) -> Iterator[Frame]:
    yield view.frame
    for frame in view.frame.child_frames:
        holder = frame.frame_element()
        if holder.is_visible():
            yield from _frames(View(frame, view.timeout))


def _missing(page: Page, parts: Skeleton, lacking: set[str]) -> tuple[tuple[Sort, str], ...]:
    there = {(part.sort, part.name.casefold()) for part in parts}
    # A list that is empty this morning has no columns.
    no_columns = not any(part.sort == "column" for part in parts)
    found: list[tuple[Sort, str]] = [
        (sort, steady(words, sort))
        for sort, all_words in page.named.items()
        for words in all_words
        if (sort, steady(words, sort).casefold()) not in there and not (sort == "column" and no_columns)
    ]
    return (*found, *(("text", words) for words in page.texts if words in lacking))
