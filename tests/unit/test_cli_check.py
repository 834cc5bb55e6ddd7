"""«ragnhild check» finds what is wrong, with file and line; «config» tells where a value comes from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from robots.cli import machine
from robots.cli import main as command_line
from tests.conftest import ROOT


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what admins write, that a test may spoil."""
    for name in ("config", "tasks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setenv(f"RAGNHILD_{name.upper()}_DIR", str(tmp_path / name))
    (tmp_path / "schedules").mkdir()
    monkeypatch.setenv("RAGNHILD_SCHEDULES_DIR", str(tmp_path / "schedules"))
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


INBOX = '[cases]\ninbox = "Samhällsbyggnad"\n'


def _schedule(when: str = 'cron = "0 2 * * *"', *, task: str = "send_drawings", rest: str = "") -> str:
    return f'title = "Natt"\ntask = "{task}"\n[when]\n{when}\n{rest}'


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def _line(file: Path, words: str) -> int:
    return next(n for n, line in enumerate(file.read_text("utf-8").splitlines(), 1) if words in line)


def test_what_we_ship_is_right(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.carry_out(["check"]) == 0, capsys.readouterr().out
    assert "Allt går att använda" in capsys.readouterr().out


def test_a_broken_task_is_told_with_its_line_and_spoils_no_other(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "tasks" / "broken.py").write_text('"""Trasig."""\n\nfrom robots import Nothing\n', "utf-8")
    assert command_line.carry_out(["check", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["tasks"] == len(list((ROOT / "tasks").glob("[a-z]*.py")))
    (problem,) = told["problems"]
    assert (problem["file"], problem["line"]) == (str(place / "tasks" / "broken.py"), 3)
    assert "Nothing" in problem["message"]


def test_every_kind_of_fault_in_config_is_told_with_its_place(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    access, robots, systems = (place / "config" / f"{n}.toml" for n in ("access", "robots", "systems"))
    _change(access, '[ragnhild]\ncase_management = "journal"', '[ragnhild]\ncase_management = "read"')
    with access.open("a", encoding="utf-8") as more:
        more.write('\n[okand]\ncase_management = "read"\n')
    _change(robots, '["send_drawings"]', '["send_drawings", "fly"]')
    with systems.open("a", encoding="utf-8") as more:
        more.write('\n[moon]\nurl = "http://127.0.0.1:1"\n')
        more.write("\n[waste_collection.effects]\norder_skip = { rearms = 0 }\n")
    (place / "schedules" / "night.toml").write_text(_schedule(task="fly"), "utf-8")
    (place / "schedules" / "torn.toml").write_text('a = 1\nb = "\n', "utf-8")

    assert command_line.carry_out(["check"]) == 2
    told = capsys.readouterr().out
    for file, line, words in (
        (access, _line(access, "case_management"), "behörigheten journal i case_management. Uppgiften send_drawings"),
        (access, _line(access, "[okand]"), "Roboten okand finns inte i robots.toml."),
        (robots, _line(robots, "fly"), "uppgiften fly, som inte finns."),
        (systems, _line(systems, "[moon]"), "Systemet moon har ingen mapp"),
        (
            systems,
            _line(systems, "order_skip"),
            "waste_collection har ingen åtgärd order_skip. Det finns order_missed_bin",
        ),
        (place / "schedules" / "night.toml", 2, "Uppgiften fly finns inte."),
        (place / "schedules" / "torn.toml", 2, "Filen går inte att läsa som TOML"),
    ):
        assert any(each.startswith(f"{file}:{line}: ") and words in each for each in told.splitlines()), (words, told)


@pytest.mark.parametrize(
    ("written", "line", "words"),
    [
        (_schedule('cron = "0 25 * * *"'), 4, "«0 25 * * *» är ingen rad för cron"),
        (_schedule('cron = "0 2 * * *"\nevery = "1 hour"'), 3, "Skriv ett av cron, every"),
        (_schedule("on = [2020-01-01T06:00:00]"), 3, "Schemat startar aldrig"),
        (_schedule('cron = "0 2 * * sun"\ndays = "workdays"'), 3, "Schemat startar aldrig"),
        (_schedule(rest="[inputs]\nage = 7\n"), 5, "Uppgiften har inget sådant fält"),
        (_schedule(), 2, "Fastighetsbeteckning"),
        (_schedule(rest=INBOX + '[inputs]\nproperty_id = "{house}"\n'), 7, "Ett ärende har inget house"),
        (_schedule(rest=INBOX), 2, "säger inget om property_id"),
        (_schedule(rest=INBOX + "[inputs]\nage = 7\n"), 7, "inget fält age att fylla i"),
        (_schedule(rest='[rows]\nfolder = "in"\n'), 6, "Skriv mappens hela sökväg."),
        (_schedule(rest='[rows]\nfolder = "/in"\n[inputs]\nx = 1\n'), 7, "[inputs] står i Excelfilens rader."),
        (_schedule(rest=INBOX + '[rows]\nfolder = "/in"\n'), 1, "Välj ett av [cases], [rows] och [messages]."),
        ('missed = "later"\n' + _schedule(), 1, "missed: "),
        ('missed = "run-all"\n' + _schedule(), 1, "«run-all» behöver overlap"),
        ('title = "Natt"\n[when]\nevery = "1 hour"\n', 1, "task: "),
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be_used_is_told_with_its_line(
    place: Path, capsys: pytest.CaptureFixture[str], written: str, line: int, words: str
) -> None:
    file = place / "schedules" / "night.toml"
    file.write_text(written, "utf-8")
    assert command_line.carry_out(["check"]) == 2
    told = capsys.readouterr().out.splitlines()
    assert any(each.startswith(f"{file}:{line}: ") and words in each for each in told), told


@pytest.mark.parametrize(
    ("written", "line", "words"),
    [
        ('["Karta"]\npath = "/karta"\n', 1, "Skriv heading, eller asks"),
        ('["Karta"]\npath = "/karta"\nheading = "Karta"\nbutton = ["+"]\n', 4, "Karta.button"),
        ('["Karta"]\nheading = "Karta"\nway = [{ link = "Ort", button = "+" }]\n', 3, "Karta.way.0"),
        ('["Karta"]\nheading = "Karta\n', 2, "Filen går inte att läsa som TOML"),
        ('heading = "Karta"\n', None, "heading ska stå under en rubrik"),
    ],
)
def test_landmarks_that_cannot_be_used_are_told_with_their_line(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    written: str,
    line: int | None,
    words: str,
) -> None:
    known = machine.system_folder
    folder = place / "systems" / "fault_reports"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "robots" / "systems" / "fault_reports" / "system.toml", folder)
    file = folder / "landmarks.toml"
    file.write_text(written, "utf-8")
    monkeypatch.setattr(machine, "system_folder", lambda key: folder if key == folder.name else known(key))

    assert command_line.carry_out(["check"]) == 2

    told = capsys.readouterr().out.splitlines()
    where = f"{file}:{line}: " if line else f"{file}: "
    assert [each for each in told if each.startswith(where) and words in each] == told, told


def test_a_calendar_that_cannot_be_used_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "config" / "calendar.toml").write_text('[jul]\nwhy = "Stängt"\n', "utf-8")
    assert command_line.carry_out(["check"]) == 2
    assert "[jul] ska vara ett datum" in capsys.readouterr().out


def test_a_task_without_a_robot_and_a_file_that_does_not_parse(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    robots = place / "config" / "robots.toml"
    _change(robots, '["send_drawings"]', "[]")
    assert command_line.carry_out(["check"]) == 2
    assert f"{robots}: Ingen robot har uppgiften send_drawings." in capsys.readouterr().out
    robots.write_text("[ragnhild\n", "utf-8")
    assert command_line.carry_out(["check"]) == 2
    told = capsys.readouterr().out
    assert f"{robots}:1: Filen går inte att läsa som TOML" in told
    assert len(told.splitlines()) == 1


def test_config_tells_value_and_source_and_keeps_secrets(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAGNHILD_ATTEMPTS", "7")
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", "postgresql://robot:hemligt@db/ragnhild")
    assert command_line.carry_out(["config", "--json"]) == 0
    told = capsys.readouterr()
    listed = {each["name"]: each for each in json.loads(told.out)["settings"]}
    assert (listed["attempts"]["value"], listed["attempts"]["source"]) == (7, "RAGNHILD_ATTEMPTS")
    assert listed["municipality"]["source"] == str(place / "config" / "ragnhild.toml")
    assert listed["slots"]["source"] == "förvalt"
    assert all(each["description"] for each in listed.values())
    assert command_line.carry_out(["config"]) == 0
    assert "hemligt" not in told.out + told.err + capsys.readouterr().out


def test_tasks_as_one_document(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.carry_out(["tasks", "--json"]) == 0
    tasks = {each["name"]: each for each in json.loads(capsys.readouterr().out)["tasks"]}
    drawings = tasks["send-drawings"]
    assert (drawings["robot"], drawings["owner"]) == ("ragnhild", "Samhällsbyggnad")
    assert [i["option"] for i in drawings["inputs"]][:2] == ["--case-number", "--property"]
    assert {"system": "case_management", "level": "journal"} in drawings["systems"]


def test_settings_that_do_not_parse_are_told_with_their_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = place / "config" / "ragnhild.toml"
    file.write_text("slots = 1\nattempts = \n", "utf-8")
    assert command_line.carry_out(["check"]) == 2
    told = capsys.readouterr().err
    assert "ragnhild.toml går inte att läsa" in told
    assert "line 2" in told
    assert "oväntat" not in told
