"""What the register knows of the town's people, and how much of it may be seen.

Somebody with sekretessmarkering stands in the register with the address, but it is shown only after a second
reason. Somebody with skyddad folkbokföring has no address here at all. Neither may be given away by what is
shown of others: not by a search on an address, and not as a named member of somebody else's household.
"""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from robots.practice.names import MUNICIPALITY, TOWN
from robots.practice.personal_numbers import age, born, is_coordination_number
from robots.practice.town import Person, Town

MARKED = "sekretessmarkering"
HIDDEN = "skyddad folkbokföring"
FORWARDING = "Skatteverket, Förmedlingsuppdrag, 106 61 Stockholm"
PROTECTED_FACT = "Skyddad uppgift"
PROTECTED_PERSON = "Skyddade personuppgifter"

# Swedish sorts å, ä, ö after z, in that order; Unicode has them otherwise.
_SWEDISH_ORDER = str.maketrans({"å": "{", "ä": "|", "ö": "}"})


@dataclass(frozen=True)
class Row:
    """One caption of the person page with its lines."""

    caption: str
    lines: tuple[str, ...]


class Register:
    """The town's people, found and described as the register does."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._registered = {n: p for n, p in town.people.items() if p.municipality == MUNICIPALITY}
        self._living_at: dict[str, list[Person]] = {}
        for person in self._registered.values():
            if not person.deceased:
                self._living_at.setdefault(person.property_id, []).append(person)

    def person(self, number: str) -> Person | None:
        return self._registered.get(number)

    def designation(self, typed: str) -> str | None:
        """The property that was meant, with or without the municipality's name in front; None when there is none."""
        wanted = " ".join(typed.upper().split()).removeprefix(f"{TOWN} ")
        return wanted if wanted in self.town.properties else None

    def by_name(self, name: str, address: str) -> list[Person]:
        """Everybody whose names begin with the words typed, in the order of a Swedish telephone book.

        The protected are found by their name whatever address was typed: leaving them out would say that they
        are not in the register, and comparing would say where they live.
        """
        words, street = _words(name), _words(re.sub(r"\b(\d{3})(\d{2})\b", r"\1 \2", address))
        found = [
            p for p in self._registered.values()
            if _names_match(words, _words(p.name)) and (p.protection or _address_matches(street, _address_words(p)))
        ]  # fmt: skip
        return sorted(found, key=lambda p: (_in_order(p.last_name), _in_order(p.first_name), p.personal_number))

    def residents(self, designation: str) -> list[Person]:
        """Those registered on a property whom the register admits to; the hidden are registered nowhere."""
        return [p for p in self._living_at.get(designation, []) if p.protection != HIDDEN]

    def address(self, person: Person, revealed: bool = False) -> str:
        if person.protection == HIDDEN:
            return FORWARDING
        if person.protection == MARKED and not revealed:
            return PROTECTED_FACT
        return f"{person.street}, {person.postcode} {TOWN}"

    def rows(self, person: Person, revealed: bool) -> list[Row]:
        """The captions and lines of the person page, in its order."""
        number = person.personal_number
        rows = [
            Row("Samordningsnummer" if is_coordination_number(number) else "Personnummer", (number,)),
            Row("Namn", (person.name,)),
            Row("Folkbokföringsadress", (self.address(person, revealed),)),
        ]
        seen = not person.protection or (person.protection == MARKED and revealed)
        rows.append(Row("Fastighet", (person.property_id if seen else PROTECTED_FACT,)))
        rows.append(Row("Civilstånd", (self._marital_status(person),)))
        if person.deceased:
            rows.append(Row("Hushåll", ("Personen är avliden och ingår inte i något hushåll.",)))
            rows.append(Row("Avliden", (died_on(number, self.town.today).isoformat(),)))
            return rows
        family = "Vårdnadshavare" if age(number, self.town.today) < 18 else "Barn"
        if not seen:
            return [*rows, Row("Hushåll", (PROTECTED_FACT,)), Row(family, (PROTECTED_FACT,))]
        others = [p for p in self.residents(person.property_id) if p != person]
        rows.append(Row("Hushåll", _lines(others) or ("Inga andra är folkbokförda på fastigheten.",)))
        if family == "Vårdnadshavare":
            rows.append(Row(family, _lines(self._guardians(person)) or ("Inga vårdnadshavare är registrerade.",)))
        else:
            rows.append(Row(family, _lines(self._children(person)) or ("Inga barn är registrerade.",)))
        return rows

    def _guardians(self, child: Person) -> list[Person]:
        told = self.town.children.get(child.personal_number)
        return [self.town.people[number] for number in told.guardians] if told else []

    def _children(self, guardian: Person) -> list[Person]:
        number = guardian.personal_number
        return [self.town.people[c.personal_number] for c in self.town.children.values() if number in c.guardians]

    def _marital_status(self, person: Person) -> str:
        """What the town knows, and for the others what the register invents."""
        if person.spouse:
            return "Gift"
        if person.partner or self._children(person):
            return "Ogift"
        return marital_status(person.personal_number, self.town.today)


def marking(person: Person) -> str:
    """What the hit list says beside a name."""
    if person.protection:
        return person.protection.capitalize()
    return "Avliden" if person.deceased else "Ingen"


def line(person: Person) -> str:
    """One person in somebody else's list: whoever is marked is counted but not named."""
    return PROTECTED_PERSON if person.protection else f"{person.personal_number}  {person.name}"


def marital_status(number: str, today: date) -> str:
    """Invented, but always the same for the same number."""
    years = age(number, today)
    if years < 18:
        return "Ogift"
    weights = (70, 24, 5, 1) if years < 35 else (25, 50, 20, 5) if years < 70 else (8, 45, 17, 30)
    return random.Random(f"civilstånd {number}").choices(("Ogift", "Gift", "Skild", "Änka/Änkling"), weights)[0]


def died_on(number: str, today: date) -> date:
    """Invented; counted from the turn of the year, so that it does not move from day to day."""
    day = date(today.year, 1, 1) - timedelta(days=random.Random(f"avliden {number}").randint(5, 700))
    return max(day, born(number))


def _lines(people: list[Person]) -> tuple[str, ...]:
    return tuple(line(p) for p in people)


def _words(text: str) -> list[str]:
    """Words for comparing; é is e to those who type, but å, ä and ö are letters of their own. ``*`` adds nothing:
    every word may be the beginning of a longer one."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("é", "e").replace("*", "")
    return plain.replace(",", " ").split()


def _address_words(person: Person) -> list[str]:
    return _words(f"{person.street}, {person.postcode} {TOWN}")


def _names_match(typed: list[str], names: list[str]) -> bool:
    """Each word typed begins a name of its own, in either order."""
    if not typed:
        return True
    first, *rest = typed
    return any(
        name.startswith(first) and _names_match(rest, names[:place] + names[place + 1 :])
        for place, name in enumerate(names)
    )


def _address_matches(typed: list[str], words: list[str]) -> bool:
    """From the start of the address; a house number must be whole, so that 1 is not 10."""
    return len(typed) <= len(words) and all(
        word == wanted if wanted.isdigit() else word.startswith(wanted)
        for wanted, word in zip(typed, words, strict=False)
    )


def _in_order(name: str) -> str:
    return name.casefold().translate(_SWEDISH_ORDER)
