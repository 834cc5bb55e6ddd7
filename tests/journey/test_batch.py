"""An Excel file becomes runs, each once, and a result beside it: real commands, judged by the town."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from robots.cli.town import Town
from robots.queue.runs import list_runs
from robots.settings import Settings
from robots.store import Store
from tests.conftest import ROOT
from tests.saying import Say

pytestmark = pytest.mark.browser
SECONDS = 180.0
Command = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def command(machine: Settings, town: Town, store: Store, tmp_path: Path) -> Command:
    """Start ``ragnhild`` in the test's folder, on this test's database and town."""
    environment = os.environ | {
        "RAGNHILD_DATA_DIR": str(machine.data_dir), "RAGNHILD_CONFIG_DIR": str(machine.config_dir),
        "RAGNHILD_TASKS_DIR": str(machine.tasks_dir), "RAGNHILD_TOWN": town.address, "RAGNHILD_SLOTS": "1",
        "RAGNHILD_DATABASE_URL": store.url, "PYTHONPATH": str(ROOT),
    }  # fmt: skip

    def start(*line: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "robots", *line], env=environment, cwd=tmp_path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return start


@pytest.fixture
def ragnhild(command: Command) -> Callable[..., tuple[int, str]]:
    """Carry out a command to its end: its exit code and what it wrote on standard output."""

    def carry_out(*line: str) -> tuple[int, str]:
        process = command(*line)
        said, talk = process.communicate(timeout=SECONDS)
        assert "Traceback" not in said + talk
        return process.returncode, said

    return carry_out


@pytest.fixture
def file(say: Say, monkeypatch: pytest.MonkeyPatch, town: Town, tmp_path: Path) -> Path:
    """The template with a case to do, twice, one for a person, and one that is wrong."""
    monkeypatch.chdir(tmp_path)
    assert say("template", "send-drawings", "-o", "mars.xlsx")[0] == 0
    workbook = load_workbook(tmp_path / "mars.xlsx")
    normal, none = town.cases("drawings", "normal")[0], town.cases("drawings", "none_found")[0]
    for case in (normal, normal, none):
        workbook.worksheets[0].append(["", case["number"], case["property_id"]])
    workbook.worksheets[0].append(["fel", "KC-1", normal["property_id"]])
    workbook.save(tmp_path / "mars.xlsx")
    return tmp_path / "mars.xlsx"


def sent(town: Town) -> int:
    return len(town.truth("case_management", "message_sent"))


@pytest.mark.long
def test_interrupted_it_goes_on_with_the_same_command_and_is_carried_out_once(
    file: Path, command: Command, ragnhild: Callable[..., tuple[int, str]], say: Say, town: Town, store: Store
) -> None:
    process = command("batch", "send-drawings", file.name)
    deadline = time.monotonic() + SECONDS
    while not list_runs(store, states=["running"]):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)  # another process works; there is nothing to wait on but the database
    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "med samma kommando igen: ragnhild batch send-drawings mars.xlsx" in talk
    assert not file.with_name("mars-resultat.xlsx").exists()

    code, said = ragnhild("batch", "send-drawings", file.name)

    assert code == 3  # one was handed over, one was wrong
    assert "mars-resultat.xlsx" in said
    assert sent(town) == 1
    header, *cells = [
        [cell.value for cell in row] for row in load_workbook(file.with_name("mars-resultat.xlsx")).worksheets[0]
    ]
    rows: list[dict[Any, Any]] = [dict(zip(header, row, strict=True)) for row in cells]
    assert [row["Utfall"] for row in rows] == [
        "Exempel, körs inte", "Klar", "Klar", "Överlämnad till handläggare", "Fel i raden",
    ]  # fmt: skip
    assert rows[1]["Kvittens"].startswith("ritningar: ")
    assert rows[2]["Anmärkning"] == "Samma ärende som rad 3; gjordes en gång."

    code, said = say("batch", "send-drawings", file.name, "--json")

    assert code == 3
    document = json.JSONDecoder().raw_decode(said)[0]
    assert (document["new"], document["runs"]) == (False, {"done": 1, "handed_over": 1})
    assert [row["first_row"] for row in document["rows"]] == [None, None, 3, None, None]
    assert document["rows"][1]["report"] == f"ragnhild report {document['rows'][1]['run']}"
    assert sent(town) == 1


@pytest.mark.long
def test_a_dry_run_saves_nothing_and_the_real_one_is_still_to_do(
    file: Path, ragnhild: Callable[..., tuple[int, str]], town: Town
) -> None:
    before = len(town.truth("case_management"))

    ragnhild("batch", "send-drawings", file.name, "--dry-run")
    assert len(town.truth("case_management")) == before

    ragnhild("batch", "send-drawings", file.name)
    assert sent(town) == 1


def test_nothing_usable_ends_with_2_and_asks_for_nothing(file: Path, say: Say, store: Store) -> None:
    workbook = load_workbook(file)
    workbook.worksheets[0].delete_rows(3, 3)
    workbook.save(file)

    assert say("batch", "send-drawings", file.name)[0] == 2
    assert say("batch", "send-detail-plan", file.name)[0] == 2
    assert list_runs(store) == []
    assert file.with_name("mars-resultat.xlsx").exists()  # where the wrong cell is marked
