"""Excel at the desk: a sheet is told row by row before anything starts, starts once, and comes back with its result."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import delete, func, select, update

from robots.portal.doors.bodies import MOST_BYTES, MOST_SHEET_BYTES
from robots.portal.sheet_files import KEPT_SECONDS, UNUSED_SECONDS
from robots.portal.sheets import EXCEL_TYPE
from robots.queue.attempts import Outcome, finish
from robots.queue.claims import claim
from robots.queue.pauses import pause
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.processes import this_process
from robots.store.schema import audit_events, batch_rows, batches, runs, sheets
from robots.task_files import LoadedTasks
from robots.workbooks.columns import titles_of
from tests.unit.desks import Client, Desk, desk_over
from tests.unit.workbook_files import PERSON, TITLES, case, in_sheet, repacked, sheet_file

GOOD = [[case(number), "EKBACKEN 3:14", "Hej"] for number in (1, 2, 3)]
ROWS = [TITLES, *GOOD[:2], ["KC-1", "EKBACKEN 3:14", "Hej"], GOOD[0], GOOD[2]]


@pytest.fixture
def desk(machine: Settings, store: Store, tmp_path: Path) -> Iterator[Desk]:
    with desk_over(machine.model_copy(update={"data_dir": tmp_path / "data"}), store) as opened:
        yield opened


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return sheet_file(tmp_path, ROWS, name="mars.xlsx")


def give(person: Client, file: Path, name: str = "", task: str = "send_drawings", **fields: str) -> httpx.Response:
    """Hand in a sheet, as the form does."""
    sent = {"file": (name or file.name, file.read_bytes(), "text/plain")}
    return person.send_form("/excel/sheets", sent, task=task, **fields)


def given(person: Client, file: Path, **fields: str) -> str:
    """The address of the sheet's page."""
    answer = give(person, file, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def started(person: Client, page: str, **fields: str) -> str:
    """The address of the batch's page."""
    answer = person.send_form(f"{page}/start", **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def kept(desk: Desk) -> list[Path]:
    folder = desk.settings.data_dir / "sheets"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def counted(store: Store, table: Any) -> int:
    with store.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def told(person: Client, batch: str) -> Any:
    """The workbook with what became of each row."""
    return load_workbook(io.BytesIO(person.get(f"{batch}/result").content))


def end_all(store: Store, *outcome: str) -> None:
    """The robots have done what waits."""
    with store.begin() as connection:
        waiting = list(connection.execute(select(runs.c.id).where(runs.c.state == "queued")).scalars())
    for run_id in waiting:
        claimed = claim(store, run_id, this_process())
        assert claimed is not None
        finish(store, claimed, Outcome(*outcome))  # type: ignore[arg-type]


# -- before anything starts -------------------------------------------------------------------------------------------


def test_the_template_is_the_tasks_own_and_comes_back_as_it_is(desk: Desk, tmp_path: Path) -> None:
    gun = desk.person("gun")
    answer = gun.get("/excel/templates/send-drawings")
    assert (answer.status_code, answer.headers["content-type"]) == (200, EXCEL_TYPE)
    assert "send-drawings.xlsx" in answer.headers["content-disposition"]
    (tmp_path / "mall.xlsx").write_bytes(answer.content)
    shown = gun.get(given(gun, tmp_path / "mall.xlsx")).text
    assert "Exempelraden körs inte" in shown
    assert "Ingen rad går att köra." in shown
    assert gun.get("/excel/templates/finns-inte").status_code == 404


def test_the_sheet_is_told_row_by_row_and_nothing_starts(desk: Desk, sheet: Path) -> None:
    gun = desk.person("gun")
    shown = gun.get(given(gun, sheet)).text
    for words in ("4 rader kan köras", "1 rad har fel och körs inte", "1 rad upprepar en tidigare", "Starta 3 rader",
                  "Ärendenummer (A)", "KC-1", "Skriv KC, åtta siffror", "Rad 5 är samma som rad 2."):  # fmt: skip
        assert words in shown, words
    assert (counted(desk.store, runs), counted(desk.store, batches)) == (0, 0)
    (file,) = kept(desk)
    assert (file.read_bytes(), file.stat().st_mode & 0o077) == (sheet.read_bytes(), 0)
    assert file.parent.stat().st_mode & 0o077 == 0


def test_what_was_asked_for_before_is_told(desk: Desk, sheet: Path, tasks: LoadedTasks) -> None:
    gun = desk.person("gun")
    started(gun, given(gun, sheet))
    more = sheet_file(sheet.parent, [TITLES, GOOD[0], [case(9), "EKBACKEN 3:14", "Hej"]], name="april.xlsx")
    page = given(gun, more)
    assert "1 är redan beställd och görs inte om" in gun.get(page).text
    started(gun, page)
    assert counted(desk.store, runs) == 4


def test_personal_data_is_covered_and_kept_in_no_table(desk: Desk, tasks: LoadedTasks, tmp_path: Path) -> None:
    titles = list(titles_of(tasks.find("record_school_choice")).values())
    wrong = PERSON[:-1] + "9"
    gun = desk.person("gun")
    shown = gun.get(given(gun, sheet_file(tmp_path, [titles, [wrong] * len(titles)]), task="record_school_choice")).text
    row = re.search(r"Barnets personnummer \(.\)</td><td>([^<]*)</td>", shown)
    assert row, "its control: the number is wrong"
    assert "▮" in row.group(1)
    assert wrong not in row.group(1)
    with desk.store.begin() as connection:
        checked = connection.execute(select(sheets.c.checked)).scalar_one()
    assert [wrong in each["value"] for each in checked["problems"] if each["title"] == "Barnets personnummer"] == [
        False
    ]


@pytest.mark.parametrize("hostile", ["bomb", "text", "old", "cut"])
def test_a_file_that_could_do_harm_is_refused_in_words_and_not_kept(
    desk: Desk, tmp_path: Path, hostile: str
) -> None:  # fmt: skip
    file = sheet_file(tmp_path, ROWS)
    match hostile:
        case "bomb":
            repacked(file, in_sheet("</sheetData>", f"</sheetData>{' ' * 40_000_000}"))
            words = "kan vara gjord för att skada"
        case "text":
            file.write_text("Ärendenummer;Fastighet", "utf-8")
            words = "Filen är inte en Excelfil, eller så är den skadad."
        case "old":
            file.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504)
            words = "det gamla formatet .xls"
        case _:
            repacked(file, in_sheet("</sheetData>.*", ""))
            words = "Den är skadad. Öppna den i Excel"
    answer = give(desk.person("gun"), file)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert 'aria-invalid="true"' in answer.text
    assert (kept(desk), counted(desk.store, sheets)) == ([], 0)


def test_a_formula_is_a_fault_of_its_cell_and_a_link_elsewhere_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    file = sheet_file(tmp_path, [TITLES, [case(1), '=WEBSERVICE("http://127.0.0.1:9/")', "Hej"], GOOD[1]])
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    repacked(file, lambda _, content: content, **{"xl/externalLinks/externalLink1.xml": link})
    gun = desk.person("gun")
    shown = gun.get(given(gun, file)).text
    assert "1 rad har fel" in shown
    assert "formel" in shown.lower()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\mina\\<script>alert(1)</script>.xlsx", "\u202exslx.exe", "", "å" * 300]
)
def test_the_files_name_is_only_words(desk: Desk, sheet: Path, name: str) -> None:
    gun = desk.person("gun")
    answer = give(gun, sheet, name or " ")
    shown = gun.get(answer.headers["location"]).text
    assert "<script>" not in shown
    assert "\u202e" not in shown
    with desk.store.begin() as connection:
        shown_name = connection.execute(select(sheets.c.file_name)).scalar_one()
    assert shown_name == {"../../etc/passwd": "passwd", "": "ark.xlsx", "å" * 300: "å" * 100}.get(name, shown_name)
    assert [file.name for file in kept(desk)] == ["1.xlsx"]


def test_no_file_and_no_task_are_told(desk: Desk) -> None:
    gun = desk.person("gun")
    answer = gun.send_form("/excel/sheets", task="send_drawings")
    assert (answer.status_code, "Välj den ifyllda filen." in answer.text) == (422, True)
    assert gun.send_form("/excel/sheets", task="finns_inte").status_code == 404


def test_one_of_several_sheets_is_chosen_by_name(desk: Desk, tmp_path: Path) -> None:
    book = Workbook()
    for title in ("Mars", "April"):
        made = book.create_sheet(title)
        made.append(TITLES)
        made.append(GOOD[0])
    book.save(tmp_path / "tva.xlsx")
    gun = desk.person("gun")
    assert "fältet Blad i portalen" in give(gun, tmp_path / "tva.xlsx").text
    assert "«April»" in gun.get(given(gun, tmp_path / "tva.xlsx", sheet="April")).text


def test_a_paused_task_is_told_before_the_file_is_read(desk: Desk, sheet: Path) -> None:
    gun = desk.person("gun")
    page = given(gun, sheet)
    pause(desk.store, "task:send_drawings", by="adam", reason="arkivet flyttar")
    assert "arkivet flyttar" in gun.get("/excel?task=send-drawings").text
    for answer in (give(gun, sheet), gun.send_form(f"{page}/start")):
        assert (answer.status_code, "arkivet flyttar" in answer.text) == (409, True)
    assert (len(kept(desk)), counted(desk.store, runs)) == (1, 0)


# -- how much may be sent ---------------------------------------------------------------------------------------------


def test_too_much_is_refused_before_it_is_read(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "stor.xlsx"
    file.write_bytes(b"x" * (MOST_SHEET_BYTES + 1))
    answer = give(desk.person("gun"), file)
    assert (answer.status_code, "högst 10 MB" in answer.text) == (413, True)
    assert kept(desk) == []


def test_too_much_is_refused_where_nobody_says_how_much_it_is(desk: Desk) -> None:
    """In pieces, with no length told: what comes is counted."""
    gun, sent = desk.person("gun"), 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        yield b"name=gun&password="
        for _ in range(200):
            sent += 100_000
            yield b"x" * 100_000

    try:
        answer = gun.post("/login", content=pieces(), headers={"Content-Type": "application/x-www-form-urlencoded"})
    except httpx.TransportError:  # it has hung up on us
        pass
    else:
        assert answer.status_code == 413
    assert sent > MOST_BYTES
    assert desk.guest().get("/login").status_code == 200


def test_a_strangers_file_is_not_read(desk: Desk, sheet: Path) -> None:
    sent = {"file": ("x.xlsx", sheet.read_bytes())}
    guest = desk.guest()
    assert guest.post("/excel/sheets", data={"task": "send_drawings"}, files=sent).status_code == 303
    gun = desk.person("gun")
    assert gun.post("/excel/sheets", data={"task": "send_drawings"}, files=sent).status_code == 403
    assert kept(desk) == []


# -- started ----------------------------------------------------------------------------------------------------------


def test_a_click_starts_the_good_rows_and_ten_at_once_are_one_batch(desk: Desk, sheet: Path) -> None:
    gun = desk.person("gun")
    page = given(gun, sheet)
    with ThreadPoolExecutor(5) as hands:
        answers = [hands.submit(gun.send_form, f"{page}/start") for _ in range(5)]
    assert {each.result().headers["location"] for each in answers} == {"/excel/batches/1"}
    with desk.store.begin() as connection:
        made = connection.execute(select(runs)).all()
        noted = connection.execute(select(audit_events).where(audit_events.c.did == "batch_started")).all()
    assert [(run.started_by, run.source, run.dry_run) for run in made] == [("gun", "batch", False)] * 3
    assert [(each.by, each.about) for each in noted] == [("gun", "batch:1")]
    shown = gun.get("/excel/batches/1").text
    assert "mars.xlsx" in shown
    assert "startad av gun" in " ".join(shown.split())
    told = gun.get("/excel/batches/1/progress").json()
    assert (told["total"], told["left"], told["ended"]) == (3, 3, 0)
    assert ">Bunt 1</a>" in gun.get("/excel").text


def test_a_dry_run_is_one_however_often_it_is_clicked_and_the_real_one_comes_after(desk: Desk, sheet: Path) -> None:
    gun = desk.person("gun")
    page = given(gun, sheet)
    with ThreadPoolExecutor(4) as hands:
        answers = [hands.submit(started, gun, page, trial="true") for _ in range(4)]
    assert len({each.result() for each in answers}) == 1
    assert "provkörning" in gun.get(answers[0].result()).text
    assert started(gun, page) != answers[0].result()
    with desk.store.begin() as connection:
        made = connection.execute(select(runs.c.dry_run, func.count()).group_by(runs.c.dry_run)).all()
    assert {row[0]: row[1] for row in made} == {True: 3, False: 3}


def test_the_same_file_again_is_the_same_batch_whoever_gives_it(desk: Desk, sheet: Path) -> None:
    gun, olle = desk.person("gun"), desk.person("olle")
    batch = started(gun, given(gun, sheet))
    assert olle.get(batch).status_code == 404
    page = given(olle, sheet)
    shown = olle.get(page).text
    assert "av gun. Inget görs om." in shown
    assert "Starta 3 rader" not in shown
    assert olle.get(batch).status_code == 200, "he has the file: nothing in it is new to him"
    assert started(olle, page) == batch
    assert counted(desk.store, runs) == 3


def test_one_that_broke_in_the_middle_goes_on(desk: Desk, sheet: Path, tasks: LoadedTasks) -> None:
    gun = desk.person("gun")
    page = given(gun, sheet)
    batch = started(gun, page)
    with desk.store.begin() as connection:
        connection.execute(delete(batch_rows).where(batch_rows.c.row > 3))
    assert "3 rader kom inte in i kön." in gun.get(batch).text
    assert started(gun, page) == batch
    assert "kom inte in i kön" not in gun.get(batch).text
    assert (counted(desk.store, batch_rows), counted(desk.store, runs)) == (5, 3)


def test_a_sheet_and_its_batch_are_for_those_who_reach_them(desk: Desk, sheet: Path) -> None:
    gun = desk.person("gun")
    page = given(gun, sheet)
    batch = started(gun, page)
    expected = {"lena": (404, 200, 200), "olle": (404, 404, 404), "adam": (403, 200, 403), "rut": (403, 200, 403)}
    for name, (of_sheet, of_batch, of_result) in expected.items():
        person = desk.person(name)
        assert person.get(page).status_code == of_sheet, name
        assert person.send_form(f"{page}/start").status_code == of_sheet, name
        assert person.get(batch).status_code == of_batch, name
        assert person.get(f"{batch}/progress").status_code == of_batch, name
        assert person.get(f"{batch}/result").status_code == of_result, name
        assert person.get("/excel").status_code == (403 if of_sheet == 403 else 200), name
    assert (batch in desk.person("lena").get("/excel").text, batch in desk.person("olle").get("/excel").text) == (
        True, False,
    )  # fmt: skip
    assert desk.guest().get(batch).status_code == 303


# -- the result -------------------------------------------------------------------------------------------------------


def test_the_result_says_of_each_row_what_became_of_it_and_leads_to_the_desk(desk: Desk, sheet: Path) -> None:
    gun = desk.person("gun")
    batch = started(gun, given(gun, sheet))
    end_all(desk.store, "handed_over", "Arkivet är tomt", "Inga träffar", "Sök i pappersarkivet")
    shown = gun.get(batch).text
    assert "Rader som väntar på en människa" in shown
    assert 'href="/handovers/1"' in shown
    gun.send_form("/handovers/1/close", way="by_hand", done="Skickade kopior")
    assert 'href="/handovers/1"' not in gun.get(batch).text
    assert "Arkivet är tomt" in shown
    answer = gun.get(f"{batch}/result")
    assert "mars-resultat.xlsx" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    told = list(book["Resultat"].iter_rows(values_only=True))
    assert [row[4] for row in told[1:]] == [
        "Överlämnad till handläggare", "Överlämnad till handläggare", "Fel i raden", "Överlämnad till handläggare",
        "Överlämnad till handläggare",
    ]  # fmt: skip
    links = [cell.hyperlink.target for row in book["Resultat"].iter_rows() for cell in row if cell.hyperlink]
    assert links[0] == f"{desk.address}/runs/1"
    with desk.store.begin() as connection:
        taken = select(audit_events.c.by).where(audit_events.c.did == "result_taken")
        assert connection.execute(taken).scalars().all() == ["gun"]


def test_of_a_run_that_a_colleague_has_asked_for_nothing_is_told(desk: Desk, sheet: Path) -> None:
    gun, olle = desk.person("gun"), desk.person("olle")
    more = sheet_file(sheet.parent, [TITLES, GOOD[0], [case(9), "EKBACKEN 3:14", "Hej"]], name="april.xlsx")
    theirs = started(gun, given(gun, sheet))
    ours = started(olle, given(olle, more))
    end_all(desk.store, "handed_over", "Arkivet är tomt", "Inga träffar", "Sök i pappersarkivet")
    result = told(olle, ours)
    hidden, own = result["Resultat"].iter_rows(min_row=2, values_only=True)
    assert hidden[4:6] == ("Beställd av någon annan", "Körningen är en som du inte når.")
    assert hidden[6:] == (None,) * 6
    assert (own[4], own[7], own[8]) == ("Överlämnad till handläggare", None, "K-4")
    assert list(result["Sammanfattning"].iter_rows(min_row=8, max_col=4, values_only=True)) == [
        ("Överlämnad till handläggare", "Arkivet är tomt", 1, 1), ("Beställd av någon annan", None, None, 1)
    ]  # fmt: skip
    page = olle.get(ours).text
    assert "1 körning har någon annan beställt." in page
    assert ("K-4" in page, "K-1" in page) == (True, False)
    given(olle, sheet)  # the same file reaches the batch, and not what became of its rows
    assert "Arkivet är tomt" not in olle.get(theirs).text
    assert {row[4] for row in told(olle, theirs)["Resultat"].iter_rows(min_row=2, values_only=True)} == {
        "Beställd av någon annan", "Fel i raden",
    }  # fmt: skip
    # The control: whoever reaches them is told them all.
    shown = [row[8] for row in told(desk.person("lena"), ours)["Resultat"].iter_rows(min_row=2, values_only=True)]
    assert shown == ["K-1", "K-4"]


def test_sheets_are_kept_as_long_as_somebody_needs_them(desk: Desk, sheet: Path) -> None:
    gun = desk.person("gun")
    unused = given(gun, sheet_file(sheet.parent, [TITLES, GOOD[0]], name="glomd.xlsx"))
    batch = started(gun, given(gun, sheet))
    left_behind = desk.settings.data_dir / "sheets" / "ab.part"
    left_behind.write_bytes(b"x")
    other = sheet_file(sheet.parent, [TITLES, GOOD[1]], name="ny.xlsx")
    for days, names in ((UNUSED_SECONDS, ["2.xlsx", "3.xlsx"]), (KEPT_SECONDS, ["4.xlsx"])):
        with desk.store.begin() as connection:
            connection.execute(update(sheets).values(at=func.clock_timestamp() - span(days + 60)))
        old = time.time() - days - 60
        os.utime(left_behind, (old, old)) if left_behind.exists() else None
        given(gun, other)
        assert [file.name for file in kept(desk)] == names
    assert gun.get(unused).status_code == 404
    shown = gun.get(batch).text
    assert "Lämna samma fil igen, så får du resultatet" in shown
    assert f"{batch}/result" not in shown
    assert gun.get(f"{batch}/result").status_code == 422
    given(gun, sheet)
    assert gun.get(f"{batch}/result").status_code == 200
