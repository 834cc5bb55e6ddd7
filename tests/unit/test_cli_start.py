"""The command line answers at once, in Swedish, and never shows a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from robots.cli import main as command_line
from robots.cli import runs as runs_commands
from robots.errors import BusinessException

HEAVY = ("playwright", "sqlalchemy", "pydantic", "procrastinate", "httpx", "openpyxl", "pandas")


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def _loaded_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*(m for m in {HEAVY!r} if m in sys.modules))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(told.stdout.split())


def test_the_help_loads_nothing_heavy() -> None:
    assert _loaded_after("from robots.cli.main import build; import typer; typer.main.get_command(build())") == set()
    # What looks at runs needs no browser, which is most of the time that it takes to begin.
    assert _loaded_after("import robots.queue.runs") & {"playwright", "sqlalchemy"} == {"sqlalchemy"}
    # The control: what a task file imports does load them, so that the measure can see.
    code = "from robots import Run; from robots.systems import drawing_archive"
    assert {"playwright", "sqlalchemy", "pydantic"} <= _loaded_after(code)


def test_task_is_the_decorator_whoever_loaded_its_module_before() -> None:
    code = "from robots.task import Task; from robots import task; print(callable(task)); import robots.task"
    told = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"


def test_every_command_is_in_the_help_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.carry_out(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in ("practice", "up", "worker", "run", "runs", "show", "cancel", "tasks", "check", "doctor", "config"):
        assert f"│ {name} " in shown, name
        assert command_line.carry_out([name, "--help"]) == 0
        assert "Visa den här hjälpen." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["fel"], "Kommandot fel finns inte."),
        (["runs", "--fel"], "Valet --fel finns inte."),
        (["runs", "--limit"], "Valet --limit behöver ett värde."),
        (["runs", "--limit", "x"], "--limit: skriv ett tal."),
        (["runs", "--limit", "0"], "--limit: gränsen är 1."),
        (["runs", "a", "b"], "«a b» är för mycket."),
        (["show"], "KÖRNING måste anges."),
        (["runs", "--state", "borta"], "--state: 'borta' går inte att använda. Välj queued, running"),
        (["runs", "--case", "KC-1"], "--case: 'KC-1' går inte att använda."),
        (["show", "K12x"], "Körning: 'K12x' går inte att använda."),
        (["run", "send-nothing"], "Uppgift: 'send-nothing' går inte att använda. Det finns"),
    ],
)
def test_what_cannot_be_used_is_told_in_swedish(
    line: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.carry_out(line) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.carry_out([]) == 2
    told = capsys.readouterr()
    assert "Kommandon" in told.out + told.err
    assert "Se «" not in told.err


def test_a_fault_in_the_program_is_logged_and_told_without_traceback(
    own_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: str) -> int:
        raise ZeroDivisionError("19811118-9802 gick inte att dela")

    monkeypatch.setattr(runs_commands, "run_number", broken)
    assert command_line.carry_out(["show", "1"]) == 1

    told = capsys.readouterr()
    assert "Ett oväntat fel: ZeroDivisionError." in told.err
    assert "ragnhild.log" in told.err
    assert "Traceback" not in told.err + told.out
    assert "line " not in told.err
    logged = (own_data / "logs" / "ragnhild.log").read_text("utf-8")
    assert "ZeroDivisionError: [personnummer] gick inte att dela" in logged
    assert "test_cli_start.py:" in logged


def test_an_error_of_ours_is_shown_with_its_notes_and_gives_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_: str) -> int:
        error = BusinessException("Skyddad identitet [röd]", todo="Lämna över.")
        error.add_note("Och en sak till.")
        raise error

    monkeypatch.setattr(runs_commands, "run_number", stopped)
    assert command_line.carry_out(["show", "1"]) == 3
    told = capsys.readouterr().err
    assert told.splitlines() == ["Skyddad identitet [röd]", "Och en sak till.", "Att göra: Lämna över."]


def test_a_broken_setting_is_told_by_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RAGNHILD_ATTEMPTS", "noll")
    assert command_line.carry_out(["config"]) == 2
    assert "Inställningen attempts" in capsys.readouterr().err
