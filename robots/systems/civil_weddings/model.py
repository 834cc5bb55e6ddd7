"""What the wedding system tells of an application and its time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from robots.errors import PageNotRecognised
from robots.fields import PersonalNumber

# As the system writes them.
NEW, RESERVED, BOOKED, MARRIED, CANCELLED = "Ny", "Reserverad", "Bokad", "Vigd", "Avbokad"
STATUSES = (NEW, RESERVED, BOOKED, MARRIED, CANCELLED)
PLACES = ("Vigselrummet", "Kvarnsalen")
_RESIDENTS = {"Ingen": 0, "En": 1, "Båda": 2}


@dataclass(frozen=True)
class Slot:
    """Half an hour in one of the municipality's places. ``time`` is as the system writes it: ``13.30``."""

    day: date
    time: str
    place: str

    def __str__(self) -> str:
        return f"{self.day} kl. {self.time}, {self.place}"

    @classmethod
    def read(cls, words: str) -> Self:
        """Raises ``ValueError`` for anything but the system's own way of writing a time and its place."""
        told = re.fullmatch(r"(\d{4}-\d\d-\d\d) kl\. (\d\d\.\d\d), (.+)", words)
        if told is None or told[3] not in PLACES:
            raise ValueError(words)
        return cls(date.fromisoformat(told[1]), told[2], told[3])


@dataclass(frozen=True)
class Application:
    """An application as its card shows it.

    ``residents`` is how many of the two are registered in the municipality, ``fee`` is in kronor by the system's own
    table. ``wished`` is the time that the couple has wished for; its place is in their own words where
    ``outside_premises``. ``certificate_to`` is the last day of the certificate (vigselintyg), None where the card says
    that it has not come in. ``slot`` is the time that is reserved or booked. ``locked_by`` is the colleague who has the
    application open, "" where nobody has.
    """

    number: str
    status: str
    couple: tuple[PersonalNumber, PersonalNumber]
    protected: bool
    residents: int
    fee: int
    wished: Slot
    examined_on: date | None
    certificate_to: date | None
    slot: Slot | None
    witnesses: tuple[str, ...]
    officiant: str
    locked_by: str

    @property
    def outside_premises(self) -> bool:
        """Whether they wish to be married where the municipality does not marry people."""
        return self.wished.place not in PLACES

    @classmethod
    def read(cls, shown: Mapping[str, str]) -> Self:
        """From the card's captions and values. Raises ``PageNotRecognised`` where one of them is not understood."""
        slot = _told(shown, "Tid och plats", absent="Ingen tid är bokad")
        try:
            if shown["Status"] not in STATUSES:
                raise ValueError(shown["Status"])
            return cls(
                number=shown["Vigselnummer"],
                status=shown["Status"],
                couple=(PersonalNumber(shown["Personnummer 1"]), PersonalNumber(shown["Personnummer 2"])),
                protected=_told(shown, "Skydd", absent="Inget skydd") != "",
                residents=_RESIDENTS[shown["Folkbokförda i Tallinge"]],
                fee=int(shown["Avgift"].removesuffix(" kr")),
                wished=Slot(date.fromisoformat(shown["Önskad dag"]), shown["Önskad tid"], shown["Önskad plats"]),
                examined_on=_day(_told(shown, "Hindersprövning", absent="Inte klar")),
                certificate_to=_day(_told(shown, "Vigselintyget gäller till", absent="Intyget har inte kommit in")),
                slot=Slot.read(slot) if slot else None,
                witnesses=tuple(filter(None, _told(shown, "Vittnen", absent="Inga vittnen").split("; "))),
                officiant=_told(shown, "Vigselförrättare", absent="Ingen vigselförrättare"),
                locked_by=_told(shown, "Öppet hos", absent="Ingen"),
            )
        except (KeyError, ValueError) as error:
            raise PageNotRecognised("Vigselärendets kort visar något som roboten inte förstår.") from error


def _told(shown: Mapping[str, str], caption: str, *, absent: str) -> str:
    """What stands at a caption, or "" where the card says that there is nothing; an empty place is no answer."""
    if not shown.get(caption):
        raise PageNotRecognised(f"Vigselärendets kort säger ingenting om {caption}.")
    return "" if shown[caption] == absent else shown[caption]


def _day(words: str) -> date | None:
    return date.fromisoformat(words) if words else None
