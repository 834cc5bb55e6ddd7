"""Find the best browser on the machine and start it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

from robots.browser.origins import Origins
from robots.errors import BrowserLost, ConfigurationError

# Best first: the headless shell needs half the CPU of a full browser.
HEADLESS_SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
FULL_BROWSERS = (
    "google-chrome", "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable", "chromium", "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)  # fmt: skip
# The browser must not speak to anybody but the systems: no updates, no experiments, no welcome pages, no proxy that the
# machine or the network names, and no talk past the ordinary connections.
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
    "--disable-domain-reliability",
    "--no-pings",
    "--no-proxy-server",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # the same, as the headless shell calls it
    "--lang=sv-SE",
)
NOWHERE = Origins(frozenset())
WINDOW = {"width": 1366, "height": 900}


def find_browser(chosen: str = "", *, watch: bool = False) -> Path | None:
    """The browser to use, or None where only Playwright's own download could serve.

    ``watch`` wants one that can show its window. Raises ``ConfigurationError`` when ``chosen`` is not there.
    """
    if chosen:
        found = shutil.which(chosen)
        if not found:
            raise ConfigurationError(f"Webbläsaren {chosen} finns inte. Ändra inställningen browser.")
        return Path(found)
    for name in FULL_BROWSERS if watch else HEADLESS_SHELLS + FULL_BROWSERS:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def launch_browser(
    playwright: Playwright, chosen: str = "", *, watch: bool = False, reaches: Origins = NOWHERE,
    traces: Path | None = None,
) -> Browser:  # fmt: skip
    """Start a browser that finds no address but those it ``reaches``. ``traces`` is where its traces are written.

    Raises ``BrowserLost`` with what to do when there is none or it does not start.
    """
    arguments = [*ARGUMENTS, f"--host-resolver-rules={reaches.resolver_rules}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses to work under root
    path = find_browser(chosen, watch=watch)
    try:
        return playwright.chromium.launch(executable_path=path, args=arguments, headless=not watch, traces_dir=traces)
    except PlaywrightError as error:
        words = error.message.splitlines()[0]
        raise BrowserLost(
            f"Webbläsaren {path or 'från Playwright'} startade inte: {words} "
            "Installera Chrome, Edge eller Chromium på maskinen, eller kör: python -m robots.browser.install"
        ) from error
