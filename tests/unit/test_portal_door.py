"""Who gets in at the portal's door, for how long, and what a stranger's page can make a guide's browser do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import Request
from fastapi.routing import APIRoute
from sqlalchemy import func, select, update

from robots.errors import WrongInput
from robots.portal.doors.accounts import MOST_FAILURES, account_with, add_account, change_account, checked, set_password
from robots.portal.doors.guards import COOKIE, Needs, Open, credential_of
from robots.portal.doors.sessions import IDLE_MINUTES, SESSION_HOURS, new_key
from robots.portal.rights import Role
from robots.portal.routes import ROUTERS
from robots.portal.routes.door import own_path
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import accounts, audit_events, failed_logins, portal_sessions
from tests.unit.desks import PASSWORD, Desk, desk_over


@pytest.fixture
def desk(machine: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(machine, store) as opened:
        yield opened


def did(store: Store) -> list[tuple[str, str]]:
    with store.begin() as connection:
        return [(row.by, row.did) for row in connection.execute(select(audit_events).order_by(audit_events.c.id))]


# -- in -------------------------------------------------------------------------------------------------------------


def test_a_guest_is_led_to_the_door_and_back_to_what_was_asked_for(desk: Desk) -> None:
    guest = desk.guest()
    led = guest.get("/runs?mine=true")
    assert (led.status_code, led.headers["location"]) == (303, "/login?to=%2Fruns%3Fmine%3Dtrue")
    assert 'value="/runs?mine=true"' in guest.get(led.headers["location"]).text
    answer = guest.post("/login", data={"name": " Gun ", "password": PASSWORD, "to": "/runs?mine=true"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?mine=true")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert guest.get("/runs").status_code == 200
    assert did(desk.store)[-1] == ("gun", "logged_in")


@pytest.mark.parametrize(("name", "password"), [("gun", "fel"), ("ingen", PASSWORD), ("", ""), ("gun", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(desk: Desk, name: str, password: str) -> None:
    answer = desk.guest().post("/login", data={"name": name, "password": password})
    assert answer.status_code == 422
    assert "Användarnamnet eller lösenordet stämmer inte." in answer.text
    assert COOKIE not in answer.cookies
    if password:
        assert password not in answer.text


def test_who_guesses_is_held_up_and_let_in_after_a_quarter(desk: Desk) -> None:
    for _ in range(MOST_FAILURES):
        desk.guest().post("/login", data={"name": "gun", "password": "gissning"})
    right = {"name": "gun", "password": PASSWORD}
    assert "Vänta en kvart" in desk.guest().post("/login", data=right).text
    with desk.store.begin() as connection:
        connection.execute(update(failed_logins).values(at=func.clock_timestamp() - span(901)))
    assert desk.guest().post("/login", data=right).status_code == 303


def test_a_password_is_kept_as_argon2_and_a_short_one_is_refused(store: Store) -> None:
    add_account(store, "Karin.Ek", "", roles=[Role.GUIDE], teams=[], by="prov", password=PASSWORD)
    with store.begin() as connection:
        (row,) = connection.execute(select(accounts)).all()
    assert row.name == "karin.ek"
    assert row.password_hash.startswith("$argon2id$")
    assert account_with(store, "karin.ek", PASSWORD) is not None
    for wrong in ("kort", "x" * 300):
        with pytest.raises(WrongInput) as refused:
            checked(wrong)
        assert wrong not in str(refused.value)


@pytest.mark.parametrize(
    ("to", "safe"),
    [("/runs?state=done", "/runs?state=done"), ("//ond.example", "/"), ("/\\ond.example", "/"), ("https://ond", "/"),
     ("/\tx", "/"), ("javascript:alert(1)", "/"), ("", "/")],
)  # fmt: skip
def test_nobody_is_led_out_of_here(to: str, safe: str) -> None:
    assert own_path(to) == safe


# -- out ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    [
        {"ends_at": func.clock_timestamp() - span(1)},
        {"seen_at": func.clock_timestamp() - span(IDLE_MINUTES * 60 + 1)},
    ],
)
def test_a_session_ends_when_it_should(desk: Desk, column: dict[str, object]) -> None:
    gun = desk.person("gun")
    assert gun.get("/runs").status_code == 200
    with desk.store.begin() as connection:
        connection.execute(update(portal_sessions).values(**column))
    assert gun.get("/runs").status_code == 303


def test_it_lasts_a_working_day_and_being_there_keeps_it(desk: Desk) -> None:
    gun = desk.person("gun")
    with desk.store.begin() as connection:
        lasts = portal_sessions.c.ends_at - portal_sessions.c.began_at
        seconds = connection.execute(select(func.extract("epoch", lasts))).scalar_one()
        assert float(seconds) == pytest.approx(SESSION_HOURS * 3600, abs=1)
        connection.execute(update(portal_sessions).values(seen_at=func.clock_timestamp() - span(120)))
    gun.get("/runs")
    with desk.store.begin() as connection:
        ago = func.extract("epoch", func.clock_timestamp() - portal_sessions.c.seen_at)
        assert connection.execute(select(ago)).scalar_one() < 60


def test_logging_out_ends_it_on_the_server(desk: Desk) -> None:
    gun = desk.person("gun")
    kept = dict(gun.cookies)
    assert gun.send_form("/logout").headers["location"] == "/login"
    late = desk.guest(cookies=kept)
    assert late.get("/runs").status_code == 303


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["auditor"]}])
def test_what_is_changed_holds_at_once(desk: Desk, change: dict[str, object]) -> None:
    gun = desk.person("gun")
    change_account(desk.store, "gun", by="adam", **change)
    assert gun.get("/runs").status_code == 303
    again = desk.guest().post("/login", data={"name": "gun", "password": PASSWORD})
    assert again.status_code == (422 if "active" in change else 303)


def test_somebody_must_be_left_to_change_accounts(desk: Desk) -> None:
    with pytest.raises(WrongInput, match="Minst ett aktivt konto"):
        change_account(desk.store, "adam", by="adam", roles=["guide"])
    assert desk.person("adam").get("/runs").status_code == 200


def test_a_new_password_ends_all_sessions_and_takes_the_old_one(desk: Desk) -> None:
    gun, elsewhere = desk.person("gun"), desk.person("gun")
    assert "stämmer inte" in gun.send_form("/me/password", now="fel", wanted="en helt annan häst").text
    assert gun.send_form("/me/password", now=PASSWORD, wanted="en helt annan häst").status_code == 303
    assert elsewhere.get("/runs").status_code == 303
    assert desk.guest().post("/login", data={"name": "gun", "password": PASSWORD}).status_code == 422
    assert desk.guest().post("/login", data={"name": "gun", "password": "en helt annan häst"}).status_code == 303


def test_a_password_that_another_chose_is_changed_before_anything_else(desk: Desk) -> None:
    set_password(desk.store, "gun", PASSWORD, by="adam", must_change=True)
    gun = desk.person("gun")
    led = gun.get("/runs")
    assert (led.status_code, led.headers["location"]) == (303, "/me")
    assert gun.get("/api/v1/runs").status_code == 403
    assert gun.get("/me").status_code == 200
    own = "sju blå elefanter"
    assert gun.send_form("/me/password", now=PASSWORD, wanted=own).headers["location"] == "/login"
    assert desk.person("gun").get("/runs").status_code == 200
    assert account_with(desk.store, "gun", own)

    set_password(desk.store, "gun", PASSWORD, by="adam", must_change=True)
    assert desk.person("gun").send_form("/logout").headers["location"] == "/login"
    number = add_account(desk.store, "etjanst", "", roles=[Role.API], teams=[], by="adam", must_change=True)
    program = desk.program(new_key(desk.store, number, "prov", by="adam"))
    assert program.get("/api/v1/runs").status_code == 200, "a program has no password to change"


# -- what others could make a browser do ------------------------------------------------------------------------------


def test_another_sites_form_changes_nothing(desk: Desk) -> None:
    gun = desk.person("gun")
    chosen = {"language": "en", "theme": "dark"}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://ond.example"}):
        assert gun.post("/me", data=chosen | {"csrf": "gissad"}, headers=headers).status_code == 403
    token = gun.get("/me").text.split('name="csrf" value="')[1].split('"')[0]
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://ond.example"}):
        assert gun.post("/me", data=chosen | {"csrf": token}, headers=headers).status_code == 403
    assert '<html lang="sv"' in gun.get("/me").text
    assert gun.post("/me", data=chosen | {"csrf": token}, headers={"Origin": desk.address}).status_code == 303
    assert '<html lang="en" data-theme="dark"' in gun.get("/me").text


def test_nobody_is_logged_in_by_another_sites_form_and_anybody_comes_to_the_door(desk: Desk) -> None:
    guest, typed = desk.guest(), {"name": "gun", "password": PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://ond.example"}):
        assert guest.post("/login", data=typed, headers=headers).status_code == 403
        assert guest.get("/login", headers=headers).status_code == 200
    assert COOKIE not in guest.cookies
    assert guest.post("/login", data=typed, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


@pytest.mark.parametrize(
    ("headers", "credential"),
    [
        ({"authorization": "Bearer nyckel", "cookie": f"{COOKIE}=kaka"}, "nyckel"),
        ({"authorization": "Basic nyckel", "cookie": f"{COOKIE}=kaka"}, "kaka"),
        ({"cookie": f"x=y; {COOKIE}=kaka"}, "kaka"),
        ({"cookie": "x=y"}, ""),
    ],
)
def test_what_lets_a_visitor_in_is_a_programs_key_or_else_the_sessions_cookie(
    headers: dict[str, str], credential: str
) -> None:
    scope = {"type": "http", "headers": [(name.encode(), told.encode()) for name, told in headers.items()]}
    assert credential_of(Request(scope)) == credential


def test_the_token_is_the_sessions_own(desk: Desk) -> None:
    gun, olle = desk.person("gun"), desk.person("olle")
    token = olle.get("/me").text.split('name="csrf" value="')[1].split('"')[0]
    assert gun.post("/logout", data={"csrf": token}).status_code == 403


def test_every_answer_says_what_may_run_and_stays_on_no_disk(desk: Desk) -> None:
    for answer in (desk.guest().get("/login"), desk.person("gun").get("/runs"), desk.person("gun").get("/nowhere")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert " style=" not in answer.text
        assert "<script>" not in answer.text
        assert " onclick" not in answer.text
    assert "script-src" in desk.guest().get("/assets/desk.css").headers["content-security-policy"]


# -- rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", [f"/handovers/{10**30}", "/handovers?task=%00", f"/excel/sheets/{10**30}", f"/excel/batches/{10**30}"]
)
def test_what_the_database_cannot_hold_is_refused_in_words(desk: Desk, address: str) -> None:
    answer = desk.person("gun").get(address)
    assert answer.status_code in (404, 422)
    assert "Något gick fel" not in answer.text


def test_every_route_says_who_may_reach_it() -> None:
    """A route with no guard would let anybody in."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) > 5
    for route in routes:
        guards = [each.call for each in route.dependant.dependencies if isinstance(each.call, Needs | Open)]
        assert len(guards) == 1, f"{route.path} has {len(guards)} guards"
        assert not isinstance(guards[0], Open) or route.path.startswith("/login"), route.path


def test_a_programs_key_needs_no_token_and_ends_with_its_account(desk: Desk) -> None:
    number = add_account(desk.store, "etjanst", "E-tjänsten", roles=[Role.API], teams=[], by="prov")
    key = new_key(desk.store, number, "ansökan", by="prov")
    program = desk.program(key)
    assert program.get("/runs").status_code == 200
    assert program.post("/me", data={"language": "en", "theme": "dark"}).status_code == 303
    program.headers["Authorization"] = f"Bearer {key[:-1]}x"
    assert program.get("/runs").status_code == 303
    program.headers["Authorization"] = f"Bearer {key}"
    change_account(desk.store, "etjanst", by="adam", active=False)
    assert program.get("/runs").status_code == 303
    with desk.store.begin() as connection:
        assert key not in str(connection.execute(select(audit_events.c.detail)).all())
