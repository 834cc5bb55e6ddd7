"""How people type personal numbers, and how the register writes them."""

from __future__ import annotations

import re
from datetime import date

from robots.practice import identifiers

_TYPED = re.compile(r"([0-9]{2})?([0-9]{6})([-+]?)([0-9]{4})")


class WrongNumberError(ValueError):
    """What was typed cannot be a personal number; the text says why, in Swedish."""


def read_number(typed: str, today: date) -> str:
    """``YYYYMMDD-NNNC`` of a number typed with 10 or 12 digits, with ``-``, ``+`` or nothing between.

    Ten digits mean the latest such year that is not in the future, or with ``+`` the one a hundred years before.
    """
    parts = _TYPED.fullmatch(re.sub(r"\s", "", typed))
    if parts is None:
        raise WrongNumberError("Personnumret ska ha 10 eller 12 siffror.")
    century, six, sign, last_four = parts.groups()
    if century is None:
        year = today.year - (today.year - int(six[:2])) % 100 - (100 if sign == "+" else 0)
        century = f"{year // 100:02d}"
    number = f"{century}{six}-{last_four}"
    if _born(number) is None or identifiers.luhn(six + last_four[:3]) != int(last_four[3]):
        raise WrongNumberError("Personnumret är inte giltigt.")
    return number


def is_coordination_number(number: str) -> bool:
    """A samordningsnummer has 60 added to the day of birth."""
    return int(number[6:8]) > 60


def born(number: str) -> date:
    """The day of birth that a number of the register carries."""
    found = _born(number)
    assert found is not None, number
    return found


def age(number: str, today: date) -> int:
    """Whole years of life."""
    day = born(number)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _born(number: str) -> date | None:
    day = int(number[6:8])
    try:
        return date(int(number[:4]), int(number[4:6]), day - 60 if day > 60 else day)
    except ValueError:
        return None
