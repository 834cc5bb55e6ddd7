"""What several unit tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, update

from robots.settings import Settings
from robots.store import Store
from robots.store.schema import attempts
from robots.worker import doubt
from robots.worker.warm_browser import WarmBrowser, Window
from tests.saying import Say, saying
from tests.unit.benches import Practice, Site, bench
from tests.unit.bookings import Bookings, Writer
from tests.unit.kept import Household, household
from tests.unit.pages import PageServer, serving
from tests.unit.runs import new_run
from tests.unit.told_people import Place, PostOffice, post_office
from tests.unit.trials import Trial


@pytest.fixture(scope="module")
def shared_window(browser: WarmBrowser) -> Iterator[Window]:
    taken = browser.take_window()
    yield taken
    taken.close()


@pytest.fixture
def window(shared_window: Window) -> Iterator[Window]:
    """A window without pages and cookies; the tests of one file share it, since a new one costs a quarter second."""
    yield shared_window
    for page in shared_window.context.pages:
        page.close()
    shared_window.spare.clear()
    shared_window.context.clear_cookies()
    shared_window.context.unroute_all()


@pytest.fixture
def server(site: Site) -> Iterator[PageServer]:
    """The test's own ``site``, at an address."""
    with serving(site) as running:
        yield running


@pytest.fixture
def new(window: Window, store: Store, tmp_path: Path, server: PageServer) -> Callable[..., Practice]:
    """A driver of another attempt at ``server``, in a window without the cookies of the one before."""

    def one(**more: Any) -> Practice:
        window.context.clear_cookies()
        return Practice(bench(window, store, tmp_path, server.address, **more))

    return one


@pytest.fixture
def booking_system() -> Bookings:
    return Bookings()


@pytest.fixture
def run_id(store: Store) -> int:
    return new_run(store)


@pytest.fixture
def next_writer(window: Window, store: Store, tmp_path: Path, booking_system: Bookings, run_id: int) -> Iterator[Any]:
    """The booking system's driver in the run's next attempt, the one before it having ended: ``next_writer()``."""
    with serving(booking_system) as server:

        def one(**more: Any) -> Writer:
            with store.begin() as connection:
                connection.execute(update(attempts).values(ended_at=func.clock_timestamp(), ending="retry"))
            return Writer(bench(window, store, tmp_path, server.address, run_id=run_id, **more))

        yield one


@pytest.fixture
def trial(settings: Settings, store: Store, browser: WarmBrowser) -> Iterator[Trial]:
    yield Trial(settings, store, browser)
    doubt._runs.clear()


@pytest.fixture(scope="module")
def shared_office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def office(shared_office: PostOffice) -> PostOffice:
    """A mail server that has heard nothing yet and refuses nothing."""
    shared_office.delivered, shared_office.refuses, shared_office.logged_in = [], "", []
    return shared_office


@pytest.fixture
def place(machine: Settings, store: Store, tmp_path: Path, office: PostOffice) -> Place:
    """Where people are told what happens."""
    return Place.laid(machine, store, tmp_path, office)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Carries out a command line."""
    return saying(capsys)


@pytest.fixture
def home(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Household:
    """A machine with runs and their evidence."""
    return household(machine, store, tmp_path, monkeypatch)
