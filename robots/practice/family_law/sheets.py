"""The forms: which fields each has, what it is checked by, and what it makes of an akt when it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from robots.practice.family_law import rules
from robots.practice.family_law.register import Register
from robots.practice.family_law.rules import Typed
from robots.practice.family_law.state import (
    AKT_KINDS,
    BOOKED,
    DRAFT,
    FULL,
    HOURS,
    PROTOCOL_KINDS,
    REMINDER,
    ROLES,
    SIMPLIFIED,
    SUMMONS,
    WAYS,
    YES,
    Akt,
    Letter,
    Protocol,
    Visit,
)

SAVE_WORDS = "Vill du spara uppgifterna?"
SEND_WORDS = "Brevet skickas till parterna. Vill du fortsätta?"


@dataclass(frozen=True)
class Field:
    """``kind`` is "text", "day", "select", "radio" or "area"."""

    name: str
    label: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class Made:
    """What was made: the akt it lies in, its own number, what the journal says, and what is told of it as truth."""

    akt: Akt
    record: str
    what: str
    text: str
    facts: dict[str, Any]
    about: str = ""


@dataclass(frozen=True)
class Sheet:
    """One form. ``tab`` is where it is opened from; ``asks`` what the message box says before it is sent."""

    key: str
    heading: str
    tab: str
    kind: str
    fields: Callable[[Akt | None], tuple[Field, ...]]
    errors: Callable[[Register, Akt | None, Typed], list[str]]
    save: Callable[[Register, Akt | None, Typed, str], Made]
    asks: str = SAVE_WORDS
    framed: bool = False


def _akt_fields(_akt: Akt | None) -> tuple[Field, ...]:
    return (
        Field("typ", "Typ av akt", "select", AKT_KINDS),
        Field("form", "Handläggningsform", "radio", (SIMPLIFIED, FULL)),
        Field("foralder1", "Förälder 1 (föder barnet)"),
        Field("foralder2", "Förälder 2"),
        Field("fodelse", "Beräknad födelse", "day"),
        Field("barn", "Barnets personnummer"),
        Field("tvekan", "Tvekan om föräldraskapet", "select", ("Nej", YES)),
        Field("assisterad", "Assisterad befruktning", "select", ("Nej", YES)),
        Field("beteckning", "Vår beteckning"),
    )


def _save_akt(register: Register, _akt: Akt | None, typed: Typed, _by: str) -> Made:
    people = [register.person(typed[name]) for name in ("foralder1", "foralder2")]
    parents = [p for p in people if p]
    akt = register.add_akt(
        typed["typ"], typed["form"], parents, register.today, case_number=typed["beteckning"], due=typed["fodelse"]
    )
    child = register.person(typed["barn"])
    if child:
        akt.parties.append(register.party("Barn", child))
    facts = {"akt": akt.number, "akt_kind": akt.kind, "form": akt.form, "due": akt.due, "child": typed["barn"],
             "parents": [p.personal_number for p in parents]}  # fmt: skip
    return Made(akt, akt.number, "Akt upplagd", f"{akt.kind}, {akt.form.lower()}.", facts, akt.case_number)


def _save_note(_register: Register, akt: Akt | None, typed: Typed, _by: str) -> Made:
    assert akt
    return Made(akt, "", "Anteckning", typed["text"], {"text": typed["text"]})


def _save_party(register: Register, akt: Akt | None, typed: Typed, _by: str) -> Made:
    person = register.person(typed["personnummer"])
    assert akt
    assert person
    party = register.party(typed["roll"], person)
    akt.parties.append(party)
    facts = {"person": party.personal_number, "role": party.role}
    return Made(akt, party.number, "Part tillagd", f"{party.role}.", facts)


def _save_protocol(register: Register, akt: Akt | None, typed: Typed, by: str) -> Made:
    assert akt
    made = Protocol(register.next_number("PR"), typed["typ"], DRAFT, register.today, by)
    akt.protocols.append(made)
    return Made(akt, made.number, "Protokoll upprättat", f"{made.kind}, {made.status.lower()}.",
                {"protocol": made.number, "protocol_kind": made.kind})  # fmt: skip


def _save_visit(register: Register, akt: Akt | None, typed: Typed, _by: str) -> Made:
    day = rules.parse_day(typed["datum"])
    assert akt
    assert day
    visit = Visit(register.next_number("BO"), day, typed["klockslag"], BOOKED)
    akt.visits.append(visit)
    register.slots[day, visit.hour] = akt.number
    return Made(akt, visit.number, "Besök bokat", f"{day} {visit.hour}.",
                {"visit": visit.number, "day": str(day), "hour": visit.hour})  # fmt: skip


def _save_letter(register: Register, akt: Akt | None, typed: Typed, _by: str) -> Made:
    assert akt
    letter = Letter(register.next_number("BR"), typed["typ"], register.today, typed["text"])
    akt.letters.append(letter)
    return Made(akt, letter.number, "Brev skickat", f"{letter.kind}.",
                {"letter": letter.number, "letter_kind": letter.kind, "text": letter.text})  # fmt: skip


def _save_report(_register: Register, akt: Akt | None, typed: Typed, _by: str) -> Made:
    assert akt
    chosen = next(p for p in akt.protocols if p.number == typed["protokoll"])
    chosen.reported = rules.parse_day(typed["anmalt"])
    return Made(akt, "", "Anmält till Skatteverket", f"{chosen.number}, {typed['satt'].lower()}.",
                {"protocol": chosen.number, "reported": typed["anmalt"], "way": typed["satt"]})  # fmt: skip


SHEETS = {
    sheet.key: sheet
    for sheet in (
        Sheet("akt", "Ny akt", "akter", "akt_opened", _akt_fields, rules.akt_errors, _save_akt),
        Sheet("anteckning", "Ny anteckning", "journal", "note_added",
              lambda _: (Field("text", "Text", "area"),), rules.note_errors, _save_note),
        Sheet("part", "Ny part", "oversikt", "party_added",
              lambda _: (Field("personnummer", "Personnummer"), Field("roll", "Roll", "select", ROLES)),
              rules.party_errors, _save_party),
        Sheet("protokoll", "Nytt protokoll", "protokoll", "protocol_prepared",
              lambda _: (Field("typ", "Typ av protokoll", "select", PROTOCOL_KINDS),),
              rules.protocol_errors, _save_protocol),
        Sheet("bokning", "Ny bokning", "bokningar", "visit_booked",
              lambda _: (Field("datum", "Datum", "day"), Field("klockslag", "Klockslag", "select", HOURS)),
              rules.visit_errors, _save_visit),
        Sheet("brev", "Nytt brev", "brev", "letter_sent",
              lambda _: (Field("typ", "Typ av brev", "select", (SUMMONS, REMINDER)), Field("text", "Text", "area")),
              rules.letter_errors, _save_letter, SEND_WORDS, framed=True),
        Sheet("skatteverket", "Anmälan till Skatteverket", "protokoll", "reported_to_skatteverket",
              lambda akt: (Field("protokoll", "Protokoll", "select",
                                 tuple(p.number for p in akt.protocols) if akt else ()),
                           Field("anmalt", "Anmält den", "day"), Field("satt", "Anmält genom", "select", WAYS)),
              rules.report_errors, _save_report),
    )
}  # fmt: skip
