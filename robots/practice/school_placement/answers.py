"""What the page is told: a pupil, an event, a part of a list, as JSON."""

from __future__ import annotations

from typing import Any

from robots.practice.school_placement.rules import REASONS, obstacles
from robots.practice.school_placement.state import CHOICE, NOTE, Event, Guardian, Pupil, Register

ROWS_AT_ONCE = 40
PROTECTED_NAME = "Skyddad identitet"
NO_SCHOOL = "Ingen placering"


def pupil_rows(register: Register, sought: str, start: int) -> dict[str, Any]:
    """A part of the pupils that fit, with how many there are in all and what was sought."""
    found = register.find(sought)
    rows = [_pupil_row(pupil) for pupil in found[start : start + ROWS_AT_ONCE]]
    return {"sok": sought, "fran": start, "totalt": len(found), "rader": rows}


def event_rows(register: Register, sought: str, start: int, *, also_finished: bool) -> dict[str, Any]:
    found = register.find_events(sought, also_finished=also_finished)
    rows = [_event_row(register, event) for event in found[start : start + ROWS_AT_ONCE]]
    return {"sok": sought, "fran": start, "totalt": len(found), "rader": rows, "avslutade": also_finished}


def card(pupil: Pupil, register: Register, *, may_change: bool) -> dict[str, Any]:
    """The pupil's card; of a protected one that it is so, and no more."""
    if pupil.protected:
        return {"skyddad": True}
    person = pupil.person
    return {
        "skyddad": False,
        "id": pupil.number,
        "version": pupil.version,
        "far_andra": may_change,
        "uppgifter": {
            "Namn": person.name,
            "Personnummer": person.personal_number,
            "Folkbokföringsadress": f"{person.street}, {person.postcode} {person.municipality.upper()}",
            "Folkbokförd i": person.municipality,
            "Årskurs nu": pupil.year or "Går inte i skolan",
            "Årskurs till hösten": pupil.next_year or "Går ut årskurs 9",
            "Nuvarande skola": pupil.school or NO_SCHOOL,
            "Senast ändrad av": pupil.changed_by,
        },
        "vardnadshavare": [_guardian(guardian) for guardian in pupil.guardians],
        "syskon": [
            {"namn": s.person.name, "arskurs": s.year or "–", "skola": s.school or NO_SCHOOL}
            for s in register.siblings_of(pupil)
        ],
        "skolval": [_event(event) for event in register.events_of(pupil, CHOICE)],
        "anteckningar": [_event(event) for event in register.events_of(pupil, NOTE)],
    }


def choice_form(pupil: Pupil, register: Register) -> dict[str, Any]:
    """What the form of a choice needs, or what stands in its way."""
    return {
        "id": pupil.number,
        "version": pupil.version,
        "elev": f"{pupil.person.name}, {pupil.personal_number}",
        "arskurs": pupil.next_year,
        "lasar": register.school_year_chosen_for,
        "hinder": obstacles(pupil, register),
        "skolor": register.teaching(pupil.next_year) if pupil.next_year else [],
        "skal": list(REASONS),
    }


def note_form(pupil: Pupil) -> dict[str, Any]:
    return {"id": pupil.number, "version": pupil.version, "elev": f"{pupil.person.name}, {pupil.personal_number}"}


def saved(event: Event, pupil: Pupil) -> dict[str, Any]:
    return {"handelse": _event(event), "version": pupil.version}


def event_as_fact(event: Event, register: Register) -> dict[str, Any]:
    """For the control API."""
    return {"number": event.number, "kind": event.kind, "pupil": register.pupils[event.pupil].personal_number,
            "status": event.status, "reference": event.reference, "by": event.by, **event.facts}  # fmt: skip


def pupil_as_fact(pupil: Pupil, register: Register) -> dict[str, Any]:
    """For the control API."""
    guardians = [
        {"personal_number": g.person.personal_number, "name": g.person.name, "wishes": g.wishes,
         "signed": g.signed.isoformat() if g.signed else None}
        for g in pupil.guardians
    ]  # fmt: skip
    return {
        "number": pupil.number, "personal_number": pupil.personal_number, "name": pupil.person.name,
        "year": pupil.year, "next_year": pupil.next_year, "school": pupil.school, "version": pupil.version,
        "protected": pupil.protected, "municipality": pupil.person.municipality, "guardians": guardians,
        "siblings": [{"personal_number": s.personal_number, "name": s.person.name, "school": s.school, "year": s.year}
                     for s in register.siblings_of(pupil)],
        "teaching": register.teaching(pupil.next_year),
    }  # fmt: skip


def _guardian(guardian: Guardian) -> dict[str, Any]:
    return {
        "namn": guardian.person.name,
        "personnummer": guardian.person.personal_number,
        "signerat": guardian.signed.isoformat() if guardian.signed else "Har inte signerat",
        "val": [*guardian.wishes, "–", "–", "–"][:3],
    }


def _event(event: Event) -> dict[str, Any]:
    return {"nummer": event.number, "datum": event.on.isoformat(), "status": event.status, "referens": event.reference,
            "av": event.by, **event.facts}  # fmt: skip


def _pupil_row(pupil: Pupil) -> dict[str, Any]:
    if pupil.protected:
        return {"id": pupil.number, "celler": [PROTECTED_NAME, pupil.personal_number, "–", "–", "–"]}
    cells = [pupil.person.name, pupil.personal_number, pupil.year or "–", pupil.school or NO_SCHOOL,
             pupil.person.municipality]  # fmt: skip
    return {"id": pupil.number, "celler": cells}


def _event_row(register: Register, event: Event) -> dict[str, Any]:
    pupil = register.pupils[event.pupil]
    cells = [event.number, event.kind, pupil.personal_number, event.on.isoformat(), event.status,
             event.reference or "–", event.by]  # fmt: skip
    return {"id": pupil.number, "celler": cells}
