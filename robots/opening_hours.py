"""When a system can be used: its hours, and when it is away on purpose. All are times on the wall in Sweden."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from robots.local_time import moment_of, on_the_wall

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_DAY = "|".join(_WEEKDAYS)
_SPAN = re.compile(rf"(?:({_DAY})(?:-({_DAY}))? )?([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_ONE_DAY = timedelta(days=1)
ALWAYS = "00:00-24:00"


@dataclass(frozen=True)
class Span:
    """A time of day that comes on some weekdays (0 is Monday); one that ends before it begins ends the next day."""

    weekdays: frozenset[int]
    begins: timedelta
    lasts: timedelta

    def end_of(self, local: datetime) -> datetime | None:
        """When the one ends that ``local`` lies in; None when it lies in none."""
        midnight = datetime.combine(local.date(), time())
        for day in (midnight, midnight - _ONE_DAY):
            if day.weekday() in self.weekdays and day + self.begins <= local < day + self.begins + self.lasts:
                return day + self.begins + self.lasts
        return None

    def next_after(self, local: datetime) -> datetime:
        """When the next one begins."""
        midnight = datetime.combine(local.date(), time())
        days = (midnight + _ONE_DAY * ahead for ahead in range(8))
        return next(d + self.begins for d in days if d.weekday() in self.weekdays and d + self.begins > local)


def spans(text: str) -> tuple[Span, ...]:
    """What ``mon-fri 06:00-20:00, sat 08:00-12:00`` means. Raises ``ValueError``."""
    return tuple(_span(part.strip()) for part in text.split(","))


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise ValueError(f"«{part}» ska skrivas som «mon-fri 06:00-20:00» eller «06:00-20:00».")
    first = _WEEKDAYS.index(found[1]) if found[1] else 0
    last = _WEEKDAYS.index(found[2] or found[1]) if found[1] else 6
    begins = timedelta(hours=int(found[3]), minutes=int(found[4]))
    ends = timedelta(hours=int(found[5]), minutes=int(found[6]))
    if ends > _ONE_DAY or begins == ends:
        raise ValueError(f"«{part}» ska sluta senast 24:00, och vara längre än ingenting.")
    days = frozenset((first + ahead) % 7 for ahead in range((last - first) % 7 + 1))
    return Span(days, begins, ends - begins if begins < ends else ends + _ONE_DAY - begins)


def _readable(text: str) -> str:
    if text:
        spans(text)
    return text


Hours = Annotated[str, AfterValidator(_readable)]


class Maintenance(BaseModel):
    """When a system is away on purpose: once, from ``since`` to ``until``, or ``every`` week (``sun 22:00-04:00``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: datetime | None = None
    until: datetime | None = None
    every: Hours = ""
    why: str = Field(min_length=3)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        once = self.since is not None and self.until is not None and not self.every
        if not once and not (self.every and self.since is None and self.until is None):
            raise ValueError("Skriv antingen since och until, eller every.")
        if self.since and self.until and (self.since.tzinfo or self.until.tzinfo or self.since >= self.until):
            raise ValueError("since och until är svensk tid utan zon, och until är den senare.")
        return self

    def end_of(self, local: datetime) -> datetime | None:
        """When it ends, at a time that lies in it; None at any other."""
        if self.since and self.until:
            return self.until if self.since <= local < self.until else None
        return next((end for span in spans(self.every) if (end := span.end_of(local))), None)


@dataclass(frozen=True)
class Closed:
    """``until`` is the moment when the system can be used again; ``words`` say so, in Swedish time, and why."""

    until: datetime
    words: str


@dataclass(frozen=True)
class OpeningHours:
    """``hours`` as in ``config/systems.toml``."""

    hours: str = ALWAYS
    maintenance: Sequence[Maintenance] = ()

    def closed_at(self, moment: datetime) -> Closed | None:
        """Until when, and why; None when the system can be used."""
        local = on_the_wall(moment)
        away = next((each for each in self.maintenance if each.end_of(local)), None)
        opens = self._opens(local)
        if opens == local:
            return None
        return Closed(moment_of(opens), f"stängt till {_told(opens, local)}{f': {away.why}' if away else ''}")

    def _opens(self, local: datetime) -> datetime:
        """``local`` itself when it is open then."""
        open_hours = spans(self.hours or ALWAYS)
        while True:
            if end := next((e for each in self.maintenance if (e := each.end_of(local))), None):
                local = end
            elif not any(span.end_of(local) for span in open_hours):
                local = min(span.next_after(local) for span in open_hours)
            else:
                return local


def _told(opens: datetime, now: datetime) -> str:
    days = (opens.date() - now.date()).days
    day = "" if days == 0 else "i morgon " if days == 1 else f"{_NAMES[opens.weekday()]} " if days < 7 else None
    return f"{f'{opens:%Y-%m-%d} ' if day is None else day}{opens:%H:%M}"
