"""Numbers and names as people read them, in Swedish unless another language is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from robots.errors import marked as _

# What a cell holds: a text, a day that stands for its month, a number, a share of 1, minutes, seconds.
Kind = Literal["text", "month", "count", "share", "minutes", "seconds"]
# Puts a sentence of the code's own into the reader's language.
Say = Callable[[str], str]


def swedish(words: str) -> str:
    """What is said where no other language is asked for: the words as they stand in the code."""
    return words


NOTHING = "–"
MINUS = "−"
BASIS_WORDS = {"measured": _("uppmätt"), "partly": _("delvis uppskattat"), "estimated": _("uppskattat")}
SOURCE_WORDS = {
    "guide": _("Vägledare"), "schedule": _("Schema"), "batch": _("Bunt från Excel"), "inbox": _("Ärendeinkorg"),
    "api": _("Program"),
}  # fmt: skip
# From here on a duration is shown without the smaller unit: nobody reads the minutes of four hundred hours.
_MANY_HOURS = 100


def shown(value: Any, kind: Kind, language: str = "sv") -> str:
    """A cell's value in words: «87 %», «42 tim 30 min», «1 204»; «–» where there is nothing to tell."""
    if value is None:
        return NOTHING
    match kind:
        case "text":
            return str(value)
        case "month":
            return _month(value, language)
        case "share":
            return format_percent(value, locale=language)
        case "minutes":
            return in_hours(value, language)
        case "seconds":
            return lasting(value, language)
    return format_decimal(value, locale=language)


def _month(value: date, language: str) -> str:
    return format_date(value, "LLLL y", locale=language)


def lasting(seconds: float, language: str = "sv") -> str:
    """How long something took, in its two largest units: «4,2 s», «3 min 5 s», «2 tim 10 min»."""
    if seconds < 9.95:
        return f"{format_decimal(round(seconds, 1), locale=language)} s"
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return _two(minutes, "min", rest, "s")
    return in_hours(seconds / 60, language)


def in_hours(minutes: float, language: str = "sv") -> str:
    """Working time: «42 tim 30 min», from a hundred hours on «418 tim»; below zero with a minus."""
    hour = "tim" if language == "sv" else "h"
    sign = MINUS if round(minutes) < 0 else ""
    hours, rest = divmod(round(abs(minutes)), 60)
    if hours >= _MANY_HOURS:
        return f"{sign}{format_decimal(round(abs(minutes) / 60), locale=language)} {hour}"
    return f"{sign}{_two(hours, hour, rest, 'min')}"


def _two(large: int, unit: str, small: int, part: str) -> str:
    words = [f"{large} {unit}"] if large else []
    return " ".join([*words, f"{small} {part}"] if small or not large else words)


def alphabetical(words: str) -> str:
    """What texts are sorted by: å, ä and ö come last, in that order, and capitals beside their small letters."""
    return words.casefold().translate(_SWEDISH_ORDER)


_SWEDISH_ORDER = str.maketrans({"å": "\uffe0", "ä": "\uffe1", "æ": "\uffe1", "ö": "\uffe2", "ø": "\uffe2", "é": "e"})
