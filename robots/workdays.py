"""The days of a Swedish municipality: workdays, red days, the days before them, squeeze days, and its own days off.

A workday is Monday to Friday, without public holidays, the eves that everybody has off, and what the municipality has
closed for itself (``config/calendar.toml``)::

    [2026-11-02]
    why = "Utbildningsdag för kontaktcentret"

    [2026-12-28]
    until = 2026-12-30
    why = "Stängt i mellandagarna, KS 2026-04-12 § 31"
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import holidays
from pydantic import BaseModel, ConfigDict, Field

from robots.errors import ConfigurationError
from robots.toml_files import checked, read_toml

DAY = timedelta(days=1)
# A day off or a closed season; what goes on for longer is a mistyped year.
_LONGEST = 366 * DAY
_NAMES = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


class Closed(BaseModel):
    """Days that the municipality has off of its own: from the heading's day, to ``until`` where there are more."""

    model_config = ConfigDict(extra="forbid")

    until: date | None = None
    why: str = Field(min_length=3)


class Calendar:
    """``closed`` is what the municipality has off beside all others: why, by day."""

    def __init__(self, closed: Mapping[date, str] | None = None) -> None:
        self._closed = dict(closed or {})

    @property
    def closed(self) -> Mapping[date, str]:
        """What the municipality has off of its own."""
        return self._closed

    def why_off(self, day: date) -> str:
        """What makes the day no workday, in words: «lördag», «Juldagen»; "" for a workday."""
        return self._closed.get(day) or _holidays(day.year).get(day) or (_NAMES[day.weekday()] if _weekend(day) else "")

    def is_workday(self, day: date) -> bool:
        return not self.why_off(day)

    def workdays_after(self, day: date, count: int) -> date:
        """The day that is ``count`` workdays after ``day``, or before it for less than 0; ``day`` itself for 0."""
        step = 1 if count > 0 else -1
        while count:
            day += step * DAY
            count -= step * self.is_workday(day)
        return day

    def workday_of_month(self, year: int, month: int, number: int) -> date | None:
        """The month's first workday for 1, its last for -1; None where it has not so many."""
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        found = self.workdays_after(first - DAY if number > 0 else after, number)
        return found if first <= found < after else None

    def why_red(self, day: date) -> str:
        """The public holiday that it is, or «söndag»; "" for a day that is black in the almanac."""
        return _red(day.year).get(day) or (_NAMES[6] if day.weekday() == 6 else "")

    def why_before_red(self, day: date) -> str:
        """«dagen före Långfredagen»: many have short hours. That a Sunday follows on a Saturday is no reason."""
        after = day + DAY
        return f"dagen före {_red(after.year)[after]}" if after in _red(after.year) else ""

    def why_squeezed(self, day: date) -> str:
        """«klämdag»: a workday with a day off on both sides."""
        alone = self.is_workday(day) and not self.is_workday(day - DAY) and not self.is_workday(day + DAY)
        return "klämdag" if alone else ""


def workdays_after(day: date, count: int) -> date:
    """As ``Calendar.workdays_after``, with the days that all of Sweden has off: what a law counts."""
    return _SWEDEN.workdays_after(day, count)


def read_calendar(path: Path) -> Calendar:
    """The municipality's own days off; none where there is no such file.

    Raises ``ConfigurationError`` when a heading is no date, or a period ends before it begins or years after.
    """
    if not path.is_file():
        return Calendar()
    closed: dict[date, str] = {}
    for heading, values in read_toml(path).items():
        try:
            day = date.fromisoformat(heading)
        except ValueError:
            raise ConfigurationError(f"[{heading}] ska vara ett datum, som [2026-12-23].", str(path)) from None
        told = checked(Closed, values, path, heading)
        last = told.until or day
        if last < day:
            raise ConfigurationError(f"[{heading}] slutar {last}, innan den börjar.", str(path))
        if last - day > _LONGEST:
            raise ConfigurationError(f"[{heading}] slutar först {last}. Är året felskrivet?", str(path))
        while day <= last:
            closed[day] = told.why
            day += DAY
    return Calendar(closed)


def _weekend(day: date) -> bool:
    return day.weekday() > 4


@lru_cache
def _holidays(year: int) -> Mapping[date, str]:
    # Christmas Eve and the like are no holidays by law, and nobody is at work.
    return dict(holidays.country_holidays("SE", years=year, categories=("public", "de_facto"), language="sv"))


@lru_cache
def _red(year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays("SE", years=year, categories=("public",), language="sv"))


_SWEDEN = Calendar()
