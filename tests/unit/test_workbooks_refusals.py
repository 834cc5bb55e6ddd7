"""What is no workbook, or would fill the memory, is refused before its sheets are unpacked."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from robots.workbooks import refusals
from tests.unit.workbook_files import TITLES, case, in_sheet, read, refused, repacked, sheet_file

ROWS = [TITLES, [case(1), "EKBACKEN 3:14", "Hej"]]
MB = 1_000_000


def test_an_ordinary_file_passes(tmp_path: Path) -> None:
    """The control of every refusal below."""
    assert len(read(sheet_file(tmp_path, ROWS))) == 1


def test_what_is_not_excel_is_told(tmp_path: Path) -> None:
    text = tmp_path / "lista.xlsx"
    text.write_text("Ärendenummer;Fastighet\n", "utf-8")
    assert "Filen är inte en Excelfil, eller så är den skadad." in refused(text)
    with zipfile.ZipFile(tmp_path / "bilder.xlsx", "w") as archive:
        archive.writestr("bild.png", b"")
    assert "Filen är inte en Excelfil." in refused(tmp_path / "bilder.xlsx")
    (tmp_path / "tom.xlsx").touch()
    assert "Filen är inte en Excelfil" in refused(tmp_path / "tom.xlsx")
    assert "Den går inte att läsa" in refused(tmp_path / "finns-inte.xlsx")


def test_locked_and_old_files_are_told_apart(tmp_path: Path) -> None:
    compound = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504
    (tmp_path / "gammal.xlsx").write_bytes(compound + "Workbook".encode("utf-16-le"))
    (tmp_path / "last.xlsx").write_bytes(compound + "EncryptedPackage".encode("utf-16-le"))

    assert "det gamla formatet .xls" in refused(tmp_path / "gammal.xlsx")
    assert "låst med lösenord" in refused(tmp_path / "last.xlsx")


def test_a_file_that_ends_in_the_middle_is_told_as_damaged(tmp_path: Path) -> None:
    cut = repacked(sheet_file(tmp_path, ROWS), in_sheet("</sheetData>.*", ""))

    assert "Den är skadad. Öppna den i Excel" in refused(cut)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha">]>'
    file = repacked(sheet_file(tmp_path, ROWS), in_sheet("^", laughs))

    assert "Den är skadad" in (told := refused(file))
    assert "(EntitiesForbidden)" in told


def test_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    main = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    blanks = main + b"<row/>" * 2 * MB + b"</sheetData></worksheet>"
    file = repacked(sheet_file(tmp_path, ROWS), lambda part, content: blanks if "sheet1" in part else content)
    assert file.stat().st_size < MB

    told, grown = _told_and_grown(file, guarded=True)

    assert "kan vara gjord för att skada" in told
    assert grown < 20
    _, grown_without = _told_and_grown(file, guarded=False)
    assert grown_without > grown + 40  # so much and more the library would have taken


# With the process that unpacks the file. Watched from within: the kernel's own peak of a process begins with that of
# the one it was forked from.
WATCH = """
import psutil, subprocess, threading, time
watched = [psutil.Process()]
class Watched(subprocess.Popen):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        watched.append(psutil.Process(self.pid))
subprocess.Popen = Watched
def taken():
    found = 0
    for each in watched:
        try:
            found += each.memory_info().rss
        except psutil.Error:  # it has ended
            continue
    return found
before = most = taken()
def watch():
    global most
    while True:
        most = max(most, taken())
        time.sleep(0.005)
threading.Thread(target=watch, daemon=True).start()
"""


def _told_and_grown(file: Path, *, guarded: bool) -> tuple[str, float]:
    """What is said of the file, and by how many MB of memory it has taken at the most."""
    script = f"""
import sys
from robots.workbooks import reader
from tests.unit.workbook_files import SIMPLE
from robots.errors import WrongInput
if not {guarded}: reader.refuse_unsafe = lambda *_: None
{WATCH}try:
    with reader.open_sheet(SIMPLE, __import__("pathlib").Path(sys.argv[1])) as opened:
        list(opened.rows())
except WrongInput as told:
    print(str(told).replace(chr(10), " "))
print((most - before) / 1e6)
"""
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True)
    *told, grown = done.stdout.splitlines()
    return " ".join(told), float(grown)


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml", "xl/media/picture.png"])
def test_each_part_has_its_own_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Texts and styles are held in memory whole; what is called a sheet but declared as texts is measured as texts."""
    file = repacked(sheet_file(tmp_path, ROWS), lambda _, content: content, **{part + ".too": b"x" * 900_000})
    assert len(read(file)) == 1

    monkeypatch.setattr(refusals, "MOST_PART_BYTES", 800_000)
    assert "kan vara gjord för att skada" in refused(file)


def test_texts_that_call_themselves_a_sheet_are_measured_as_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_texts(part: str, content: bytes) -> bytes:
        if part != "[Content_Types].xml":
            return content
        kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        override = b'<Override PartName="/xl/worksheets/texts.xml" ContentType="' + kind + b'"/>'
        return content.replace(b"</Types>", override + b"</Types>")

    monkeypatch.setattr(refusals, "MOST_TEXT_BYTES", 1000)
    file = sheet_file(tmp_path, ROWS)
    repacked(file, as_texts, **{"xl/worksheets/texts.xml": b"x" * 2000})

    assert "xl/worksheets/texts.xml" in refused(file)


def test_twice_the_same_part_is_no_workbook(tmp_path: Path) -> None:
    file = sheet_file(tmp_path, ROWS)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")

    assert "inte byggd som en vanlig Excelfil" in refused(file)


def test_a_directory_of_a_million_parts_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sheet_file(tmp_path, ROWS)
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(300):
            archive.writestr(f"{number}{'x' * 4000}", b"")
    read_lists: list[object] = []
    monkeypatch.setattr(refusals, "_refuse_parts", lambda *given: read_lists.append(given))

    assert "inte byggd som en vanlig Excelfil" in refused(file)
    assert not read_lists
    monkeypatch.setattr(refusals, "_refuse_directory", lambda *_: None)
    read(file)
    assert read_lists


def test_macros_and_files_within_the_file_are_refused(tmp_path: Path) -> None:
    def as_macros(part: str, content: bytes) -> bytes:
        return content.replace(
            b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
        )

    def no_book(part: str, content: bytes) -> bytes:
        return content.replace(b"spreadsheetml.sheet.main", b"wordprocessingml.document.main")

    def same(part: str, content: bytes) -> bytes:
        return content

    assert "Filen har makron." in refused(repacked(sheet_file(tmp_path, ROWS), as_macros))
    assert "Filen har makron." in refused(repacked(sheet_file(tmp_path, ROWS), same, **{"xl/vbaProject.bin": b"x"}))
    embedded = repacked(sheet_file(tmp_path, ROWS), same, **{"xl/embeddings/oleObject1.bin": b"x"})
    assert "inbäddade" in refused(embedded)
    assert "Filen är inte en Excelfil." in refused(repacked(sheet_file(tmp_path, ROWS), no_book))


@pytest.mark.long
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Ten times the rows take no more than a little more memory (the library keeps an empty mark for each row)."""
    few, many = (
        sheet_file(
            tmp_path,
            [TITLES, *([case(n % 9000), "EKBACKEN 3:14", f"text {n}"] for n in range(count))],
            name=f"{count}.xlsx",
        )
        for count in (1_000, 10_000)
    )

    _, grown_few = _told_and_grown_streamed(few)
    rows, grown_many = _told_and_grown_streamed(many)

    assert rows == "10000"
    assert grown_many < grown_few + 8


def _told_and_grown_streamed(file: Path) -> tuple[str, float]:
    script = f"""
import sys
from pathlib import Path
from robots.workbooks.reader import open_sheet
from tests.unit.workbook_files import SIMPLE
{WATCH}with open_sheet(SIMPLE, Path(sys.argv[1])) as opened:
    print(sum(1 for _ in opened.rows()))
print((most - before) / 1e6)
"""
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True)
    rows, grown = done.stdout.splitlines()
    return rows, float(grown)
