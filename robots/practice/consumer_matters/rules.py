"""What Konsumentärenden accepts, in its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from robots.practice.consumer_matters.state import (
    BUYERS,
    CLOSED,
    COMPANY,
    EMAIL,
    KINDS,
    POST,
    UNCLASSIFIED,
    WISHES,
    Matter,
    years_later,
)
from robots.practice.town import Person

ARN_LEAST = 600  # kronor; disputes about less are not taken up
REFERRALS = ("ARN", "7726 (bluff-sms)", "Polisen")
FOR_COMPANIES = "Köparen är ett företag. Konsumentvägledningen gäller köp för privat bruk."
FOR_PROTECTED = "Konsumenten har skyddade personuppgifter. Bara enhetschefen får handlägga ärendet."
PLACEHOLDER = re.compile(r"\[[A-ZÅÄÖ ]+\]")
WHERE_KINDS = {"7726 (bluff-sms)": ("Bluffaktura",), "Polisen": ("Bluffaktura", "Distansavtal")}


def obstacle(matter: Matter, me: str) -> str:
    """Why nobody may change the matter just now, "" when one may."""
    if matter.protected:
        return FOR_PROTECTED
    if matter.status == CLOSED:
        return f"Ärendet {matter.number} är avslutat och går inte att ändra."
    if matter.locked_by and matter.locked_by != me:
        return f"Ärendet är öppnat av {matter.locked_by} och är låst."
    return ""


def stale(matter: Matter, version: str) -> str:
    if version != str(matter.version):
        return f"Ärendet har ändrats av {matter.changed_by} sedan du öppnade det. Öppna ärendet på nytt."
    return ""


def registration_errors(
    form: Mapping[str, str], people: Mapping[str, Person], today: date
) -> tuple[list[str], date | None]:
    """What is wrong with a new matter, and the day of the purchase where it can be read."""
    errors = []
    person = people.get(form["personnummer"])
    if person is None:
        errors.append("Personnummer: det finns ingen med det numret.")
    elif person.protection:
        errors.append(FOR_PROTECTED)
    if form["kopare"] not in BUYERS:
        errors.append("Köpare: välj privatperson eller företag.")
    if form["kopare"] == COMPANY:
        errors.append(FOR_COMPANIES)
    if not form["motpart"]:
        errors.append("Motpart: skriv företagets namn.")
    if not re.fullmatch(r"\d{6}-\d{4}", form["orgnr"]) or form["orgnr"][2] < "2":
        errors.append("Organisationsnummer: skriv sex siffror, bindestreck och fyra siffror.")
    day = _day(form["kopdatum"])
    if day is None or day > today:
        errors.append("Köpdatum: skriv en dag som har varit, ÅÅÅÅ-MM-DD.")
    if not form["belopp"].isdecimal():
        errors.append("Belopp: skriv hela kronor med siffror.")
    if form["onskar"] not in WISHES:
        errors.append("Vill ha hjälp med: välj i listan.")
    if len(form["beskrivning"]) < 10:
        errors.append("Beskrivning: skriv vad som har hänt.")
    if len(form["beteckning"]) > 40:
        errors.append("Vår beteckning: högst 40 tecken.")
    errors += kind_errors(form["arendetyp"], form["underkategori"], day, today)
    return errors, day


def kind_errors(kind: str, detail: str, bought_on: date | None, today: date) -> list[str]:
    if kind == UNCLASSIFIED:
        return []
    if kind not in KINDS:
        return ["Ärendetyp: välj i listan."]
    if detail not in KINDS[kind]:
        return ["Underkategori: välj en som hör till ärendetypen."]
    if kind == "Reklamation" and bought_on and years_later(bought_on, 3) < today:
        return ["Köpet är äldre än tre år. En konsumentvägledare måste bedöma reklamationen."]
    return []


def referral_errors(matter: Matter, where: str, reason: str) -> list[str]:
    if where not in REFERRALS:
        return ["Hänvisa till: välj i listan."]
    if matter.kind == UNCLASSIFIED:
        return ["Klassificera ärendet innan du hänvisar konsumenten."]
    if where == "ARN" and matter.amount < ARN_LEAST:
        return [f"ARN tar inte upp tvister under {ARN_LEAST} kr."]
    if matter.kind not in WHERE_KINDS.get(where, (matter.kind,)):
        return [f"{where} gäller inte ärendetypen {matter.kind}."]
    return [] if reason else ["Upplysning till konsumenten: skriv vad du har sagt."]


def letter_errors(matter: Matter, channel: str, subject: str, text: str) -> list[str]:
    errors = []
    if channel not in (EMAIL, POST):
        errors.append("Skicka med: välj e-post eller post.")
    if channel == EMAIL and not matter.consumer.email:
        errors.append("Konsumenten har ingen e-postadress.")
    if not subject:
        errors.append("Ämne: skriv vad brevet handlar om.")
    if len(text) < 20:
        errors.append("Brevtext: brevet är för kort.")
    if left := PLACEHOLDER.findall(text):
        errors.append(f"Brevtext: det står mallord kvar ({', '.join(left)}).")
    return errors


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
