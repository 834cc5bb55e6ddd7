"""The calendar as it is drawn: a month of days with their free times, or a week of half hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from robots.practice.civil_weddings import roster
from robots.practice.civil_weddings.register import RESERVED, Register
from robots.practice.civil_weddings.roster import Slot

FREE, TAKEN, CLOSED = "Ledig", "Bokad", "Stängt"


@dataclass(frozen=True)
class Cell:
    """``tone`` is how it is coloured; ``slot`` is None where nothing can be dropped."""

    words: str
    tone: str
    slot: Slot | None = None


@dataclass(frozen=True)
class Day:
    day: date
    words: str
    inside: bool


def month_title(first: date, place: str) -> str:
    return f"{roster.MONTHS[first.month - 1]} {first.year} · {place}"


def week_title(monday: date, place: str) -> str:
    year, week, _ = monday.isocalendar()
    return f"vecka {week}, {year} · {place}"


def month(register: Register, first: date, place: str) -> list[tuple[str, list[Day]]]:
    """The weeks of the month, each with its name and its seven days."""
    weeks, monday = [], roster.monday_of(first)
    while monday <= first or monday.month == first.month:
        days = [monday + timedelta(days=n) for n in range(7)]
        weeks.append((f"v. {monday.isocalendar().week}", [_day(register, day, place, first) for day in days]))
        monday += timedelta(days=7)
    return weeks


def week(register: Register, monday: date, place: str) -> list[tuple[str, list[Cell]]]:
    """The half hours of the week, each with its cell of every day."""
    days = [monday + timedelta(days=n) for n in range(7)]
    return [(time, [_cell(register, Slot(day, time, place)) for day in days]) for time in roster.TIMES]


def heads(monday: date) -> list[str]:
    days = [monday + timedelta(days=n) for n in range(7)]
    return [f"{name} {day.day}/{day.month}" for name, day in zip(roster.WEEKDAYS, days, strict=True)]


def _day(register: Register, day: date, place: str, first: date) -> Day:
    cells = [_cell(register, Slot(day, time, place)) for time in roster.times_of(day)]
    free = sum(cell.words == FREE for cell in cells)
    words = "" if not cells else f"{free} {'ledig' if free == 1 else 'lediga'}" if free else "Fullt"
    return Day(day, words, day.month == first.month)


def _cell(register: Register, slot: Slot) -> Cell:
    if not slot.open or slot.day <= register.today:
        return Cell(CLOSED, "stangt")
    who = register.who_has(slot)
    if not who:
        return Cell(FREE, "ledig", slot)
    one = register.applications.get(who)
    if one is not None and one.status == RESERVED and one.held_until:
        return Cell(f"Reserverad till {one.held_until:%H.%M} {one.number}", "reserverad")
    return Cell(f"{TAKEN} {one.number if one else who}", "bokad")
