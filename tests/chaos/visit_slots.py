"""``python -m tests.chaos.visit_slots``: the real slot without a browser, for runs that only pay a system a visit.

The target knows who is inside, and as whom, by its own sessions: they begin with the first question about a system and
end when the robot has told that it leaves.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Error as PlaywrightError

from robots.queue.seats import Need, Room
from robots.settings import Settings
from robots.systems import once
from robots.task import Run, Task, task
from robots.task_files import LoadedTasks
from robots.worker import slot
from tests.chaos import order_book, stock_book
from tests.chaos.no_browser import PlainAnswer, PlainBrowser, PlainContext, PlainPage, PlainWindow, Wire
from tests.open_template import leave_out_walls

MODULE = "tests.chaos.visit_slots"
# Where the target is: address and port.
TARGET = "RAGNHILD_VISIT_TARGET"
# Set to anything it takes the guard away: there is always room.
ROOM_FOR_ALL = "RAGNHILD_CHAOS_ROOM_FOR_ALL"
LEAVING_MS = 2000.0


def visitor(number: int) -> str:
    """Under what words the target meets a run."""
    return f"besök {number}"


@task(title="Besök orderboken", owner="Ingen", saves_minutes=1)
def visit_orders(run: Run, number: int, *, book: order_book.Writer) -> None:
    """Ser efter i orderboken och lägger en order."""
    with run.step("Beställ"):
        book.find_order(visitor(number))
        book.order(f"order {number}", once=f"order {number}")


@task(title="Besök båda", owner="Ingen", saves_minutes=1)
def visit_both(run: Run, number: int, *, book: order_book.Writer, stock: stock_book.Reader) -> None:
    """Ser efter i båda böckerna och lägger en order."""
    with run.step("Beställ"):
        stock.find_order(visitor(number))
        book.find_order(visitor(number))
        book.order(f"order {number}", once=f"order {number}")


def visit_tasks() -> LoadedTasks:
    found: list[Task] = [vars(each)["__ragnhild_task__"] for each in (visit_orders, visit_both)]
    return LoadedTasks({each.name: each for each in found})


class FarWire(Wire):
    """The same over TCP."""

    def _connected(self, timeout: float) -> socket.socket:
        if self._socket is None:
            host, _, port = self._address.partition(":")
            self._socket = socket.create_connection((host, int(port)), timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(timeout)
        return self._socket


class VisitContext(PlainContext):
    """A window whose cookies tell, for each system, as whom the robot is logged in."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.wire = FarWire(address)
        self.accounts: dict[str, str] = {}

    def add_cookies(self, cookies: list[Any]) -> None:
        self.accounts.update((each["system"], each["account"]) for each in cookies)

    def new_page(self) -> PlainPage:
        return VisitPage(self)

    def close(self) -> None:
        with suppress(PlaywrightError):  # a connection that is lost has left
            self.wire.ask({"do": "leave"}, LEAVING_MS)
        super().close()


class VisitPage(PlainPage):
    """Says with each question which system it is about, and who asks."""

    def goto(self, address: str, *, wait_until: str, timeout: float) -> PlainAnswer:
        parts = urlsplit(address)
        self.system = f"{parts.scheme}://{parts.netloc}"
        system = (parts.hostname or "").partition(".")[0]
        assert isinstance(self.context, VisitContext)
        question = {"words": parse_qs(parts.query).get("q", [""])[0], "account": self.context.accounts[system]}
        answer = self.context.wire.ask({"do": "find", "system": system, **question}, timeout)
        self.hits = answer.get("hits", [])
        return PlainAnswer(answer["status"])


class VisitBrowser(PlainBrowser):
    """What the slot keeps warm."""

    def __init__(self, _settings: Settings) -> None:
        self._target = os.environ[TARGET]

    def take_window(self) -> PlainWindow:
        return PlainWindow(VisitContext(self._target))

    def close(self) -> None:
        """Each window is a connection of its own, which its run has closed."""


def let_everybody_in() -> None:
    """The control: whoever asks for a seat is told that there is one."""

    def lacks(self: Room, need: Need) -> str:
        return ""

    Room.lacks = lacks  # type: ignore[method-assign]


if __name__ == "__main__":
    once.LOOK_AGAIN_SECONDS = 0.01
    played: dict[str, Any] = vars(slot)
    played["WarmBrowser"], played["load_tasks"] = VisitBrowser, lambda _folder: visit_tasks()
    if os.environ.get(ROOM_FOR_ALL):
        let_everybody_in()
    leave_out_walls()  # the tasks lie among the tests
    slot.main()
