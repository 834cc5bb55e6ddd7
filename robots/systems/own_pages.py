"""Which addresses a driver's pages are at, and which they tried to reach: the system's own, or somebody else's."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Request

from robots.browser.origins import shown
from robots.systems.bench import Bench
from robots.systems.reading import Reading

# What the browser shows in place of a page that it did not reach.
NOT_REACHED = "chrome-error:"


class OwnPages:
    """The browser itself reaches no host but the configured ones; this tells of it, and binds a driver to its own."""

    def __init__(self, bench: Bench, system: str) -> None:
        self._bench = bench
        self._system = system
        self._told: set[str] = set()
        self._strayed: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("requestfailed", self._note)

    def begin(self) -> None:
        """The page is sent somewhere anew: where it strayed before is over."""
        self._strayed.clear()

    def demand_not_astray(self) -> None:
        """Raise ``AddressRefused`` when it was to go to somebody else's address, and did not get there."""
        if self._strayed:
            raise self._bench.astray(self._strayed[-1])

    def demand(self, view: Reading) -> None:
        """Nothing is read, and nothing written, on a page of somebody else's. Raises ``AddressRefused``."""
        for address in (view.frame.page.url, view.frame.url):
            if address.startswith(NOT_REACHED):
                self.demand_not_astray()
            elif not self._bench.origins.hold_page(address):
                raise self._bench.astray(address)

    def _note(self, request: Request) -> None:
        """Put on record, once for each, which addresses that are not the system's were asked for and not reached."""
        address = request.url
        if not address.startswith(("http", "ws")) or self._bench.origins.hold(address):
            return
        where = shown(address)
        if where not in self._told:
            self._told.add(where)
            self._bench.recorder.event("refused_address", where, system=self._system)
        with suppress(PlaywrightError):  # a window that is not there yet has no frame to tell of
            if request.is_navigation_request() and request.frame.parent_frame is None:
                self._strayed.append(address)
