"""The lists of the work area: what can be searched for, and the rows that a search gives, twenty on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from robots.practice.family_law.register import Register
from robots.practice.family_law.rules import parse_day
from robots.practice.family_law.state import Akt, Notification

PER_PAGE = 20
HIDDEN = "Skyddade personuppgifter"
Asked = Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """``opens`` is the address of the card that the first cell opens in a window."""

    cells: tuple[str, ...]
    opens: str = ""
    faded: bool = False


@dataclass(frozen=True)
class Filter:
    name: str
    label: str
    tick: bool = False


@dataclass(frozen=True)
class Listing:
    """``rows`` are given what was asked for and who asks."""

    key: str
    heading: str
    columns: tuple[str, ...]
    filters: tuple[Filter, ...]
    absent: str
    rows: Callable[[Register, Asked, str], Iterator[Row]]
    may_add: bool = False


CLOSED_TOO = Filter("avslutade", "Visa även avslutade", tick=True)


def _akter(register: Register, asked: Asked, user: str) -> Iterator[Row]:
    for akt in reversed(register.akter.values()):
        numbers = [p.personal_number for p in akt.parties]
        wanted = (
            asked["aktnr"] in ("", akt.number)
            and asked["beteckning"] in ("", akt.case_number)
            and (not asked["personnr"] or asked["personnr"] in numbers)
            and (akt.open or asked["avslutade"])
        )
        if wanted:
            names = HIDDEN if _protected(register, akt) else ", ".join(p.name for p in akt.parents)
            lock = akt.locked_for(user)
            cells = (akt.number, akt.kind, names, akt.case_number, str(akt.opened), akt.status, lock.by if lock else "",
                     akt.marking or (HIDDEN if _protected(register, akt) else ""))  # fmt: skip
            yield Row(cells, f"/akt/{akt.number}", not akt.open)


def _protected(register: Register, akt: Akt) -> bool:
    people = [register.person(p.personal_number) for p in akt.parties]
    return any(p.protection for p in people if p)


def _notifications(register: Register, asked: Asked, _user: str) -> Iterator[Row]:
    for told in reversed(register.notifications.values()):
        parents = (told.first, told.second)
        numbers = [p.person.personal_number for p in parents if p.person and not told.protected]
        if asked["beteckning"] in ("", told.case_number) and (not asked["personnr"] or asked["personnr"] in numbers):
            first, second = (HIDDEN if told.protected else p.person.name if p.person else p.words for p in parents)
            cells = (told.number, str(told.received), told.case_number, first, second, expected(told),
                     HIDDEN if told.protected else "")  # fmt: skip
            yield Row(cells, f"/anmalan/{told.number}")


def expected(told: Notification) -> str:
    """The day that the child is, or was, expected."""
    return str(told.due) if told.due else "Barnet är fött"


def _times(register: Register, asked: Asked, _user: str) -> Iterator[Row]:
    first, last = parse_day(asked["fran"]), parse_day(asked["till"])
    for (day, hour), taken in sorted(register.slots.items()):
        if not taken and (first is None or day >= first) and (last is None or day <= last):
            yield Row((str(day), hour, "Besöksrum 2"))


def _entries(register: Register, asked: Asked, _user: str) -> Iterator[Row]:
    for entry in reversed(register.entries):
        akt = register.akter[entry.akt]
        wanted = (
            asked["referens"] in ("", entry.reference)
            and asked["aktnr"] in ("", akt.number)
            and (akt.open or asked["avslutade"])
        )
        if wanted:
            cells = (entry.number, str(entry.day), akt.number, entry.what, entry.record, entry.reference, entry.by)
            yield Row(cells, faded=not akt.open)


LISTINGS = (
    Listing(
        "akter", "Akter",
        ("Akt", "Typ av akt", "Föräldrar", "Vår beteckning", "Upplagd", "Status", "Låst av", "Märkning"),
        (Filter("aktnr", "Aktnummer"), Filter("personnr", "Personnummer"), Filter("beteckning", "Vår beteckning"),
         CLOSED_TOO),
        "Inga akter hittades.", _akter, may_add=True,
    ),
    Listing(
        "anmalningar", "Anmälningar",
        ("Anmälan", "Inkom", "Vår beteckning", "Förälder 1", "Förälder 2", "Beräknad födelse", "Märkning"),
        (Filter("beteckning", "Vår beteckning"), Filter("personnr", "Personnummer")),
        "Inga anmälningar hittades.", _notifications,
    ),
    Listing(
        "tider", "Besökstider", ("Dag", "Tid", "Rum"),
        (Filter("fran", "Från"), Filter("till", "Till")), "Inga lediga tider hittades.", _times,
    ),
    Listing(
        "handelser", "Händelser", ("Händelse", "Datum", "Akt", "Vad", "Avser", "Referens", "Av"),
        (Filter("referens", "Referens"), Filter("aktnr", "Aktnummer"), CLOSED_TOO),
        "Inga händelser hittades.", _entries,
    ),
)  # fmt: skip
