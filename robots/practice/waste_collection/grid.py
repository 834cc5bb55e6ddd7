"""One kind of list for the whole system: filters, sortable columns, pages, and words for absence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

PER_PAGE = 25


@dataclass(frozen=True)
class Row:
    """``opens`` is what a double-click opens. A row with ``only_with`` shows when that box is ticked."""

    cells: tuple[str, ...]
    opens: str = ""
    colour: str = ""
    only_with: str = ""


@dataclass(frozen=True)
class Filter:
    """A search field over one column. It matches from the beginning of the text unless ``anywhere``; ``*`` is
    any text. One without a column is a box to tick."""

    label: str
    field: str
    column: int | None = None
    anywhere: bool = False
    choices: tuple[str, ...] = ()

    def matches(self, row: Row, asked: Mapping[str, str]) -> bool:
        wanted = _plain(asked.get(self.field, ""))
        if self.column is None:
            return row.only_with != self.field or wanted == "ja"
        if not wanted:
            return True
        pattern = (".*" if self.anywhere else "") + ".*".join(re.escape(part) for part in wanted.split("*"))
        return re.match(pattern, _plain(row.cells[self.column])) is not None


@dataclass(frozen=True)
class Grid:
    """``address`` is without the system's path. ``opens_in`` is where a double-click opens the row:
    the frame Detaljer, a window over everything, or the frame that the list is in."""

    address: str
    heading: str
    columns: tuple[str, ...]
    absent: str
    rows: Callable[[], list[Row]]
    filters: tuple[Filter, ...] = ()
    opens_in: Literal["detaljer", "fonster", "har", ""] = "detaljer"

    @property
    def rows_address(self) -> str:
        return f"{self.address}/rows"

    def page(self, asked: Mapping[str, str]) -> Page:
        """The rows that are asked for, sorted and cut to a page."""
        found = [row for row in self.rows() if all(f.matches(row, asked) for f in self.filters)]
        column, _, order = asked.get("sortering", "").partition("-")
        if column.isdecimal() and int(column) < len(self.columns):
            found.sort(key=lambda row: _natural(row.cells[int(column)]), reverse=order == "fallande")
        pages = max(1, -(-len(found) // PER_PAGE))
        wanted = asked.get("sida", "1")
        number = min(int(wanted), pages) if wanted.isdecimal() and int(wanted) else 1
        return Page(found[(number - 1) * PER_PAGE : number * PER_PAGE], number, pages, len(found), column, order)


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    number: int
    pages: int
    total: int
    sorted_by: str
    order: str


def _plain(text: str) -> str:
    """As one compares it: spaces, hyphens and capitals do not count."""
    return re.sub(r"[\s\-]", "", text).casefold()


def _natural(text: str) -> list[tuple[int, str]]:
    """Numbers in a text sort as numbers: EKBACKEN 1:9 stands before EKBACKEN 1:10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", text.casefold()) if part]
