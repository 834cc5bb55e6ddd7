"""The system's own calendar: when a school may be chosen, for which years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from robots.practice.town import Child, school_year

YOUNG, MIDDLE, OLD = "Förskoleklass–årskurs 3", "Årskurs 4–6", "Årskurs 7–9"
STAGES = {YOUNG: ("F", "1", "2", "3"), MIDDLE: ("4", "5", "6"), OLD: ("7", "8", "9")}
PROLONGED_BEFORE, PROLONGED_AFTER = timedelta(days=10), timedelta(days=21)


@dataclass
class Period:
    """The first and the last day on which a school may be chosen for a stage. ``remark`` says why it is another one
    than the ordinary, or ""."""

    stage: str
    opens: date
    closes: date
    remark: str = ""

    def open(self, today: date) -> bool:
        return self.opens <= today <= self.closes

    def as_json(self, today: date) -> dict[str, str]:
        state = "Öppen" if self.open(today) else "Stängd"
        return {"arskurser": self.stage, "oppnar": str(self.opens), "stanger": str(self.closes), "lage": state,
                "anmarkning": self.remark}  # fmt: skip


def next_start(today: date) -> date:
    """The first day of the school year that is chosen for now."""
    return date(today.year + (today.month >= 7), 8, 15)


def next_year(child: Child, today: date) -> str:
    """The year that the child begins then: "" for one that is too young still, and for one that has finished."""
    number = child.personal_number
    return school_year(date(int(number[:4]), 1, 1), next_start(today))


def stage_of(year: str) -> str:
    return next(stage for stage, years in STAGES.items() if year in years)


def periods(today: date) -> list[Period]:
    """15 January to 15 February, where that is now. Otherwise the youngest and the eldest have a prolonged one, since a
    practice town must be of use all year; those between have always missed theirs, or wait for it."""
    year = next_start(today).year
    ordinary = date(year, 1, 15), date(year, 2, 15)
    if ordinary[0] <= today <= ordinary[1]:
        early = date(year - 1, 10, 15), date(year - 1, 11, 15)
        return [Period(YOUNG, *ordinary), Period(MIDDLE, *early, "Tidigarelagd"), Period(OLD, *ordinary)]
    prolonged = today - PROLONGED_BEFORE, today + PROLONGED_AFTER
    return [Period(YOUNG, *prolonged, "Förlängd"), Period(MIDDLE, *ordinary), Period(OLD, *prolonged, "Förlängd")]
