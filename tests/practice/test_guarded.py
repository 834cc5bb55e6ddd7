"""The way into every system that keeps its session in a cookie: who gets in, who may change, where one is led on to."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from robots.practice.guarded import GuardedSystem
from robots.practice.systems import load_systems
from tests.plain_http import NO_TLS
from tests.practice.conftest import TownProcess

SYSTEMS = [system for system in load_systems() if issubclass(system, GuardedSystem)]
PASSWORDS = {"ragnhild": "journal-pass", "lasare": "read-pass", "utestangd": "closed-pass"}
each_system = pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.key)


@pytest.fixture
def visitor(town: TownProcess) -> Iterator[httpx.Client]:
    """Somebody whom no system knows, and who follows no redirects."""
    with httpx.Client(base_url=town.base, timeout=20, verify=NO_TLS) as client:
        yield client


def log_in(visitor: httpx.Client, system: type[GuardedSystem], user: str, asked: str = "") -> httpx.Response:
    form = {system.name_field: user, system.password_field: PASSWORDS[user], system.asked_field: asked}
    return visitor.post(f"{system.path}/logga-in", data=form)


def refused_logins(town: TownProcess, system: type[GuardedSystem]) -> int:
    return int(next(s["failed_logins"] for s in town.control.get("/systems").json() if s["key"] == system.key))


@each_system
@pytest.mark.parametrize("address", ["/", "/finns-inte", "/a/b/c"])
def test_without_a_session_every_address_leads_to_the_login(
    visitor: httpx.Client, system: type[GuardedSystem], address: str
) -> None:
    answer = visitor.get(system.path + address)
    led_to = urlsplit(answer.headers["location"])

    assert (answer.status_code, led_to.path) == (303, f"{system.path}/logga-in")
    assert parse_qs(led_to.query)[system.asked_field] == [system.path + address]
    assert visitor.post(system.path + address, data={"x": "1"}).status_code == 303


@each_system
def test_whoever_logs_in_comes_to_the_page_that_was_asked_for(
    visitor: httpx.Client, system: type[GuardedSystem]
) -> None:
    answer = log_in(visitor, system, "ragnhild", f"{system.path}/finns-inte")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{system.path}/finns-inte")
    assert visitor.get(f"{system.path}/finns-inte").status_code == 404


@each_system
@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "{path}/..//example.org/", "{path}.x/"]
)
def test_nobody_is_led_out_of_the_system(visitor: httpx.Client, system: type[GuardedSystem], elsewhere: str) -> None:
    answer = log_in(visitor, system, "ragnhild", elsewhere.format(path=system.path))

    assert answer.headers["location"] == f"{system.path}/"


@each_system
def test_a_wrong_password_and_a_user_without_a_role_stay_outside(
    town: TownProcess, visitor: httpx.Client, system: type[GuardedSystem]
) -> None:
    wrong = visitor.post(f"{system.path}/logga-in", data={system.name_field: "lasare", system.password_field: "fel"})
    closed = log_in(visitor, system, "utestangd")

    for answer in (wrong, closed):
        assert answer.status_code == 401
        assert system.wrong_words in answer.text
    assert refused_logins(town, system) == 2
    assert visitor.get(f"{system.path}/").status_code == 303


@each_system
def test_whoever_may_only_look_is_refused_before_the_form_is_read(
    town: TownProcess, visitor: httpx.Client, system: type[GuardedSystem]
) -> None:
    log_in(visitor, system, "lasare")
    may_not = visitor.post(f"{system.path}/finns-inte", data={"x": "1"})
    log_in(visitor, system, "ragnhild")
    may = visitor.post(f"{system.path}/finns-inte", data={"x": "1"})

    assert may.status_code == 404
    assert may_not.status_code == (404 if system.key == "population_register" else 403)
    assert town.truth(system.key) == []


@each_system
def test_nothing_behind_the_login_is_kept(visitor: httpx.Client, system: type[GuardedSystem]) -> None:
    log_in(visitor, system, "ragnhild")

    for address in ("/", "/finns-inte"):
        assert visitor.get(system.path + address).headers["cache-control"] == "no-store"


@each_system
def test_whoever_has_logged_out_is_outside_and_is_told_so(visitor: httpx.Client, system: type[GuardedSystem]) -> None:
    log_in(visitor, system, "ragnhild")
    kept = visitor.cookies[system.cookie]
    answer = visitor.get(f"{system.path}/logga-ut", follow_redirects=True)
    visitor.cookies.set(system.cookie, kept, domain="127.0.0.1", path=system.path)

    assert system.left_words in answer.text
    assert visitor.get(f"{system.path}/").status_code == 303


@each_system
def test_whose_session_has_ended_is_told_so(
    town: TownProcess, visitor: httpx.Client, system: type[GuardedSystem]
) -> None:
    log_in(visitor, system, "ragnhild")
    town.control.post("/faults", json={"system": system.key, "kind": "logged_out"}).raise_for_status()
    answer = visitor.get(f"{system.path}/", follow_redirects=True)

    assert system.ended_words in answer.text


@each_system
def test_styles_and_scripts_need_no_login(visitor: httpx.Client, system: type[GuardedSystem]) -> None:
    for release in ("", "2/"):
        assert visitor.get(f"{system.path}/static/{release}style.css").headers["content-type"].startswith("text/css")
