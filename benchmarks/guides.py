"""Guides at their desks: each looks at a page now and then, starts a run, and waits for its first step."""

from __future__ import annotations

import re
import secrets
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx
from sqlalchemy import select

from robots.portal.doors.accounts import add_account
from robots.portal.doors.guards import COOKIE
from robots.portal.doors.sessions import begin_session
from robots.portal.rights import Role
from robots.store import Store
from robots.store.schema import accounts

PAGES = ("/", "/runs", "/handovers", "/run/take-a-step", "/excel", "/me")
# A guide with a call every five minutes starts a robot at most that often; here they all do it once a minute.
BETWEEN_PAGES = 6.0
PAGES_TO_A_START = 9
TEAM = "Benchmarks"
_numbers = count(1)


class Guides:
    """What they have waited, in seconds: ``pages`` for a page, ``starts`` from a start to its first step.

    Their browsers are open when they come: fifty that are begun at once would be fifty machines' work on one.
    """

    def __init__(self, address: str, sessions: list[str]) -> None:
        self.pages: list[float] = []
        self.starts: list[float] = []
        self.wrong: list[str] = []
        self._away = threading.Event()
        plain = ssl.create_default_context()
        self._browsers = [
            httpx.Client(base_url=address, cookies={COOKIE: session}, timeout=30, verify=plain) for session in sessions
        ]
        self._tokens = [
            re.findall(r'name="csrf" (?:content|value)="([^"]+)"', browser.get("/me").text)[0]
            for browser in self._browsers
        ]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the end of the block; each begins at another moment, as people do."""
        self._away.clear()
        pause = BETWEEN_PAGES / len(self._browsers)
        sitting = [
            threading.Thread(target=self._sit, args=(number, number * pause), daemon=True)
            for number in range(len(self._browsers))
        ]
        for one in sitting:
            one.start()
        try:
            yield
        finally:
            self._away.set()
            for one in sitting:
                one.join(60)

    def _sit(self, number: int, late: float) -> None:
        browser, token = self._browsers[number], self._tokens[number]
        try:
            self._away.wait(late)
            for turn in count(number):  # so that not all of them start a run at once
                if self._away.is_set():
                    return
                if turn % (PAGES_TO_A_START + 1) == 0:
                    self._start(browser, token)
                else:
                    self._look(browser, PAGES[turn % len(PAGES)])
                self._away.wait(BETWEEN_PAGES)
        except Exception as error:  # one who has got up is no measure of those who sit
            self.wrong.append(f"{type(error).__name__}: {error}")

    def _look(self, client: httpx.Client, page: str) -> None:
        began = time.perf_counter()
        answer = client.get(page)
        self.pages.append(time.perf_counter() - began)
        answer.raise_for_status()

    def _start(self, client: httpx.Client, token: str) -> None:
        """As the page does it: the form is sent, its run's page opened, and what happens heard as it happens."""
        told = {"csrf": token, "number": str(next(_numbers)), "_key": secrets.token_urlsafe(16), "_how": "run"}
        began = time.perf_counter()
        answer = client.post("/run/take-a-step", data=told)
        assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:200]}"
        page = answer.headers["location"]
        client.get(page).raise_for_status()
        with client.stream("GET", f"{page}/live") as live:
            for line in live.iter_lines():
                if "Ett steg" in line:
                    break
        self.starts.append(time.perf_counter() - began)


def sessions_of(store: Store, guides: int) -> list[str]:
    """So many guides of one team, each of whom has logged in."""
    begun = []
    for number in range(guides):
        name = f"guide{number}"
        add_account(store, name, name, roles={Role.GUIDE}, teams={TEAM}, by="bench")
        with store.begin() as connection:
            account = connection.execute(select(accounts).where(accounts.c.name == name)).one()
        begun.append(begin_session(store, account))
    return begun
