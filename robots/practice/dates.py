"""The municipality's calendar: workdays, how dates are written, collection days and the days a sludge lorry may be
wished for."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

WEEKDAYS = ("Måndag", "Tisdag", "Onsdag", "Torsdag", "Fredag", "Lördag", "Söndag")
MONTHS = ("januari februari mars april maj juni juli augusti september oktober november december").split()
EXTRA_WITHIN_WORKDAYS = 4
ONE_DAY = timedelta(days=1)


@lru_cache
def _free_days(year: int) -> frozenset[date]:
    """Public holidays and the eves that every Swede has off."""
    return frozenset(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and day not in _free_days(day.year)


def next_workday(day: date) -> date:
    """The first workday that is ``day`` or later."""
    while not is_workday(day):
        day += ONE_DAY
    return day


def extra_days(today: date) -> list[date]:
    """The days for an extra emptying: from tomorrow, within four workdays."""
    found: list[date] = []
    day = today
    while len(found) < EXTRA_WITHIN_WORKDAYS:
        day = next_workday(day + ONE_DAY)
        found.append(day)
    return found


def urgent_days(today: date) -> list[date]:
    """The days for an urgent emptying: today and tomorrow, within 24 hours.

    The lorries stand still when nobody works, so over a weekend it is the first workday that comes.
    """
    return [day for day in (today, today + ONE_DAY) if is_workday(day)] or [next_workday(today)]


def two_workdays_on(today: date) -> date:
    """When a missed bin has been fetched at the latest."""
    return next_workday(next_workday(today + ONE_DAY) + ONE_DAY)


def is_collection_day(day: date, weekday: int, odd_weeks: bool) -> bool:
    return day.weekday() == weekday and (day.isocalendar().week % 2 == 1) == odd_weeks


def next_collection(today: date, weekday: int, odd_weeks: bool) -> date:
    """Today, if the lorry comes today."""
    while not is_collection_day(today, weekday, odd_weeks):
        today += ONE_DAY
    return today


def last_collections(today: date, weekday: int, odd_weeks: bool, count: int) -> list[date]:
    """The latest first. The lorry of today has not reported yet."""
    found: list[date] = []
    while len(found) < count:
        today -= ONE_DAY
        if is_collection_day(today, weekday, odd_weeks):
            found.append(today)
    return found


def sludge_day(year: int, month: int, serial: int) -> date:
    """The workday of the month on which the ordinary emptying falls for the facility with this serial number."""
    return next_workday(date(year, month, serial % 25 + 1))


def next_sludge_day(today: date, month: int, serial: int) -> date:
    this_year = sludge_day(today.year, month, serial)
    return this_year if this_year >= today else sludge_day(today.year + 1, month, serial)


def last_sludge_day(today: date, month: int, serial: int) -> date:
    this_year = sludge_day(today.year, month, serial)
    return this_year if this_year < today else sludge_day(today.year - 1, month, serial)


def month_span(today: date, months: int) -> tuple[date, date]:
    """From the first of this month to the last day of the month ``months`` later."""
    after = today.month + months
    return today.replace(day=1), date(today.year + after // 12, after % 12 + 1, 1) - ONE_DAY


def parse_date(text: str) -> date | None:
    """``ÅÅÅÅ-MM-DD`` only; None for anything else."""
    try:
        return date.fromisoformat(text.strip()) if len(text.strip()) == 10 else None
    except ValueError:
        return None
