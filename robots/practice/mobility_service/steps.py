"""The steps of the wizard: the fields of each, what may stand in them, and what is wrong with a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from robots.practice.dates import parse_date
from robots.practice.mobility_service.state import (
    DIFFICULTIES,
    DOCTOR,
    NO_CERTIFICATE,
    SERVICES,
    SPECIALIST,
    SPECIALIST_FOR,
    Draft,
)  # fmt: skip

MOST_SIGNS = 200
ATTACHED, LACKING = "Bifogas", "Saknas"


@dataclass(frozen=True)
class Field:
    """``kind`` is "date", "text", "select" or "radio". ``first`` is what stands there before anybody has chosen."""

    name: str
    label: str
    kind: str
    choices: tuple[str, ...] = ()
    first: str = ""
    needed: bool = True


@dataclass(frozen=True)
class Step:
    title: str
    fields: tuple[Field, ...] = ()


STEPS = (
    Step("Ansökan", (
        Field("inkom", "Ansökan inkom", "date"),
        Field("satt", "Ansökan gjord via", "select", ("E-tjänst", "Blankett", "Telefon")),
        Field("insats", "Sökt insats", "select", SERVICES, first=SERVICES[0]),
        Field("tolk", "Behov av tolk", "radio", ("Ja", "Nej", "Framgår inte")),
    )),
    Step("Förflyttning", (
        Field("varaktig", "Varar minst tre månader", "radio", ("Ja", "Nej", "Framgår inte")),
        Field("hjalpmedel", "Hjälpmedel", "text", needed=False),
        # What is chosen already when nobody has chosen: the trap for whoever goes on before the page has saved.
        Field("svarighet", "Slag av svårighet", "select", DIFFICULTIES, first=DIFFICULTIES[-1]),
    )),
    Step("Läkarintyg", (
        Field("intyg", "Läkarintyg", "radio", (ATTACHED, LACKING)),
        Field("intyg_datum", "Intyget daterat", "date", needed=False),
        Field("intyg_av", "Utfärdat av", "select", (DOCTOR, SPECIALIST, NO_CERTIFICATE), first=NO_CERTIFICATE),
    )),
    Step("Granska och registrera"),
)  # fmt: skip
LAST = len(STEPS)
FIELDS = {field.name: field for step in STEPS for field in step.fields}


def heading(number: int) -> str:
    return f"Steg {number} av {LAST}: {STEPS[number - 1].title}"


def value(draft: Draft, field: Field) -> str:
    return draft.values.get(field.name, field.first)


def summary(draft: Draft) -> list[tuple[str, str]]:
    """What the draft says, with the words of the form."""
    return [(field.label, value(draft, field) or "–") for field in FIELDS.values()]


def errors(draft: Draft, number: int, today: date) -> list[str]:
    """What is wrong with one step of a draft, in the order of its fields. Only what has been saved counts."""
    found = []
    for field in STEPS[number - 1].fields:
        told = value(draft, field)
        if not told:
            if field.needed:
                found.append(f"{field.label}: {'välj ett alternativ' if field.choices else 'fyll i uppgiften'}.")
        elif field.choices and told not in field.choices:
            found.append(f"{field.label}: {told} kan inte väljas.")
        elif field.kind == "date":
            found += _date_errors(field, told, today)
        elif len(told) > MOST_SIGNS:
            found.append(f"{field.label} får vara högst {MOST_SIGNS} tecken.")
    return found or (_certificate_errors(draft) if STEPS[number - 1].title == "Läkarintyg" else [])


def _date_errors(field: Field, told: str, today: date) -> list[str]:
    day = parse_date(told)
    if day is None:
        return [f"{field.label} ska anges som ÅÅÅÅ-MM-DD."]
    return [f"{field.label} får inte ligga i framtiden."] if day > today else []


def _certificate_errors(draft: Draft) -> list[str]:
    by, dated = value(draft, FIELDS["intyg_av"]), value(draft, FIELDS["intyg_datum"])
    if value(draft, FIELDS["intyg"]) == LACKING:
        return (
            []
            if by == NO_CERTIFICATE and not dated
            else ["Läkarintyget saknas: välj Inget intyg och ange inget datum."]
        )
    if by == NO_CERTIFICATE or not dated:
        return ["Läkarintyget bifogas: ange vem som har utfärdat det och när."]
    difficulty = value(draft, FIELDS["svarighet"])
    if difficulty in SPECIALIST_FOR and by != SPECIALIST:
        return [f"{difficulty} kräver intyg från specialistläkare."]
    return []
