"""Every way to lose an answer, before and after the commit, on a fresh and on a reused connection: one commit each.

Two judges: a booking system of the tests' own, which knows which connection a request came on, and the town with the
three flows. What every change does on its own when an answer is lost after it stands in ``tests/contract/``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs

import pytest

from robots.cli.town import Town
from robots.effects import State
from robots.errors import EffectDuplicate
from robots.settings import Settings
from robots.store import Store
from robots.systems import driver as driver_module
from robots.worker.warm_browser import WarmBrowser, Window
from tests.chaos.three_flows import FLOWS, Flow, settling, with_config
from tests.conftest import Finished
from tests.unit.benches import bench
from tests.unit.bookings import Bookings, Writer, ledger_says
from tests.unit.pages import Answer, Asked, page, serving
from tests.unit.runs import new_run

pytestmark = pytest.mark.browser
HOW = ("fin", "rst", "partial", "408")
WHEN = ("before", "after")
# fin, rst and 408 are what the browser itself answers by sending once more.
RESENT_BY_THE_BROWSER = ("fin", "rst", "408")
TIMEOUT = 3.0
# A system that commits when nobody waits for it any more; far enough apart for a machine with much to do.
IMPATIENT, LATE, SETTLE = 2.0, 5.0, 6.0


@dataclass
class Forgetful(Bookings):
    """Loses the answer to the first booking, ``how`` and ``when``; or makes and answers it ``late`` seconds after."""

    how: str = ""
    when: str = "after"
    late: float = 0.0
    posts: list[Asked] = field(default_factory=list)

    def _book(self, asked: Asked) -> Answer:
        self.posts.append(asked)
        first = len(self.posts) == 1
        if first:
            time.sleep(self.late)  # the system itself is this slow
        if not first or self.when == "after":
            self.booked.append(parse_qs(asked.body.decode())["mark"][0])
        if first and self.how == "408":
            return Answer("", 408)
        lost: Any = self.how if first else ""
        return Answer(lost=lost) if lost else page("<h1>Klart</h1><p role=status>Bokat.</p>")


@pytest.fixture
def window(browser: WarmBrowser) -> Iterator[Window]:
    taken = browser.take_window()
    yield taken
    taken.close()


@contextmanager
def writing(
    site: Bookings,
    window: Window,
    store: Store,
    folder: Path,
    *,
    settle: float = 0.2,
    timeout: float = TIMEOUT,
    reused: bool = True,
) -> Iterator[Writer]:
    """The booking system's driver in a run, logged in. ``reused``: a download has left its connection open."""
    with serving(site) as server:
        told = bench(window, store, folder, server.address, run_id=new_run(store), settle=settle, timeout=timeout)
        driver = Writer(told)
        driver.open("/", heading="Start")
        if reused:
            driver.bench.context.request.get(server.address)
        yield driver
        told.recorder.finish()


def _losses() -> Iterator[Any]:
    """Each way and moment on each connection; on a fresh one no browser sends once more by itself."""
    for how, when, reused in product(HOW, WHEN, (False, True)):
        name = f"{how}-{when}-{'reused' if reused else 'fresh'}"
        quick = reused and (how == "fin" or (how, when) == ("408", "before"))
        yield pytest.param(how, when, reused, id=name, marks=() if quick else pytest.mark.long)


@pytest.mark.parametrize(("how", "when", "reused"), list(_losses()))
def test_one_booking_whichever_connection_loses_the_answer(
    how: str, when: str, reused: bool, window: Window, store: Store, tmp_path: Path
) -> None:
    site = Forgetful(how=how, when=when)
    with writing(site, window, store, tmp_path, reused=reused) as driver:
        receipt = driver.book("en tunna", once="bokning")

    assert receipt == "B-1"
    assert len(site.booked) == 1
    assert len(site.posts) == (1 if when == "after" else 2)
    assert site.posts[0].reused is reused  # else the test has not tried the connection that it says
    assert ledger_says(store) == (State.CONFIRMED, len(site.posts))


class StraightThrough:
    """The control: the browser sends by itself."""

    stopped = None

    def __init__(self, *_: object, **__: object) -> None:
        self.sent: list[Any] = []
        self.answered = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@dataclass
class Stubborn(Forgetful):
    """Loses the answer of every booking that comes on a reused connection, as a server does that ends idle ones."""

    def _book(self, asked: Asked) -> Answer:
        self.posts.append(asked)
        self.booked.append(parse_qs(asked.body.decode())["mark"][0])
        if self.how == "408":
            return Answer("", 408)
        lost: Any = self.how
        return Answer(lost=lost)


@pytest.mark.parametrize("how", RESENT_BY_THE_BROWSER)
def test_control_the_browser_alone_books_twice_on_a_reused_connection(
    how: str, window: Window, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "OneSend", StraightThrough)
    site = Stubborn(how=how)
    with writing(site, window, store, tmp_path) as driver:
        with pytest.raises(EffectDuplicate):
            driver.book("en tunna", once="bokning")

    assert site.posts[0].reused
    assert len(site.booked) > 1


def test_a_commit_that_comes_after_patience_has_ended_is_waited_for(
    window: Window, store: Store, tmp_path: Path
) -> None:
    site = Forgetful(late=LATE)
    with writing(site, window, store, tmp_path, settle=SETTLE, timeout=IMPATIENT) as driver:
        assert driver.book("en tunna", once="bokning") == "B-1"

    assert (len(site.booked), len(site.posts)) == (1, 1)
    assert ledger_says(store) == (State.CONFIRMED, 1)


def test_control_a_settle_time_that_is_shorter_than_the_delay_books_twice(
    window: Window, store: Store, tmp_path: Path
) -> None:
    site = Forgetful(late=LATE)
    with writing(site, window, store, tmp_path, settle=0.0, timeout=IMPATIENT) as driver:
        with suppress(EffectDuplicate):  # both may be there already when it looks
            driver.book("en tunna", once="bokning")
        deadline = time.monotonic() + 10
        while len(site.booked) < 2 and time.monotonic() < deadline:
            driver.page.wait_for_timeout(50)  # the late one is still on its way in the system

    assert len(site.booked) == 2


# -- the three flows, in the town -----------------------------------------------------------------------------------


def _ways() -> Iterator[Any]:
    """Each flow, each of its three changes, each way to lose its answer."""
    for flow, when, how in product(FLOWS.values(), WHEN, HOW):
        for place, (system, path) in enumerate(flow.commits):
            name = f"{flow.task}-{flow.changes[place][1]}-{how}-{when}"
            yield pytest.param(flow, system, path, how, when, id=name)


@pytest.fixture
def settings(machine: Settings, town: Town, tmp_path: Path) -> Settings:
    return with_config(machine, settling(tmp_path / "config", 1.0, timeout=5.0), town=town.address)


@pytest.mark.long
@pytest.mark.parametrize(("flow", "system", "path", "how", "when"), list(_ways()))
def test_each_flow_is_done_once_whichever_answer_is_lost(
    flow: Flow, system: str, path: str, how: str, when: str, town: Town, carry_out: Callable[..., Finished]
) -> None:
    case = town.cases(flow.errand, "normal")[0]
    town.fault(system, "answer_lost", how=how, method="POST", path=path, before_commit=when == "before")

    done = carry_out(flow.task, **flow.typed(case))

    assert (done.outcome, done.run.reason) == ("done", "")
    assert [fault["hits"] for fault in town.ask("/faults")["set"]] == [1]
    assert Counter((c["system"], c["kind"]) for c in town.truth()) == Counter(flow.changes)
    assert len(town.mail()) == sum(kind == "message_sent" for _, kind in flow.changes)
