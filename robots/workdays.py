"""Workdays in Sweden: Monday to Friday, without public holidays and the eves that everybody has off."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and day not in _free_days(day.year)


def workdays_after(day: date, count: int) -> date:
    """The day that is ``count`` workdays after ``day``, or before it for less than 0; ``day`` itself for 0."""
    step = 1 if count > 0 else -1
    while count:
        day += timedelta(days=step)
        count -= step * is_workday(day)
    return day


@lru_cache
def _free_days(year: int) -> frozenset[date]:
    # Christmas Eve and the like are no holidays by law, and nobody is at work.
    return frozenset(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))
