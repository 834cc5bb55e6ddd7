"""How long a click is waited for: until the page has answered it, or it is known that no answer comes."""

from __future__ import annotations

import time

from playwright.sync_api import Locator, Page

from robots.browser.one_send import OneSend
from robots.systems.logged_in import LoggedIn
from robots.systems.view import PlaywrightError, PlaywrightTimeout


class Answered(LoggedIn):
    """The robot user's page, when something has just left from it."""

    def _await_answer(self, page: Page, wire: OneSend, done: Locator | None, refused: Locator | None) -> None:
        """Until the page has answered, the answer is known to be lost, or time is up; the look-up decides anyhow."""
        awaited = done.or_(refused) if done and refused else done or refused
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            if wire.stopped or (wire.sent and not wire.answered):
                return
            try:
                if awaited is not None:
                    awaited.first.wait_for(timeout=250)
                    return
                page.wait_for_load_state("domcontentloaded", timeout=250)
                if wire.answered:
                    return
            except PlaywrightTimeout:
                continue
            except PlaywrightError:
                return  # the frame went away with the answer
