"""What the system demands before it saves: its own words for everything that stands in the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from robots.practice.family_law.register import Register
from robots.practice.family_law.state import (
    AKT_KINDS,
    APPROVED,
    FULL,
    HOURS,
    PATERNITY,
    PROTOCOL_KINDS,
    REMINDER,
    ROLES,
    SIMPLIFIED,
    SUMMONS,
    WAYS,
    YES,
    Akt,
    age_of,
)
from robots.practice.town import Person

Typed = Mapping[str, str]
LONGEST_REFERENCE, LONGEST_TEXT = 40, 2000
DAYS_BETWEEN_LETTERS, MOST_REMINDERS = 14, 3
EARLIEST_WEEK, WEEKS_OF_PREGNANCY = 23, 40
PROTECTED = "Personen har skyddade personuppgifter. Akten läggs upp av handläggare med särskild behörighet."
SAME_PERSON = "Förälder 1 och förälder 2 är samma person."
NOT_APPROVED = "Protokollet är inte godkänt. Anmälan till Skatteverket kan inte registreras."
REMINDED = "Tre påminnelser har skickats. Fler kan inte skickas."
TOO_SOON = "Det ska gå två veckor efter det senaste brevet innan en påminnelse skickas."


def parse_day(text: str) -> date | None:
    """``ÅÅÅÅ-MM-DD`` only."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def akt_errors(register: Register, _akt: Akt | None, typed: Typed) -> list[str]:
    errors = []
    if typed["typ"] not in AKT_KINDS:
        errors.append("Välj typ av akt.")
    if typed["form"] not in (SIMPLIFIED, FULL):
        errors.append("Välj handläggningsform.")
    if not typed["beteckning"]:
        errors.append("Ange vår beteckning.")
    parents = [register.person(typed[name]) for name in ("foralder1", "foralder2") if typed[name]]
    if None in parents or not typed["foralder1"]:
        errors.append("Personnumret finns inte i befolkningsregistret.")
    known = [p for p in parents if p]
    due, child = parse_day(typed["fodelse"]), register.person(typed["barn"])
    if typed["fodelse"] and due is None:
        errors.append("Beräknad födelse ska anges som ÅÅÅÅ-MM-DD.")
    if typed["barn"] and child is None:
        errors.append("Barnets personnummer finns inte i befolkningsregistret.")
    if due is None and child is None:
        errors.append("Ange beräknad födelse eller barnets personnummer.")
    return errors or _family_errors(register, typed, known, due if child is None else None)


def _family_errors(register: Register, typed: Typed, parents: list[Person], due: date | None) -> list[str]:
    if any(p.protection for p in parents):
        return [PROTECTED]
    if len(parents) == 2 and parents[0] == parents[1]:
        return [SAME_PERSON]
    for parent in parents:
        if typed["typ"] == PATERNITY and (found := register.open_paternity(parent.personal_number)):
            return [f"Det finns redan en öppen akt: {found.number}."]
    simplified = typed["typ"] == PATERNITY and typed["form"] == SIMPLIFIED
    return simplified_errors(parents, typed, due, register.today) if simplified else []


def simplified_errors(parents: list[Person], typed: Typed, due: date | None, today: date) -> list[str]:
    """Why the parents' own confirmation is not enough, and an inquiry is needed."""
    errors = []
    if len(parents) < 2:
        return ["Båda föräldrarna ska vara folkbokförda i Sverige vid förenklad handläggning."]
    if any(age_of(p.personal_number, today) < 18 for p in parents):
        errors.append("En av föräldrarna är under 18 år. Förenklad handläggning kan inte användas.")
    if any(p.spouse for p in parents):
        errors.append("En av föräldrarna är gift. Förenklad handläggning kan inte användas.")
    if len({(p.property_id, p.street) for p in parents}) > 1:
        errors.append("Föräldrarna är inte folkbokförda på samma adress.")
    if YES in (typed["tvekan"], typed["assisterad"]):
        errors.append("Förenklad handläggning kan inte användas vid tvekan eller assisterad befruktning.")
    if due and WEEKS_OF_PREGNANCY - (due - today).days // 7 < EARLIEST_WEEK:
        errors.append(f"Bekräftelse kan göras tidigast i graviditetsvecka {EARLIEST_WEEK}.")
    return errors


def note_errors(_register: Register, _akt: Akt | None, typed: Typed) -> list[str]:
    return _text_errors(typed["text"])


def party_errors(register: Register, akt: Akt | None, typed: Typed) -> list[str]:
    assert akt
    person = register.person(typed["personnummer"])
    if typed["roll"] not in ROLES:
        return ["Välj roll."]
    if person is None:
        return ["Personnumret finns inte i befolkningsregistret."]
    if person.protection:
        return [PROTECTED]
    if typed["personnummer"] in [p.personal_number for p in akt.parties]:
        return ["Personen är redan part i akten."]
    if typed["roll"] == "Barn" and age_of(person.personal_number, register.today) >= 18:
        return ["Ett barn är under 18 år."]
    return []


def protocol_errors(_register: Register, akt: Akt | None, typed: Typed) -> list[str]:
    assert akt
    if typed["typ"] not in PROTOCOL_KINDS:
        return ["Välj typ av protokoll."]
    if akt.kind != PATERNITY:
        return ["Protokoll upprättas bara i akter om faderskap och föräldraskap."]
    if typed["typ"] == "S-protokoll" and akt.form != SIMPLIFIED:
        return ["S-protokoll används bara vid förenklad handläggning."]
    if len(akt.parents) < 2:
        return ["Båda föräldrarna ska vara parter i akten."]
    return ["Det finns redan ett protokoll i akten."] if akt.protocols else []


def visit_errors(register: Register, akt: Akt | None, typed: Typed) -> list[str]:
    assert akt
    day = parse_day(typed["datum"])
    if day is None:
        return ["Datum ska anges som ÅÅÅÅ-MM-DD."]
    if typed["klockslag"] not in HOURS:
        return ["Välj klockslag."]
    taken = register.taken_by(day, typed["klockslag"])
    if taken is None:
        return ["Familjerätten tar inte emot besök den tiden."]
    if taken:
        return [f"Tiden {day} {typed['klockslag']} är redan bokad. Välj en annan tid."]
    return ["Akten har redan ett bokat besök."] if register.has_visit_ahead(akt) else []


def letter_errors(register: Register, akt: Akt | None, typed: Typed) -> list[str]:
    assert akt
    if typed["typ"] not in (SUMMONS, REMINDER):
        return ["Välj typ av brev."]
    if errors := _text_errors(typed["text"]):
        return errors
    if typed["typ"] == SUMMONS:
        return [] if register.has_visit_ahead(akt) else ["Boka ett besök innan du skickar en kallelse."]
    if not akt.letters:
        return ["Skicka en kallelse innan du skickar en påminnelse."]
    if akt.reminders >= MOST_REMINDERS:
        return [REMINDED]
    latest = max(letter.sent for letter in akt.letters)
    return [TOO_SOON] if register.today - latest < timedelta(days=DAYS_BETWEEN_LETTERS) else []


def report_errors(register: Register, akt: Akt | None, typed: Typed) -> list[str]:
    assert akt
    day = parse_day(typed["anmalt"])
    chosen = next((p for p in akt.protocols if p.number == typed["protokoll"]), None)
    if chosen is None:
        return ["Välj protokoll."]
    if chosen.status != APPROVED:
        return [NOT_APPROVED]
    if chosen.reported:
        return [f"Protokollet är redan anmält till Skatteverket {chosen.reported}."]
    if day is None or day > register.today:
        return ["Ange vilken dag det anmäldes, som ÅÅÅÅ-MM-DD. Dagen får inte ligga i framtiden."]
    return [] if typed["satt"] in WAYS else ["Välj hur det anmäldes."]


def _text_errors(text: str) -> list[str]:
    if not text:
        return ["Skriv en text."]
    return [f"Texten får vara högst {LONGEST_TEXT} tecken."] if len(text) > LONGEST_TEXT else []
