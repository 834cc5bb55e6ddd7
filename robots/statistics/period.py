"""The days that figures are of: whole Swedish days, with the days that they are compared to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date

from robots.errors import WrongInput
from robots.local_time import moment_of
from robots.workdays import DAY

# Before and after these there is no robot to count, and a calendar has an end.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Period:
    """From the beginning of the day ``first`` to the end of the day ``last``, in Swedish time.

    Raises ``WrongInput`` when it ends before it begins, or lies in no year that can be meant.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise WrongInput("Perioden", f"{self.first} till {self.last}", "Den ska börja innan den slutar.")
        for day in (self.first, self.last):
            if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
                raise WrongInput("Perioden", str(day), f"Välj dagar mellan {_FIRST_YEAR} och {_LAST_YEAR}.")

    @classmethod
    def month_of(cls, day: date) -> Period:
        """The calendar month that the day is in."""
        first = day.replace(day=1)
        return cls(first, _month_after(first, 1) - DAY)

    @property
    def begins(self) -> datetime:
        """The first moment of it (UTC)."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The first moment after it (UTC)."""
        return _midnight(self.last + DAY)

    @property
    def whole_months(self) -> int:
        """How many calendar months it is; 0 when it is not whole ones."""
        if self.first.day != 1 or (self.last + DAY).day != 1:
            return 0
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each calendar month that it touches."""
        first = self.first.replace(day=1)
        count = (self.last.year - first.year) * 12 + self.last.month - first.month + 1
        return tuple(_month_after(first, n) for n in range(count))

    def before(self, today: date) -> Period:
        """What it is compared to: as many whole months, or as many days, right before it.

        While the period goes on it is only the beginning of that, as many days as have begun: half a month beside a
        whole one would look like half the work.
        """
        count = self.whole_months
        first = _month_after(self.first, -count) if count else self.first - (self.last - self.first + DAY)
        last = self.first - DAY
        if self.first <= today < self.last:
            last = min(last, first + (today - self.first))
        return Period(first, last)

    def words(self, language: str = "sv") -> str:
        """«oktober 2026», or «5 oktober 2026 – 9 november 2026»."""
        if self.whole_months == 1:
            return format_date(self.first, "LLLL y", locale=language)
        days = [format_date(day, "d MMMM y", locale=language) for day in (self.first, self.last)]
        return days[0] if self.first == self.last else " – ".join(days)


def chosen_period(today: date, *, month: str = "", first: str = "", last: str = "") -> Period:
    """The period that a person has written: a month, or days; the latest whole month where nothing is written.

    ``first`` alone is from that day until today. Raises ``WrongInput`` for what cannot be read or goes together.
    """
    if month and (first or last):
        raise WrongInput("Perioden", month, "Välj en månad, eller en första och en sista dag; inte båda.")
    if month:
        return _month_named(month)
    if last and not first:
        raise WrongInput("Perioden", last, "Skriv också vilken dag den börjar.")
    if first:
        return Period(_day_named(first), _day_named(last) if last else today)
    return Period.month_of(today.replace(day=1) - DAY)


def _month_named(written: str) -> Period:
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", written.strip(), re.ASCII)
    if not found:
        raise WrongInput("Månaden", written, "Skriv den som ÅÅÅÅ-MM, till exempel 2026-10.")
    return Period.month_of(date(int(found[1]), int(found[2]), 1))


def _day_named(written: str) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", written.strip(), re.ASCII):
            raise ValueError(written)
        return date.fromisoformat(written.strip())
    except ValueError:
        raise WrongInput("Dagen", written, "Skriv den som ÅÅÅÅ-MM-DD, till exempel 2026-10-31.") from None


def _month_after(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return moment_of(datetime.combine(day, datetime.min.time()))
