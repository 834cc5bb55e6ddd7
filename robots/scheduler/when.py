"""When a schedule starts: the ``[when]`` of its file. A start is a time on the wall, and comes once.

Where the clocks jump over several starts in March, or land on one, they are one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self

from apscheduler.triggers.cron import CronTrigger
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from robots.local_time import LONGEST_JUMP, moment_of, on_the_wall
from robots.workdays import DAY, Calendar

_EVERY = re.compile(r"([1-9][0-9]{0,3}) (minute|hour|day|week)s?")
_HOURS = re.compile(r"([01]\d:\d\d|2[0-3]:\d\d)-([01]\d:\d\d|2[0-3]:\d\d|24:00)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": DAY, "week": 7 * DAY}
Never = Literal["red", "before-red", "squeeze"]


@dataclass(frozen=True, order=True)
class Start:
    """``local`` is the time on the wall, without a zone: what makes the start one. ``due`` is the moment it comes."""

    due: datetime
    local: datetime


@dataclass(frozen=True)
class Planned:
    """A time that the pattern gives, and why nothing starts then: «lördag»; "" where it does."""

    local: datetime
    skipped: str


def _as_cron(text: object) -> object:
    if text and re.search(r"\d", "".join(str(text).split()[-1:])):
        raise ValueError("Skriv veckodagarna i cron med bokstäver, som mon-fri: program räknar dem olika.")
    if text:
        try:
            _trigger(str(text))
        except ValueError as error:
            raise ValueError(f"«{text}» är ingen rad för cron: {error}.") from None
    return text


def _trigger(cron: str) -> CronTrigger:
    # The library reckons with moments. To it, times on the wall are a zone whose clocks are never put forward or back.
    made: CronTrigger = CronTrigger.from_crontab(cron, timezone=UTC)  # type: ignore[no-untyped-call]
    return made


def _written(pattern: re.Pattern[str], example: str) -> BeforeValidator:
    def check(text: object) -> object:
        if text and not pattern.fullmatch(str(text)):
            raise ValueError(f"«{text}» ska skrivas som «{example}».")
        return text

    return BeforeValidator(check)


class When(BaseModel):
    """One of ``cron``, ``every``, ``workday_of_month`` and ``on``, and what narrows it. All times are Swedish time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cron: Annotated[str, BeforeValidator(_as_cron)] = Field("", description="minute hour day month weekday")
    every: Annotated[str, _written(_EVERY, "15 minutes")] = Field(
        "", description="minutes or hours, counted anew from midnight or from when ``hours`` begin; or days or weeks"
    )
    starting: date | None = Field(None, description="the day from which days and weeks are counted")
    workday_of_month: int = Field(0, description="2 is the month's second workday, -1 its last", ge=-23, le=23)
    at: tuple[time, ...] = Field((), description="the times of a day, for days, weeks and workdays")
    on: tuple[datetime, ...] = Field((), description="single times")
    days: Literal["all", "workdays"] = Field("all", description="whether days off are left out")
    never: tuple[Never, ...] = Field((), description="what else is left out: red days, days before them, squeeze days")
    hours: Annotated[str, _written(_HOURS, "07:00-17:00")] = Field("", description="nothing starts outside of these")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        given = [name for name in ("cron", "every", "workday_of_month", "on") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError("Skriv ett av cron, every, workday_of_month och on.")
        if bool(self.at) != bool(self.workday_of_month or self._in_days):
            raise ValueError("«at» behövs för workday_of_month och för every i dagar och veckor, och bara där.")
        if bool(self.starting) != self._in_days:
            raise ValueError("«starting» behövs för every i dagar och veckor, och bara där.")
        if any(moment.tzinfo for moment in self.on) or any(moment.tzinfo for moment in self.at):
            raise ValueError("Skriv tiderna utan tidszon: de är svensk tid.")
        opens, closes = self._open
        if closes <= opens:
            raise ValueError("«hours» ska sluta senare på dagen än de börjar.")
        return self

    def planned(self, after: datetime, until: datetime, calendar: Calendar) -> Iterator[Planned]:
        """The times of the pattern after ``after`` until ``until``, on the wall all of them, in order."""
        for local in self._pattern(after, until, calendar):
            if after < local <= until and self._within_hours(local):
                yield Planned(local, self.why_not(local.date(), calendar))

    def starts(self, after: datetime, until: datetime, calendar: Calendar) -> list[Start]:
        """The starts that are due after the moment ``after`` until the moment ``until``, in order."""
        found: dict[datetime, datetime] = {}
        for planned in self.planned(on_the_wall(after) - LONGEST_JUMP, on_the_wall(until) + LONGEST_JUMP, calendar):
            due = moment_of(planned.local)
            if not planned.skipped and after < due <= until:
                found[due] = planned.local
        return [Start(due, local) for due, local in sorted(found.items())]

    def allows(self, moment: datetime, calendar: Calendar) -> bool:
        """Whether a start that is late may be made at this moment."""
        local = on_the_wall(moment)
        return self._within_hours(local) and not self.why_not(local.date(), calendar)

    def why_not(self, day: date, calendar: Calendar) -> str:
        """Why nothing starts on a day, in words; "" where something may."""
        reasons = {"red": calendar.why_red, "before-red": calendar.why_before_red, "squeeze": calendar.why_squeezed}
        off = calendar.why_off(day) if self.days == "workdays" else ""
        return off or next((why for each in self.never if (why := reasons[each](day))), "")

    @property
    def _step(self) -> timedelta:
        """What ``every`` says; 0 without it."""
        found = _EVERY.fullmatch(self.every)
        return int(found[1]) * _UNITS[found[2]] if found else timedelta(0)

    @property
    def _in_days(self) -> bool:
        return "day" in self.every or "week" in self.every

    @property
    def _open(self) -> tuple[timedelta, timedelta]:
        """When ``hours`` begin and end, since midnight; all day without them."""
        found = _HOURS.fullmatch(self.hours)
        if not found:
            return timedelta(0), DAY
        opens, closes = (timedelta(hours=int(told[:2]), minutes=int(told[3:])) for told in found.groups())
        return opens, closes

    def _within_hours(self, local: datetime) -> bool:
        opens, closes = self._open
        return opens <= local - datetime.combine(local, time()) < closes

    def _pattern(self, after: datetime, until: datetime, calendar: Calendar) -> Iterator[datetime]:
        """In order; a time or two before and after what is asked for may be among them."""
        if self.on:
            yield from sorted(self.on)
        elif self.cron:
            yield from _cron_times(self.cron, after, until)
        else:
            day = after.date()
            while day <= until.date():
                yield from self._times_of(day, calendar)
                day += DAY

    def _times_of(self, day: date, calendar: Calendar) -> Iterator[datetime]:
        midnight = datetime.combine(day, time())
        if self.every and not self._in_days:
            since, closes = self._open
            while since < closes:
                yield midnight + since
                since += self._step
        elif self._is_day(day, calendar):
            yield from (datetime.combine(day, told) for told in sorted(self.at))

    def _is_day(self, day: date, calendar: Calendar) -> bool:
        if self.workday_of_month:
            return day == calendar.workday_of_month(day.year, day.month, self.workday_of_month)
        assert self.starting is not None
        return day >= self.starting and (day - self.starting) % self._step == timedelta(0)


def _cron_times(cron: str, after: datetime, until: datetime) -> Iterator[datetime]:
    following: Callable[[datetime, datetime], datetime | None] = _trigger(cron).get_next_fire_time
    last = after.replace(tzinfo=UTC)
    while (found := following(last, last)) and found.replace(tzinfo=None) <= until:
        yield found.replace(tzinfo=None)
        last = found
