"""Familjerätten."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import CaseNumber, PersonalNumber
from robots.systems import family_law
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

KEY = "family_law"
NO_AKT = "FR-1999-0001"


def case_of(town: Town, twist: str = "normal") -> CaseNumber:
    return CaseNumber(town.cases("parenthood", twist)[0]["number"])


def akt_of(town: Town, twist: str = "akt_exists") -> dict[str, Any]:
    """What a colleague has begun in a case."""
    case: dict[str, Any] = next(a for a in town.act(KEY, "akter") if a["case_number"] == case_of(town, twist))
    return case


def approved(town: Town) -> dict[str, Any]:
    """An open akt whose protocol an official has approved, and nobody has reported."""
    return next(a for a in town.act(KEY, "akter") for p in a["protocols"] if p["status"] == "Godkänt")


def child_of(town: Town) -> PersonalNumber:
    return PersonalNumber(town.cases("parenthood", "not_same_address")[0]["children"][0])


def free_time(town: Town) -> datetime:
    day, hour = town.act(KEY, "free_times")[0]
    return datetime.fromisoformat(f"{day}T{hour}")


def _read_no_akt(law: family_law.Reader, _town: Town) -> None:
    try:
        law.akt(NO_AKT)
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("read an akt that nobody has opened")


def _first_parent(town: Town) -> str:
    told = next(n for n in town.act(KEY, "notifications") if n["case_number"] == case_of(town))
    return str(told["parents"][0])


def _first_name(law: family_law.Reader, town: Town) -> str:
    told = law.notification(case_of(town))
    return told.parents[0].name if told else ""


def _known_entry(town: Town) -> str:
    return str(town.act(KEY, "entries", reference="REGISTERKONTROLL")[0]["record"])


def _open_akt(law: family_law.Writer, town: Town) -> str:
    told = law.notification(case_of(town))
    assert told
    return law.open_akt(told, once=ONCE)


def naive(page: Page, town: Town) -> object:
    akt = akt_of(town)["number"]
    page.get_by_role("link", name="Akter").click()
    work = page.frame_locator("iframe")
    with page.expect_popup() as opened:
        work.get_by_role("link", name=akt).click()
    opened.value.get_by_role("link", name="Journal").click()
    with opened.value.expect_popup() as form:
        opened.value.frame_locator("iframe").get_by_role("button", name="Ny anteckning").click()
    form.value.locator("textarea").fill("Prov av anteckning.")
    form.value.get_by_role("button", name="Spara").click()
    form.value.wait_for_load_state("networkidle")
    return [akt]


def naive_right(noted: list[str], town: Town) -> bool:
    return [c["about"] for c in town.truth(KEY, "note_added")] == noted


def _about_existing(town: Town) -> str:
    return str(akt_of(town)["number"])


SYSTEM = SystemUnderTest(
    family_law.Reader,
    (
        Reading(
            "akt",
            r"^/akt/[^/]+$",
            "<h1>Akt ",
            lambda law, town: [p.personal_number for p in law.akt(akt_of(town)["number"]).parties],
            lambda town: [p["personal_number"] for p in akt_of(town)["parties"]],
            _read_no_akt,
            "Inga akter hittades.",
        ),
        Reading(
            "notification",
            r"^/anmalan/[^/]+$",
            "<h1>Anmälan ",
            _first_name,
            lambda town: town.ask(f"/people/{_first_parent(town)}")["name"],
            lambda law, town: law.notification(CaseNumber(town.cases("drawings", "normal")[0]["number"])),
            "Inga anmälningar hittades.",
        ),
        Reading(
            "open_akter",
            r"^/akter$",
            "<h1>Akter",
            lambda law, town: law.open_akter(PersonalNumber(akt_of(town)["parties"][0]["personal_number"])),
            lambda town: (akt_of(town)["number"],),
            lambda law, town: law.open_akter(PersonalNumber(_first_parent(town))),
            "Inga akter hittades.",
        ),
        Reading(
            "free_times",
            r"^/tider$",
            "<h1>Besökstider",
            lambda law, town: law.free_times(free_time(town).date(), free_time(town).date())[0],
            free_time,
            lambda law, _town: law.free_times(date(1999, 1, 1), date(1999, 1, 31)),
            "Inga lediga tider hittades.",
        ),
        Reading(
            "find_change",
            r"^/handelser$",
            "<h1>Händelser",
            lambda law, town: law.find_change("REGISTERKONTROLL"),
            _known_entry,
            lambda law, town: law.find_change(UNKNOWN_MARK),
            "Inga händelser hittades.",
        ),
    ),
    naive,
    "Every save is asked about in a message box: whoever does not answer it has said no, and the window says nothing.",
    naive_right,
    family_law.Writer,
    (
        Change(
            "add_note",
            r"/ny/anteckning$",
            r"/ny/anteckning$",
            "note_added",
            _about_existing,
            lambda law, town: law.add_note(akt_of(town)["number"], "Prov av anteckning.", once=ONCE),
        ),
        Change("open_akt", r"^/ny-akt$", r"^/ny-akt$", "akt_opened", case_of, _open_akt),
        Change(
            "add_party",
            r"/ny/part$",
            r"/ny/part$",
            "party_added",
            _about_existing,
            lambda law, town: law.add_party(akt_of(town)["number"], child_of(town), "Barn", once=ONCE),
        ),
        Change(
            "prepare_protocol",
            r"/ny/protokoll$",
            r"/ny/protokoll$",
            "protocol_prepared",
            _about_existing,
            lambda law, town: law.prepare_protocol(akt_of(town)["number"], once=ONCE),
        ),
        Change(
            "book_visit",
            r"/ny/bokning$",
            r"/ny/bokning$",
            "visit_booked",
            _about_existing,
            lambda law, town: law.book_visit(akt_of(town)["number"], free_time(town), once=ONCE),
        ),
        Change(
            "send_letter",
            r"/ny/brev/text$",
            r"/ny/brev/text$",
            "letter_sent",
            _about_existing,
            lambda law, town: law.send_letter(akt_of(town)["number"], "Påminnelse", "Kom gärna.", once=ONCE),
        ),
        Change(
            "note_reported",
            r"/ny/skatteverket$",
            r"/ny/skatteverket$",
            "reported_to_skatteverket",
            lambda town: str(approved(town)["number"]),
            lambda law, town: law.note_reported(
                approved(town)["number"], approved(town)["protocols"][0]["number"], date.today(), once=ONCE
            ),
        ),
    ),
)
