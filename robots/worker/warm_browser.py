"""A slot's browser: started once, with a spare window always ready for the next run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from robots.browser.launch import WINDOW, launch_browser
from robots.browser.origins import Origins
from robots.errors import BrowserLost, ConfigurationError
from robots.settings import Settings

# A run uses a page for each of its systems; so many lie ready, more are opened when asked for.
SPARE_PAGES = 4


@dataclass
class Window:
    """A fresh browser context for one run, and the pages in it that nobody has used yet."""

    context: BrowserContext
    spare: list[Page]
    owns_browser: bool = False

    def page(self) -> Page:
        return self.spare.pop() if self.spare else self.context.new_page()

    def close(self) -> None:
        browser = self.context.browser
        self.context.close()
        if self.owns_browser and browser:
            browser.close()


class WarmBrowser:
    """Keeps Playwright, a browser and a spare window with ``spare_pages`` pages.

    Everything here belongs to the one thread that made it.
    """

    def __init__(self, settings: Settings, *, spare_pages: int = SPARE_PAGES) -> None:
        self._settings = settings
        self._spare_pages = spare_pages
        self._playwright: Playwright = sync_playwright().start()
        self._reaches = self.reachable()
        self._browser: Browser = self._launch()
        self._spare: Window | None = None
        self._used: list[Window] = []
        self.prepare()

    def reachable(self) -> Origins:
        """The addresses of every system that is configured. One without an address (a town that is shut) has none."""
        addresses: list[str] = []
        for key in self._settings.systems:
            with suppress(ConfigurationError):
                told = self._settings.system(key)
                addresses += [told.url, *told.also]
        return Origins.of(addresses)

    def _launch(self, traces: Path | None = None) -> Browser:
        told = self._settings
        return launch_browser(self._playwright, told.browser, watch=told.watch, reaches=self._reaches, traces=traces)

    def prepare(self) -> None:
        """Close what the last run used and lay a spare window ready.

        A browser that has ended is started again, and so is one that knows other addresses than there are by now.
        """
        while self._used:
            with suppress(PlaywrightError):  # it went with its browser
                self._used.pop().close()
        now = self.reachable()
        if not self._browser.is_connected() or now != self._reaches:
            self._browser.close()
            self._reaches, self._spare = now, None
            self._browser = self._launch()
        if self._spare is None:
            context = _context(self._browser)
            self._spare = Window(context, [context.new_page() for _ in range(self._spare_pages)])

    def take_window(self) -> Window:
        """The spare window, once no other run's is open; ``prepare`` lays the next one ready when the run is over."""
        try:
            self.prepare()
        except PlaywrightError as error:
            raise BrowserLost(f"Webbläsaren stannade: {error.message.splitlines()[0]}") from error
        assert self._spare is not None
        window, self._spare = self._spare, None
        return window

    def take_traced_window(self, folder: Path) -> Window:
        """A window of a browser of its own, for one run, whose traces are written in the folder."""
        return Window(_context(self._launch(folder)), [], owns_browser=True)

    def give_back(self, window: Window) -> None:
        """A run's window, to be closed between the runs: whoever waits for the outcome need not wait for that."""
        self._used.append(window)

    def close(self) -> None:
        self._browser.close()
        self._playwright.stop()


def _context(browser: Browser) -> BrowserContext:
    return browser.new_context(
        viewport=WINDOW,  # type: ignore[arg-type]  # a plain dict with the two keys it wants
        locale="sv-SE", timezone_id="Europe/Stockholm", service_workers="block", accept_downloads=False,
    )  # fmt: skip
