"""An order book: one change, found again by its mark. The same base, ledger and transport as every other driver."""

from __future__ import annotations

from typing import cast

from playwright.sync_api import Locator

from robots.errors import SeveralMatches
from robots.systems.driver import Driver
from robots.systems.once import effect
from tests.chaos.no_browser import PlainPage, Press

# What the target always holds: a search that does not show it shows nothing to anybody.
ALWAYS_THERE = "alltid"


class Reader(Driver):
    """What a robot may look at."""

    def find_order(self, mark: str) -> str | None:
        """The receipt of the order that carries this mark."""
        self.open("/find", heading="Order", q=mark)
        hits = cast(PlainPage, self.page).hits
        if len(hits) > 1:
            raise SeveralMatches(f"{len(hits)} order har märkningen {mark}.")
        return hits[0] if hits else None

    def shows_anything(self) -> bool:
        """Whether the order that is always there is found."""
        return self.find_order(ALWAYS_THERE) is not None


class Writer(Reader):
    """What a robot may change."""

    @effect(found_by=Reader.find_order, control=Reader.shows_anything)
    def order(self, words: str, *, once: str) -> None:
        """Write an order."""
        self.open("/new", heading="Ny order")
        self.commit(cast(Locator, Press(cast(PlainPage, self.page), words=words, mark=once)))
