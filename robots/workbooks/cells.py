"""One cell: what Excel made of what a person wrote, turned back into what the person meant, or refused.

Excel takes a number's leading zeros away, makes dates of what looks like one, and rounds after fifteen digits. Where
what was meant can be told for certain it is used; where it cannot, the cell is wrong and says so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from robots.errors import COVERED
from robots.evidence.redaction import one_line, redact
from robots.inputs import Input

# Excel keeps fifteen digits of a number; what comes after them is not what was typed.
MOST_DIGITS = 15
# A long cell is told by its beginning; the whole of it stands in the result.
MOST_SHOWN = 80
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_HALVES = re.compile("[\ud800-\udfff]")
_HARD_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_AS_TEXT = "Formatera kolumnen som Text och skriv in värdet på nytt."
_AS_DATE = "Skriv datumet som ÅÅÅÅ-MM-DD."


@dataclass(frozen=True)
class CellProblem:
    """One wrong cell. ``value`` may be shown anywhere: personal data is covered.

    ``column`` and ``name`` are empty when it is the row as a whole that is wrong.
    """

    row: int
    column: str
    name: str
    title: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = f"Rad {self.row}, kolumn {self.column} ({self.title})" if self.column else f"Rad {self.row}"
        found = f"«{self.value}» går inte att använda. " if self.value else ""
        return f"{place}: {found}{self.expected}"

    @property
    def said_beside(self) -> str:
        """As it is written beside the row itself, where the value stands already."""
        return f"{self.title} ({self.column}): {self.expected}" if self.column else self.expected


class Unusable(Exception):
    """The cell cannot be what was meant; the message says what to do."""


def meant(each: Input, value: Any, data_type: str) -> Any:
    """What a person meant by a cell, in a form that ``Inputs`` takes; "" for an empty one. Raises ``Unusable``."""
    if data_type == "f":
        raise Unusable("Cellen innehåller en formel; klistra in värdet.")
    if data_type == "e":
        raise Unusable("Cellen visar ett fel från Excel. Skriv in värdet.")
    if isinstance(value, str):
        value = clean(value)
        if _UNREADABLE.search(value):
            raise Unusable("Cellen innehåller tecken som inte går att läsa. Skriv in värdet på nytt.")
    if value is None or value == "":
        return ""
    match each.kind:
        case "identifier":
            return _identifier(value)
        case "date":
            return _date(value)
        case "number":
            return _number(value)
        case "flag":
            return value
    return _text(value)


def clean(text: str) -> str:
    """Excel's own escapes undone, hard spaces made ordinary, what cannot be seen taken away, no space at the ends."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if _HALVES.search(text):  # two halves that Excel wrote apart are one character
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return _HARD_SPACES.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def shown(value: Any, *, personal: bool = False) -> str:
    """The value on one line, for a screen or a log: personal data covered, what cannot be written left out."""
    if value is None or value == "":
        return ""
    if personal:
        return COVERED
    text = one_line(redact(_UNREADABLE.sub("\ufffd", _text(value))))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def plain(value: Any) -> Any:
    """The value as it may be written in a workbook again: what Excel or XML cannot hold is replaced."""
    if isinstance(value, str):
        return _UNREADABLE.sub("\ufffd", clean(value))
    if value is None or isinstance(value, bool | int | float | datetime | date | time | timedelta):
        return value
    return getattr(value, "text", None) or str(value)  # an array formula is an object with its text


def _identifier(value: Any) -> Any:
    if isinstance(value, datetime | date | time | timedelta):
        raise Unusable(f"Excel har gjort om värdet till ett datum eller en tid. {_AS_TEXT}")
    if isinstance(value, bool):
        raise Unusable(f"Cellen är ett sant/falskt-värde. {_AS_TEXT}")
    if isinstance(value, float) and not value.is_integer():
        raise Unusable(f"Excel har gjort om värdet till ett decimaltal. {_AS_TEXT}")
    if isinstance(value, int | float) and abs(value) >= 10**MOST_DIGITS:
        raise Unusable(f"Excel har avrundat det långa talet. {_AS_TEXT}")
    return str(int(value)) if isinstance(value, int | float) else value


def _date(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.time() != time():
            raise Unusable(f"Cellen har ett klockslag. {_AS_DATE}")
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise Unusable(f"Cellen är inte ett datum. {_AS_DATE}")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise Unusable(_AS_DATE)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    written = str(value).replace(" ", "").replace("−", "-").replace(",", ".")
    if isinstance(value, bool | datetime | time | timedelta) or not re.fullmatch(r"-?\d+(\.\d+)?", written):
        raise Unusable("Skriv ett tal.")
    return written


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(plain(value))
