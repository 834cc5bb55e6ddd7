"""The town's schools, which year a child is in, and how far it walks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

DETOUR = 1.35  # streets bend: so much longer is the way to walk than the straight line
YEARS = ("F", "1", "2", "3", "4", "5", "6", "7", "8", "9")


@dataclass(frozen=True)
class School:
    """``years`` are those it teaches. ``x`` and ``y`` are metres east and north of the town's square."""

    name: str
    years: tuple[str, ...]
    x: float
    y: float
    municipal: bool = True


def _years(first: str, last: str) -> tuple[str, ...]:
    return YEARS[YEARS.index(first) : YEARS.index(last) + 1]


SCHOOLS = (
    School("Ekbacksskolan", _years("F", "9"), -1480, -560),
    School("Kvarnskolan", _years("F", "3"), 210, -380),
    School("Västerbyskolan", _years("F", "6"), -1240, 1310),
    School("Kyrkskolan", _years("4", "6"), -420, 1180),
    School("Fria skolan Smedjan", _years("F", "9"), 1880, 420, municipal=False),
)


def school_year(born: date, today: date) -> str:
    """The year that a child is in: it changes on the first of July. "" before "F" and after "9"."""
    started = today.year if today.month >= 7 else today.year - 1
    place = started - born.year - 6
    return YEARS[place] if 0 <= place < len(YEARS) else ""


def walking_metres(x: float, y: float, school: School) -> int:
    """From a place in town to a school. Nobody walks from the island: ask ``Property.island`` first."""
    return round(math.hypot(x - school.x, y - school.y) * DETOUR)


def nearest_school(x: float, y: float, year: str) -> School:
    """The nearest municipal school that teaches ``year``. Raises ``ValueError`` for a year that no school has."""
    teaching = [s for s in SCHOOLS if s.municipal and year in s.years]
    if not teaching:
        raise ValueError(f"no school teaches year {year!r}")
    return min(teaching, key=lambda s: walking_metres(x, y, s))
