"""The result says of every row what became of it, marks what was wrong, and holds no formula."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from robots.errors import WrongInput
from robots.queue.attempts import Outcome, finish
from robots.queue.batch_standing import rows_of, summary_of
from robots.queue.batches import AskedRow, enqueue, open_batch
from robots.queue.claims import claim
from robots.queue.runs import submit
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import attempts, effects, runs
from robots.workbooks import result
from robots.workbooks.answers import answers
from robots.workbooks.reader import OpenSheet, open_sheet
from robots.workbooks.result import Totals, result_file, summary_lines, write_result
from tests.unit.workbook_files import KINDS, PERSON, SIMPLE, TITLES, case, read, sheet_file

ROWS: list[list[Any]] = [
    ["Namn", *TITLES],
    ["=CMD()", case(1), "EKBACKEN 3:14", "=1+1"],
    ["Bo", case(2), "EKBACKEN 3:15", "b"],
    ["Cia", "KC-1", "EKBACKEN 3:16", "c"],
    ["Di", case(1), "EKBACKEN 3:14", "annan text"],
    ["Ed", case(3), "EKBACKEN 3:17", "e"],
    ["#REF!", case(4), "EKBACKEN 3:18", "f"],
]


def end(store: Store, run_id: int, outcome: Outcome, receipt: str = "") -> None:
    claimed = claim(store, run_id, this_process())
    assert claimed
    if receipt:
        with store.begin() as connection:
            attempt = connection.execute(select(attempts.c.id).where(attempts.c.run_id == run_id)).scalar_one()
            connection.execute(
                insert(effects).values(
                    key=f"k{run_id}", mark=f"R-{run_id}", run_id=run_id, attempt_id=attempt, task="t", system="s",
                    name="n", once="ritningar", state="CONFIRMED", receipt=receipt,
                )
            )  # fmt: skip
    finish(store, claimed, outcome)


def as_text(sheet: Any) -> None:
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.value is not None:
                cell.data_type = "s"


PORTAL = "https://robotar.example.se"


def carried_out(store: Store, sheet: OpenSheet) -> int:
    """The batch of ROWS, its runs ended: one done, one handed over, one failed, one not yet."""
    values = SIMPLE.inputs.parse({"case_number": case(3), "property_id": "EKBACKEN 3:17", "message": "e"})
    submit(store, SIMPLE, values, robot="ragnhild", source="guide", started_by="bo")
    batch = open_batch(
        store, SIMPLE, file_name="x", sha256=sheet.sha256, sheet="Sheet", started_by="anna", dry_run=False
    )
    asked = (AskedRow(r.number, r.values, " ".join(map(str, r.problems))) for r in sheet.rows())
    enqueue(store, SIMPLE, batch, asked, robot="ragnhild")
    found = rows_of(store, batch.id, range(2, 8))
    end(store, found[2].run_id, Outcome("done"), "M-17")
    end(store, found[3].run_id, Outcome("handed_over", "Spärrad kund", "Kunden är spärrad.", "Ring ekonomi."))
    end(store, found[6].run_id, Outcome("failed", "Systemet svarar inte", "Inget svar.", "Gör klart för hand."))
    return batch.id


@pytest.fixture
def written(store: Store, tmp_path: Path) -> Path:
    file = sheet_file(tmp_path, ROWS, as_text)
    with open_sheet(SIMPLE, file) as sheet:
        batch = carried_out(store, sheet)
        told = answers(store, sheet, batch, PORTAL)
        write_result(result_file(file), sheet.columns, told, summary_of(store, batch), {"Uppgift": "Prova"})
    return result_file(file)


def test_every_row_has_its_outcome(written: Path) -> None:
    assert written.name == "bunt-resultat.xlsx"
    sheet = load_workbook(written).worksheets[0]
    header, *cells = [[cell.value for cell in row] for row in sheet]
    rows: list[dict[Any, Any]] = [dict(zip(header, row, strict=True)) for row in cells]
    done, handed, wrong, double, failed, waiting = rows

    assert list(header) == ["Rad", "Namn", *TITLES, *result.ADDED]
    assert (done["Utfall"], done["Kvittens"], done["Rapport"]) == ("Klar", "ritningar: M-17", "Öppna")
    assert (handed["Utfall"], handed["Orsak"], handed["Att göra"]) == (
        "Överlämnad till handläggare", "Kunden är spärrad.", "Ring ekonomi.",
    )  # fmt: skip
    assert wrong["Utfall"] == "Fel i raden"
    assert wrong["Orsak"].startswith("Ärendenummer (B): Skriv KC, åtta siffror")
    assert (wrong["Ärendenummer"], wrong["Körning"]) == ("KC-1", None)
    assert double["Körning"] == done["Körning"]
    assert double["Anmärkning"].startswith("Samma ärende som rad 2; gjordes en gång. Radens egen text användes inte")
    assert failed["Utfall"] == "Misslyckades"
    assert failed["Anmärkning"].startswith("Var redan beställt (K-")
    assert waiting["Utfall"] == "Inte klar än"


def test_it_is_made_to_be_read(written: Path) -> None:
    sheet, summary = load_workbook(written).worksheets

    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:M7"
    assert sheet["K2"].hyperlink.target.startswith(f"{PORTAL}/runs/")
    assert sheet["K4"].hyperlink is None  # no run, no report
    wrong, right = sheet["C4"], sheet["D4"]
    assert wrong.font.color.rgb == "00C00000"
    assert wrong.fill.fgColor.rgb == "00FBE3E4"
    assert right.fill.fgColor.rgb == "00000000"
    lines = [tuple(c.value for c in row)[:4] for row in summary.iter_rows(min_row=5)]
    assert ("Klar", None, 1, 2) in lines
    assert ("Överlämnad till handläggare", "Spärrad kund", 1, 1) in lines
    assert ("Fel i raden", None, None, 1) in lines


def test_no_cell_of_it_is_a_formula(written: Path) -> None:
    sheet = load_workbook(written).worksheets[0]

    assert {cell.data_type for row in sheet for cell in row if isinstance(cell.value, str)} == {"s"}
    assert (sheet["B2"].value, sheet["E2"].value, sheet["B7"].value) == ("=CMD()", "=1+1", "#REF!")
    assert sheet["B2"].quotePrefix


def test_a_corrected_result_may_be_given_as_the_next_file(written: Path) -> None:
    workbook = load_workbook(written)
    workbook.worksheets[0]["C4"].value = case(8)
    workbook.save(written)

    rows = read(written)

    assert [row.values is not None for row in rows] == [True] * 6
    assert rows[0].values == read(written.with_name("bunt.xlsx"))[0].values


def test_a_file_of_wrong_rows_alone_has_a_result_without_a_batch(tmp_path: Path) -> None:
    with open_sheet(SIMPLE, sheet_file(tmp_path, [TITLES, ["KC-1", "x", "y"]])) as sheet:
        told = answers(None, sheet, None, PORTAL)
        totals = write_result(tmp_path / "r.xlsx", sheet.columns, told, [], {})

    assert totals.rows == {"wrong": 1}
    assert summary_lines([], Totals({"wrong": 1})) == [("wrong", "Fel i raden", "", None, 1, None)]


def test_a_result_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "mapp.xlsx").mkdir()

    with open_sheet(SIMPLE, sheet_file(tmp_path, [TITLES, ["KC-1", "x", "y"]])) as sheet:
        with pytest.raises(WrongInput, match="Stäng den om den är öppen i Excel"):
            write_result(tmp_path / "mapp.xlsx", sheet.columns, answers(None, sheet, None, PORTAL), [], {})

    assert {path.name for path in tmp_path.iterdir()} == {"mapp.xlsx", "bunt.xlsx"}


def test_json_tells_the_same_and_no_personal_number(store: Store, tmp_path: Path) -> None:
    titles = ["Ärendenummer", "Personnummer", "Fastighetsbeteckning", "Datum", "Sort"]
    good = [case(1), PERSON, "EKBACKEN 3:14", "2026-11-24", "Slam"]
    bad = [case(2), "19811118-9803", "EKBACKEN 3:14", "2026-11-24", "Slam"]
    with open_sheet(KINDS, sheet_file(tmp_path, [titles, good, bad])) as sheet:
        batch = open_batch(store, KINDS, file_name="x", sha256="x", sheet="S", started_by="anna", dry_run=False)
        asked = [AskedRow(r.number, r.values, " ".join(map(str, r.problems))) for r in sheet.rows()]
        enqueue(store, KINDS, batch, asked, robot="ragnhild")
        with store.begin() as connection:
            connection.execute(update(runs).values(state="done"))
        documents = [answer.document() for answer in answers(store, sheet, batch.id, "")]

    assert (documents[0]["outcome"], documents[0]["inputs"]["person"]) == ("Klar", "▮▮▮")
    assert documents[0]["report"] == f"ragnhild report {documents[0]['run']}"  # without a portal
    assert documents[1]["problems"][0]["column"] == "B"
    assert "980" not in json.dumps(documents)
    assert "980" not in "".join(row.error for row in asked)


def test_more_links_than_excel_opens_become_text(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control is every other test here: below the limit a report is a link."""
    workbook = load_workbook(written)
    monkeypatch.setattr(result, "MOST_LINKS", 1)

    cell = result._link(workbook.worksheets[0], "https://x/runs/1", "K2", 2)

    assert cell.hyperlink is None
    assert cell.value == "https://x/runs/1"
