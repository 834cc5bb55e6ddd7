"""The template asks for what the task needs, is known again, and its example is never run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from robots import CaseNumber, LongText, Run, task
from robots.errors import WrongInput
from robots.task_files import LoadedTasks
from robots.workbooks.columns import EXAMPLE_WORDS
from robots.workbooks.reader import open_sheet
from robots.workbooks.template import write_template
from tests.unit.workbook_files import ALL_TITLES, KINDS, PERSON, SIMPLE, case, problems, read, refused

ROW = ["", case(1), PERSON, "EKBACKEN 3:14", "2026-11-24", "Kärl", "ja", 2, ""]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "mall.xlsx"
    write_template(KINDS, file)
    return file


def changed(file: Path, change: Callable[[Any], None]) -> Path:
    workbook = load_workbook(file)
    change(workbook.worksheets[0])
    workbook.save(file)
    return file


def test_it_has_a_column_for_each_input_with_what_a_person_needs(template: Path) -> None:
    workbook = load_workbook(template)
    sheet, guide, lists = workbook.worksheets

    assert [cell.value for cell in sheet[1]] == ["Egen anteckning", *ALL_TITLES]
    assert sheet.freeze_panes == "A2"
    assert "Skriv KC, åtta siffror och en kontrollsiffra." in sheet["B1"].comment.text
    assert "Måste fyllas i." in sheet["B1"].comment.text
    assert "Får lämnas tom, då används «Hej!»." in sheet["I1"].comment.text
    assert [sheet.column_dimensions[c].number_format for c in "BCE"] == ["@", "@", "yyyy-mm-dd"]
    rules = {str(rule.sqref)[0]: rule for rule in sheet.data_validations.dataValidation}
    assert (rules["F"].type, rules["F"].formula1, rules["F"].showErrorMessage) == ("list", "Listor!$F$1:$F$2", True)
    assert [lists[c].value for c in ("F1", "F2", "G1", "G2")] == ["Kärl", "Slam", "ja", "nej"]
    assert rules["E"].type == "date"
    assert all(len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32 for rule in rules.values())
    assert lists.sheet_state == "hidden"
    assert any("ragnhild batch try-kinds" in str(row[0].value) for row in guide.iter_rows())


def test_the_example_is_never_run(template: Path) -> None:
    (example,) = read(template, KINDS)

    assert example.number == 2
    assert example.example
    assert example.values is None


def test_a_filled_in_template_is_read(template: Path) -> None:
    changed(template, lambda sheet: sheet.append(ROW))

    _, row = read(template, KINDS)

    assert row.values
    assert row.values.stored["message"] == "Hej!"


def test_an_example_that_lost_its_mark_is_refused(template: Path) -> None:
    changed(template, lambda sheet: sheet["A2"].__setattr__("value", None))

    assert problems(template, KINDS) == [
        "Rad 2: Raden är mallens exempel, men ordet EXEMPEL är borttaget. Ta bort raden."
    ]


def test_without_the_hidden_name_such_a_row_would_run(template: Path) -> None:
    """The control: in a sheet of a person's own the same values are a case like any other."""

    def copied(sheet: Any) -> None:
        sheet["A2"].value = None
        del sheet.parent.defined_names["ragnhild_mall"]

    (row,) = read(changed(template, copied), KINDS)

    assert row.values


def test_a_case_written_over_the_example_is_asked_about(template: Path) -> None:
    changed(template, lambda sheet: sheet["B2"].__setattr__("value", case(2)))

    assert "Rad 2: Raden är märkt EXEMPEL men har andra uppgifter." in problems(template, KINDS)[0]
    changed(template, lambda sheet: sheet["A2"].__setattr__("value", "Annas ärende"))
    (row,) = read(template, KINDS)
    assert row.values


def test_the_wrong_template_is_known(template: Path) -> None:
    told = refused(template, SIMPLE)

    assert "Det är mallen för try-kinds." in told
    assert "ragnhild template try-sheet" in told


def test_an_older_template_is_told_only_when_its_columns_do_not_fit(template: Path) -> None:
    def older(sheet: Any) -> None:
        sheet.parent.defined_names["ragnhild_mall"].attr_text = '"try_kinds 000000000000"'

    assert read(changed(template, older), KINDS)
    changed(template, lambda sheet: sheet.delete_cols(2))
    told = refused(template, KINDS)
    assert "Kolumnen «Ärendenummer» saknas." in told
    assert "Mallen är gjord för en tidigare version av uppgiften." in told


def test_a_filled_in_template_is_never_written_over(template: Path) -> None:
    before = template.read_bytes()

    with pytest.raises(WrongInput, match="Den finns redan"):
        write_template(KINDS, template)

    assert template.read_bytes() == before


@task(title="-Prova", owner="@Test", saves_minutes=1)
def try_signs(run: Run, case_number: CaseNumber, message: LongText = "=1+1") -> None:
    """+ Gör ingenting."""


def test_nothing_in_it_is_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "tecken.xlsx"

    write_template(try_signs.__ragnhild_task__, file)  # type: ignore[attr-defined]

    cells = [cell for sheet in load_workbook(file) for row in sheet.iter_rows() for cell in row if cell.value]
    risky = [cell for cell in cells if str(cell.value)[0] in "=+-@"]
    assert {cell.value for cell in risky} == {"=1+1", "+ Gör ingenting.", "-Prova"}
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)


def test_every_task_that_is_there_has_a_template(tmp_path: Path, tasks: LoadedTasks) -> None:
    for each in tasks.by_name.values():
        file = tmp_path / f"{each.command}.xlsx"
        write_template(each, file)
        with open_sheet(each, file) as opened:
            (example,) = opened.rows()
            assert opened.from_template
        assert example.example
        assert EXAMPLE_WORDS in example.cells
