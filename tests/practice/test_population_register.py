"""KIR tells who lives in Tallinge, but only to those who say why, and never where the protected live."""

from __future__ import annotations

import asyncio
import functools
import html
import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from robots.practice import identifiers
from robots.practice.faults import Faults
from robots.practice.personal_numbers import WrongNumberError, read_number
from robots.practice.population_register.register import FORWARDING, Register, line
from robots.practice.population_register.routes import PopulationRegister
from robots.practice.sessions import User
from robots.practice.system import World
from robots.practice.town import Person, Town, build_town
from robots.practice.truth import Truth
from tests.practice.conftest import TownProcess

TODAY = date(2026, 3, 10)
WHY = {"orsak": "Ärende hos kontaktcenter", "arende": "KC-26030001-1", "notering": "Ringde"}
STALE = "<h1>Sidan är inaktuell</h1>"
USERS = {
    "ragnhild": User("ragnhild", "Ragnhild (robot)", "journal-pass", {"population_register": "journal"}),
    "lasare": User("lasare", "Lasse Läsare (robot)", "read-pass", {"population_register": "read"}),
    "obehorig": User("obehorig", "Obehörig", "fel-system", {"case_management": "journal"}),
}


@functools.cache
def the_town(today: date) -> Town:
    """Nothing changes a town once it is built, so the tests share it."""
    return build_town(1, today)


class Visitor:
    """One browser at the system alone, without a server between."""

    def __init__(self, app: FastAPI) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://kir.example", follow_redirects=True
        )

    def get(self, address: str | httpx.URL) -> httpx.Response:
        return asyncio.run(self._client.get(address))

    def post(self, address: str, data: dict[str, str] | None = None, follow_redirects: bool = True) -> httpx.Response:
        return asyncio.run(self._client.post(address, data=data, follow_redirects=follow_redirects))


class Kir:
    """The system in this process, where a test can reach its clock, with one visitor."""

    def __init__(self) -> None:
        self.world = World(the_town(TODAY), Truth(), Faults(), USERS, 0)
        self.system = PopulationRegister(self.world)
        self.system.make_ready()
        app = FastAPI()
        app.include_router(self.system.router, prefix="/kir")
        self.client = Visitor(app)

    @property
    def people(self) -> list[Person]:
        return list(self.world.town.people.values())

    def log_in(self, name: str = "ragnhild", password: str = "journal-pass", nasta: str = "/kir/") -> httpx.Response:
        return self.client.post("/kir/logga-in", data={"anv": name, "losen": password, "nasta": nasta})

    def ask(self, form: str, action: str, **fields: str) -> httpx.Response:
        """Open a form, fill it in and post it, as a person does."""
        sekv = re.search(r'name="sekv" value="(\w+)"', self.client.get(form).text)
        assert sekv is not None
        return self.client.post(action, data={"sekv": sekv[1], **fields})

    def number(self, number: str, **fields: str) -> httpx.Response:
        return self.ask("/kir/", "/kir/sok", pnr=number, sok_pnr="Sök", **{**WHY, **fields})

    def name(self, name: str, address: str = "", **fields: str) -> httpx.Response:
        return self.ask("/kir/", "/kir/sok", namn=name, adr=address, sok_namn="Sök", **{**WHY, **fields})

    def residents(self, designation: str, **fields: str) -> httpx.Response:
        return self.ask(f"/kir/hushall/{designation}", f"/kir/hushall/{designation}", **{**WHY, **fields})

    def protected(self, protection: str) -> Person:
        return next(p for p in self.people if p.protection == protection)

    def lookups(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.system.control_actions()["lookups"]()
        return found


@pytest.fixture
def kir() -> Kir:
    kir = Kir()
    kir.log_in()
    return kir


def value(page: httpx.Response, caption: str) -> list[str]:
    """The lines beside a caption of the person page."""
    found = re.search(rf"<dt>{caption}</dt>\s*<dd>(.*?)</dd>", page.text, re.S)
    assert found is not None, caption
    return [html.unescape(re.sub("<.*?>", "", text)) for text in re.findall(r"<div>(.*?)</div>", found[1])]


def hits(page: httpx.Response) -> list[str]:
    """The personal numbers of a hit list."""
    return re.findall(r'<a href="/kir/person/\w+">([\d-]+)</a>', page.text)


def absent_number(town: Town) -> str:
    return next(n for k in range(9000) if (n := identifiers.personal_number(
        date(1950, 1, 1) + timedelta(days=k), 985)) not in town.people)  # fmt: skip


# Logging in


def test_every_page_asks_who_you_are_first_and_then_shows_what_was_asked_for() -> None:
    kir = Kir()
    for page in ("/kir/", "/kir/loggar", "/kir/person/abc", "/kir/traffar/abc", "/kir/hushall/KVARNEN 14", "/kir/x/y"):
        answer = kir.client.get(page)
        assert "<h1>Logga in</h1>" in answer.text
        assert "Kommuninvånarregistret KIR" in answer.text
        assert "utloggad" not in answer.text
    assert "<h1>Logga in</h1>" in kir.client.post("/kir/sok", data={"pnr": "1"}).text
    wanted = kir.client.get("/kir/hushall/KVARNEN 14").text
    nasta = re.search(r'name="nasta" value="(.*?)"', wanted)
    assert nasta is not None
    answer = kir.log_in(nasta=html.unescape(nasta[1]))
    assert answer.history[0].status_code == 303
    assert "<b>KVARNEN 14</b>" in answer.text
    assert "Ragnhild (robot)" in answer.text


def test_a_wrong_password_or_a_user_of_another_system_is_refused() -> None:
    kir = Kir()
    for name, password in (("ragnhild", "fel"), ("obehorig", "fel-system"), ("ingen", "")):
        answer = kir.log_in(name, password)
        assert answer.status_code == 401
        assert "Fel användarnamn eller lösenord." in answer.text
        assert f'value="{name}"' in answer.text
    assert kir.system.sessions.failed_logins == 3


@pytest.mark.parametrize("nasta", ["https://elsewhere.example/", "//elsewhere.example", "", "/annat/"])
def test_login_leads_nowhere_else(nasta: str) -> None:
    assert Kir().log_in(nasta=nasta).url == "http://kir.example/kir/"


def test_a_session_ends_after_a_quarter_of_an_hour_or_when_told(kir: Kir) -> None:
    (session,) = kir.system.sessions._open.values()
    session.last_seen -= 14 * 60
    assert "<h1>Personsökning</h1>" in kir.client.get("/kir/").text
    session.last_seen -= 16 * 60
    assert "Du har blivit utloggad. Logga in igen." in kir.client.get("/kir/").text
    kir.log_in()
    assert "Du har loggat ut." in kir.client.get("/kir/logga-ut").text
    assert "<h1>Logga in</h1>" in kir.client.get("/kir/").text


def test_both_roles_may_look_and_see_the_same(kir: Kir) -> None:
    person = kir.people[0]
    as_journal = kir.number(person.personal_number)
    kir.log_in("lasare", "read-pass")
    as_reader = kir.number(person.personal_number)
    assert "Lasse Läsare (robot)" in as_reader.text
    assert value(as_reader, "Namn") == value(as_journal, "Namn") == [person.name]


# The reason


def test_nothing_is_shown_without_a_reason(kir: Kir) -> None:
    number = kir.people[0].personal_number
    for reason in ("", "Nyfiken"):
        answer = kir.number(number, orsak=reason)
        assert answer.text.count("Du måste ange orsak till sökningen.") == 1
        assert f'value="{number}"' in answer.text
    home = kir.people[0].property_id
    assert "Du måste ange orsak till sökningen." in kir.residents(home, orsak="").text
    assert kir.lookups() == []


def test_the_contact_centre_states_its_case_number_and_others_need_not(kir: Kir) -> None:
    number = kir.people[0].personal_number
    refused = "Du måste ange ärendenummer när orsaken är Ärende hos kontaktcenter."
    assert refused in kir.number(number, arende=" ").text
    assert "<h1>Personuppgifter</h1>" in kir.number(number, arende="", orsak="Handläggning skola").text


# Personal numbers


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("19701063-9800", "19701063-9800"),
        ("197010639800", "19701063-9800"),
        ("701063-9800", "19701063-9800"),
        (" 7010639800 ", "19701063-9800"),
        ("701063+9800", "18701063-9800"),
        ("19701063+9800", "19701063-9800"),
    ],
)
def test_a_number_may_be_typed_in_many_ways(typed: str, meant: str) -> None:
    assert read_number(typed, TODAY) == meant


@pytest.mark.parametrize("typed", ["19701063-2390", "700231-2391", "701399-2391", "00000000-0000", "000000000000"])
def test_a_number_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(WrongNumberError, match=r"Personnumret är inte giltigt\."):
        read_number(typed, TODAY)


@pytest.mark.parametrize("typed", ["123", "19701063-239", "abc", "1970106-32391", "٧٠١٠٦٣-٢٣٩١", "197010632391 1"])
def test_a_number_of_another_length_is_no_number(typed: str) -> None:
    with pytest.raises(WrongNumberError, match=r"Personnumret ska ha 10 eller 12 siffror\."):
        read_number(typed, TODAY)


def test_every_number_of_the_town_is_found_by_ten_digits(kir: Kir) -> None:
    for number in kir.world.town.people:
        assert read_number(number[2:].replace("-", ""), TODAY) == number


def test_the_page_says_what_is_wrong_with_a_number(kir: Kir) -> None:
    assert "Personnumret är inte giltigt." in kir.number("19900101-9801").text
    assert "Personnumret ska ha 10 eller 12 siffror." in kir.number("12").text
    assert "Skriv ett personnummer." in kir.number("", namn="Anna").text
    assert kir.lookups() == []


def test_absence_is_said_and_logged(kir: Kir) -> None:
    number = absent_number(kir.world.town)
    answer = kir.number(number)
    assert "Ingen person hittades i Tallinge kommun." in answer.text
    assert f'value="{number}"' in answer.text
    assert [(entry["sought"], entry["result"]) for entry in kir.lookups()] == [(number, "Ingen träff")]
    assert "Ingen person hittades i Tallinge kommun." in kir.name("Xqzy").text


# One person


def test_the_person_page_tells_what_the_town_knows(kir: Kir) -> None:
    town = kir.world.town
    homes = Register(town)
    person = next(p for p in kir.people if not p.protection and not p.deceased
                  and any(q != p and not q.protection for q in homes.residents(p.property_id)))  # fmt: skip
    page = kir.number(person.personal_number)
    assert "<h1>Personuppgifter</h1>" in page.text
    assert person.personal_number not in str(page.url)
    assert value(page, "Personnummer") == [person.personal_number]
    assert value(page, "Folkbokföringsadress") == [f"{person.street}, {person.postcode} TALLINGE"]
    assert value(page, "Fastighet") == [person.property_id]
    others = [line(p) for p in homes.residents(person.property_id) if p != person]
    assert value(page, "Hushåll") == others
    assert value(page, "Civilstånd") == value(kir.number(person.personal_number), "Civilstånd")


def test_a_coordination_number_is_called_so(kir: Kir) -> None:
    person = next(p for p in kir.people if int(p.personal_number[6:8]) > 60)
    page = kir.number(person.personal_number)
    assert value(page, "Samordningsnummer") == [person.personal_number]
    assert "<dt>Personnummer</dt>" not in page.text


def test_the_dead_are_marked_and_live_nowhere(kir: Kir) -> None:
    person = next(p for p in kir.people if p.deceased)
    page = kir.number(person.personal_number)
    assert '<div class="avliden">Avliden</div>' in page.text
    assert date.fromisoformat(value(page, "Avliden")[0]) < TODAY
    assert value(page, "Hushåll") == ["Personen är avliden och ingår inte i något hushåll."]
    assert person.name not in kir.residents(person.property_id).text
    alive = next(p for p in kir.people if not p.deceased)
    assert "vliden" not in kir.number(alive.personal_number).text


def test_children_have_guardians_on_the_property_when_the_clock_makes_them_children() -> None:
    town = the_town(date(2012, 5, 1))
    register = Register(town)
    pairs = 0
    for person in filter(None, map(register.person, town.people)):  # a family of another municipality is not in it
        rows = {row.caption: row.lines for row in register.rows(person, revealed=False)}
        guardians = rows.get("Vårdnadshavare", ())
        if person.protection or not guardians or "-" not in guardians[0]:
            continue
        pairs += 1
        parent = register.person(guardians[0].split()[0])
        assert parent is not None
        children = {row.caption: row.lines for row in register.rows(parent, revealed=False)}["Barn"]
        assert line(person) in children
    assert pairs


# The protected


def test_a_marked_person_is_shown_without_address_until_a_second_reason(kir: Kir) -> None:
    person = kir.protected("sekretessmarkering")
    page = kir.number(person.personal_number)
    assert "SEKRETESSMARKERING – Lämna inte ut uppgifter utan prövning" in page.text
    assert person.street not in page.text
    assert person.property_id not in page.text
    button = re.search(r'action="(/kir/skyddade/\w+)"><input type="submit" value="Visa skyddade uppgifter"', page.text)
    assert button is not None
    form = kir.client.get(button[1])
    assert "<h1>Visa skyddade uppgifter</h1>" in form.text

    def posted(page: httpx.Response, reason: str) -> httpx.Response:
        action = re.search(r'action="(/kir/skyddade/\w+)"', page.text)
        assert action is not None
        return kir.client.post(action[1], data={"orsak2": reason})

    refused = posted(form, " ")
    assert "Du måste ange orsak till att skyddade uppgifter visas." in refused.text
    assert len(kir.lookups()) == 1
    shown = posted(refused, "Prövad av chef")
    assert value(shown, "Folkbokföringsadress") == [f"{person.street}, {person.postcode} TALLINGE"]
    assert "SEKRETESSMARKERING" in shown.text
    assert "Visa skyddade uppgifter" not in shown.text
    last = kir.lookups()[-1]
    assert (last["kind"], last["note"]) == ("Skyddade uppgifter", "Prövad av chef")
    assert last["sought"] == person.personal_number


def test_a_hidden_person_has_the_forwarding_address_and_no_button(kir: Kir) -> None:
    person = kir.protected("skyddad folkbokföring")
    page = kir.number(person.personal_number)
    assert "SKYDDAD FOLKBOKFÖRING" in page.text
    assert value(page, "Namn") == [person.name]
    assert value(page, "Folkbokföringsadress") == [FORWARDING]
    assert person.street not in page.text
    assert person.property_id not in page.text
    assert "Visa skyddade uppgifter" not in page.text


def test_no_search_gives_away_where_the_protected_live(kir: Kir) -> None:
    register = kir.system.register
    for person in (p for p in kir.people if p.protection):
        near = register.by_name(person.name, person.street)
        far = register.by_name(person.name, "Ingenstansvägen 1")
        assert person in near
        assert person in far
        assert person.street not in register.address(person)
        for other in register.residents(person.property_id):
            lines = [text for row in register.rows(other, revealed=True) for text in row.lines]
            if other != person:
                assert not any(person.name in text or person.personal_number in text for text in lines)


def test_a_property_names_nobody_who_is_protected(kir: Kir) -> None:
    marked, hidden = kir.protected("sekretessmarkering"), kir.protected("skyddad folkbokföring")
    page = kir.residents(marked.property_id)
    assert "Skyddade personuppgifter" in page.text
    assert marked.name not in page.text
    assert marked.personal_number not in page.text
    page = kir.residents(hidden.property_id)
    assert hidden.name not in page.text
    if not kir.system.register.residents(hidden.property_id):
        assert "Inga personer är folkbokförda på fastigheten." in page.text


# Names


def test_a_surname_gives_pages_of_fifteen(kir: Kir) -> None:
    expected = [p.personal_number for p in kir.system.register.by_name("Lindahl", "")]
    assert 30 < len(expected) <= 45
    page = kir.name("lindahl")
    assert "<h1>Träfflista</h1>" in page.text
    assert f"Antal träffar: {len(expected)}. Sida 1 av 3." in page.text
    seen = hits(page)
    assert len(seen) == 15
    assert "Föregående" not in page.text
    while turn := re.search(r'href="(/kir/traffar/\w+)">Nästa', page.text):
        page = kir.client.get(turn[1])
        seen += hits(page)
    assert seen == expected
    assert "Föregående" in page.text


def test_a_hit_opens_and_is_logged_with_the_same_reason(kir: Kir) -> None:
    page = kir.name("Lindahl")
    link = re.search(r'href="(/kir/person/\w+)">([\d-]+)<', page.text)
    assert link is not None
    person = kir.client.get(link[1])
    assert value(person, "(?:Personnummer|Samordningsnummer)") == [link[2]]
    back = re.search(r'href="(/kir/traffar/\w+)">Till träfflistan', person.text)
    assert back is not None
    assert hits(kir.client.get(back[1])) == hits(page)
    name, chosen = kir.lookups()
    assert (name["kind"], name["sought"], chosen["kind"], chosen["sought"]) == (
        "Namn",
        "Lindahl",
        "Val i träfflista",
        link[2],
    )
    assert chosen["case_number"] == WHY["arende"]


def test_too_many_hits_and_too_short_names_are_refused(kir: Kir) -> None:
    assert "För många träffar, förfina sökningen." in kir.name("An").text
    assert "Skriv minst två bokstäver i namnet." in kir.name("A").text
    assert "Skriv ett personnummer eller ett namn." in kir.name("", "Kvarngatan 1").text


def test_names_match_in_any_order_and_a_house_number_is_whole(kir: Kir) -> None:
    find = kir.system.register.by_name
    person = next(p for p in kir.people if not p.protection and re.search(r" \d$", p.street))
    for typed in (person.name, f"{person.last_name}, {person.first_name}", person.name.upper()):
        for address in (person.street, f"{person.street}, {person.postcode} Tallinge", person.street.split()[0]):
            assert person in find(typed, address)
    assert all(p.protection or p.street == person.street for p in find(person.last_name, person.street))
    assert find("Rosen", "") == find("Rosén", "") != []
    assert all("Åkesson" in p.name for p in find("Åkesson", ""))


def test_several_of_one_name_are_all_listed(kir: Kir) -> None:
    names = [p.name for p in kir.people]
    twice = next(n for n in names if names.count(n) > 1)
    first, last = twice.split()
    page = kir.name(f"{first} {last}")
    same = {p.personal_number for p in kir.people if p.name == twice}
    assert same <= set(hits(page))


# Pages that are out of date


def test_an_answer_is_shown_once(kir: Kir) -> None:
    page = kir.number(kir.people[0].personal_number)
    assert page.headers["cache-control"] == "no-store"
    again = kir.client.get(page.url)
    assert STALE in again.text
    assert again.status_code == 410
    listed = kir.name("Lindahl")
    assert STALE in kir.client.get(listed.url).text
    assert STALE in kir.client.get("/kir/sok").text
    assert len(kir.lookups()) == 2


def test_a_form_that_is_posted_again_is_out_of_date(kir: Kir) -> None:
    sekv = re.search(r'name="sekv" value="(\w+)"', kir.client.get("/kir/").text)
    assert sekv is not None
    data = {"sekv": sekv[1], "pnr": absent_number(kir.world.town), "sok_pnr": "Sök", **WHY}
    assert "Ingen person" in kir.client.post("/kir/sok", data=data).text
    assert STALE in kir.client.post("/kir/sok", data=data).text
    assert len(kir.lookups()) == 1


def test_the_answers_of_one_user_are_closed_to_another(kir: Kir) -> None:
    sekv = re.search(r'name="sekv" value="(\w+)"', kir.client.get("/kir/").text)
    assert sekv is not None
    data = {"sekv": sekv[1], "pnr": kir.people[0].personal_number, "sok_pnr": "Sök", **WHY}
    where = kir.client.post("/kir/sok", data=data, follow_redirects=False).headers["location"]
    kir.log_in("lasare", "read-pass")
    assert STALE in kir.client.get(where).text


# Properties, the log, the rest


def test_a_property_is_found_by_its_designation_in_any_case(kir: Kir) -> None:
    for typed in ("kvarnen 14", " Tallinge KVARNEN  14 "):
        page = kir.ask("/kir/hushall/", "/kir/hushall/", fastighet=typed, **WHY)
        assert "<dt>Fastighet</dt><dd>KVARNEN 14</dd>" in page.text
    absent = "Ingen fastighet med den beteckningen hittades i Tallinge kommun."
    assert absent in kir.ask("/kir/hushall/", "/kir/hushall/", fastighet="KVARNEN 999", **WHY).text
    assert absent in kir.residents("KVARNEN 999").text
    assert "Skriv en fastighetsbeteckning." in kir.ask("/kir/hushall/", "/kir/hushall/", **WHY).text


def test_a_property_lists_everybody_who_lives_there(kir: Kir) -> None:
    for designation in list(kir.world.town.properties)[:40]:
        page = kir.residents(designation)
        people = kir.system.register.residents(designation)
        for person in people:
            assert line(person).split("  ")[-1] in page.text
        assert (f"Antal folkbokförda: {len(people)}." in page.text) == bool(people)
        assert ("Inga personer är folkbokförda på fastigheten." in page.text) != bool(people)


def test_the_log_shows_the_users_own_and_no_more_than_a_hundred(kir: Kir) -> None:
    assert "Inga sökningar är loggade." in kir.client.get("/kir/loggar").text
    number = absent_number(kir.world.town)
    for _ in range(101):
        kir.number(number)
    own = kir.client.get("/kir/loggar").text
    assert own.count(number) == 100
    assert WHY["arende"] in own
    assert str(TODAY) in own
    kir.log_in("lasare", "read-pass")
    assert "Inga sökningar är loggade." in kir.client.get("/kir/loggar").text
    assert len(kir.lookups()) == 101
    assert kir.lookups()[0]["user"] == "ragnhild"


def test_unknown_addresses_get_a_page_of_the_system(kir: Kir) -> None:
    for answer in (kir.client.get("/kir/finns/inte"), kir.client.post("/kir/loggar"), kir.client.get("/kir/person")):
        assert answer.status_code == 404
        assert "<h1>Sidan finns inte</h1>" in answer.text
        assert "Ragnhild (robot)" in answer.text


def test_what_is_typed_is_shown_as_text(kir: Kir) -> None:
    assert "<script>" not in kir.name("<script>alert(1)</script>").text
    assert "&lt;script&gt;" in kir.name("<script>alert(1)</script>").text


# In the town


def test_in_the_town_looking_changes_nothing_and_a_lost_session_is_told(town: TownProcess) -> None:
    with town.browser() as browser:
        _look_and_lose_the_session(town, browser)


def _look_and_lose_the_session(town: TownProcess, browser: httpx.Client) -> None:
    page = browser.post("/kir/logga-in", data={"anv": "ragnhild", "losen": "journal-pass", "nasta": "/kir/"})
    assert "<h1>Personsökning</h1>" in page.text
    assert "monospace" in browser.get("/kir/static/style.css").text
    sekv = re.search(r'name="sekv" value="(\w+)"', page.text)
    assert sekv is not None
    citizen = town.case("drawings")["citizen"]
    page = browser.post("/kir/sok", data={"sekv": sekv[1], "pnr": citizen, "sok_pnr": "Sök", **WHY})
    assert "<h1>Personuppgifter</h1>" in page.text
    assert town.truth("population_register") == []
    (lookup,) = town.control.post("/systems/population_register/lookups").json()
    assert (lookup["sought"], lookup["reason"]) == (citizen, WHY["orsak"])
    town.control.post("/faults", json={"system": "population_register", "kind": "logged_out"})
    assert "Du har blivit utloggad. Logga in igen." in browser.get("/kir/").text
    town.control.post("/faults", json={"system": "population_register", "kind": "down", "seconds": 5})
    closed = browser.get("/kir/")
    assert closed.status_code == 503
    assert "<h1>Systemet är stängt för underhåll</h1>" in closed.text
    town.control.post("/reset", json={"seed": 1})
    assert town.control.post("/systems/population_register/lookups").json() == []
