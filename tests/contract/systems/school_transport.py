"""Skolskjuts."""

from __future__ import annotations

from datetime import date
from typing import Any

from playwright.sync_api import Page

from robots.cli.town import Town
from robots.errors import BusinessException
from robots.fields import PersonalNumber
from robots.systems import school_transport
from tests.contract.systems.kinds import ONCE, UNKNOWN_MARK, Change, Reading, SystemUnderTest, none_found

KEY, ERRAND = "school_transport", "school_transport"


def _case(town: Town, twist: str = "normal_over_limit") -> dict[str, Any]:
    case: dict[str, Any] = town.cases(ERRAND, twist)[0]
    return case


def _pupil(town: Town, twist: str = "normal_over_limit") -> PersonalNumber:
    return PersonalNumber(_case(town, twist)["children"][0])


def _term(town: Town) -> str:
    today = date.fromisoformat(town.ask("/town")["today"])
    first = today.year if today.month >= 7 else today.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def _metres(town: Town) -> int:
    told = town.ask(f"/children/{_pupil(town)}")
    return int(told["metres"][told["nearest_school"]])


def _application(town: Town) -> str:
    """One that stands, of a pupil who has far to school."""
    found = town.act(KEY, "applications", pupil=_pupil(town, "already_applied"))
    return str(found[0]["nr"])


def _find_no_pupil(reader: school_transport.Reader, town: Town) -> None:
    try:
        reader.pupil(PersonalNumber(_case(town)["citizen"]), _term(town))
    except BusinessException as error:
        none_found(error)
    else:
        raise AssertionError("found a pupil that has grown up")


def naive(page: Page, town: Town) -> object:
    page.get_by_role("link", name="Elev och skolväg").click()
    page.locator("input[name=elev]").fill(_pupil(town))
    page.locator("select[name=lasar]").select_option(_term(town))
    page.get_by_role("button", name="Hämta").click()
    return page.locator("dt:has-text('Avstånd') + dd").inner_text()


def naive_right(words: str, town: Town) -> bool:
    return "".join(c for c in words if c.isdecimal()) == str(_metres(town))


SYSTEM = SystemUnderTest(
    school_transport.Reader,
    (
        Reading(
            "pupil",
            r"^/elever$",
            "<h1>Elev och skolväg",
            lambda reader, town: reader.pupil(_pupil(town), _term(town)).metres,
            _metres,
            _find_no_pupil,
            "Ingen elev hittades.",
        ),
        Reading(
            "find_application",
            r"^/ansokningar$",
            "<h1>Ansökningar",
            lambda reader, _town: reader.find_application("STARTPOST"),
            lambda town: town.act(KEY, "applications")[0]["nr"],
            lambda reader, _town: reader.find_application(UNKNOWN_MARK),
            "Inga ansökningar hittades.",
        ),
        Reading(
            "find_proposal",
            r"^/forslag$",
            "<h1>Förslag",
            lambda reader, _town: reader.find_proposal("STARTPOST"),
            lambda town: town.act(KEY, "applications")[0]["forslag"][0]["nr"],
            lambda reader, _town: reader.find_proposal(UNKNOWN_MARK),
            "Inga förslag hittades.",
        ),
    ),
    naive,
    "The distance comes late and twice: first the straight line, then the way that counts.",
    naive_right,
    school_transport.Writer,
    (
        # First, since it may be made twice: the system itself refuses a pupil's second application.
        Change(
            "propose",
            r"^/ansokningar/SKJ",
            r"^/api/forslag$",
            "proposal_made",
            _application,
            lambda writer, town: writer.propose(
                _application(town), school_transport.GRANT, "Vägen är längre än gränsen.", once=ONCE
            ),
        ),
        Change(
            "register_application",
            r"^/elever$",
            r"^/api/ansokningar$",
            "application_registered",
            _pupil,
            lambda writer, town: writer.register_application(
                _pupil(town), _term(town), PersonalNumber(_case(town)["citizen"]), message="Ett prov.", once=ONCE
            ),
        ),
    ),
)
