"""A portal for a test: its accounts, and people who have logged in and see what their browser would be answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from pwdlib import PasswordHash
from sqlalchemy import select, update

from robots.portal.app import create_app
from robots.portal.doors.accounts import add_account
from robots.portal.doors.guards import COOKIE
from robots.portal.doors.sessions import begin_session
from robots.portal.rights import Role
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts
from robots.watching.listening import HOST, answering
from tests.plain_http import NO_TLS

PASSWORD = "fyra gröna hästar"
# One of each, with the teams of a municipality's task owners.
PEOPLE = {
    "gun": ({Role.GUIDE}, {"Samhällsbyggnad"}), "lena": ({Role.LEADER}, {"Samhällsbyggnad"}),
    "adam": ({Role.ADMIN}, set()), "rut": ({Role.AUDITOR}, set()), "olle": ({Role.GUIDE}, {"Renhållning"}),
}  # fmt: skip


@dataclass
class Desk:
    """The portal on loopback. ``guest`` has not logged in."""

    address: str
    settings: Settings
    store: Store
    open: ExitStack

    def guest(self, cookies: dict[str, str] | None = None, **headers: str) -> Client:
        told = {"Accept-Language": "sv"} | headers
        return self.open.enter_context(Client(base_url=self.address, headers=told, cookies=cookies, verify=NO_TLS))

    def program(self, key: str) -> Client:
        """Something that calls with a key."""
        return self.guest(Authorization=f"Bearer {key}")

    def person(self, name: str) -> Client:
        """Somebody of ``PEOPLE`` who has logged in; without the password, whose checking is slow on purpose."""
        with self.store.begin() as connection:
            account = connection.execute(select(accounts).where(accounts.c.name == name)).one()
        return self.guest({COOKIE: begin_session(self.store, account)})


class Client(httpx.Client):
    """What a browser keeps and sends: cookies, and with each form the token of the page that it stood on."""

    _token = ""

    def send_form(self, address: str, files: Any = None, /, **fields: str) -> httpx.Response:
        """Fill in and send a form of our own page; ``files`` as httpx takes them."""
        if not self._token:
            found = re.search(r'name="csrf" (?:content|value)="([^"]+)"', self.get("/me").text)
            assert found, "nobody is logged in"
            self._token = found.group(1)  # it is the session's, on whatever page
        return self.post(address, data={"csrf": self._token, **fields}, files=files)


@cache
def _kept() -> str:
    return PasswordHash.recommended().hash(PASSWORD)


@contextmanager
def desk_over(settings: Settings, store: Store) -> Iterator[Desk]:
    """The portal as it is reached, with ``PEOPLE``."""
    for name, (roles, teams) in PEOPLE.items():
        add_account(store, name, name.capitalize(), roles=roles, teams=teams, by="prov")
    with store.begin() as connection:  # one hash for all: making one is slow on purpose
        connection.execute(update(accounts).values(password_hash=_kept()))
    with answering(create_app(settings, store), 0, "portal_port") as port, ExitStack() as clients:
        yield Desk(f"http://{HOST}:{port}", settings, store, clients)
