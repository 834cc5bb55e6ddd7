"""When and where the municipality marries people, and who does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import holidays

PLACES = ("Vigselrummet", "Kvarnsalen")
OFFICIANTS = ("Birgit Lönn", "Rolf Aspman", "Yasmin Haddad", "Torbjörn Kärr")
TIMES = tuple(f"{hour}.{minute}" for hour in range(11, 16) for minute in ("00", "30"))
FRIDAY, SATURDAY = 4, 5
FRIDAY_TIMES, SATURDAY_TIMES = TIMES[4:], TIMES[:8]
WEEKDAYS = ("mån", "tis", "ons", "tor", "fre", "lör", "sön")
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()
# What it costs, in kronor: nothing when one of the two is registered in Tallinge.
FEES = {"Minst en av er är folkbokförd i Tallinge": 0, "Ingen av er är folkbokförd i Tallinge": 800}
CERTIFICATE_MONTHS = 4
PAPERS_DAYS_BEFORE = 14
FEWEST_WITNESSES = 2
_FREE_DAYS = holidays.country_holidays("SE", categories=("public", "de_facto"))


@dataclass(frozen=True, order=True)
class Slot:
    """Half an hour in a place; ``time`` is ``13.30``."""

    day: date
    time: str
    place: str

    def __str__(self) -> str:
        return f"{self.day} kl. {self.time}, {self.place}"

    @property
    def open(self) -> bool:
        """Whether somebody is there to marry people."""
        return self.place in PLACES and self.time in times_of(self.day)


def times_of(day: date) -> tuple[str, ...]:
    """The half hours in which somebody is there to marry people; none on a public holiday."""
    return () if day in _FREE_DAYS else {FRIDAY: FRIDAY_TIMES, SATURDAY: SATURDAY_TIMES}.get(day.weekday(), ())


def officiants_on(day: date) -> tuple[str, str]:
    """The two who are on duty, the first of them in the first place."""
    first = (day.isocalendar().week * 2 + day.weekday()) % len(OFFICIANTS)
    return OFFICIANTS[first], OFFICIANTS[(first + 1) % len(OFFICIANTS)]


def valid_to(examined: date) -> date:
    """The last day of a certificate: four months after the examination, or the last day of a shorter month."""
    month = examined.month - 1 + CERTIFICATE_MONTHS
    year, month = examined.year + month // 12, month % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(examined.day, last))


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
