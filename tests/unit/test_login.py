"""One login for all slots, kept sealed; and a password that was refused is never typed again."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from robots.cli.town import Town
from robots.errors import ApplicationException, LoginFailed, SystemDown
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import login_sessions, refused_secrets, run_events
from robots.systems.login import LoginSessions
from robots.worker.warm_browser import Window
from tests.unit.benches import IMPATIENT, KEY, LOGIN, Practice, Site, bench
from tests.unit.pages import Answer, Asked, PageServer, page, serving

pytestmark = pytest.mark.browser

New = Callable[..., Practice]


@pytest.fixture
def site() -> Site:
    return Site({"/": page("<h1>Start</h1>"), "/a": page("<h1>Sida A</h1>")})


# -- a wrong password ---------------------------------------------------------------------------------------------


class CaseSystem(Practice):
    system: ClassVar[str] = "case_management"


def _failed_logins(town: Town) -> int:
    return int({s["key"]: s for s in town.ask("/systems")}["case_management"]["failed_logins"])


def test_a_wrong_password_is_typed_once_over_attempts_and_drivers(
    window: Window, store: Store, tmp_path: Path, town: Town, settings: Settings
) -> None:
    """The town counts."""
    robot = settings.robots["ragnhild"]
    address = settings.system("case_management").url

    def attempt(password: str) -> None:
        made = bench(window, store, tmp_path, address, password=password)
        made.robot_user = robot.user
        CaseSystem(made).open("/sok", heading="Inkorgar")

    with pytest.raises(LoginFailed, match=r"nekade roboten robot\.ragnhild: «Fel användarnamn eller lösenord\.»"):
        attempt("fel lösenord")
    for _ in range(3):
        with pytest.raises(LoginFailed, match="har redan nekat roboten ada med det här lösenordet"):
            attempt("fel lösenord")
    assert _failed_logins(town) == 1
    with pytest.raises(LoginFailed, match="nekade"):  # control: another secret is another try
        attempt("också fel")
    assert _failed_logins(town) == 2
    attempt(settings.password("ragnhild", "case_management").get_secret_value())
    assert _failed_logins(town) == 2


def test_a_refused_password_is_no_password_in_the_database(new: New, store: Store) -> None:
    driver = new(password="hemligt-men-fel")
    with pytest.raises(LoginFailed):
        driver.open("/a", heading="Sida A")
    driver.bench.recorder.flush()
    with store.begin() as connection:
        assert connection.execute(select(login_sessions)).all() == []
        row = connection.execute(select(refused_secrets)).one()
        events = connection.execute(select(run_events)).all()
    assert len(row.fingerprint) == 64
    assert "hemligt" not in str(row) + str(events)


def test_an_error_while_logging_in_does_not_tell_the_password(new: New, site: Site) -> None:
    site.pages = {}

    def fails(asked: Asked) -> Answer:
        return Answer(lost="rst") if asked.method == "POST" else page(LOGIN.format(error=""))

    with serving(fails) as broken:
        driver = new(password="mycket-hemligt")
        driver.bench.settings = driver.bench.settings.model_copy(update={"url": broken.address})
        with pytest.raises(ApplicationException) as told:
            driver.open("/a", heading="Sida A")
        assert len(broken.posts()) == 1  # the browser itself would have sent it twice
    assert "hemligt" not in "".join(traceback.format_exception(told.value))


def test_a_login_form_that_rewrites_the_password_does_not_tell_it(new: New, server: PageServer) -> None:
    form = LOGIN.format(error="").replace("name=secret", 'name=secret oninput="this.value = this.value.toUpperCase()"')
    server._answer = lambda _: page(form)
    driver = new(password="mycket-hemligt")
    with pytest.raises(LoginFailed, match="gick inte att fylla i") as told:
        driver.open("/a", heading="Sida A")
    assert "hemligt" not in "".join(traceback.format_exception(told.value)).lower()
    assert server.posts() == []


def test_a_closed_system_is_no_refusal(new: New, site: Site, server: PageServer) -> None:
    server._answer = lambda _: Answer("stängt", 503)
    with pytest.raises(SystemDown):
        new().open("/a", heading="Sida A")
    server._answer = site
    new().open("/a", heading="Sida A")


@pytest.mark.parametrize(
    "shown", ["<h1>Ny portal</h1><input type=password>", "<h1>Logga in</h1>", "<h1>Välj inloggning</h1>"]
)
def test_the_password_is_typed_into_the_known_form_alone(new: New, server: PageServer, shown: str) -> None:
    server._answer = lambda _: page(shown)
    with pytest.raises(LoginFailed, match="visar inte sin vanliga inloggning"):
        new(timeout=IMPATIENT).open("/a", heading="Sida A")
    assert server.posts() == []


def test_the_password_is_not_typed_on_another_origin(new: New, server: PageServer) -> None:
    with serving(lambda _: page(LOGIN.format(error=""))) as elsewhere:
        server._answer = lambda _: Answer("", 302, {"Location": elsewhere.address + "/logga-in"})
        with pytest.raises(LoginFailed):
            new().open("/a", heading="Sida A")
        assert elsewhere.posts() == []


# -- one session for all ------------------------------------------------------------------------------------------


def test_a_second_driver_shares_the_session(new: New, site: Site, store: Store) -> None:
    new().open("/a", heading="Sida A")
    new().open("/a", heading="Sida A")
    assert site.logins == 1
    with store.begin() as connection:  # control: without the kept session it logs in by itself
        connection.execute(login_sessions.delete())
    new().open("/a", heading="Sida A")
    assert site.logins == 2


def test_the_session_lies_sealed_in_the_database(new: New, store: Store) -> None:
    new().open("/a", heading="Sida A")
    with store.begin() as connection:
        state = connection.execute(select(login_sessions.c.state)).scalar_one()
    assert b"session" not in state
    assert b"100" not in state
    opened = LoginSessions(store, KEY, "ada", "prov").load()
    assert opened is not None
    assert [(c["name"], c["value"]) for c in opened.cookies] == [("session", "100")]


def test_a_session_of_another_machines_key_or_of_another_robot_is_none(store: Store) -> None:
    other_key = b"A" * 43 + b"="
    LoginSessions(store, KEY, "ada", "prov").save([], "http://x.example")
    assert LoginSessions(store, KEY, "ada", "prov").load() is not None
    assert LoginSessions(store, other_key, "ada", "prov").load() is None
    assert LoginSessions(store, KEY, "bo", "prov").load() is None
    assert LoginSessions(store, KEY, "ada", "annat").load() is None


def test_a_lost_session_is_renewed_once_and_shared(new: New, site: Site) -> None:
    first, second = new(), new()
    first.open("/a", heading="Sida A")
    site.log_everybody_out()
    second.open("/a", heading="Sida A")
    assert site.logins == 2
    first._session_serial = 1  # it knows of the first session only
    first.bench.context.clear_cookies()
    first.open("/a", heading="Sida A")
    assert site.logins == 2


def _while_another_logs_in(store: Store, then: Callable[[LoginSessions], object]) -> threading.Thread:
    """Another slot is in the middle of logging in; it is done when somebody else waits for it."""
    theirs = LoginSessions(store, KEY, "ada", "prov")
    began = threading.Event()

    def log_in() -> None:
        waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        with theirs.alone():
            began.set()
            for _ in range(100):
                with store.begin() as connection:
                    if connection.execute(waiting).scalar():
                        break
                threading.Event().wait(0.02)  # the database tells nobody that somebody waits
            then(theirs)

    thread = threading.Thread(target=log_in)
    thread.start()
    assert began.wait(5)
    return thread


@pytest.mark.parametrize("alone", [True, False], ids=["one at a time", "control: all at once"])
def test_of_two_slots_that_need_to_log_in_one_does(
    new: New, site: Site, store: Store, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    site.session = 100
    cookie = {"name": "session", "value": "100", "domain": "127.0.0.1", "path": "/"}
    driver = new()
    thread = _while_another_logs_in(store, lambda theirs: theirs.save([cookie], ""))
    if not alone:
        monkeypatch.setattr(LoginSessions, "alone", lambda _: nullcontext())
    driver.open("/a", heading="Sida A")
    thread.join()
    assert site.logins == (0 if alone else 1)


@pytest.mark.parametrize("alone", [True, False], ids=["one at a time", "control: all at once"])
def test_of_two_slots_with_a_wrong_password_one_types_it(
    new: New, site: Site, store: Store, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    driver = new(password="fel")
    thread = _while_another_logs_in(store, lambda theirs: theirs.remember_refusal(SecretStr("fel")))
    if not alone:
        monkeypatch.setattr(LoginSessions, "alone", lambda _: nullcontext())
    with pytest.raises(LoginFailed):
        driver.open("/a", heading="Sida A")
    thread.join()
    assert site.refusals == (0 if alone else 1)
