"""The municipality's own login: who it lets in and as what, and that no answer but a true one lets anybody in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import Row, func, select, update

from robots.errors import WrongInput
from robots.portal.app import create_app
from robots.portal.doors import login_attempts as attempts
from robots.portal.doors.accounts import add_account, all_accounts, change_account, set_password
from robots.portal.doors.arrivals import account_of, fit_name
from robots.portal.doors.groups import Group
from robots.portal.doors.guards import COOKIE
from robots.portal.doors.oidc import ALGORITHMS, Known
from robots.portal.rights import Role
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import audit_events, login_attempts, portal_sessions
from robots.watching.listening import HOST, answering
from tests.unit.desks import Client
from tests.unit.doors import GROUPS, Door, door_over
from tests.unit.identity_provider import (
    CLIENT,
    IdentityProvider,
    identity_provider,
    signed,
    signed_by_another,
    signed_with_public_key,
    unsigned,
)

KARIN = "karin.ost"


@pytest.fixture(scope="module")
def shared_provider() -> Iterator[IdentityProvider]:
    with identity_provider() as provider:
        yield provider


@pytest.fixture
def provider(shared_provider: IdentityProvider) -> IdentityProvider:
    fresh = IdentityProvider(shared_provider.address)
    shared_provider.__dict__.update(fresh.__dict__)
    return shared_provider


@pytest.fixture
def door(machine: Settings, store: Store, tmp_path: Path, provider: IdentityProvider) -> Iterator[Door]:
    with door_over(machine, store, tmp_path, provider) as opened:
        yield opened


def account(store: Store, name: str = KARIN) -> Row[Any] | None:
    return next((row for row in all_accounts(store) if row.name == name), None)


def sessions(store: Store) -> int:
    with store.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(portal_sessions)).scalar_one())


def noted(store: Store) -> list[Row[Any]]:
    with store.begin() as connection:
        return list(connection.execute(select(audit_events).order_by(audit_events.c.id)))


# -- in -------------------------------------------------------------------------------------------------------------


def test_the_first_login_makes_the_account_and_leads_to_what_was_asked_for(door: Door) -> None:
    guest = door.guest()
    answer = door.come(guest, "/runs?mine=true")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?mine=true")
    assert guest.get("/runs").status_code == 200
    karin = account(door.store)
    assert karin is not None
    assert (karin.shown_name, karin.roles, karin.teams) == ("Karin Öst", ["guide"], ["Samhällsbyggnad"])
    assert karin.subject == f"{door.provider.address} 7f9c2b"
    assert karin.password_hash is None
    assert [(row.by, row.did) for row in noted(door.store)] == [(KARIN, "account_added"), (KARIN, "logged_in")]


def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(door: Door) -> None:
    door.provider.says = {"token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]}
    assert door.come(door.guest()).headers["location"] == "/runs"


def test_roles_are_what_the_groups_give_at_each_login(door: Door) -> None:
    first = door.guest()
    door.come(first)
    door.provider.person |= {"groups": ["ledare", "andra"], "name": "Karin Ek", "preferred_username": "karin.ek"}
    door.come(door.guest())
    karin = account(door.store)
    assert karin is not None
    assert (karin.roles, karin.teams, karin.shown_name) == (["leader"], ["*"], "Karin Ek")
    assert len(all_accounts(door.store)) == 1, "the subject is the person, whatever they are called"
    assert noted(door.store)[-2].did == "account_changed"


def test_who_has_lost_the_last_group_is_out_everywhere(door: Door) -> None:
    first = door.guest()
    door.come(first)
    door.provider.person["groups"] = []
    assert "ingen av dina grupper ger plats" in door.come(door.guest()).text
    assert first.get("/runs").status_code == 303
    assert sessions(door.store) == 0


def test_two_tabs_of_one_browser_may_be_on_their_way(door: Door) -> None:
    guest = door.guest()
    first, second = door.sent_back(guest), door.sent_back(guest, "/handovers")
    assert guest.get(first).headers["location"] == "/runs"
    assert guest.get(second).headers["location"] == "/handovers"
    assert guest.get(second).headers["location"] == "/", "gone back to, it leads to where one is already"


def test_another_of_the_providers_people_with_the_same_name_has_an_account_of_their_own(door: Door) -> None:
    door.come(door.guest())
    door.provider.person["sub"] = "another"
    door.come(door.guest())
    names = [row.name for row in all_accounts(door.store)]
    assert len(names) == 2
    assert all(name.startswith(KARIN) for name in names)


def test_several_windows_that_come_in_at_once_are_one_account(store: Store) -> None:
    known, together = Known("i s", "karin", "Karin", frozenset({"g"}), ""), Barrier(4)

    def come(_window: int) -> int:
        together.wait(10)
        return int(account_of(store, known, {"g": Group(group="g", roles=frozenset({Role.GUIDE}))}).id)

    with ThreadPoolExecutor(4) as windows:
        assert len(set(windows.map(come, range(4)))) == 1
    assert [row.name for row in all_accounts(store)] == ["karin"]


@pytest.mark.parametrize(
    ("user", "name"),
    [("Åsa.Öberg@tallinge.se", "asa.oberg"), ("TALLINGE\\ake01", "tallinge.ake01"), ("4711anna", "anna"),
     ("anna b <script>", "anna.b.script"), ("åäö" * 40, ("aao" * 40)[:50])],
)  # fmt: skip
def test_a_name_is_made_fit(user: str, name: str) -> None:
    assert fit_name(Known("i s", user, "", frozenset(), "")) == name


@pytest.mark.parametrize("user", ["", "1", "@x", "李", "../.."])
def test_without_a_name_that_can_be_one_the_subject_gives_it(user: str) -> None:
    assert fit_name(Known("i s", user, "", frozenset(), "")).startswith("person-")


# -- not in ---------------------------------------------------------------------------------------------------------

Lie = Callable[[dict[str, Any]], None]
LIES: dict[str, Lie] = {
    "another nonce": lambda claims: claims.update(nonce="en annan"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "for another": lambda claims: claims.update(aud="ekonomi"),
    "for another, asked for by us": lambda claims: claims.update(aud="ekonomi", azp=CLIENT),
    "for another too": lambda claims: claims.update(aud=[CLIENT, "ekonomi"], azp="ekonomi"),
    "of another": lambda claims: claims.update(iss="https://ond.example"),
    "over": lambda claims: claims.update(exp=claims["exp"] - 1000),
    "without an end": lambda claims: claims.pop("exp"),
    "of nobody": lambda claims: claims.pop("sub"),
    "of nothing": lambda claims: claims.update(sub=""),
    "of a number": lambda claims: claims.update(sub=["7f9c2b"]),
}
SIGNS = {
    "unsigned": unsigned, "with the public key": signed_with_public_key, "with another key": signed_by_another,
    "by a key unheard of": lambda claims: signed(claims, "stranger"), "not at all": lambda _claims: "a.b.c",
    "nothing": lambda _claims: "",
}  # fmt: skip


def refused(door: Door, guest: Client, answer: httpx.Response, words: str, status: int = 403) -> None:
    """In words, and with nobody let in."""
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert COOKIE not in answer.cookies
    assert guest.get("/runs").status_code == 303
    assert sessions(door.store) == 0


@pytest.mark.parametrize("name", LIES)
def test_a_token_that_says_otherwise_lets_nobody_in(door: Door, name: str) -> None:
    door.provider.lie = LIES[name]
    guest = door.guest()
    refused(door, guest, door.come(guest), "går inte att lita på")
    assert all_accounts(door.store) == []


@pytest.mark.parametrize("name", SIGNS)
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(door: Door, name: str) -> None:
    door.provider.sign = SIGNS[name]
    guest = door.guest()
    refused(door, guest, door.come(guest), "går inte att lita på")
    assert all_accounts(door.store) == []


def test_no_secret_that_both_know_and_no_signature_is_taken() -> None:
    assert all(name[:2] in ("RS", "PS", "ES") for name in ALGORITHMS)


def test_an_answer_that_comes_twice_counts_once(door: Door) -> None:
    guest = door.guest()
    there = door.sent_back(guest)
    kept = dict(guest.cookies)
    assert guest.get(there).status_code == 303
    guest.send_form("/logout")
    again = door.guest(cookies=kept)
    refused(door, again, again.get(there), "började i en annan webbläsare")


def test_a_code_that_was_used_is_good_for_no_other_login(door: Door) -> None:
    first = door.guest()
    used = parse_qs(urlsplit(door.sent_back(first)).query)["code"][0]
    door.provider.codes.pop(used)
    guest = door.guest()
    state = parse_qs(urlsplit(door.sent_back(guest)).query)["state"][0]
    answer = guest.get("/login/oidc/back", params={"code": used, "state": state})
    refused(door, guest, answer, "går inte att lita på")


def test_anothers_code_does_not_fit_what_this_browser_asked_with(door: Door) -> None:
    """PKCE: who has stolen a code cannot put it into a login of their own."""
    stolen = parse_qs(urlsplit(door.sent_back(door.guest())).query)["code"][0]
    guest = door.guest()
    state = parse_qs(urlsplit(door.sent_back(guest)).query)["state"][0]
    answer = guest.get("/login/oidc/back", params={"code": stolen, "state": state})
    refused(door, guest, answer, "går inte att lita på")


@pytest.mark.parametrize("state", ["", "gissad"])
def test_a_state_that_nobody_has_given_lets_nobody_in(door: Door, state: str) -> None:
    guest = door.guest()
    code = parse_qs(urlsplit(door.sent_back(guest)).query)["code"][0]
    refused(door, guest, guest.get("/login/oidc/back", params={"code": code, "state": state}), "en annan webbläsare")
    assert all_accounts(door.store) == []


def test_another_browser_cannot_be_made_to_end_somebodys_login(door: Door) -> None:
    """Nobody is let in as another by a link that the other has sent them."""
    mine = door.guest()
    there = door.sent_back(mine)
    lured = door.guest()
    door.sent_back(lured)
    refused(door, lured, lured.get(there), "började i en annan webbläsare")
    assert mine.get(there).headers["location"] == "/runs", "it has not been spoiled for whose it is"


def test_an_attempt_is_over_after_ten_minutes_and_swept_away(door: Door) -> None:
    guest = door.guest()
    there = door.sent_back(guest)
    with door.store.begin() as connection:
        late = func.clock_timestamp() - span(attempts.GOOD_SECONDS + 1)
        connection.execute(update(login_attempts).values(at=late))
    refused(door, guest, guest.get(there), "tog för lång tid")
    door.sent_back(guest)
    with door.store.begin() as connection:
        assert len(connection.execute(select(login_attempts)).all()) == 1


def test_who_is_in_no_group_is_told_so(door: Door) -> None:
    door.provider.person["groups"] = ["ekonomi"]
    guest = door.guest()
    refused(door, guest, door.come(guest), "ingen av dina grupper ger plats i portalen")
    assert all_accounts(door.store) == []
    (event,) = noted(door.store)
    assert (event.by, event.did, event.reason) == (KARIN, "login_refused", "no group")


def test_a_local_account_is_never_taken_over(door: Door) -> None:
    add_account(door.store, KARIN, "Karin", roles=[Role.ADMIN], teams=[], by="prov", password="fyra gröna hästar")
    before = account(door.store)
    guest = door.guest()
    refused(door, guest, door.come(guest), "Det finns redan ett konto i portalen med ditt användarnamn")
    assert account(door.store) == before
    subject = noted(door.store)[-1].detail["subject"]
    change_account(door.store, "karin.ost", by="adam", subject=subject)
    assert door.come(guest).headers["location"] == "/runs", "an admin has said that it is theirs"


def test_whoever_comes_by_it_has_no_password_to_come_by_as_well(door: Door) -> None:
    guest = door.guest()
    door.come(guest)
    assert "Byt lösenord" not in guest.get("/me").text
    with pytest.raises(WrongInput, match="har inget lösenord"):
        set_password(door.store, KARIN, "fyra gröna hästar", by="adam")
    add_account(door.store, "adam", "Adam", roles=[Role.ADMIN], teams=[], by="prov", password="fyra gröna hästar")
    karin = account(door.store)
    assert karin is not None
    with pytest.raises(WrongInput, match=f"redan kontot {KARIN}"):
        change_account(door.store, "adam", by="adam", subject=karin.subject)
    assert guest.get("/runs").status_code == 200


def test_a_closed_account_stays_closed(door: Door) -> None:
    add_account(door.store, "adam", "Adam", roles=[Role.ADMIN], teams=[], by="prov")
    door.come(door.guest())
    change_account(door.store, KARIN, by="adam", active=False)
    guest = door.guest()
    refused(door, guest, door.come(guest), "är avstängt")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_provider_that_is_down_is_told_of(door: Door, when: str) -> None:
    guest = door.guest()
    there = "/login/oidc" if when == "before" else door.sent_back(guest)
    door.provider.is_down = True
    refused(door, guest, guest.get(there), "Kommunens inloggning svarar inte", 503)


def test_one_that_says_no_is_told_of(door: Door) -> None:
    door.provider.refuses = "access_denied"
    guest = door.guest()
    refused(door, guest, door.come(guest), "släppte inte in dig")


@pytest.mark.parametrize(
    "says", [{"issuer": "https://ond.example"}, {"token_endpoint": "http://ond.example/token"}, {"jwks_uri": ""}]
)
def test_one_that_is_another_or_sends_in_the_open_is_not_gone_to(door: Door, says: dict[str, str]) -> None:
    door.provider.says = says
    guest = door.guest()
    refused(door, guest, guest.get("/login/oidc"), "går inte att lita på")


@pytest.mark.parametrize("broken", ["file", "secret", "group"])
def test_what_is_wrong_with_our_own_files_is_not_told_at_the_door(door: Door, broken: str, tmp_path: Path) -> None:
    guest = door.guest()
    there = door.sent_back(guest)
    if broken == "secret":
        (tmp_path / "secrets" / "oidc").unlink()
    elif broken == "file":
        (tmp_path / "portal.toml").unlink()
    else:
        (tmp_path / "portal.toml").write_text(GROUPS.replace('"guide"', '"api"'), "utf-8")
    answer = guest.get(there)
    refused(door, guest, answer, "är inte rätt inställd", 503)
    assert str(tmp_path) not in answer.text


# -- the door itself, and out -----------------------------------------------------------------------------------------


def test_the_door_shows_the_municipalitys_login_first_and_the_form_below(door: Door) -> None:
    text = door.guest().get("/login?to=/excel").text
    assert "Logga in med kommunens inloggning" in text
    assert 'href="/login/oidc?to=%2Fexcel"' in text
    assert "<details>" in text
    wrong = door.guest().post("/login", data={"name": "gun", "password": "fel"}).text
    assert "<details open>" in wrong, "who uses the form sees it"
    guest = door.guest()
    guest.headers["Accept-Language"] = "en"
    assert "Log in with the municipality" in guest.get("/login").text


def test_without_a_provider_there_is_no_such_door(machine: Settings, store: Store) -> None:
    with answering(create_app(machine, store), 0, "portal_port") as port:
        text = httpx.get(f"http://{HOST}:{port}/login").text
        assert "inloggning" not in text
        assert "<details" not in text
        for path in ("/login/oidc", "/login/oidc/back?code=x&state=x"):
            assert httpx.get(f"http://{HOST}:{port}{path}").status_code == 404


def test_nobody_is_led_out_of_here(door: Door) -> None:
    assert door.come(door.guest(), "https://ond.example/").headers["location"] == "/"


def test_who_logs_out_is_logged_out_there_too(door: Door) -> None:
    guest = door.guest()
    door.come(guest)
    answer = guest.send_form("/logout")
    there = answer.headers["refresh"].removeprefix("0; url=")
    assert "Du är utloggad" in answer.text
    assert guest.get("/runs").status_code == 303
    assert httpx.get(there).headers["location"] == f"{door.address}/login"
    (told,) = door.provider.logged_out
    assert told["id_token_hint"] == door.provider.tokens[-1]
    assert told["client_id"] == CLIENT


@pytest.mark.parametrize("how", ["nowhere", "down"])
def test_where_that_cannot_be_the_door_is_closed_here(door: Door, how: str) -> None:
    guest = door.guest()
    door.come(guest)
    door.provider.says = {"end_session_endpoint": ""}
    door.provider.is_down = how == "down"
    assert guest.send_form("/logout").headers["location"] == "/login"
    assert guest.get("/runs").status_code == 303


def test_the_cookie_of_an_attempt_is_short_and_goes_nowhere_else(door: Door) -> None:
    cookie = door.guest().get("/login/oidc").headers["set-cookie"].lower()
    assert all(words in cookie for words in ("httponly", "samesite=lax", "path=/login/oidc", "max-age=600"))
    with door.store.begin() as connection:
        row = connection.execute(select(login_attempts)).one()
    assert cookie.partition("=")[2].partition(";")[0] not in str(row).lower(), "who reads the table ends no login"
