"""Good rows are read whatever Excel made of them; bad cells are told with row, column, value and what was expected."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from robots.workbooks import reader
from robots.workbooks.reader import open_sheet
from tests.unit.workbook_files import (
    ALL_TITLES,
    KINDS,
    PERSON,
    SIMPLE,
    TITLES,
    case,
    in_sheet,
    problems,
    read,
    refused,
    repacked,
    sheet_file,
)  # fmt: skip

GOOD = [case(1), "EKBACKEN 3:14", "Hej"]


def kinds(**changed: Any) -> list[Any]:
    row = dict(zip(ALL_TITLES, [case(1), PERSON, "EKBACKEN 3:14", "2026-11-24", "Kärl", "ja", 2, "Hej"], strict=True))
    return list((row | changed).values())


def test_good_rows_are_kept_when_some_are_bad(tmp_path: Path) -> None:
    file = sheet_file(tmp_path, [TITLES, GOOD, ["KC-26110001-5", "", "Hej"], [case(2), "KVARNEN 14", None]])

    good, bad, last = read(file)

    assert good.values
    assert good.values.stored["property_id"] == "EKBACKEN 3:14"
    assert [str(p) for p in bad.problems] == [
        "Rad 3, kolumn A (Ärendenummer): «KC-26110001-5» går inte att använda. "
        "Kontrollsiffran i ärendenumret stämmer inte. Är något felskrivet?",
        "Rad 3, kolumn B (Fastighetsbeteckning): Cellen måste fyllas i, till exempel EKBACKEN 3:14.",
    ]
    assert last.number == 4
    assert last.values
    assert last.values.arguments["message"] == "Hej!"


@pytest.mark.parametrize(
    ("title", "written", "meant"),
    [
        ("Personnummer", 198111189802, PERSON),
        ("Personnummer", 198111189802.0, PERSON),
        ("Personnummer", "811118\u20119802", PERSON),
        ("Fastighetsbeteckning", "\u00a0Ekbacken\u00a03:14\u200b ", "EKBACKEN 3:14"),
        ("Datum", datetime(2026, 11, 24), "2026-11-24"),
        ("Datum", date(2026, 11, 24), "2026-11-24"),
        ("Datum", " 2026-11-24\u00a0", "2026-11-24"),
        ("Sort", "slam", "Slam"),
        ("Brådskar", True, True),
        ("Brådskar", "Nej\u00a0", False),
        ("Antal", "1 234,5", 1234.5),
        ("Antal", 3, 3.0),
        ("Meddelande", "=1+1", "=1+1"),
        ("Meddelande", 12, "12"),
        ("Meddelande", "Rad ett_x000D_\nRad två", "Rad ett\nRad två"),
        ("Meddelande", "Bra _xD83D__xDE42_", "Bra 🙂"),
    ],
)
def test_what_excel_made_of_it_is_what_was_meant(tmp_path: Path, title: str, written: object, meant: object) -> None:
    def as_text(sheet: Any) -> None:
        cell = sheet.cell(2, ALL_TITLES.index(title) + 1)
        if isinstance(written, str):
            cell.data_type = "s"

    (row,) = read(sheet_file(tmp_path, [ALL_TITLES, kinds(**{title: written})], as_text), KINDS)

    assert not row.problems
    assert row.values
    name = list(KINDS.inputs)[ALL_TITLES.index(title)].name
    assert row.values.stored[name] == meant


@pytest.mark.parametrize(
    ("title", "written", "expected"),
    [
        ("Personnummer", 1.98111189802e15, "Excel har avrundat det långa talet"),
        ("Personnummer", 811118.98, "Excel har gjort om värdet till ett decimaltal"),
        ("Personnummer", 811118980, "tolv siffror"),
        ("Fastighetsbeteckning", time(3, 14), "Excel har gjort om värdet till ett datum eller en tid"),
        ("Fastighetsbeteckning", datetime(2026, 3, 14), "Excel har gjort om värdet till ett datum eller en tid"),
        ("Fastighetsbeteckning", "#N/A", "Cellen visar ett fel från Excel"),
        ("Fastighetsbeteckning", "=A1", "Cellen innehåller en formel; klistra in värdet."),
        ("Datum", 46350, "Cellen är inte ett datum"),
        ("Datum", "86400", "Skriv datumet som ÅÅÅÅ-MM-DD."),
        ("Datum", "24/11 2026", "Skriv datumet som ÅÅÅÅ-MM-DD."),
        ("Datum", datetime(2026, 11, 24, 13, 30), "Cellen har ett klockslag"),
        ("Datum", None, "Cellen måste fyllas i"),
        ("Sort", "Brännbart", "Välj Kärl eller Slam."),
        ("Brådskar", "kanske", "Svara ja eller nej."),
        ("Antal", "två", "Skriv ett tal."),
        ("Antal", True, "Skriv ett tal."),
        ("Antal", "nan", "Skriv ett tal."),
        ("Meddelande", "Halv _xD83D_", "tecken som inte går att läsa"),
        ("Meddelande", "=HYPERLINK(A1)", "Cellen innehåller en formel; klistra in värdet."),
    ],
)
def test_what_cannot_be_told_for_certain_is_refused(tmp_path: Path, title: str, written: object, expected: str) -> None:
    column = ALL_TITLES.index(title)
    (row,) = read(sheet_file(tmp_path, [ALL_TITLES, kinds(**{title: written})]), KINDS)

    assert row.values is None
    (problem,) = row.problems
    assert problem.column == "ABCDEFGH"[column]
    assert expected in str(problem)


def test_a_personal_number_is_never_told(tmp_path: Path) -> None:
    row = kinds(Personnummer="19811118-9803", Fastighetsbeteckning="19811118-9803")

    told = " ".join(problems(sheet_file(tmp_path, [ALL_TITLES, row]), KINDS))

    assert "kolumn B (Personnummer): «▮▮▮»" in told
    assert "kolumn C (Fastighetsbeteckning): «[personnummer]»" in told
    assert "9803" not in told


def test_columns_are_found_by_title_in_any_order(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Lista från Anna", None, None, None],
        [" meddelande", "Namn", "FASTIGHETSBETECKNING *", "Ärendenummer:"],
        ["Hej", "Anna", "KVARNEN 14", case(7)],
    ]
    with open_sheet(SIMPLE, sheet_file(tmp_path, rows)) as opened:
        (row,) = opened.rows()

    assert row.number == 3
    assert row.values
    assert row.values.case_number == case(7)
    assert opened.columns.unused == ("Namn",)


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        (["Ärendenummer", "Meddelande"], "Kolumnen «Fastighetsbeteckning» saknas."),
        (["Ärendenummer", "Fastighet", "Meddelande"], "Kolumnen «Fastighetsbeteckning» saknas."),
        ([*TITLES[:2], "Medelande"], "Kolumnen heter «Medelande»; ska den heta «Meddelande»?"),
        ([*TITLES, "Ärendenummer"], "Kolumnen «Ärendenummer» finns två gånger (A och D)"),
        (["A", "B"], "Rubrikraden ska ha «Ärendenummer», «Fastighetsbeteckning», «Meddelande»."),
    ],
)
def test_columns_that_do_not_fit_are_told(tmp_path: Path, titles: list[str], told: str) -> None:
    assert told in refused(sheet_file(tmp_path, [titles, GOOD]))


def test_a_column_of_the_persons_own_is_not_taken_for_a_misspelling(tmp_path: Path) -> None:
    """The control of the misspelt column: only what is like a missing title is asked about."""
    with open_sheet(SIMPLE, sheet_file(tmp_path, [[*TITLES[:2], "Telefon"], GOOD])) as opened:
        assert opened.columns.unused == ("Telefon",)
        assert opened.columns.left_out == ("Meddelande",)


def test_merged_cells_are_told_on_every_row_they_cover(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        TITLES,
        GOOD,
        [case(2), "KVARNEN 14", "a"],
        [None, "KVARNEN 15", "b"],
        [case(3), "KVARNEN 16", "c"],
    ]

    merged = read(sheet_file(tmp_path, rows, lambda sheet: sheet.merge_cells("A3:A4")))
    apart = read(sheet_file(tmp_path, rows))

    assert [row.values is not None for row in merged] == [True, False, False, True]
    assert "sammanfogad med andra (A3:A4)" in str(merged[1].problems[0])
    # without the guard the upper row would run alone, and the lower one be a mere empty cell
    assert [row.values is not None for row in apart] == [True, True, False, True]


def test_hidden_rows_stop_the_file(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True

    rows: list[list[Any]] = [TITLES, GOOD, [case(2), "KVARNEN 14", "a"]]

    assert "En rad är dold (rad 3)" in refused(sheet_file(tmp_path, rows, hide))
    assert len(read(sheet_file(tmp_path, rows))) == 2
    assert len(read(sheet_file(tmp_path, rows[:2], hide))) == 1  # an empty hidden row hides nothing


def test_blank_rows_are_no_rows(tmp_path: Path) -> None:
    def blanks(sheet: Any) -> None:
        sheet.cell(3, 1).value = "\u00a0 "
        sheet.cell(5, 4).value = "Totalt: 2"  # outside the task's columns
        sheet.cell(9000, 1).number_format = "@"

    file = sheet_file(tmp_path, [TITLES, GOOD, [], [case(2), "KVARNEN 14", "a"]], blanks)

    assert [row.number for row in read(file)] == [2, 4]


def test_a_size_that_lies_does_not_hide_rows(tmp_path: Path) -> None:
    file = sheet_file(tmp_path, [TITLES, GOOD, [case(2), "KVARNEN 14", "a"]])
    repacked(file, in_sheet(r'<dimension ref="[^"]+"', '<dimension ref="A1:B2"'))

    workbook = load_workbook(file, read_only=True)
    assert len(list(workbook.worksheets[0].iter_rows())) == 2  # what the library reads without the guard
    workbook.close()
    assert len(read(file)) == 2


def test_more_rows_than_a_batch_may_have_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = sheet_file(tmp_path, [TITLES, GOOD, [case(2), "KVARNEN 14", "a"]])
    assert len(read(file)) == 2

    monkeypatch.setattr(reader, "MOST_ROWS", 1)
    assert "Bladet har fler än 1 rader" in refused(file)


def test_several_sheets_with_the_columns_are_not_chosen_between(tmp_path: Path) -> None:
    def second(sheet: Any) -> None:
        other = sheet.parent.create_sheet("Mars")
        other.append(TITLES)
        other.append([case(9), "KVARNEN 14", "a"])
        sheet.parent.create_sheet("Annat").append(["Vad som helst"])

    file = sheet_file(tmp_path, [TITLES, GOOD], second)

    assert "Flera blad har uppgiftens kolumner: «Sheet», «Mars». Ange vilket" in refused(file)
    (row,) = read(file, sheet="Mars")
    assert row.values
    assert row.values.case_number == case(9)
    assert "Filen har bladen «Sheet», «Mars», «Annat»." in refused(file, sheet="April")


def test_the_other_calendar_of_old_macs(tmp_path: Path) -> None:
    def since_1904(sheet: Any) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        sheet.parent.epoch = CALENDAR_MAC_1904

    (row,) = read(sheet_file(tmp_path, [ALL_TITLES, kinds(Datum=date(2026, 11, 24))], since_1904), KINDS)

    assert row.values
    assert row.values.stored["day"] == "2026-11-24"
