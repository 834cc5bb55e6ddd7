"""A folder whose Excel files become batches: taken when whole, once each, and answered beside."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select, update

from robots.errors import WrongInput
from robots.queue.runs import list_runs
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import batches, runs
from robots.task import Run
from robots.task_files import load_tasks
from robots.workbooks.columns import titles_of
from robots.workbooks.result import result_file
from robots.worker import folder_files
from robots.worker.asking_run import AskingRun
from robots.worker.folder_files import files_in, refusal_file
from robots.worker.read_folder import FolderErrand, read_folder
from tests.unit.timetable import Timetable

Read = Callable[[], list[str]]


class Told:
    """A run's log that keeps what was told."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def event(self, kind: str, title: str, /, **_: Any) -> None:
        if kind == "told":
            self.words.append(title)

    def hide(self, *_: str) -> None: ...


@pytest.fixture
def settings(machine: Settings, store: Store, tmp_path: Path) -> Settings:
    return Timetable.laid(machine, store, tmp_path).settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


@pytest.fixture
def lay(settings: Settings, folder: Path) -> Callable[..., Path]:
    """A filled-in file that has lain there for an hour: ``lay("mars", 1, 2)``."""

    def file(name: str, *numbers: object) -> Path:
        path = folder / f"{name}.xlsx"
        workbook = Workbook()
        sheet = workbook.create_sheet("Ärenden", 0)
        sheet.append(list(titles_of(load_tasks(settings.tasks_dir).find("count")).values()))
        for number in numbers:
            sheet.append([number])
        workbook.save(path)
        _age(path, 3600)
        return path

    return file


def _age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.fixture
def read(settings: Settings, store: Store, folder: Path) -> Read:
    """Read the folder once. What the run told."""

    def once() -> list[str]:
        log = Told()
        run = AskingRun(Run(1, "ada", date(2026, 11, 9), log), settings, store, load_tasks(settings.tasks_dir))
        errand = FolderErrand(schedule="prov", folder=str(folder), settled_seconds=10, asks_for="count")
        read_folder(run, errand)
        return log.words

    return once


def end_all(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(update(runs).values(state="done"))


def test_a_file_becomes_a_batch_and_is_answered_when_all_has_ended(
    lay: Callable[..., Path], read: Read, store: Store
) -> None:
    file = lay("mars", 1, 2)
    assert read() == ["mars.xlsx: bunt 1, 2 nya körningar, 2 kvar, 0 rader har fel."]
    assert {(run.task, run.robot, run.source, run.started_by) for run in list_runs(store)} == {
        ("count", "ada", "batch", "schema prov")
    }
    assert read() == ["mars.xlsx: bunt 1, 0 nya körningar, 2 kvar, 0 rader har fel."]
    assert not result_file(file).exists()
    end_all(store)
    read()
    assert result_file(file).exists()
    assert file.exists(), "it is kept"
    assert read() == [], "it has been answered"
    assert len(list_runs(store)) == 2


def test_the_same_file_under_another_name_is_the_same_batch(
    lay: Callable[..., Path], read: Read, store: Store, folder: Path
) -> None:
    file = lay("mars", 1)
    read()
    (folder / "kopia.xlsx").write_bytes(file.read_bytes())
    _age(folder / "kopia.xlsx", 60)
    read()
    assert len(list_runs(store)) == 1
    with store.begin() as connection:
        assert len(connection.execute(select(batches)).all()) == 1


def test_a_file_that_is_still_being_written_is_left_alone(lay: Callable[..., Path], read: Read, store: Store) -> None:
    file = lay("mars", 1)
    _age(file, 2)
    assert read() == []
    _age(file, 11)  # the control
    assert len(read()) == 1


def test_a_file_that_was_changed_is_another_file(lay: Callable[..., Path], read: Read, store: Store) -> None:
    file = lay("mars", 1)
    read()
    end_all(store)
    read()
    _age(result_file(file), 7200)
    lay("mars", 1, 5)
    (told,) = read()
    assert told.endswith("1 nya körningar, 1 kvar, 0 rader har fel.")


def test_what_is_no_excel_file_is_answered_with_why(read: Read, folder: Path, store: Store) -> None:
    file = folder / "mars.xlsx"
    file.write_text("hej", "utf-8")
    _age(file, 60)
    assert len(read()) == 1
    assert "mars.xlsx" in refusal_file(file).read_text("utf-8")
    assert read() == []
    assert list_runs(store) == []


def test_a_file_without_a_usable_row_is_answered_at_once(lay: Callable[..., Path], read: Read, store: Store) -> None:
    file = lay("mars", "sju")
    assert read() == ["mars.xlsx: svaret ligger i mars-resultat.xlsx."]
    assert result_file(file).exists()
    assert list_runs(store) == []


def test_an_answer_that_somebody_has_open_is_written_another_time(
    lay: Callable[..., Path], read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = lay("mars", "sju")

    def is_open(*_: object) -> None:
        raise WrongInput("Resultatfilen", "mars-resultat.xlsx", "Den är öppen.")

    with monkeypatch.context() as patched:
        patched.setattr(folder_files, "write_answer", is_open)
        assert "går inte att skriva ännu" in read()[0]
    assert not refusal_file(file).exists()
    assert read() == ["mars.xlsx: svaret ligger i mars-resultat.xlsx."]


def test_a_folder_that_is_not_there_is_told(read: Read, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(WrongInput, match="inte ansluten på den här maskinen"):
        read()


def test_excels_own_files_and_answers_are_no_files(lay: Callable[..., Path], folder: Path) -> None:
    file = lay("mars", 1)
    for name in ("~$mars.xlsx", ".dold.xlsx", result_file(file).name):
        (folder / name).write_bytes(b"x")
        _age(folder / name, 7200)
    assert files_in(folder, 10, time.time()) == [file]
