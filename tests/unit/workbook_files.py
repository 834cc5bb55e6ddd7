"""Files for the workbook tests: a task of their own, sheets as people fill them in, and sheets as nobody should."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from openpyxl import Workbook
from stdnum import luhn

from robots import CaseNumber, Date, Describe, LongText, PersonalNumber, PropertyDesignation, Run, task
from robots.errors import WrongInput
from robots.task import Task
from robots.workbooks.reader import SheetRow, open_sheet

TITLES = ["Ärendenummer", "Fastighetsbeteckning", "Meddelande"]
ALL_TITLES = [
    "Ärendenummer",
    "Personnummer",
    "Fastighetsbeteckning",
    "Datum",
    "Sort",
    "Brådskar",
    "Antal",
    "Meddelande",
]
PERSON = "19811118-9802"


@task(title="Prova bladet", owner="Test", saves_minutes=1)
def try_sheet(
    run: Run,
    case_number: CaseNumber,
    property_id: PropertyDesignation,
    message: LongText = "Hej!",
) -> None:
    """Gör ingenting."""


@task(title="Prova alla slag", owner="Test", saves_minutes=1)
def try_kinds(
    run: Run,
    case_number: CaseNumber,
    person: PersonalNumber,
    property_id: PropertyDesignation,
    day: Date,
    sort: Annotated[Literal["Kärl", "Slam"], Describe("Sort")],
    urgent: Annotated[bool, Describe("Brådskar")] = False,
    amount: Annotated[float, Describe("Antal")] = 1,
    message: LongText = "Hej!",
) -> None:
    """Gör ingenting."""


SIMPLE: Task = try_sheet.__ragnhild_task__  # type: ignore[attr-defined]
KINDS: Task = try_kinds.__ragnhild_task__  # type: ignore[attr-defined]


def case(number: int) -> str:
    digits = f"2611{number:04d}"
    return f"KC-{digits}-{luhn.calc_check_digit(digits)}"


def sheet_file(
    folder: Path, rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None, name: str = "bunt.xlsx"
) -> Path:
    """A workbook with one sheet; ``change`` may do to it what a person does in Excel."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    workbook.save(folder / name)
    return folder / name


def repacked(file: Path, edit: Callable[[str, bytes], bytes], **added: bytes) -> Path:
    """The workbook with its parts changed as openpyxl would not write them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, edit(part, source.read(part)))
        for part, content in added.items():
            target.writestr(part, content)
    file.write_bytes(packed.getvalue())
    return file


def in_sheet(pattern: str, replacement: str) -> Callable[[str, bytes], bytes]:
    """An edit of the sheet's XML that must hit something."""

    def edit(part: str, content: bytes) -> bytes:
        if part != "xl/worksheets/sheet1.xml":
            return content
        changed, times = re.subn(pattern, replacement, content.decode())
        assert times, f"{pattern} is not in the sheet"
        return changed.encode()

    return edit


def read(file: Path, task: Task = SIMPLE, sheet: str = "") -> list[SheetRow]:
    with open_sheet(task, file, sheet) as opened:
        return list(opened.rows())


def refused(file: Path, task: Task = SIMPLE, sheet: str = "") -> str:
    """What is said of a file that cannot be used."""
    with pytest.raises(WrongInput) as told:
        read(file, task, sheet)
    return str(told.value)


def problems(file: Path, task: Task = SIMPLE) -> list[str]:
    return [str(problem) for row in read(file, task) for problem in row.problems]
