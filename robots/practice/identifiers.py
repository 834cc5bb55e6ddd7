"""How Tallinge numbers its people, cases and facilities; each ends in a Luhn check digit."""

from __future__ import annotations

from datetime import date


def luhn(digits: str) -> int:
    """The check digit that belongs after ``digits`` (mod 10, weights 2 1 2 1 … from the right)."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def personal_number(born: date, birth_number: int, *, coordination: bool = False) -> str:
    """``YYYYMMDD-NNNC``; a coordination number (samordningsnummer) has 60 added to the day.

    ``birth_number`` must be 980–999, the series kept for test persons.
    """
    if not 980 <= birth_number <= 999:
        raise ValueError(f"birth number {birth_number} is not in the test series 980–999")
    day = born.day + 60 if coordination else born.day
    digits = f"{born:%y%m}{day:02d}{birth_number:03d}"
    return f"{born:%Y%m}{day:02d}-{birth_number:03d}{luhn(digits)}"


def case_number(year: int, month: int, serial: int) -> str:
    """``KC-YYMMNNNN-C``: contact centre, year, month, serial number within the month, check digit."""
    digits = f"{year % 100:02d}{month:02d}{serial:04d}"
    return f"KC-{digits}-{luhn(digits)}"


def facility_number(serial: int) -> str:
    """``ANNNNNNN-C``: a waste facility (anläggning) of the renhållning."""
    digits = f"{serial:06d}"
    return f"AN{digits}-{luhn(digits)}"
