"""Whoever is told to end, by a service, a terminal that goes or Ctrl-C, takes its database and its town with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from robots.cli.ending import ending_signals
from robots.store.embedded import is_running_in, leave_embedded, start_embedded
from tests.conftest import ROOT

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
SECONDS = 90.0
LIKE_IT_WAS = "from robots.cli import main; main.end_on_signal = lambda: None; main.main()"
# The command, what it says when there is something to leave behind, and how it ends.
COMMANDS = {
    "practice": (["practice", "--port", "0"], "Ctrl-C", 0),
    "portal": (["portal", "--port", "0"], "Portalen är öppen", 0),
    "scheduler": (["scheduler"], "Ctrl-C", 0),
    "up": (["up", "--slots", "1", "--practice", "--port", "0"], "Igång", 0),
    "demo": (["demo", "--no-stay"], "Ärendena står", 130),
}


def of(folder: Path) -> list[psutil.Process]:
    """Everything that was started for the folder, the database's own processes included."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if str(folder) in " ".join([*(process.info["cmdline"] or []), process.info["cwd"] or ""]):
            found.append(process)
    return [each for each in found if each.pid != os.getpid()]


def started(how: list[str], folder: Path, told: Path) -> subprocess.Popen[bytes]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("RAGNHILD_")}
    own = {"RAGNHILD_DATA_DIR": str(folder), "RAGNHILD_PORTAL_PORT": "0"}
    with told.open("wb") as out:
        return subprocess.Popen([sys.executable, *how], env=given | own, cwd=ROOT, stdout=out, stderr=out)


def wait_for(words: str, told: Path, process: subprocess.Popen[bytes]) -> None:
    latest = time.monotonic() + SECONDS
    while words not in told.read_text("utf-8"):
        assert process.poll() is None, told.read_text("utf-8")
        assert time.monotonic() < latest, told.read_text("utf-8")
        time.sleep(0.05)  # another process writes it


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_left_of_a_command_that_is_told_to_end(name: str, how: signal.Signals, tmp_path: Path) -> None:
    command, words, code = COMMANDS[name]
    folder, told = tmp_path / "data", tmp_path / "told"
    process = started(["-m", "robots", *command], folder, told)
    wait_for(words, told, process)

    process.send_signal(how)

    assert process.wait(SECONDS) == code, told.read_text("utf-8")
    assert "Traceback" not in told.read_text("utf-8")
    _, left = psutil.wait_procs(of(folder), timeout=10)
    assert left == []
    assert list(folder.rglob("postmaster.pid")) == []


def test_without_the_guard_the_database_stays(tmp_path: Path) -> None:
    """The control: the terminal of a portal goes."""
    folder, told = tmp_path / "data", tmp_path / "told"
    process = started(["-c", LIKE_IT_WAS, "portal", "--port", "0"], folder, told)
    _wait_for_database(folder, process)
    process.send_signal(signal.SIGHUP)
    process.wait(SECONDS)
    assert is_running_in(folder / "database")
    leave_embedded(start_embedded(folder / "database"))
    assert not is_running_in(folder / "database")


def _wait_for_database(folder: Path, process: subprocess.Popen[bytes]) -> None:
    latest = time.monotonic() + SECONDS
    while not is_running_in(folder / "database"):
        assert process.poll() is None
        assert time.monotonic() < latest
        time.sleep(0.02)  # as above


def test_who_is_to_outlive_the_terminal_does(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert ending_signals() == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGHUP, before)
    assert ending_signals() == [signal.SIGTERM, signal.SIGHUP]
