"""What holds for every system's driver: logging in, arriving, reading. The judge is the town.

Each test runs once for every reading in ``systems.py``; what changes must withstand is in ``test_contract_changes.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route

from robots.cli.town import LOOKER, Town
from robots.errors import ApplicationException, LoginFailed, NotSeen, PageNotRecognised, SystemDown
from robots.settings import Settings
from robots.store import Store
from robots.systems.driver import Driver
from robots.systems.login import LoginSessions
from robots.worker.warm_browser import WarmBrowser
from tests.contract.conftest import Benches, RunAtWork
from tests.contract.systems import NOTHING, SYSTEMS, Reading, SystemUnderTest

pytestmark = pytest.mark.browser
ALWAYS = 99
READINGS = [
    pytest.param(system, reading, id=f"{system.key}-{reading.name}")
    for system in SYSTEMS
    for reading in system.readings
]
each_system = pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.key)
each_reading = pytest.mark.parametrize(("system", "reading"), READINGS)


@pytest.fixture
def untouched(town: Town) -> Iterator[Town]:
    """The town, which must stand as before when the test is over: whoever only reads changes nothing."""
    yield town
    assert town.truth() == []


def refused_logins(town: Town, system: SystemUnderTest) -> int:
    return int(next(s["failed_logins"] for s in town.ask("/systems") if s["key"] == system.key))


def logins(run: RunAtWork) -> int:
    """How many times the run has typed the password."""
    return sum(event.kind == "login" for event in run.events())


def password_posts(town: Town, system: SystemUnderTest) -> dict[str, Any]:
    """A wire-tap on the login form: a fault that delays nothing, whose hits are the posts."""
    town.fault(system.key, "slow", method="POST", path="logga-in", times=ALWAYS)
    found: dict[str, Any] = town.ask("/faults")["set"][-1]
    return found


@pytest.fixture
def looker(bench_for: Benches) -> RunAtWork:
    """A run of the user who may look everywhere and change nothing."""
    return bench_for.new_run(LOOKER)


# -- the control: what a beginner writes ------------------------------------------------------------------------------


@pytest.fixture
def by_hand(system: SystemUnderTest, settings: Settings, town: Town, browser: WarmBrowser) -> Iterator[Page]:
    """A window in which the first robot that may work in the system has logged in, as a person does."""
    level = "journal" if system.writer else "read"
    robot = next(r for r, rights in settings.access.items() if rights.get(system.key) in (level, "journal"))
    window = browser.take_window()
    page = window.page()
    page.set_default_timeout(3000)
    page.goto(f"{settings.system(system.key).url}/logga-in")
    page.locator("input:not([type=hidden]):not([type=password])").first.fill(settings.robots[robot].user)
    page.locator("input[type=password]").fill((settings.secrets_dir / robot).read_text("utf-8"))
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url(lambda url: "logga-in" not in url)
    yield page
    window.close()
    browser.prepare()


@each_system
def test_control_a_naive_script_gets_it_wrong(system: SystemUnderTest, by_hand: Page, town: Town) -> None:
    """Were it right, the system would be no test of its driver."""
    if system.naive_right is None:
        with pytest.raises(PlaywrightError):
            system.naive(by_hand, town)
        return
    believed = system.naive(by_hand, town)

    assert not system.naive_right(believed, town), system.naive_breaks


# -- logging in -----------------------------------------------------------------------------------------------------


@each_reading
@pytest.mark.usefixtures("logged_out")
def test_logs_in_once_and_keeps_the_session(
    system: SystemUnderTest, reading: Reading, bench_for: Benches, looker: RunAtWork, untouched: Town, store: Store
) -> None:
    second = bench_for.new_run(LOOKER)

    found = [reading.some(run.driver(system.reader), untouched) for run in (looker, second)]

    assert found == [reading.told(untouched)] * 2
    assert (logins(looker), logins(second), refused_logins(untouched, system)) == (1, 0, 0)


@pytest.fixture
def wrong_password(bench_for: Benches, system: SystemUnderTest, logged_out: None) -> Iterator[None]:
    """Somebody has written the password wrong in the file of this robot and system."""
    path = bench_for.settings.secrets_dir / f"{LOOKER}.{system.key}"
    path.write_text("fel-lösenord", "utf-8")
    yield
    path.unlink()


def _try_everything(system: SystemUnderTest, bench_for: Benches, town: Town) -> None:
    for run in (bench_for.new_run(LOOKER), bench_for.new_run(LOOKER)):
        for _ in range(2):
            with pytest.raises(LoginFailed):
                system.readings[0].some(run.driver(system.reader), town)
            run.try_again()


@each_system
@pytest.mark.usefixtures("wrong_password")
def test_tries_a_wrong_password_once_in_all(system: SystemUnderTest, bench_for: Benches, untouched: Town) -> None:
    _try_everything(system, bench_for, untouched)

    assert refused_logins(untouched, system) == 1


@each_system
@pytest.mark.usefixtures("wrong_password")
def test_control_tries_it_each_time_when_refusals_are_forgotten(
    system: SystemUnderTest, bench_for: Benches, untouched: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LoginSessions, "demand_unrefused", lambda *_: None)

    _try_everything(system, bench_for, untouched)

    assert refused_logins(untouched, system) == 4


@each_system
@pytest.mark.parametrize("which", ["heading", "field"])
@pytest.mark.usefixtures("logged_out")
def test_types_no_password_into_a_changed_login_page(
    system: SystemUnderTest, which: str, looker: RunAtWork, untouched: Town
) -> None:
    changed = {"heading": system.reader.login_heading, "field": system.reader.login_fields[1]}[which]
    password_posts(untouched, system)
    untouched.fault(system.key, "label_renamed", path="logga-in", old=changed, new="Tävla och vinn", times=ALWAYS)

    with pytest.raises((LoginFailed, NotSeen)):
        system.readings[0].some(looker.driver(system.reader), untouched)

    assert untouched.ask("/faults")["set"][0]["hits"] == 0


@each_system
@pytest.mark.usefixtures("logged_out")
def test_control_the_wire_tap_hears_an_ordinary_login(
    system: SystemUnderTest, looker: RunAtWork, untouched: Town
) -> None:
    password_posts(untouched, system)

    system.readings[0].some(looker.driver(system.reader), untouched)

    assert untouched.ask("/faults")["set"][0]["hits"] == 1


# -- arriving -------------------------------------------------------------------------------------------------------


@each_reading
def test_refuses_a_page_whose_heading_has_another_name(
    system: SystemUnderTest, reading: Reading, looker: RunAtWork, untouched: Town
) -> None:
    untouched.fault(system.key, "label_renamed", old=reading.heading, new="<h1>Ny rubrik ", times=ALWAYS)

    with pytest.raises(PageNotRecognised):
        reading.some(looker.driver(system.reader), untouched)

    assert untouched.ask("/faults")["set"][0]["hits"] > 0


@each_system
def test_refuses_another_page_than_it_asked_for(system: SystemUnderTest, looker: RunAtWork, untouched: Town) -> None:
    with pytest.raises(PageNotRecognised):
        looker.driver(system.reader).open("/sidan-som-inte-finns", heading="Träfflista")


@each_reading
@pytest.mark.parametrize("logged_in", [False, True], ids=["before-login", "after-login"])
@pytest.mark.usefixtures("logged_out")
def test_says_that_the_system_is_down_and_for_how_long(
    system: SystemUnderTest, reading: Reading, logged_in: bool, bench_for: Benches, untouched: Town
) -> None:
    if logged_in:
        log_in(system, reading, bench_for, untouched)
    untouched.fault(system.key, "down", seconds=7, times=ALWAYS)

    with pytest.raises(SystemDown) as down:
        reading.some(bench_for(system.reader, robot=LOOKER), untouched)

    assert down.value.retry_after == 7


def log_in(system: SystemUnderTest, reading: Reading, bench_for: Benches, town: Town) -> None:
    """An earlier run of the same robot user has left a session behind."""
    reading.some(bench_for(system.reader, robot=LOOKER), town)


@each_reading
@pytest.mark.parametrize("how", ["modal", "alert", "confirm"])
def test_stops_at_an_unexpected_box(
    system: SystemUnderTest, reading: Reading, how: str, bench_for: Benches, untouched: Town
) -> None:
    log_in(system, reading, bench_for, untouched)
    driver = bench_for(system.reader, robot=LOOKER)
    # The town opens a message box 50 ms after its page: the next page must not come before that.
    untouched.fault(system.key, "slow", seconds=0.2, times=ALWAYS)
    untouched.fault(system.key, "dialog", how=how, path=reading.path)

    def read_slowly() -> None:
        reading.some(driver, untouched)
        driver.page.wait_for_timeout(100)  # for the same reason
        reading.some(driver, untouched)

    with pytest.raises(PageNotRecognised):
        read_slowly()


# -- reading --------------------------------------------------------------------------------------------------------


@each_reading
@pytest.mark.parametrize("late", ["slow", "late_list"])
def test_reads_a_late_page_right(
    system: SystemUnderTest, reading: Reading, late: str, looker: RunAtWork, untouched: Town
) -> None:
    untouched.fault(system.key, late, seconds=1.2, method="GET", times=3)

    assert reading.some(looker.driver(system.reader), untouched) == reading.told(untouched)


@each_reading
def test_sees_absence(system: SystemUnderTest, reading: Reading, looker: RunAtWork, untouched: Town) -> None:
    assert reading.none(looker.driver(system.reader), untouched) in NOTHING


@each_reading
def test_takes_silence_for_no_answer(
    system: SystemUnderTest, reading: Reading, looker: RunAtWork, untouched: Town
) -> None:
    untouched.fault(system.key, "label_renamed", old=reading.absence, new="", times=ALWAYS)

    with pytest.raises(PageNotRecognised):
        reading.none(looker.driver(system.reader), untouched)

    assert untouched.ask("/faults")["set"][0]["hits"] > 0


@each_reading
def test_waits_for_late_words_of_absence(
    system: SystemUnderTest, reading: Reading, looker: RunAtWork, untouched: Town
) -> None:
    untouched.fault(system.key, "late_list", seconds=1.2, times=ALWAYS)

    assert reading.none(looker.driver(system.reader), untouched) in NOTHING


@each_reading
def test_renews_a_lost_session_once_wherever_it_is_lost(
    system: SystemUnderTest, reading: Reading, bench_for: Benches, untouched: Town, store: Store
) -> None:
    asked = count_requests(system, reading, bench_for, untouched)
    assert asked

    typed: list[int] = []
    for place in range(asked):
        run = bench_for.new_run(LOOKER)
        watch_requests(run.driver(system.reader), at=place, then=lambda: untouched.fault(system.key, "logged_out"))

        assert read_like_a_worker(system, reading, run, untouched) == reading.told(untouched), place
        typed.append(logins(run))
        untouched.clear_faults()
    # A page may ask for more than is read on it: lost there, nobody notices and nothing is renewed.
    assert (typed[0], max(typed)) == (1, 1)
    assert refused_logins(untouched, system) == 0


def count_requests(system: SystemUnderTest, reading: Reading, bench_for: Benches, town: Town) -> int:
    """How many pages, frames and lists a reading asks for when it is logged in."""
    log_in(system, reading, bench_for, town)
    driver = bench_for(system.reader, robot=LOOKER)
    asked = watch_requests(driver)
    reading.some(driver, town)
    return len(asked)


def watch_requests(driver: Driver, at: int | None = None, then: Callable[[], None] = lambda: None) -> list[str]:
    """The addresses that the driver's window asks for, as they come; ``then`` is done in front of number ``at``."""
    asked: list[str] = []

    def let_through(route: Route) -> None:
        if _of_work(route.request.url):
            if len(asked) == at:
                then()
            asked.append(route.request.url)
        route.continue_()

    driver.bench.context.route("**/*", let_through)
    return asked


def _of_work(url: str) -> bool:
    return "/static/" not in url and url.startswith("http")


def read_like_a_worker(system: SystemUnderTest, reading: Reading, run: RunAtWork, town: Town) -> Any:
    """From the top once more where a technical error stopped it, as the queue would; a second one is too many."""
    try:
        return reading.some(run.driver(system.reader), town)
    except (ApplicationException, PlaywrightError):
        run.try_again()
        return reading.some(run.driver(system.reader), town)
