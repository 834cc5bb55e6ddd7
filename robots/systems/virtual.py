"""Lists that hold only the rows in view: read from the first to the last, and scrolled to the one row.

Such a list draws its rows anew while it is scrolled, in elements that it uses over and over, and fetches more of them
when it comes near its end. A row is known by its place in the list, never by its element or its words.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches
from robots.one_trip import ask
from robots.systems.in_page import in_page
from robots.systems.view import PlaywrightError, Row, View


class VirtualList:
    """One list that renders what is in view.

    ``css`` is the box that scrolls, ``row`` what a row in it is. ``absent`` are the words with which the page says
    that there are no rows. ``total`` is a pattern whose group is the number of rows that the page says there are;
    ``end`` the words that stand after the last row. Give one of them wherever the page has it: without both, the list
    has ended when it can be scrolled no further and has fetched nothing more for a while.
    """

    def __init__(
        self, view: View, css: str, *, row: str = "[role=row],li,tr", absent: str, total: str = "", end: str = ""
    ) -> None:
        self.view = view
        self.css = css
        self.row = row
        self.absent = absent
        self.total = total
        self.end = end

    def rows(self) -> list[Row]:
        """All rows from the first to the last, each once; empty where the page says that it has none.

        Cells go by the list's captions (column headings), or by "1", "2" … where it has none. Raises ``NotSeen`` when
        rows fail to come, ``PageNotRecognised`` when the page says that it has more or fewer than it shows.
        """
        return [Row(r["cells"], r["links"]) for r in self._read()]

    def find(self, key: str) -> Locator | None:
        """Scroll to the one row that has a cell with exactly these words, and give it; None only where it has none.

        The whole list is read first: a namesake further down is ``SeveralMatches``. The row is good until the list is
        scrolled again.
        """
        fitting = [r for r in self._read() if key in r["cells"].values()]
        if len(fitting) > 1:
            raise SeveralMatches(f"{len(fitting)} rader i listan på sidan «{self.view.title}» passar in på det sökta.")
        if not fitting:
            return None
        told = self._ask("reach", fitting[0]["place"])
        if told["state"] != "there":
            raise NotSeen(f"Raden gick inte att rulla fram i listan på sidan «{self.view.title}».")
        words = re.compile(rf"^\s*{re.escape(key)}\s*$")
        rows = self.view.frame.locator(self.css).locator(self.row)
        return rows.filter(has=self.view.frame.get_by_text(words)).or_(rows.filter(has_text=words)).filter(visible=True)

    def _read(self) -> list[dict[str, Any]]:
        told = self._ask("read", 0)
        where = f"Listan på sidan «{self.view.title}»"
        match told["state"]:
            case "absent":
                return []
            case "several":
                raise SeveralMatches(f"{where}: {told['count']} listor passar in på {self.css}.")
            case "rows":
                rows: list[dict[str, Any]] = told["rows"]
                if self.total and told["total"] != len(rows):
                    raise PageNotRecognised(f"{where} säger {told['total']} rader men visar {len(rows)} av dem.")
                return rows
            case "both":
                raise SeveralMatches(f"{where} visar både rader och «{self.absent}»")
            case _:
                raise NotSeen(
                    f"{where} visade inte fler rader än {told['count']} inom {self.view.timeout:g} s, och sade inte "
                    "att den var slut."
                )

    def _ask(self, task: str, place: float) -> dict[str, Any]:
        asked = {
            "css": self.css, "row": self.row, "absent": self.absent, "total": self.total, "end": self.end,
            "milliseconds": self.view.timeout * 1000, "task": task, "place": place,
        }  # fmt: skip
        try:
            told: dict[str, Any] = ask(self.view.frame, in_page("virtual"), asked)
        except PlaywrightError as error:
            if "context was destroyed" not in error.message:
                raise
            raise NotSeen(f"Sidan «{self.view.title}» laddades om medan listan lästes.") from error
        return told
