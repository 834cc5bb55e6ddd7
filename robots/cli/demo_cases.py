"""The demo's sixty cases: which of the town's, in what order, and the workbook that asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import holidays
from openpyxl import Workbook

from robots.workbooks.columns import titles_of
from robots.workbooks.styles import set_header, set_value, set_widths

if TYPE_CHECKING:
    from robots.cli.town import Town
    from robots.task import Task

# Errand and twist in the town, and how many: three quarters can be finished by a robot, a quarter needs a person.
FINISHED = {
    "send_drawings": {("drawings", "normal"): 11, ("drawings", "older_designation"): 2, ("drawings", "some_secret"): 2},
    "send_detail_plan": {("detail_plan", "normal"): 11, ("detail_plan", "several_plans"): 2,
                         ("detail_plan", "outside_plan"): 2},
    "book_waste_pickup": {("missed_bin", "normal"): 8, ("extra_sludge", "normal"): 7},
}  # fmt: skip
FOR_A_PERSON = {
    "send_drawings": {("drawings", "all_secret"): 1, ("drawings", "none_found"): 2,
                      ("drawings", "sensitive_building"): 1, ("drawings", "protected"): 1},
    "send_detail_plan": {("detail_plan", "not_final"): 3, ("detail_plan", "protected"): 2},
    "book_waste_pickup": {("missed_bin", "household_deviation"): 1, ("missed_bin", "already_booked"): 1,
                          ("missed_bin", "blocked"): 1, ("missed_bin", "wrong_customer"): 1,
                          ("extra_sludge", "dispens"): 1},
}  # fmt: skip
LISTED_TWICE = {"send_drawings": 2, "send_detail_plan": 2, "book_waste_pickup": 1}
SLUDGE_PRICE = 1245


@dataclass(frozen=True)
class DemoCase:
    """A case of the town, what the sheet says of it, and how the demo knows that it must end."""

    task: str
    number: str
    typed: dict[str, Any]
    ends: str


def choose_cases(town: Town) -> dict[str, list[DemoCase]]:
    """Twenty cases for each task; those for a person lie spread among the others."""
    chosen: dict[str, list[DemoCase]] = {}
    for task, wanted in FINISHED.items():
        plain = list(_some(town, task, wanted, "done"))
        hard = list(_some(town, task, FOR_A_PERSON[task], "handed_over"))
        for place, case in enumerate(hard):
            plain.insert(2 + place * 4, case)
        chosen[task] = plain
    return chosen


def write_workbook(file: Path, tasks: dict[str, Task], cases: dict[str, list[DemoCase]]) -> None:
    """One sheet a task; some rows stand twice, as they do when two people fill in the same list."""
    workbook = Workbook()
    del workbook[workbook.sheetnames[0]]
    for name, chosen in cases.items():
        task = tasks[name]
        sheet = workbook.create_sheet(task.title)
        titles = titles_of(task)
        for column, title in enumerate(titles.values(), 1):
            set_header(sheet.cell(1, column), title)
        rows = [*chosen, *chosen[: LISTED_TWICE[name]]]
        for row, case in enumerate(rows, 2):
            for column, each in enumerate(titles, 1):
                set_value(sheet.cell(row, column), case.typed.get(each))
        set_widths(sheet, [24.0] * len(titles))
    workbook.save(file)


def _some(town: Town, task: str, wanted: dict[tuple[str, str], int], ends: str) -> Iterator[DemoCase]:
    for (errand, twist), count in wanted.items():
        for case in town.cases(errand, twist)[:count]:
            yield DemoCase(task, case["number"], _typed(task, case), ends)


def _typed(task: str, case: dict[str, Any]) -> dict[str, Any]:
    if task != "book_waste_pickup":
        return {"case_number": case["number"], "property_id": case["property_id"]}
    typed = {"case_number": case["number"], "facility": case["facility"]}
    if case["errand"] == "missed_bin":
        return typed | {"kind": "Missat kärl", "day": _workday(-1), "price": 0}
    return typed | {"kind": "Extra slamtömning", "day": _workday(1), "price": SLUDGE_PRICE, "hose_metres": 15,
                    "light_lid": "ja", "free_way": "ja"}  # fmt: skip


def _workday(step: int) -> date:
    free = holidays.country_holidays("SE")
    day = date.today() + timedelta(days=step)
    while day.weekday() >= 5 or day in free:
        day += timedelta(days=step)
    return day
