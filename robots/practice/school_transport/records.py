"""What the page asks for, as JSON: pupils, the way, lists and cards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from robots.practice.school_transport import rules
from robots.practice.school_transport.state import FINISHED, Application, Proposal, Register
from robots.practice.town.model import Child, Town

PROTECTED = "Skyddade personuppgifter"
GUARDIANS = {True: "På olika adresser", False: "På samma adress"}
ROWS_AT_A_TIME = 15


def child_of(town: Town, pupil: str, term: str) -> tuple[Child, str] | None:
    """The pupil and its year in that school year; None for who is no pupil here then."""
    child = town.children.get(pupil)
    if child is None or not child.school_year or child.property_id not in town.properties:
        return None
    year = rules.year_in(child, term, town.today)
    return (child, year) if year else None


def pupil(register: Register, child: Child, year: str, term: str) -> dict[str, Any]:
    """Of a pupil with a protected identity nothing but that it is protected."""
    town, number = register.town, child.personal_number
    if child.protection:
        return {"personnummer": number, "skyddad": True, "namn": PROTECTED, "ansokningar": []}
    person, home = town.people[number], town.properties[child.property_id]
    apart = len({town.people[g].property_id for g in child.guardians}) > 1
    own = register.special.get(number, "")
    return {
        "personnummer": number, "skyddad": False, "namn": person.name, "adress": f"{person.street}, {person.postcode}",
        "fastighet": home.designation, "arskurs": year, "lasar": term,
        "gar": own or "Kommunal grundskola", "egen_skola": bool(own),
        "vardnadshavare": "En vårdnadshavare" if len(child.guardians) == 1 else GUARDIANS[apart],
        "skola": rules.nearest(home, year).name, "grans": rules.limit(year),
        "ansokningar": [a.number for a in register.of(number, term)],
    }  # fmt: skip


def application_row(register: Register, one: Application) -> dict[str, Any]:
    return {
        "nr": one.number, "elev": pupil_name(register, one.pupil), "lasar": one.term, "skola": one.school,
        "status": one.status, "referens": one.reference, "registrerad": one.registered.isoformat(),
    }  # fmt: skip


def proposal_row(one: Proposal) -> dict[str, Any]:
    return {
        "nr": one.number, "ansokan": one.application, "forslag": one.outcome, "referens": one.reference,
        "datum": one.made.isoformat(), "av": one.made_by,
    }  # fmt: skip


def card(register: Register, one: Application) -> dict[str, Any]:
    return application_row(register, one) | {
        "personnummer": one.pupil, "arskurs": one.year, "skal": one.reason, "boende": one.residence,
        "meddelande": one.message or "–", "avstand": one.metres, "grans": one.limit,
        "registrerad_av": one.registered_by, "last": one.locked_by, "avslutad": one.status in FINISHED,
        "forslag": [proposal_row(p) for p in register.proposals.values() if p.application == one.number],
    }  # fmt: skip


def applications(register: Register, reference: str, number: str, finished: bool) -> list[Application]:
    """The newest first. Those that are finished only where they are asked for."""
    found: Iterable[Application] = reversed(register.applications.values())
    found = (a for a in found if finished or a.status not in FINISHED)
    found = (a for a in found if reference.casefold() in a.reference.casefold())
    return [a for a in found if number.casefold() in a.number.casefold()]


def pupil_name(register: Register, pupil: str) -> str:
    """As lists show it."""
    person = register.town.people.get(pupil)
    if person is None:
        return "–"
    return PROTECTED if person.protection else person.name


def part_of(rows: list[dict[str, Any]], shown: int) -> dict[str, Any]:
    """As many more as the list shows at a time."""
    return {"antal": len(rows), "rader": rows[shown : shown + ROWS_AT_A_TIME]}
