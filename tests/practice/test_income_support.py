"""Socio as a robot meets it: roles, locks, what an application must have, what F8 reckons, and who decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from robots.practice.income_support.norms import Norm
from tests.practice.conftest import TownProcess, acting_in

KEY, BASE, TODAY, MONTH = "income_support", "/bistand", "2026-03-17", "2026-03"
act = acting_in(KEY)
AGAIN, NOTICE = "support_reapplication", "support_notice"
NO_AMOUNTS = {"kanal": "Mina sidor", "rubrik": "Beslut", "text": "Vi har beslutat om din ansökan.", "referens": "R-1"}


@pytest.fixture(scope="module")
def worn() -> list[bool]:
    """Whether anything may have happened in the town since it was made. It takes time to make."""
    return [True]


@pytest.fixture
def still(town_process: TownProcess, worn: list[bool]) -> TownProcess:
    """The town as new, for tests that change nothing in it."""
    if worn[0]:
        town_process.control.post("/reset", json={"seed": 1, "today": TODAY}).raise_for_status()
    worn[0] = False
    return town_process


@pytest.fixture
def town(still: TownProcess, worn: list[bool]) -> TownProcess:
    """The town as new, for tests that change it."""
    worn[0] = True
    return still


class Visitor:
    """Somebody at work in Socio."""

    def __init__(self, town: TownProcess, name: str, password: str) -> None:
        self.town = town
        self.locked: list[str] = []
        self.browser = town.browser()
        self.post("/logga-in", signatur=name, losenord=password).raise_for_status()

    def get(self, address: str, **query: str) -> httpx.Response:
        return self.browser.get(BASE + address, params=query or None)

    def post(self, address: str, **form: str) -> httpx.Response:
        if address.endswith("/las"):
            self.locked.append(address)
        return self.browser.post(BASE + address, data=form)

    def leave(self) -> None:
        """Give back every file, so that whoever comes next finds them as they were."""
        for address in self.locked:
            self.browser.post(BASE + address.removesuffix("las") + "slapp")
        self.browser.close()

    def file(self, errand: str = AGAIN, twist: str = "normal") -> dict[str, Any]:
        return act(self.town, "file", citizen=self.town.case(errand, twist)["citizen"])  # type: ignore[no-any-return]

    def sheet(self, number: str, **cells: str) -> str:
        """A sheet that has been reckoned; its address."""
        begun = self.get(f"/akt/{number}/berakning/ny")
        address = str(begun.url).partition(BASE)[2]
        self.post(f"{address}/rakna", **cells)
        return address

    def propose(self, number: str, code: str = "Bifall", **more: str) -> httpx.Response:
        form = {"forslagskod": code, "motivering": "Allt är som förra månaden.", "referens": "R-1"} | more
        return self.post(f"{self.sheet(number, **{'g:Boendekostnad': '7 000'})}/granska", **form)


def text(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def officer(still: TownProcess) -> Iterator[Visitor]:
    visitor = Visitor(still, "ragnhild", "journal-pass")
    yield visitor
    visitor.leave()


@pytest.fixture
def reader(still: TownProcess) -> Iterator[Visitor]:
    visitor = Visitor(still, "lasare", "read-pass")
    yield visitor
    visitor.leave()


# -- who gets in ----------------------------------------------------------------------------------------------------


def test_a_wrong_password_and_somebody_without_a_role_are_turned_away(still: TownProcess) -> None:
    for name in ("ragnhild", "utestangd"):
        with still.browser() as browser:
            answer = browser.post(f"{BASE}/logga-in", data={"signatur": name, "losenord": "closed-pass"})
            assert answer.status_code == 401
            assert "Signaturen eller lösenordet är fel." in answer.text


def test_a_reader_sees_the_file_and_is_refused_every_change(reader: Visitor, still: TownProcess) -> None:
    number = reader.file()["number"]

    page = reader.get(f"/akt/{number}").text
    assert "Läsbehörighet – akten kan inte ändras" in page
    assert 'id="las"' not in page
    assert "Fatta beslut" not in reader.get(f"/akt/{number}/beslut").text
    for address in ("las", "slapp", "beslut", "meddelande"):
        answer = reader.post(f"/akt/{number}/{address}")
        assert (answer.status_code, "kan inte ändra något" in answer.text) == (403, True)
    assert reader.get(f"/akt/{number}/berakning/ny").status_code == 403
    assert still.truth(KEY) == []


def test_nobody_may_decide_from_here(officer: Visitor, still: TownProcess) -> None:
    file = officer.file()
    officer.post(f"/akt/{file['number']}/las")

    answer = officer.post(f"/akt/{file['number']}/beslut", utfall="Bifall")

    assert answer.status_code == 403
    assert "Du saknar delegation att fatta beslut." in text(answer)
    assert officer.file()["decisions"] == file["decisions"]
    assert still.truth(KEY) == []


def test_of_a_protected_household_nothing_is_shown(officer: Visitor, still: TownProcess) -> None:
    file = officer.file(AGAIN, "protected")
    name = still.control.get(f"/people/{file['adults'][0]}").json()["name"]

    page = text(officer.get(f"/akt/{file['number']}"))
    assert "SKYDDAD IDENTITET" in page
    assert name not in page + text(officer.get("/akter/rows", personnummer=file["adults"][0]))
    for tab in ("ansokan", "ssbtek", "ssbtek/rows", "berakningar", "beslut", "meddelande", "berakning/ny"):
        assert officer.get(f"/akt/{file['number']}/{tab}").status_code == 403, tab
    assert officer.post(f"/akt/{file['number']}/las").status_code == 403


# -- what is shown, and that nothing is there -----------------------------------------------------------------------


def test_lists_have_pages_and_words_of_absence(officer: Visitor) -> None:
    first = text(officer.get("/akter/rows"))
    total = int(re.search(r"(\d+) poster", first)[1])  # type: ignore[index]

    assert "Sida 1 av" in first
    assert total > 45
    assert text(officer.get("/akter/rows", personnummer="19250103-9800")) == "Inga akter hittades."
    assert text(officer.get("/handlingar/rows", referens="R-999")) == "Inga handlingar hittades."


def test_finished_documents_are_shown_when_asked_for(officer: Visitor) -> None:
    number = officer.file()["number"]

    assert "Inga handlingar" in text(officer.get("/handlingar/rows", aktnr=number, referens="GRUND"))
    assert "Grundutredning" in text(officer.get("/handlingar/rows", aktnr=number, referens="GRUND", avslutade="ja"))


@pytest.mark.parametrize(
    ("twist", "tab", "words"),
    [
        ("normal", "ansokan?manad=2025-01", "Det finns ingen ansökan för månaden."),
        ("normal", "ssbtek/rows?manad=2025-01", "Det finns inga svar från SSBTEK för månaden."),
        ("normal", "beslut", "Det finns inget beslut för månaden."),
        ("first_application", "berakningar", "Det finns ingen tidigare beräkning."),
        ("no_activity_plan", "", "Ingen aktuell planering"),
        ("one_signature", "ansokan", "Inte komplett – underskrift saknas"),
    ],
)
def test_absence_is_told_in_words(officer: Visitor, twist: str, tab: str, words: str) -> None:
    assert words in text(officer.get(f"/akt/{officer.file(AGAIN, twist)['number']}/{tab}".rstrip("/")))


@pytest.mark.parametrize("twist", ["normal", "income_differs", "new_expense", "household_changed"])
def test_what_is_special_about_a_case_shows_only_in_its_file(officer: Visitor, twist: str) -> None:
    file = officer.file(AGAIN, twist)
    asked, last = file["applications"][-1], file["calculations"][-1]
    paid = {r["benefit"]: r["amount"] for r in file["replies"][MONTH] if r["amount"]}

    assert (asked["costs"] == last["costs"]) is (twist != "new_expense")
    assert (asked["members"] == last["members"]) is (twist != "household_changed")
    assert ({name: sum(both) for name, both in asked["incomes"].items()} == paid) is (twist != "income_differs")


@pytest.mark.parametrize(("twist", "hours"), [("not_decided", "6"), ("over_20_hours", "21")])
def test_the_clock_runs_from_the_complete_application(officer: Visitor, twist: str, hours: str) -> None:
    page = officer.get(f"/akt/{officer.file(NOTICE, twist)['number']}/ansokan")

    said = re.search(r"Timmar sedan komplett (\d+)", text(page))
    assert said
    assert int(said[1]) in range(int(hours) - 1, int(hours) + 1)


def test_the_norms_of_a_year_are_there_or_said_to_be_missing(officer: Visitor, town: TownProcess) -> None:
    assert "Ensamstående 3 160" in text(officer.get("/riksnorm", ar="2021"))
    assert Norm(2026).single > Norm(2025).single > 3160
    assert "Riksnormen för året är inte inlagd." in text(officer.get("/riksnorm", ar="2040"))
    act(town, "remove_norm", year=2026)
    assert "inte inlagd" in text(officer.get("/riksnorm"))


# -- locks ----------------------------------------------------------------------------------------------------------


def test_a_colleague_who_sits_in_the_file_keeps_others_out_until_time_has_passed(
    officer: Visitor, town: TownProcess
) -> None:
    number = officer.file(AGAIN, "locked")["number"]

    answer = officer.post(f"/akt/{number}/las")
    assert (answer.status_code, "Akten är låst av Marit Sandell sedan" in text(answer)) == (409, True)
    act(town, "let_time_pass", minutes=14)
    assert officer.post(f"/akt/{number}/las").status_code == 409
    act(town, "let_time_pass", minutes=2)
    assert "Ändringsläge" in officer.post(f"/akt/{number}/las").text


def test_the_lock_of_an_own_session_that_has_ended_stays_until_it_is_swept_away(
    officer: Visitor, town: TownProcess
) -> None:
    number = officer.file()["number"]
    act(town, "sweep_after", seconds=3600)
    officer.post(f"/akt/{number}/las")
    officer.get("/logga-ut")
    again = Visitor(town, "ragnhild", "journal-pass")

    for _ in range(2):
        answer = again.post(f"/akt/{number}/las")
        assert (answer.status_code, "låst av dig själv i en annan session" in text(answer)) == (409, True)
    act(town, "sweep_after", seconds=0)
    assert "Ändringsläge" in again.post(f"/akt/{number}/las").text
    again.leave()


def test_two_sessions_of_one_user_do_not_share_a_file_and_closing_it_lets_the_other_in(
    officer: Visitor, town: TownProcess
) -> None:
    number, other = officer.file()["number"], Visitor(town, "ragnhild", "journal-pass")
    officer.post(f"/akt/{number}/las")

    assert other.post(f"/akt/{number}/las").status_code == 409
    other.post(f"/akt/{number}/slapp")
    assert other.post(f"/akt/{number}/las").status_code == 409, "only the one who has it gives it back"
    officer.post(f"/akt/{number}/slapp")
    assert other.post(f"/akt/{number}/las").status_code == 200
    other.leave()


@pytest.mark.parametrize("taken_by_another", [False, True])
def test_without_the_lock_nothing_is_saved(officer: Visitor, town: TownProcess, taken_by_another: bool) -> None:
    number = officer.file()["number"]
    officer.post(f"/akt/{number}/las")
    address = officer.sheet(number)
    act(town, "unlock", akt=number)
    if taken_by_another:
        act(town, "lock", akt=number)

    form = {"forslagskod": "Bifall", "motivering": "Som förut.", "referens": "R-1"}
    for answer in (officer.post(f"{address}/granska", **form), officer.post(f"/akt/{number}/meddelande", **NO_AMOUNTS)):
        assert "Akten är inte öppen för ändring av dig." in text(answer)
    assert town.truth(KEY) == []


# -- reckoning and proposing ----------------------------------------------------------------------------------------


def test_f8_reckons_the_norm_the_costs_and_the_income(officer: Visitor) -> None:
    file = officer.file()
    officer.post(f"/akt/{file['number']}/las")
    address = str(officer.get(f"/akt/{file['number']}/berakning/ny").url).partition(BASE)[2]

    answer = officer.post(
        f"{address}/rakna", **{"g:Boendekostnad": "7 000", "g:Övrigt": "", "s:Lön": "2 500", "m:Barnbidrag": "1 250"}
    )

    norm = Norm(2026)
    need = norm.couple + sum(map(norm.child, file["ages"])) + norm.shared(2 + len(file["ages"])) + 7000
    told = text(answer).replace(" ", "")
    assert f"Summabehov{need}Summainkomster3750Bistånd{need - 3750}" in told


@pytest.mark.parametrize("typed", ["sju tusen", "-5", "7000,50", "1e3", "²"])
def test_a_cell_takes_whole_kronor_only(officer: Visitor, typed: str) -> None:
    number = officer.file()["number"]
    officer.post(f"/akt/{number}/las")
    address = officer.sheet(number)

    answer = officer.post(f"{address}/rakna", **{"g:Boendekostnad": typed})

    assert "Boendekostnad: skriv hela kronor." in text(answer)


def test_nobody_has_income_in_a_column_that_has_nobody(officer: Visitor, still: TownProcess) -> None:
    number = officer.file(NOTICE, "not_decided")["number"]
    officer.post(f"/akt/{number}/las")

    address = officer.sheet(number)

    assert "ingen medsökande" in text(officer.post(f"{address}/rakna", **{"m:Lön": "100"}))


def test_a_proposal_waits_for_the_official_and_is_counted_once(officer: Visitor, town: TownProcess) -> None:
    file = officer.file()
    officer.post(f"/akt/{file['number']}/las")

    answer = officer.propose(file["number"])

    (made,) = town.truth(KEY)
    assert (made["kind"], made["about"], made["by"]) == ("proposal_made", file["number"], "ragnhild")
    assert made["facts"]["code"] == "Bifall"
    assert made["facts"]["costs"]["Boendekostnad"] == 7000
    assert "Väntar på handläggare" in text(answer)
    assert officer.file()["decisions"] == file["decisions"], "nothing is decided by it"
    assert "redan ett förslag" in text(officer.get(f"/akt/{file['number']}/berakning/ny"))


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"code": ""}, "Förslagskod: välj med F4."),
        ({"code": "Kanske"}, "Förslagskod: välj med F4."),
        ({"motivering": " "}, "Motivering: skriv varför."),
        ({"referens": "R" * 41}, "Referens: högst 40 tecken."),
    ],
)
def test_a_proposal_lacks_something(officer: Visitor, still: TownProcess, form: dict[str, str], words: str) -> None:
    number = officer.file()["number"]
    officer.post(f"/akt/{number}/las")

    assert words in text(officer.propose(number, **form))
    assert still.truth(KEY) == []


def test_nothing_can_be_granted_where_nothing_is_lacking(officer: Visitor, town: TownProcess) -> None:
    number = officer.file()["number"]
    officer.post(f"/akt/{number}/las")
    address = officer.sheet(number, **{"s:Lön": "90 000"})
    form = {"motivering": "Lönen räcker.", "referens": "R-1"}

    assert "inte finns något underskott" in text(officer.post(f"{address}/granska", forslagskod="Bifall", **form))
    assert town.truth(KEY) == []
    officer.post(f"{address}/granska", forslagskod="Avslag", **form)
    assert len(town.truth(KEY, "proposal_made")) == 1


@pytest.mark.parametrize(
    ("twist", "words"),
    [
        ("one_signature", "Båda sökande måste ha skrivit under."),
        ("already_this_month", "Bara en ansökan per månad prövas."),
    ],
)
def test_some_applications_can_have_no_proposal(officer: Visitor, still: TownProcess, twist: str, words: str) -> None:
    number = officer.file(AGAIN, twist)["number"]
    officer.post(f"/akt/{number}/las")

    assert words in text(officer.get(f"/akt/{number}/berakning/ny"))
    assert still.truth(KEY) == []


def test_a_decision_that_comes_in_between_stops_the_proposal(officer: Visitor, town: TownProcess) -> None:
    file = officer.file()
    officer.post(f"/akt/{file['number']}/las")
    address = officer.sheet(file["number"])
    act(town, "decide", citizen=file["adults"][0], outcome="Bifall")

    answer = officer.post(f"{address}/granska", forslagskod="Bifall", motivering="Som förut.", referens="R-1")

    assert "redan ett beslut för mars 2026" in text(answer)
    assert town.truth(KEY) == []


def test_a_year_without_norms_reckons_nothing(officer: Visitor, town: TownProcess) -> None:
    number = officer.file()["number"]
    officer.post(f"/akt/{number}/las")
    act(town, "remove_norm", year=2026)

    assert "Riksnormen för 2026 är inte inlagd." in text(officer.get(f"/akt/{number}/berakning/ny"))


def test_somebody_elses_sheet_is_not_mine(officer: Visitor, reader: Visitor) -> None:
    number = officer.file()["number"]
    officer.post(f"/akt/{number}/las")

    assert reader.get(officer.sheet(number)).status_code == 404


# -- messages -------------------------------------------------------------------------------------------------------


def draft(officer: Visitor, twist: str, **more: str) -> httpx.Response:
    number = officer.file(NOTICE, twist)["number"]
    officer.post(f"/akt/{number}/las")
    return officer.post(f"/akt/{number}/meddelande", **(NO_AMOUNTS | more))


def test_a_message_is_drafted_after_the_decision(officer: Visitor, town: TownProcess) -> None:
    draft(officer, "normal_refused", overklagande="ja")

    (made,) = town.truth(KEY)
    assert made["kind"] == "message_drafted"
    assert "inom tre veckor" in made["facts"]["appeal"]
    assert officer.file(NOTICE, "normal_refused")["documents"][0]["status"] == "Utkast"


def test_an_sms_carries_nothing_of_the_decision(officer: Visitor, town: TownProcess) -> None:
    draft(officer, "normal_refused", kanal="Sms")

    (made,) = town.truth(KEY)
    assert (made["facts"]["channel"], made["facts"]["appeal"]) == ("Sms", "")


@pytest.mark.parametrize(
    ("twist", "form", "words"),
    [
        ("not_decided", {}, "Det finns inget beslut för mars 2026."),
        ("normal_refused", {}, "Överklagandehänvisning: måste följa med ett beslut om avslag."),
        ("normal_refused", {"kanal": "Sms", "overklagande": "ja"}, "Överklagandehänvisning: följer inte med ett sms."),
        ("normal_granted", {"kanal": "Sms", "text": "Läs. " * 40}, "Text: ett sms får vara högst 160 tecken."),
        ("normal_granted", {"text": "Du får 7 350 kr."}, "belopp får inte stå"),
        ("normal_granted", {"rubrik": "7350 kronor"}, "belopp får inte stå"),
        ("normal_granted", {"kanal": "Rökpuff"}, "Kanal: välj en kanal."),
        ("normal_granted", {"text": " "}, "Text: skriv något."),
    ],
)
def test_a_message_that_cannot_be_drafted(
    officer: Visitor, still: TownProcess, twist: str, form: dict[str, str], words: str
) -> None:
    assert words in text(draft(officer, twist, **form))
    assert still.truth(KEY) == []
