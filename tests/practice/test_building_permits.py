"""Bygglov Castell as a robot meets it: frames, pages that post back, roles, rules, locks, and what is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from robots.practice.building_permits.records import Records
from robots.practice.town import build_town
from tests.practice.conftest import TownProcess, acting_in

KEY, BASE, TODAY = "building_permits", "/bygglov", "2026-03-17"
act = acting_in(KEY)
PREFIX = "ctl00$Innehall$"
ARRIVAL = "ANKOMST"
START = {
    "rblRiktning": "Inkommande", "ddlTyp": "Anmälan", "ddlSlag": "Anmälan om byggstart", "ddlUtfall": "Mottagen",
    "txtDatum": TODAY, "txtByggstart": "2026-04-20", "txtRubrik": "Anmälan om byggstart",
    "txtAnteckning": "Vi börjar gräva.", "txtReferens": "R-0123456789ab",
}  # fmt: skip


class Visitor:
    """Somebody with a browser: opens pages, and sends them back with the state that they have."""

    def __init__(self, browser: httpx.Client) -> None:
        self.browser = browser
        self.page = httpx.Response(200)

    def log_in(self, name: str, password: str) -> httpx.Response:
        typed = {f"{PREFIX}txtAnvandare": name, f"{PREFIX}txtLosenord": password}
        self.page = self.browser.post(f"{BASE}/logga-in", data=typed)
        return self.page

    def open(self, address: str) -> httpx.Response:
        self.page = self.browser.get(BASE + address)
        return self.page

    @property
    def state(self) -> str:
        return unescape(re.findall(r'name="__VIEWSTATE" id="[^"]+" value="([^"]+)"', self.page.text)[0])

    def send(self, *, state: str = "", partial: str = "", target: str = "", argument: str = "", **typed: str) -> str:
        """Post the page back; what it then says, in words."""
        form = {PREFIX + name: value for name, value in typed.items()}
        form |= {"__VIEWSTATE": state or self.state, "__EVENTARGUMENT": argument}
        form |= {"__EVENTTARGET": PREFIX + target if target else ""}
        headers = {"X-Delsida": partial} if partial else {}
        self.page = self.browser.post(str(self.page.url), data=form, headers=headers)
        return words(self.page)

    def search(self, address: str, **typed: str) -> list[list[str]]:
        self.open(address)
        self.send(partial="ja", btnSok="Sök", **typed)
        return rows(self.page)


def words(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def rows(page: httpx.Response) -> list[list[str]]:
    found = re.findall(r'<tr class="(?:odd|even)">(.*?)</tr>', page.text, re.DOTALL)
    return [re.findall(r"<td>([^<]*)</td>", row) for row in found]


def alerts(page: httpx.Response) -> list[str]:
    return re.findall(r"<li>(.*?)</li>", page.text)


def reset(town: TownProcess) -> None:
    town.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()


@pytest.fixture(scope="module")
def shared(town_process: TownProcess) -> TownProcess:
    reset(town_process)
    return town_process


@pytest.fixture
def fresh(shared: TownProcess) -> Iterator[TownProcess]:
    """The same town for a test that changes it; it stands as before when the test is over."""
    yield shared
    reset(shared)


@pytest.fixture
def visitor(shared: TownProcess) -> Iterator[Visitor]:
    with shared.browser() as browser:
        yield Visitor(browser)


@pytest.fixture
def officer(visitor: Visitor) -> Visitor:
    visitor.log_in("ragnhild", "journal-pass")
    return visitor


@pytest.fixture
def reader(visitor: Visitor) -> Visitor:
    visitor.log_in("lasare", "read-pass")
    return visitor


def number_of(town: TownProcess, twist: str = "normal", errand: str = "start_of_construction", place: int = 0) -> str:
    return str(act(town, "permit_of", case=town.case(errand, twist, place)["number"]))


def permit(town: TownProcess, number: str) -> dict[str, Any]:
    found: dict[str, Any] = act(town, "permit", number=number)
    return found


def form_of(visitor: Visitor, number: str) -> httpx.Response:
    return visitor.open(f"/Handelse.aspx?arende={number.replace(' ', '+')}")


def register(visitor: Visitor, number: str, **typed: str) -> httpx.Response:
    """From the form to the click that registers; the answer is the form again where something was wrong."""
    form_of(visitor, number)
    visitor.send(btnGranska="Fortsätt", **(START | typed))
    if "/Granska.aspx" in str(visitor.page.url):
        visitor.send(btnRegistrera="Registrera")
    return visitor.page


# -- coming in ------------------------------------------------------------------------------------------------------


def test_login_names_the_system_and_says_what_is_wrong(visitor: Visitor) -> None:
    page = visitor.open("/")
    assert page.url.path == f"{BASE}/logga-in"
    assert "<h1>Logga in</h1>" in page.text
    wrong = visitor.log_in("ragnhild", "fel")
    assert wrong.status_code == 401
    assert "Fel användarnamn eller lösenord." in wrong.text
    assert visitor.log_in("utestangd", "closed-pass").status_code == 401


def test_behind_the_login_lies_a_frameset_without_words_of_its_own(officer: Visitor) -> None:
    page = officer.page.text
    assert re.findall(r'<frame name="(\w+)"', page) == ["Meny", "Arbetsyta", "Status"]
    assert "<body" not in page
    assert words(officer.open("/Meny.aspx")).count("Ärenden") == 1


@pytest.mark.parametrize("address", ["/", "/Meny.aspx", "/Arenden.aspx", "/Arende.aspx?dnr=1", "/Fil.aspx?handling=1"])
def test_nothing_is_shown_without_a_session(visitor: Visitor, address: str) -> None:
    assert visitor.open(address).url.path == f"{BASE}/logga-in"


def test_a_page_sent_back_after_the_session_has_ended_leads_to_the_login(fresh: TownProcess, officer: Visitor) -> None:
    officer.open("/Arenden.aspx")
    act(fresh, "set_session_minutes", minutes=0)
    try:
        assert "Logga in" in officer.send(btnSok="Sök")
    finally:
        act(fresh, "set_session_minutes", minutes=20)


def test_the_system_closes_for_maintenance(fresh: TownProcess, officer: Visitor) -> None:
    fresh.control.post("/faults", json={"system": KEY, "kind": "down", "seconds": 5}).raise_for_status()
    page = officer.open("/Arenden.aspx")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "Systemet är stängt för underhåll" in page.text


# -- the registers --------------------------------------------------------------------------------------------------


def test_a_register_shows_other_cases_until_one_has_searched(shared: TownProcess, officer: Visitor) -> None:
    officer.open("/Arenden.aspx")
    assert len(rows(officer.page)) == 10
    assert "Antal träffar" not in officer.page.text


def test_a_search_comes_back_as_the_moving_part_alone(shared: TownProcess, reader: Visitor) -> None:
    number = number_of(shared)
    found = reader.search("/Arenden.aspx", txtDiarienr=number)
    assert [row[1] for row in found] == [permit(shared, number)["property_id"]]
    assert found[0][0] == number
    assert "<body" not in reader.page.text
    assert "Antal träffar: 1. Sida 1 av 1." in reader.page.text


@pytest.mark.parametrize(
    ("address", "absence"),
    [("/Arenden.aspx", "Inga ärenden hittades."), ("/Handelser.aspx", "Inga händelser hittades."),
     ("/Handlingar.aspx", "Inga handlingar hittades.")],
)  # fmt: skip
def test_a_register_says_in_words_that_it_has_nothing(officer: Visitor, address: str, absence: str) -> None:
    assert officer.search(address, txtDiarienr="BYGG 2026-999999") == []
    assert absence in words(officer.page)


def test_finished_cases_show_only_with_the_tick(fresh: TownProcess, officer: Visitor) -> None:
    number = number_of(fresh)
    act(fresh, "close", number=number)
    for address in ("/Arenden.aspx", "/Handelser.aspx", "/Handlingar.aspx"):
        assert officer.search(address, txtDiarienr=number) == []
        assert officer.search(address, txtDiarienr=number, chkAvslutade="on")


def test_a_list_goes_on_page_by_page(shared: TownProcess, officer: Visitor) -> None:
    officer.open("/Handlingar.aspx")
    officer.send(btnSok="Sök", chkAvslutade="on", ddlHandlingstyp="Ritningar")
    first = rows(officer.page)
    officer.send(target="gvLista", argument="Page$2")
    second = rows(officer.page)
    assert "Sida 2 av" in officer.page.text
    assert len(first) == len(second) == 10
    assert not {row[0] for row in first} & {row[0] for row in second}


def test_a_row_opens_what_it_showed_though_the_list_has_changed(fresh: TownProcess, officer: Visitor) -> None:
    number = number_of(fresh)
    officer.open("/Arenden.aspx")
    officer.send(btnSok="Sök", txtDiarienr=number)
    act(fresh, "close", number=number)
    assert f"Ärende {number}" in officer.send(target="gvLista", argument="Select$0")


def test_an_event_is_found_by_its_reference(shared: TownProcess, officer: Visitor) -> None:
    number = number_of(shared)
    assert [row[0] for row in officer.search("/Handelser.aspx", txtDiarienr=number, txtReferens=ARRIVAL)] == [
        permit(shared, number)["events"][0]["number"]
    ]
    assert officer.search("/Handelser.aspx", txtDiarienr=number, txtReferens="R-000000000000") == []


# -- the state of a page --------------------------------------------------------------------------------------------


def _searched_once(officer: Visitor) -> tuple[str, str]:
    """The state of the register's page before and after it has been sent back."""
    officer.open("/Arenden.aspx")
    before = officer.state
    officer.send(btnSok="Sök")
    return before, officer.state


def test_a_stale_view_state_is_refused(officer: Visitor) -> None:
    before, _ = _searched_once(officer)
    said = officer.send(state=before, target="gvLista", argument="Select$0")
    assert officer.page.status_code == 409
    assert "Sidan är för gammal" in said


def test_control_the_newest_view_state_is_taken(officer: Visitor) -> None:
    _, newest = _searched_once(officer)
    assert "Översikt" in officer.send(state=newest, target="gvLista", argument="Select$0")
    assert officer.page.status_code == 200


@pytest.mark.parametrize("whose", ["another page's", "nobody's", "another user's"])
def test_a_view_state_from_elsewhere_is_refused(shared: TownProcess, officer: Visitor, whose: str) -> None:
    with shared.browser() as other:
        colleague = Visitor(other)
        colleague.log_in("ragnhild", "journal-pass")
        colleague.open("/Arenden.aspx")
        officer.open("/Handelser.aspx")
        states = {"another page's": officer.state, "nobody's": "L3dFUER3VUtMVEk=", "another user's": colleague.state}
        officer.open("/Arenden.aspx")
        officer.send(state=states[whose], btnSok="Sök")
    assert officer.page.status_code == 409


# -- the card -------------------------------------------------------------------------------------------------------


def _open_case(visitor: Visitor, number: str) -> str:
    visitor.open(f"/Arende.aspx?dnr={number.replace(' ', '+')}")
    return words(visitor.page)


def test_the_card_shows_one_tab_at_a_time(shared: TownProcess, officer: Visitor) -> None:
    number = number_of(shared)
    said = _open_case(officer, number)
    assert "Beslut om lov" in said
    assert "Kontrollansvarig" not in said
    parties = officer.send(target="mnuFlikar", argument="Flik$3")
    assert "Kontrollansvarig" in parties
    assert "Beslut om lov" not in parties
    events = officer.send(target="mnuFlikar", argument="Flik$1")
    assert ARRIVAL in events


TWISTS: dict[str, dict[str, Any]] = {
    "normal": {"stage": "Startbesked lämnat"},
    "no_startbesked": {"stage": "Beslut fattat", "started": None},
    "within_four_weeks": {"stage": "Startbesked lämnat", "posted": None},
    "protected": {"protected": True},
}


@pytest.mark.parametrize("twist", TWISTS)
def test_a_case_is_made_as_its_errand_needs_it(shared: TownProcess, twist: str) -> None:
    found = permit(shared, number_of(shared, twist))
    assert found | TWISTS[twist] == found
    assert found["property_id"] == shared.case("start_of_construction", twist)["property_id"]


def test_the_other_errands_have_what_they_need(shared: TownProcess) -> None:
    opened = permit(shared, number_of(shared, "conditions_open"))
    assert [c["met"] for c in opened["conditions"]] == [True, False]
    other = permit(shared, number_of(shared, "wrong_property"))
    assert other["property_id"] != shared.case("start_of_construction", "wrong_property")["property_id"]
    waiting = permit(shared, number_of(shared, "supplement_open", "permit_status"))
    assert (waiting["stage"], waiting["supplement"]["latest"]) == ("Väntar på komplettering", "2026-04-01")
    strange = permit(shared, number_of(shared, "not_a_party", "permit_status"))
    assert shared.case("permit_status", "not_a_party")["citizen"] not in strange["parties"]
    asked = shared.case("building_checklist", "old_application")
    assert permit(shared, number_of(shared, "old_application", "building_checklist"))["arrived"] < "2025-12-01"
    assert act(shared, "permits_of_property", property_id=asked["property_id"])
    unknown = number_of(shared, "unknown_number", "permit_status")
    assert shared.control.post(f"/systems/{KEY}/permit", json={"number": unknown}).status_code == 404


def test_a_protected_party_is_named_nowhere(shared: TownProcess, officer: Visitor) -> None:
    number = number_of(shared, "protected")
    person = shared.control.get(f"/people/{permit(shared, number)['parties'][0]}").json()
    assert "En part i ärendet har skyddade personuppgifter." in _open_case(officer, number)
    for tab in range(4):
        said = officer.send(target="mnuFlikar", argument=f"Flik${tab}")
        assert not [told for told in (person["name"], person["personal_number"], person["street"]) if told in said]
    assert "Skyddade personuppgifter" in said


def test_a_file_is_a_pdf_and_a_secret_one_is_none(shared: TownProcess, officer: Visitor) -> None:
    homes = [shared.case("drawings", "all_secret", place)["property_id"] for place in range(15)]
    permits = [p for home in homes for p in act(shared, "permits_of_property", property_id=home)]
    secret = [d for p in permits for d in p["documents"]]
    assert secret
    assert all(d["secret"] for d in secret)
    assert officer.open(f"/Fil.aspx?handling={secret[0]['number']}").status_code == 404
    open_one = permit(shared, number_of(shared))["documents"][0]["number"]
    assert officer.open(f"/Fil.aspx?handling={open_one}").content.startswith(b"%PDF-")


# -- a new event ----------------------------------------------------------------------------------------------------


def test_one_list_fills_the_next_and_the_kind_writes_its_heading(shared: TownProcess, officer: Visitor) -> None:
    form_of(officer, number_of(shared))
    assert "disabled" in officer.page.text
    assert "Datum för byggstart" not in officer.page.text
    typed = {"rblRiktning": "Inkommande", "ddlTyp": "Anmälan", "txtRubrik": "Min rubrik", "txtReferens": "R-1"}
    chosen = officer.send(target="ddlTyp", partial="ja", **typed)
    assert "Anmälan om byggstart" in chosen
    assert "Min rubrik" not in officer.page.text
    form_of(officer, number_of(shared))
    officer.send(target="ddlSlag", **(typed | {"ddlSlag": "Anmälan om byggstart"}))
    assert "Datum för byggstart" in officer.page.text
    assert 'value="Anmälan om byggstart"' in officer.page.text
    assert 'value="R-1"' in officer.page.text


def test_an_event_is_registered_and_shown(fresh: TownProcess, officer: Visitor) -> None:
    number = number_of(fresh)
    said = words(register(officer, number))
    (made,) = fresh.truth(KEY)
    assert (made["kind"], made["about"], made["by"]) == ("event_registered", number, "ragnhild")
    assert made["facts"] | {"event": ""} == {
        "event": "", "type": "Anmälan", "kind": "Anmälan om byggstart", "outcome": "Mottagen", "secret": False,
        "direction": "Inkommande", "on": TODAY, "starts": "2026-04-20", "reference": "R-0123456789ab",
        "note": "Vi börjar gräva.", "received": "",
    }  # fmt: skip
    assert "Händelsen är registrerad." in said
    assert f"Händelse {made['facts']['event']}" in said
    assert "Anmäld byggstart 2026-04-20" in _open_case(officer, number)


WRONG = [
    ({"rblRiktning": ""}, "Välj riktning."),
    ({"rblRiktning": "Utgående"}, "En anmälan ska ha riktningen Inkommande."),
    ({"ddlTyp": ""}, "Välj händelsetyp."),
    ({"ddlSlag": "Inkommen skrivelse"}, "Välj händelseslag."),
    ({"ddlUtfall": ""}, "Välj utfall."),
    ({"txtDatum": "17/3 2026"}, "Händelsedatum ska skrivas ÅÅÅÅ-MM-DD."),
    ({"txtDatum": "2026-03-18"}, "Händelsedatum får inte ligga framåt i tiden."),
    ({"txtByggstart": ""}, "Datum för byggstart ska skrivas ÅÅÅÅ-MM-DD."),
    ({"txtByggstart": "2026-02-01"}, "Byggstart får ske tidigast 2026-03-08, den dag startbeskedet gavs."),
    ({"txtRubrik": ""}, "Skriv en rubrik."),
    ({"txtRubrik": "x" * 81}, "Rubriken får vara högst 80 tecken."),
    ({"txtReferens": "x" * 41}, "Vår referens får vara högst 40 tecken."),
    ({"ddlTyp": "Beslut", "ddlSlag": "Startbesked", "ddlUtfall": "Beviljat", "rblRiktning": "Utgående"},
     "Du saknar delegation att registrera beslut."),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_is_said_and_nothing_is_registered(
    shared: TownProcess, officer: Visitor, typed: dict[str, str], said: str
) -> None:
    assert alerts(register(officer, number_of(shared), **typed)) == [said]
    assert shared.truth(KEY) == []


def test_work_is_not_begun_without_a_start_clearance(fresh: TownProcess, officer: Visitor) -> None:
    number = number_of(fresh, "no_startbesked")
    assert alerts(register(officer, number)) == ["Startbesked saknas. Byggstart kan inte anmälas."]
    act(fresh, "clear_start", number=number, on="2026-03-16")
    assert alerts(register(officer, number)) == []
    assert len(fresh.truth(KEY)) == 1


def test_an_older_case_waits_for_four_weeks_after_the_announcement(fresh: TownProcess, officer: Visitor) -> None:
    number = number_of(fresh, "within_four_weeks")
    assert permit(fresh, number)["announced"] == "2026-03-07"
    refused = alerts(register(officer, number, txtByggstart="2026-04-03"))
    assert refused == ["Byggstart får ske tidigast 2026-04-04, fyra veckor efter kungörelsen."]
    assert alerts(register(officer, number, txtByggstart="2026-04-04")) == []


def _in_front_of_the_click(visitor: Visitor, number: str) -> None:
    form_of(visitor, number)
    assert "Granska händelsen" in visitor.send(btnGranska="Fortsätt", **START)


@pytest.mark.parametrize("how", ["lock", "close", "write_as_colleague"])
def test_what_a_colleague_does_meanwhile_stands_in_the_way(fresh: TownProcess, officer: Visitor, how: str) -> None:
    number = number_of(fresh)
    _in_front_of_the_click(officer, number)
    act(fresh, how, number=number, **({"by": "Marit Sandell"} if how == "lock" else {}))
    officer.send(btnRegistrera="Registrera")
    assert alerts(officer.page) == [{
        "lock": "Ärendet är låst av Marit Sandell. Försök igen senare.",
        "close": "Ärendet är avslutat. Händelser kan inte registreras.",
        "write_as_colleague": "Ärendet har ändrats av Gun Bergman sedan du öppnade formuläret. Börja om från ärendet.",
    }[how]]  # fmt: skip
    assert fresh.truth(KEY) == []


@pytest.mark.parametrize("how", ["lock", "close"])
def test_the_form_does_not_open_in_a_case_that_takes_nothing(fresh: TownProcess, officer: Visitor, how: str) -> None:
    number = number_of(fresh)
    act(fresh, how, number=number, **({"by": "Marit Sandell"} if how == "lock" else {}))
    page = form_of(officer, number).text
    assert 'role="alert"' in page
    assert "ddlTyp" not in page


def test_control_the_same_click_sent_twice_registers_two(fresh: TownProcess, officer: Visitor) -> None:
    """The system guards against others, not against one who sends again: that is what a robot has to do itself."""
    _in_front_of_the_click(officer, number_of(fresh))
    review, state = officer.page, officer.state
    for _ in range(2):
        officer.page = review
        officer.send(state=state, btnRegistrera="Registrera")
    assert len(fresh.truth(KEY)) == 2


# -- roles ----------------------------------------------------------------------------------------------------------


def test_who_may_only_look_looks_everywhere_and_changes_nothing(fresh: TownProcess, officer: Visitor) -> None:
    number = number_of(fresh)
    _in_front_of_the_click(officer, number)
    review = str(officer.page.url)
    with fresh.browser() as browser:
        looker = Visitor(browser)
        looker.log_in("lasare", "read-pass")
        assert "Läsbehörighet: händelser kan inte registreras." in _open_case(looker, number)
        assert "Ny händelse" not in words(looker.page)
        looker.send(target="mnuFlikar", argument="Flik$3")
        assert looker.page.status_code == 200
        assert form_of(looker, number).status_code == 403
        typed = {f"{PREFIX}btnRegistrera": "Registrera", "__VIEWSTATE": officer.state}
        answer = browser.post(review, data=typed)
        assert answer.status_code == 403
        assert "läsbehörighet" in answer.text
    assert fresh.truth(KEY) == []


def test_a_draft_is_its_makers_own(fresh: TownProcess, officer: Visitor) -> None:
    assert "Utkastet finns inte längre." in words(officer.open("/Granska.aspx?utkast=000000000000"))


# -- the records ----------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_cases() -> None:
    one, two, other = (Records(build_town(seed)) for seed in (1, 1, 2))

    def told(records: Records) -> list[dict[str, Any]]:
        return [case.as_json() for case in records.cases.values()]

    assert told(one) == told(two)
    assert told(one) != told(other)


def test_every_case_begins_with_its_arrival_and_nothing_lies_ahead_or_too_far_back() -> None:
    town = build_town(1)
    records = Records(town)
    assert len(records.cases) > 500
    for case in records.cases.values():
        assert [e.reference for e in case.events].count(ARRIVAL) == 1
        assert max(e.on for e in case.events) <= town.today
        assert [e.on for e in case.events] == sorted(e.on for e in case.events)
        assert (town.today - case.arrived).days < 3653
