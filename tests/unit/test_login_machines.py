"""Several machines with a key each: a session each, and one memory of what a system has refused."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import select, update

from robots.errors import LoginFailed
from robots.store import Store
from robots.store.schema import login_sessions, refused_secrets
from robots.systems.login import LoginSessions
from robots.worker.warm_browser import Window
from tests.unit.benches import Practice, Site, bench
from tests.unit.pages import PageServer, page

New = Callable[..., Practice]
FIRST, SECOND = Fernet.generate_key(), Fernet.generate_key()


def _logins(store: Store, key: bytes) -> LoginSessions:
    return LoginSessions(store, key, "ada", "prov")


@pytest.fixture
def site() -> Site:
    return Site({"/a": page("<h1>Sida A</h1>")})


@pytest.fixture
def on_machine(window: Window, store: Store, tmp_path: Path, server: PageServer) -> New:
    """A driver on the machine that has the key."""

    def one(key: bytes, **more: Any) -> Practice:
        window.context.clear_cookies()
        made = bench(window, store, tmp_path, server.address, **more)
        made.logins = _logins(store, key)
        return Practice(made)

    return one


@pytest.mark.browser
def test_each_machine_logs_in_once_however_they_take_turns(on_machine: New, site: Site) -> None:
    for _ in range(3):
        on_machine(FIRST).open("/a", heading="Sida A")
        on_machine(SECOND).open("/a", heading="Sida A")
    assert site.logins == 2


@pytest.mark.browser
def test_control_with_one_row_for_all_they_log_in_over_and_over(
    on_machine: New, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_row = LoginSessions.__init__

    def shared(self: LoginSessions, *told: object) -> None:
        one_row(self, *told)  # type: ignore[arg-type]
        self._machine = "alla"

    monkeypatch.setattr(LoginSessions, "__init__", shared)
    for _ in range(3):
        on_machine(FIRST).open("/a", heading="Sida A")
        on_machine(SECOND).open("/a", heading="Sida A")
    assert site.logins == 6


@pytest.mark.browser
def test_machines_with_the_same_key_share_one_session(on_machine: New, site: Site) -> None:
    on_machine(FIRST).open("/a", heading="Sida A")
    on_machine(bytes(FIRST)).open("/a", heading="Sida A")
    assert site.logins == 1


def _with_the_key(self: LoginSessions, secret: SecretStr) -> str:
    return hmac.new(self._key, secret.get_secret_value().encode(), hashlib.sha256).hexdigest()


@pytest.mark.browser
@pytest.mark.parametrize("one_memory", [True, False], ids=["one memory", "control: a memory for each machine"])
def test_a_wrong_password_is_typed_once_in_all(
    on_machine: New, site: Site, monkeypatch: pytest.MonkeyPatch, one_memory: bool
) -> None:
    if not one_memory:
        monkeypatch.setattr(LoginSessions, "_fingerprint", _with_the_key)
    for key in (FIRST, SECOND, FIRST, SECOND):
        with pytest.raises(LoginFailed):
            on_machine(key, password="fel").open("/a", heading="Sida A")
    assert site.refusals == (1 if one_memory else 2)


@pytest.mark.browser
def test_another_machines_success_does_not_have_it_typed_again(on_machine: New, site: Site) -> None:
    """One machine has the new password, and the other one still the old."""
    for _ in range(2):
        with pytest.raises(LoginFailed):
            on_machine(SECOND, password="fel").open("/a", heading="Sida A")
        on_machine(FIRST).open("/a", heading="Sida A")
        site.log_everybody_out()
    with pytest.raises(LoginFailed):
        on_machine(SECOND, password="också fel").open("/a", heading="Sida A")
    for wrong in ("fel", "också fel"):  # both are remembered, not the latest alone
        with pytest.raises(LoginFailed):
            on_machine(FIRST, password=wrong).open("/a", heading="Sida A")
    assert site.refusals == 2


def test_a_refusal_ends_the_machines_own_session_alone(store: Store) -> None:
    first, second = _logins(store, FIRST), _logins(store, SECOND)
    serial = first.save([], "http://a.example")
    second.save([], "http://b.example")
    first.remember_refusal(SecretStr("fel"))
    assert first.load() is None
    opened = second.load()
    assert opened
    assert opened.entry == "http://b.example"
    assert first.save([], "http://a.example") == serial + 1  # who knew the former one sees that this is newer


def test_the_key_cannot_be_told_from_its_row_and_the_secret_not_from_its_fingerprint(store: Store) -> None:
    _logins(store, FIRST).save([], "http://a.example")
    for robot in ("ada", "bo"):
        LoginSessions(store, FIRST, robot, "prov").remember_refusal(SecretStr("samma"))
    with store.begin() as connection:
        rows = str(connection.execute(select(login_sessions)).all())
        marks = connection.execute(select(refused_secrets.c.fingerprint)).scalars().all()
    assert FIRST.decode() not in rows
    assert len(set(marks)) == 2
    fast = {hashlib.new(kind, b"samma").hexdigest() for kind in ("sha256", "sha3_256", "blake2s")}
    assert fast.isdisjoint(marks)


def test_a_row_that_another_key_has_sealed_is_no_session(store: Store) -> None:
    _logins(store, FIRST).save([], "http://a.example")
    with store.begin() as connection:
        connection.execute(login_sessions.update().values(state=Fernet(SECOND).encrypt(b"{}")))
    assert _logins(store, FIRST).load() is None


def test_a_row_that_is_moved_to_another_robot_or_system_is_no_session(store: Store) -> None:
    _logins(store, FIRST).save([], "http://prov.invalid/")
    LoginSessions(store, FIRST, "bo", "prov").save([], "http://bo.invalid/")
    with store.begin() as connection:
        theirs = select(login_sessions.c.state).where(login_sessions.c.robot == "bo").scalar_subquery()
        mine = update(login_sessions).where(login_sessions.c.robot == "ada")
        assert _logins(store, FIRST).load() is not None  # control
        connection.execute(mine.values(state=theirs))
    assert _logins(store, FIRST).load() is None
