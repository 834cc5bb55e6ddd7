"""The base of every driver: arrive on the right page as the robot user, and make the one irreversible click.

A driver describes its pages; what could go wrong on the way is dealt with here, once for all systems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import ClassVar, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from playwright.sync_api import APIResponse, Dialog, Locator, Page

from robots.browser.multipart import Upload
from robots.browser.one_send import ALONE, OneSend
from robots.errors import (
    DryRunStop,
    NotSeen,
    PageNotRecognised,
    ProtectedPerson,
    SessionLost,
    SeveralMatches,
    SystemDown,
)
from robots.one_trip import ask
from robots.systems.access import SystemAccess
from robots.systems.answer import Answered
from robots.systems.bench import Committing, Workbench
from robots.systems.documents import PDF_TYPE, Document, bytes_from, pdf_from
from robots.systems.filled import filled_form
from robots.systems.in_page import in_page
from robots.systems.own_pages import OwnPages
from robots.systems.protection import words_of
from robots.systems.view import PlaywrightError, PlaywrightTimeout, View

T = TypeVar("T")


class Driver(SystemAccess, Answered):
    """Base of ``Reader`` and ``Writer`` for a system that is worked in by its pages."""

    bench: Workbench
    # Boxes that the system is known to lay over its pages, and the button that a person closes each with.
    known_boxes: ClassVar[Mapping[str, str]] = {}
    # Boxes that belong to the work (a wizard in a modal window) and are no surprise.
    own_boxes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, bench: Workbench) -> None:
        SystemAccess.__init__(self, bench)
        Answered.__init__(self, bench)
        self._arrived: tuple[View, str] | None = None
        self._surprises: list[str] = []
        self._expected_dialogs: set[str] = set()
        self._answers_in_windows = False  # robots/systems/windows.py: message boxes of windows that are open now
        self.own_pages = OwnPages(bench, self.system)
        self.own_pages.watch(bench.page)
        bench.page.on("dialog", self._answer_dialog)

    # -- arriving -----------------------------------------------------------------------------------------------

    def open(self, path: str, *, heading: str, otherwise: str | None = None, **query: str) -> bool:
        """Go to a page of the system and make sure it is the one with this heading, as the robot user.

        True when it is, False when it is the page with the heading ``otherwise`` instead (such as the system's own
        «does not exist»). A lost login is renewed once. Raises ``SystemDown``, ``SessionLost`` or
        ``PageNotRecognised``.
        """
        self._take_session()
        for renewed in (False, True):
            self._visit(self._address(path, query))
            if self._arrive(self, heading, otherwise):
                return self._arrived == (self, heading)
            if renewed:
                break
            self._log_in()
        raise SessionLost(f"{self.bench.title} loggar ut roboten så fort den har loggat in.")

    def arrive(self, heading: str, *, view: View | None = None) -> None:
        """Make sure that a click has led to the page (or the frame) with this heading."""
        if not self._arrive(view or self, heading):
            raise SessionLost(f"{self.bench.title} loggade ut roboten.")

    def pause(self, seconds: float) -> None:
        """As any other's; the page's own events are heard meanwhile."""
        self.page.wait_for_timeout(seconds * 1000)  # nothing on a page tells when a system commits late

    def expect_dialog(self, message: str) -> None:
        """The next message box with exactly these words is answered with yes; any other hands the case over."""
        self._expected_dialogs.add(message)

    def renewing_login(self, way: Callable[[], T]) -> T:
        """Go a way through pages and frames; where the login has ended on it, go it once more from its beginning.

        For systems in which only a frame, or nothing but silence, shows that the login is over.
        """
        try:
            return way()
        except (SessionLost, NotSeen) as lost:
            if isinstance(lost, NotSeen) and not self._stands_at_login():
                raise
            self.begin_anew()
            return way()

    def begin_anew(self) -> None:
        """What a driver knows of the pages that it has open is over."""

    def _stands_at_login(self) -> bool:
        with suppress(PlaywrightError):
            self.page.wait_for_load_state(timeout=self.timeout * 1000)
            return self.heading(self.login_heading).count() > 0
        return False

    def _arrive(self, view: View, heading: str, otherwise: str | None = None) -> bool:
        """True when one of the pages is there, False when it is the login page instead."""
        closed: set[str] = set()
        wanted = [heading] if otherwise is None else [heading, otherwise]
        while True:
            told = self._look_round(view, wanted)
            self._demand_no_surprise()
            words = told["words"]
            match told["state"]:
                case "here":
                    if told.get("protected"):
                        raise ProtectedPerson
                    self._arrived = (view, words)
                    return True
                case "login":
                    return False
                case "covered" if words in self.known_boxes and words not in closed:
                    self.click(self.button(self.known_boxes[words], within=self.page.get_by_role("dialog", name=words)))
                    closed.add(words)
                case "covered":
                    raise PageNotRecognised(f"{self.bench.title} visar en oväntad ruta: «{words}».")
                case _:
                    shown = f"«{words}» ({urlsplit(self.page.url).path})"
                    raise PageNotRecognised(f"{self.bench.title} skulle visa «{heading}» men visar {shown}.")

    def _look_round(self, view: View, headings: list[str]) -> dict[str, str]:
        told = [headings, self.login_heading, self.timeout * 1000, self.own_boxes, self._protections()]
        self.own_pages.demand(view)
        try:
            found: dict[str, str] = view.ask_page(in_page("arrival"), told)
        except PlaywrightError as error:
            raise self._explained(error) from error
        self.own_pages.demand(view)  # it may have gone on meanwhile
        return found

    def _visit(self, address: str) -> None:
        self.own_pages.begin()
        try:
            answer = self.page.goto(address, wait_until="domcontentloaded", timeout=self.timeout * 1000)
        except PlaywrightTimeout as error:
            raise SystemDown(f"{self.bench.title} svarade inte inom {self.timeout:g} s.") from error
        except PlaywrightError as error:
            self.own_pages.demand_not_astray()
            raise SystemDown(f"{self.bench.title} går inte att nå: {error.message.splitlines()[0]}") from error
        if answer is not None:
            self.bench.demand_open(answer.status, answer.headers)

    def _address(self, path: str, query: Mapping[str, str]) -> str:
        address = self._entry + quote(path, safe="/:")
        return f"{address}?{urlencode(query)}" if query else address

    # -- fetching and attaching ---------------------------------------------------------------------------------

    def fetch_pdf(self, address: str) -> Document:
        """Download a PDF with the session's cookies, and make sure that it came whole."""
        document = self._fetched(address, pdf_from)
        self.note_download(document)
        return document

    def fetch_bytes(self, address: str) -> bytes:
        """Download a file of any kind in the same way; what is in it, and putting it on record, is the caller's."""
        return self._fetched(address, bytes_from)

    def _fetched(self, address: str, read: Callable[[APIResponse], T]) -> T:
        self.bench.demand_own(address)  # the browser's own rules do not bind this one
        try:
            answer = self.bench.context.request.get(
                address, timeout=self.timeout * 1000, max_redirects=0, headers=ALONE
            )  # fmt: skip
            return read(answer)
        except PlaywrightError as error:
            raise self._explained(error) from error

    def attach_documents(
        self, label: str, documents: list[Document], *, within: str | None = None, view: View | None = None
    ) -> None:
        """Choose the documents in a form's file field, so that they leave whole with the commit.

        ``view`` is the frame or the window that the form lies in, where it is not the page itself.
        """
        (view or self).attach(label, [(d.name, d.type or PDF_TYPE, d.content) for d in documents], within=within)
        if self._committing:
            self._committing.uploads += [Upload(d.name, d.content) for d in documents]

    # -- committing ---------------------------------------------------------------------------------------------

    def commit(self, button: Locator, *, done: Locator | None = None, refused: Locator | None = None) -> None:
        """The one irreversible click.

        ``done`` is what the page says afterwards, ``refused`` the element in which it says no. Whatever they say,
        the effect counts as made only when it is found again in a fresh query.
        """
        making = self.making()
        bench, title = self.bench, making.effect.once
        page = self._demand_ready(button)
        picture = self.photograph(page, f"Före: {title}")
        if bench.dry_run:
            raise DryRunStop(title)
        heading = self._arrived[1] if self._arrived else ""
        self.arm(
            "formuläret är ifyllt och kontrollerat",
            partial(filled_form, making, button, page=heading, picture=picture, secret=not bench.pictured),
        )
        gate = partial(bench.ledger.demand_still_armed, making.effect)
        with OneSend(bench.context, making.uploads, self.timeout, gate, bench.demand_own) as wire:
            button.click(timeout=self.timeout * 1000)
            self._await_answer(page, wire, done, refused)
        if wire.stopped:
            raise wire.stopped
        making.answered = any(s.status is not None and s.status < 400 for s in wire.sent)
        bench.recorder.event(
            "commit", title, system=self.system, mark=making.effect.mark,
            sent=[{"path": urlsplit(s.url).path, "status": s.status, "why": s.why} for s in wire.sent],
        )  # fmt: skip
        gone = page.is_closed()  # a window of the system's own may close itself when it has saved
        # A page that goes back to its form when no answer came may say no to what has just been saved.
        known = not wire.sent or wire.answered
        said_no = refused is not None and known and not gone and refused.count() > 0
        self.photograph(self.page if gone else page, f"Efter: {title}")
        if said_no and refused is not None:
            raise self.turned_down(" ".join(refused.first.inner_text().split()))

    def _demand_ready(self, button: Locator) -> Page:
        """Before arming: still logged in, still the right page and citizen, and one button that can be pressed.

        Gives the page (the driver's own, or a window that it has opened) on which the change is about to be made.
        """
        self._demand_no_surprise()
        if self._arrived is None:
            raise PageNotRecognised(f"{self.bench.title}: ingen sida är kontrollerad före «spara».")
        view, heading = self._arrived
        self.own_pages.demand(view)
        asked = [[heading], self.login_heading, 0, self.own_boxes, self._protections()]
        told = ask(view.frame, in_page("arrival"), asked)
        if told["state"] == "login":
            raise SessionLost(f"{self.bench.title} loggade ut roboten innan något sparades.")
        if told.get("protected"):  # it came after the page
            raise ProtectedPerson
        if told["state"] != "here":
            raise PageNotRecognised(f"{self.bench.title} visar inte längre «{heading}» utan «{told['words']}».")
        # Asked as Playwright asks when it clicks: a function of our own would be handed the button in a world of the
        # page where Playwright has to set itself up a second time, which takes longer than all the rest of this.
        buttons = button.count()
        if not buttons:
            raise NotSeen(f"Knappen som sparar finns inte på sidan «{self.title}».")
        if buttons > 1:
            raise SeveralMatches(f"{buttons} knappar på sidan «{self.title}» passar in på den som sparar.")
        if not button.is_enabled(timeout=self.timeout * 1000):
            raise PageNotRecognised(f"Knappen som sparar går inte att trycka på, på sidan «{self.title}».")
        return view.frame.page

    def photograph(self, page: Page, title: str, *, selectors: tuple[str, ...] = ()) -> str:
        """A masked picture for the run's evidence, the elements by ``selectors`` covered too: its file's name.

        "" in a system of the class *sekretess*, and of a page that says that somebody's identity is protected.
        """
        if not self.bench.pictured:
            self.bench.recorder.event("no_picture", title, system=self.system, why="sekretess")
            return ""
        if not self.bench.recorder.takes_pictures:
            return ""
        if self._shows_protected(page):
            self.bench.recorder.event("not_pictured", title, system=self.system)
            return ""
        return self.bench.recorder.picture(page, title, selectors=(*self.bench.mask, *selectors))

    def _shows_protected(self, page: Page) -> bool:
        words = words_of(self.bench.protected)
        return any(ask(frame, in_page("says_protected"), words) for frame in page.frames)

    def _protections(self) -> list[str]:
        """What no page may say if the run is to go on; a change that has been sent is looked for all the same."""
        sent = self._committing is not None and self._committing.clicked
        return words_of(self.bench.protected) if self.bench.stops_at_protected and not sent else []

    # -- surprises ----------------------------------------------------------------------------------------------

    def _answer_dialog(self, dialog: Dialog) -> None:
        if dialog.message in self._expected_dialogs:
            self._expected_dialogs.discard(dialog.message)
            dialog.accept()
            return
        if dialog.type != "beforeunload":
            self._surprises.append(dialog.message)
            dialog.dismiss()
        else:
            dialog.accept()

    def _demand_no_surprise(self) -> None:
        """Nor any earlier one: a driver that tries its way once more must not go on as if nothing had been said."""
        if self._surprises:
            words = "; ".join(self._surprises)
            raise PageNotRecognised(f"{self.bench.title} visade en oväntad ruta: «{words}».")


__all__ = ["Committing", "Driver", "Workbench"]
