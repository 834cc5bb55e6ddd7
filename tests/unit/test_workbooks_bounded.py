"""A workbook is unpacked in a process of its own: whatever it does there ends with that process, and is told."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from robots.errors import WrongInput
from robots.workbooks import bounded, reader
from robots.workbooks.reader import OpenSheet, open_sheet
from tests.unit.workbook_files import SIMPLE, TITLES, case, in_sheet, read, refused, repacked, sheet_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the limits and signals are those of POSIX")
ROWS = [TITLES, *([case(number), "EKBACKEN 3:14", f"Hej {number}"] for number in range(1, 1201))]
ROOM = "Den går inte att läsa: den tar för mycket minne eller tid"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return sheet_file(tmp_path, ROWS)


def child(opened: OpenSheet) -> psutil.Process:
    return psutil.Process(opened._sheet.workbook._child.pid)


def test_it_sees_nothing_of_ours_and_is_gone_afterwards(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING_SECRET", "hemligt")
    with open_sheet(SIMPLE, file) as opened:
        process = child(opened)
        assert "SOMETHING_SECRET" not in process.environ()
        assert process.cmdline()[1:] == ["-I", str(Path(reader.__file__).with_name("unpacking.py"))]
        assert [row.number for row in opened.rows()] == list(range(2, 1202))
    assert not process.is_running()


def test_rows_are_asked_for_again_also_when_nobody_read_them_to_the_end(file: Path) -> None:
    with open_sheet(SIMPLE, file) as opened:
        assert next(opened.rows()).number == 2
        first, second = list(opened.rows()), list(opened.rows())
    assert (len(first), [row.values for row in first]) == (1200, [row.values for row in second])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_one_that_is_killed_or_stands_still_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    with open_sheet(SIMPLE, file) as opened:
        rows = opened.rows()
        next(rows)
        monkeypatch.setattr(bounded, "LONGEST_WAIT", 0.5)
        process = child(opened)
        os.kill(process.pid, how)
        since = time.monotonic()
        with pytest.raises(WrongInput, match=ROOM):
            list(rows)
        with pytest.raises(WrongInput, match=ROOM):  # and does not hang when it is asked once more
            list(opened.rows())
    assert time.monotonic() - since < 5
    assert not process.is_running()


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came past the first look, as a bomb that is not known yet would."""
    monkeypatch.setattr(reader, "refuse_unsafe", lambda *_: None)
    texts = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + b"x" * 60_000_000

    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"

    def declared(part: str, content: bytes) -> bytes:
        override = b'<Override PartName="/xl/bomb.xml" ContentType="' + kind + b'"/></Types>'
        return content.replace(b"</Types>", override) if part == "[Content_Types].xml" else content

    file = repacked(sheet_file(tmp_path, ROWS[:3]), declared, **{"xl/bomb.xml": texts + b"</t></si></sst>"})
    monkeypatch.setattr(bounded, "MOST_MEMORY", 120_000_000)
    assert ROOM in refused(file)
    monkeypatch.setattr(bounded, "MOST_MEMORY", 1_000_000_000)
    assert len(read(file)) == 2


def test_processor_time_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = repacked(sheet_file(tmp_path, ROWS[:3]), in_sheet("</sheetData>", "<row/>" * 1_000_000 + "</sheetData>"))
    monkeypatch.setattr(bounded, "MOST_SECONDS", 1)
    with file.open("rb") as content, bounded.unpacked(content, "bunt.xlsx") as workbook:
        with pytest.raises(WrongInput, match=ROOM):
            workbook.shape(0)
        assert workbook._child.wait() == -signal.SIGXCPU


def test_a_text_that_no_cell_can_hold_is_told_as_damage(tmp_path: Path) -> None:
    texts = repacked(sheet_file(tmp_path, ROWS[:3]), lambda part, content: content.replace(b"Hej 1", b"x" * 40_000))
    assert "Den är skadad" in refused(texts)


@pytest.mark.long
def test_a_hundred_thousand_rows_stream(tmp_path: Path) -> None:
    rows = [TITLES, *([case(n % 9000), "EKBACKEN 3:14", f"text {n}"] for n in range(100_000))]
    most = 0
    since = time.monotonic()
    with open_sheet(SIMPLE, sheet_file(tmp_path, rows)) as opened:
        written = time.monotonic()
        for row in opened.rows():
            if row.number % 1000 == 0:
                most = max(most, child(opened).memory_info().rss)
    print(f"written {written - since:.1f} s, read {time.monotonic() - written:.1f} s, {most / 1e6:.0f} MB")
    assert row.number == 100_001
    assert most < 150_000_000
