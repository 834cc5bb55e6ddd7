"""What the test of the second releases needs to know of each system: one module per key, each with a ``RELEASE``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from robots.practice.systems import KEYS

if TYPE_CHECKING:
    from tests.practice.conftest import TownProcess


@dataclass(frozen=True)
class Visit:
    """Somebody who is logged in to one system. ``root`` is the system's path."""

    town: TownProcess
    browser: httpx.Client
    root: str
    key: str

    def get(self, address: str, **query: str) -> httpx.Response:
        return self.browser.get(self.root + address, params=query or None)

    def post(self, address: str, **form: str) -> httpx.Response:
        return self.browser.post(self.root + address, data=form)


def commits(visit: Visit, _answer: httpx.Response) -> int:
    """How often the system has changed, by the town's truth."""
    return len(visit.town.truth(visit.key))


@dataclass(frozen=True)
class Release:
    """``login`` are the login form's fields for name and password.

    ``pages`` asks for the pages that show both reworded labels and the new field, as text. ``change`` does what needs
    the new field, with the further form fields that it is given; ``done`` counts how often that has succeeded.
    ``value`` is something that the new field accepts.
    """

    pages: Callable[[Visit], list[str]]
    change: Callable[..., httpx.Response]
    value: str
    login: tuple[str, str] = ("anvandarnamn", "losenord")
    done: Callable[[Visit, httpx.Response], int] = commits


def load_releases() -> dict[str, Release]:
    """Those of the systems that have said what their second release is like."""
    here = Path(__file__).parent
    return {key: importlib.import_module(f"{__name__}.{key}").RELEASE for key in KEYS if (here / f"{key}.py").exists()}
