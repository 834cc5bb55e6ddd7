"""Who may go by bus: the school year, the limits, the way to school, and what stops an application or a proposal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from robots.practice.town import School, nearest_school, walking_metres
from robots.practice.town.model import Child, Property

YEARS = "F123456789"
LIMITS = {"F123": 3000, "456": 4000, "789": 5000}  # metres
DOUBT = 0.05  # so near the limit, in parts of it, an officer measures again
BY_DISTANCE, BY_TRAFFIC, BY_DISABILITY, BY_OTHER = (
    "Avstånd", "Trafikförhållanden", "Funktionsnedsättning eller sjukdom", "Annat skäl",
)  # fmt: skip
REASONS = (BY_DISTANCE, BY_TRAFFIC, BY_DISABILITY, BY_OTHER)
WHOLE_TIME, ALTERNATING = "Bor bara på folkbokföringsadressen", "Bor växelvis på två adresser"
RESIDENCES = (WHOLE_TIME, ALTERNATING)
GRANT, REJECT = "Bevilja skolskjuts", "Avslå ansökan"
OUTCOMES = (GRANT, REJECT)
LONGEST_REFERENCE, LONGEST_TEXT, SHORTEST_MOTIVATION = 40, 1000, 10


@dataclass(frozen=True)
class Way:
    """``straight`` and ``walking`` are metres, ``line`` the way's corners as x and y in metres from the square."""

    straight: int
    walking: int
    line: tuple[tuple[float, float], ...]


def terms(today: date) -> tuple[str, str]:
    """The school year that is, and the one that can be applied for ahead: "2026/27"."""
    first = today.year if today.month >= 7 else today.year - 1
    return _named(first), _named(first + 1)


def year_in(child: Child, term: str, today: date) -> str:
    """The child's year in that school year: "" after the ninth."""
    ahead = terms(today).index(term)
    return YEARS[YEARS.index(child.school_year) + ahead : YEARS.index(child.school_year) + ahead + 1]


def limit(year: str) -> int:
    return next(metres for years, metres in LIMITS.items() if year in years)


def way(home: Property, school: School) -> Way:
    straight = round(math.hypot(home.x - school.x, home.y - school.y))
    corner = (home.x, school.y)  # streets go east and north
    half = ((home.x + school.x) / 2, (home.y + school.y) / 2)
    bend = ((corner[0] + half[0]) / 2, (corner[1] + half[1]) / 2)
    return Way(straight, walking_metres(home.x, home.y, school), ((home.x, home.y), bend, (school.x, school.y)))


def nearest(home: Property, year: str) -> School:
    return nearest_school(home.x, home.y, year)


def nearly(metres: int, most: int) -> bool:
    return abs(metres - most) <= most * DOUBT


def proposal_errors(outcome: str, motivation: str, reference: str) -> list[str]:
    """In the order of the form."""
    errors = []
    if outcome not in OUTCOMES:
        errors.append("Välj ett förslag.")
    if len(motivation) < SHORTEST_MOTIVATION:
        errors.append(f"Skriv en motivering med minst {SHORTEST_MOTIVATION} tecken.")
    return errors + too_long(motivation, reference)


def too_long(text: str, reference: str) -> list[str]:
    errors = []
    if len(text) > LONGEST_TEXT:
        errors.append(f"Texten får vara högst {LONGEST_TEXT} tecken.")
    if len(reference) > LONGEST_REFERENCE:
        errors.append(f"Referensen får vara högst {LONGEST_REFERENCE} tecken.")
    return errors


def for_an_officer(reason: str, residence: str, special: bool, metres: int, most: int) -> str:
    """Why no proposal by distance can be made, in the system's words, or ""."""
    if special:
        return "Eleven går inte i en kommunal grundskola. Handläggare bedömer ansökan."
    if residence == ALTERNATING:
        return "Växelvis boende bedöms av handläggare."
    if reason != BY_DISTANCE:
        return f"Skälet {reason} bedöms av handläggare."
    if nearly(metres, most):
        return "Avståndet ligger inom 5 % från gränsen. Handläggare mäter vägen på nytt."
    return ""


def against_the_distance(outcome: str, metres: int, most: int) -> str:
    if (outcome == GRANT) == (metres > most):
        return ""
    return f"Förslaget stämmer inte med avståndet: {metres} m, gräns {most} m."


def _named(first: int) -> str:
    return f"{first}/{(first + 1) % 100:02d}"
