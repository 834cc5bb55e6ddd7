"""The demo's cases: which of the town's, in what order, and the workbook that asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from robots.workbooks.columns import titles_of
from robots.workbooks.styles import set_header, set_value, set_widths

if TYPE_CHECKING:
    from robots.cli.demo_tasks import DemoTask
    from robots.cli.town import Town
    from robots.task import Task


@dataclass(frozen=True)
class DemoCase:
    """A case of the town, what the sheet says of it, and how the demo knows that it must end."""

    task: str
    number: str
    typed: dict[str, Any]
    ends: str


def choose_cases(town: Town, tasks: Mapping[str, DemoTask]) -> dict[str, list[DemoCase]]:
    """The cases for each task; those for a person lie spread among the others."""
    chosen: dict[str, list[DemoCase]] = {}
    for name, task in tasks.items():
        plain = list(_some(town, name, task, task.finished, "done"))
        hard = list(_some(town, name, task, task.for_a_person, "handed_over"))
        for place, case in enumerate(hard):
            plain.insert(2 + place * 4, case)
        chosen[name] = plain
    return chosen


def write_workbook(
    file: Path, tasks: dict[str, Task], cases: dict[str, list[DemoCase]], listed_twice: Mapping[str, int]
) -> None:
    """One sheet a task; so many rows stand twice, as they do when two people fill in the same list."""
    workbook = Workbook()
    del workbook[workbook.sheetnames[0]]
    for name, chosen in cases.items():
        task = tasks[name]
        sheet = workbook.create_sheet(task.title)
        titles = titles_of(task)
        for column, title in enumerate(titles.values(), 1):
            set_header(sheet.cell(1, column), title)
        rows = [*chosen, *chosen[: listed_twice[name]]]
        for row, case in enumerate(rows, 2):
            for column, each in enumerate(titles, 1):
                set_value(sheet.cell(row, column), case.typed.get(each))
        set_widths(sheet, [24.0] * len(titles))
    workbook.save(file)


def _some(
    town: Town, name: str, task: DemoTask, wanted: Mapping[tuple[str, str], int], ends: str
) -> Iterator[DemoCase]:
    for (errand, twist), count in wanted.items():
        for case in town.cases(errand, twist)[:count]:
            yield DemoCase(name, case["number"], {"case_number": case["number"]} | task.typed(town, case), ends)
