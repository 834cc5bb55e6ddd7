"""Alfrida Färdtjänst."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import holidays
from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import PersonalNumber
from robots.systems import mobility_service
from robots.systems.mobility_service import FIRST, FileRecord, InterviewTime
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

KEY = "mobility_service"


def applicant(town: Town, twist: str = "normal") -> PersonalNumber:
    return PersonalNumber(town.cases("mobility_application", twist)[0]["citizen"])


def investigation_of(town: Town, twist: str = "normal", errand: str = "mobility_supplement") -> dict[str, Any]:
    """The investigation that lies there for the case, as the system's own record has it."""
    person = town.cases(errand, twist)[0]["citizen"]
    found: dict[str, Any] = town.act(KEY, "investigations", person=person)[0]
    return found


def incomplete(town: Town) -> str:
    return str(investigation_of(town)["number"])


def complete(town: Town) -> str:
    return str(investigation_of(town, "open_investigation_already", "mobility_application")["number"])


def workday_in(days: int) -> date:
    """The first workday at least so many days from now."""
    free = holidays.country_holidays("SE", categories=("public", "de_facto"))
    day = date.today() + timedelta(days=days)
    while day.weekday() > 4 or day in free:
        day += timedelta(days=1)
    return day


def a_time(town: Town) -> InterviewTime:
    """The first time that was free when the town was made, whoever has taken it since."""
    return InterviewTime.shown(next(t["words"] for t in town.act(KEY, "times") if t["offered"]))


def _find_nobody(alfrida: mobility_service.Reader, _town: Town) -> None:
    try:
        alfrida.file_of(PersonalNumber("19250103-9800"))
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a person who has never been registered")


def _find_no_investigation(alfrida: mobility_service.Reader, _town: Town) -> None:
    try:
        alfrida.investigation("FT-2026-9999")
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found an investigation that nobody has opened")


def _confirmation(town: Town) -> str:
    return str(next(n for n, _, _, reference in investigation_of(town)["letters"] if reference == "AUTOMATISKT"))


def send_letter(alfrida: mobility_service.Writer, town: Town) -> str:
    text = "Hej! Vi saknar ditt läkarintyg. Skicka in det till oss."
    return alfrida.send_letter(incomplete(town), FIRST, workday_in(12), text, once=ONCE)


def open_investigation(alfrida: mobility_service.Writer, town: Town, once: str = ONCE) -> str:
    record: FileRecord = alfrida.file_of(applicant(town))
    (application,) = record.applications
    return alfrida.open_investigation(
        record.personal_number, application, alfrida.papers_of(application), interpreter=False, once=once
    )


def naive(page: Page, town: Town) -> object:
    page.get_by_role("link", name="Personsök").click()
    page.locator("[name=personnummer]").fill(applicant(town))
    page.get_by_role("button", name="Sök").click()
    page.get_by_role("link", name="Ny utredning").click()
    page.get_by_role("button", name="Börja").click()
    page.locator("[name=inkom]").fill(date.today().isoformat())
    page.locator("[name=insats]").select_option("Färdtjänst")
    page.locator("[name=tolk][value=Nej]").check()
    page.get_by_text("Sparat").wait_for()
    return [applicant(town)]


def naive_right(registered: list[str], town: Town) -> bool:
    return [c["about"] for c in town.truth(KEY, "investigation_opened")] == registered


SYSTEM = SystemUnderTest(
    mobility_service.Reader,
    (
        Reading(
            "file_of",
            r"^/personer$",
            "<h1>Personsök",
            lambda alfrida, town: alfrida.file_of(applicant(town, "open_investigation_already")).open_investigations,
            lambda town: (complete(town),),
            _find_nobody,
            "Ingen person hittades i Tallinge kommun.",
        ),
        Reading(
            "investigation",
            r"^/utredningar/FT-[^/]+$",
            "<h1>Utredning FT",
            lambda alfrida, town: alfrida.investigation(incomplete(town)).status,
            lambda town: investigation_of(town)["status"],
            _find_no_investigation,
            "<h1>Utredningen finns inte",
        ),
        Reading(
            "find_letter",
            r"^/utredningar/[^/]+/brev$",
            "<h1>Brev i",
            lambda alfrida, town: alfrida.find_letter(incomplete(town), "AUTOMATISKT"),
            _confirmation,
            lambda alfrida, town: alfrida.find_letter(incomplete(town), UNKNOWN_MARK),
            "Inga brev hittades.",
        ),
    ),
    naive,
    "«Sparat 10:42» is what the draft says of itself: nothing is registered before the last step.",
    naive_right,
    mobility_service.Writer,
    (
        Change("send_letter", r"/brev/nytt$", r"/brev/nytt$", "letter_sent", incomplete, send_letter),
        Change(
            "book_interview",
            r"/tider$",
            r"/tider$",
            "interview_booked",
            complete,
            lambda alfrida, town: alfrida.book_interview(complete(town), a_time(town), "Besök", once=ONCE),
        ),
        Change(
            "open_investigation", r"/steg/4$", r"/registrera$", "investigation_opened", applicant, open_investigation
        ),
    ),
)
