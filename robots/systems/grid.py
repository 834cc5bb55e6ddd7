"""Lists whose rows come after the page: searched, waited for, read in one trip, and opened by a double-click.

A list that is still empty says nothing. It has answered when it shows rows or the page's own words that there are
none, when it no longer says that it is busy, and when nothing is left of what stood there before it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from playwright.sync_api import JSHandle, Locator

from robots.errors import ApplicationException, NotSeen, PageNotRecognised, SessionLost, SeveralMatches
from robots.one_trip import answering, read_answer
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, Row, View

_FILLED = in_page("grid").replace("/*table*/", in_page("table").rstrip())
_WHAT_STANDS_THERE = "css => [...document.querySelectorAll(css)].flatMap(list => [...list.childNodes])"
# A list's page is sometimes on its way to another one; it is looked at anew so many times. A search that is a page of
# its own may also have been answered already, and what stood there before is not of that page.
_LOOKS = 3
_GONE_ON = ("context was destroyed", "only in the context they were created")


class Grid:
    """One list on a page.

    ``css`` is the list's box (lists seldom have a name that a person reads), ``absent`` the words with which it says
    that it has no rows, ``total`` a pattern whose group is the number of hits that the list says it has on all its
    pages. A list that says more than it shows is never taken for the whole.
    """

    def __init__(self, view: View, css: str, *, absent: str, total: str = "") -> None:
        self.view = view
        self.css = css
        self.absent = absent
        self.total = total

    def search(
        self, values: Mapping[str, str | bool | date], button: Locator, *, within: str | None = None
    ) -> list[Row]:
        """Fill in the list's search fields, press its button and read the answer to just that.

        What the list opens with is waited for first. ``within`` is the CSS selector of the search form where the page
        has namesakes. Raises as ``fill`` and ``rows``.
        """
        self._answer(None)
        self.view.fill(values, within=within)
        before = self._what_stands_there()
        self.view.click(button)
        return self._filled(before)

    def rows(self) -> list[Row]:
        """The rows, once they are there; empty where the list says that it has none.

        Raises ``NotSeen`` when it stays silent, ``SessionLost`` when it has made room for a login,
        ``ApplicationException`` with the list's own words when it could not be filled, and ``PageNotRecognised`` when
        it says that it has more rows than it shows.
        """
        return self._filled(None)

    def row(self, text: str) -> Locator:
        """The row that has a cell with exactly this text."""
        frame = self.view.frame
        cell = frame.get_by_role("cell", name=text, exact=True)
        return frame.locator(self.css).get_by_role("row").filter(has=cell)

    def double_click(self, text: str) -> None:
        """Double-click on the row that has a cell with exactly this text. Two such rows are ``SeveralMatches``."""
        self.view.double_click(self.row(text))

    def _what_stands_there(self) -> JSHandle:
        return self.view.frame.evaluate_handle(_WHAT_STANDS_THERE, self.css)

    def _filled(self, before: JSHandle | None) -> list[Row]:
        """The rows of a list that shows all that it has."""
        told = self._answer(before)
        if told["state"] == "absent":
            return []
        rows = [Row(r["cells"], r["links"]) for r in told["rows"]]
        self._demand_whole(rows, told["total"])
        return rows

    def _answer(self, before: JSHandle | None) -> dict[str, Any]:
        """The list's rows or its words of absence; nothing else is an answer."""
        told = self._look(before)
        match told["state"]:
            case "rows" | "absent":
                return told
            case "said":
                raise ApplicationException(f"Listan på sidan «{self.view.title}» säger: «{told['words']}»")
            case "login":
                raise SessionLost(f"I stället för listan kom en inloggning («{self.view.title}»).")
            case "several":
                raise SeveralMatches(f"Sidan «{self.view.title}» har {told['count']} listor som passar ({self.css}).")
            case "both":
                raise SeveralMatches(f"Listan på sidan «{self.view.title}» visar både rader och «{self.absent}»")
            case _:
                raise NotSeen(
                    f"Listan på sidan «{self.view.title}» fylldes inte inom {self.view.timeout:g} s: "
                    f"varken rader eller «{self.absent}» syntes."
                )

    def _look(self, before: JSHandle | None) -> dict[str, Any]:
        for look in range(_LOOKS):
            asked: list[Any] = [self.css, self.absent, self.total, before or [], self.view.timeout * 1000]
            try:
                told: dict[str, Any] = read_answer(self.view.frame.evaluate(answering(_FILLED), asked))
            except PlaywrightError as error:
                if look + 1 == _LOOKS or not any(words in error.message for words in _GONE_ON):
                    raise
                before = None  # it went with the page that it stood on
            else:
                return told
        raise AssertionError("the loop returns or raises")

    def _demand_whole(self, rows: list[Row], total: int | None) -> None:
        if self.total and total is None:
            raise PageNotRecognised(f"Listan på sidan «{self.view.title}» säger inte hur många rader den har.")
        if total is not None and total != len(rows):
            raise PageNotRecognised(
                f"Listan på sidan «{self.view.title}» säger {total} träffar men visar {len(rows)} av dem."
            )
