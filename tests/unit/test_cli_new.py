"""«ragnhild new task» writes a task that can be used at once, and harms nothing that is there."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from robots.cli import main as command_line
from robots.cli.new import with_task
from robots.errors import ApplicationException
from robots.task_files import load_tasks
from tests.conftest import ROOT


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A municipality's folder: what admins write, where they stand when they type."""
    for name in ("config", "tasks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "schedules").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_a_new_task_passes_the_check_at_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(load_tasks(place / "tasks").by_name)

    assert command_line.carry_out(["new", "task", "skicka-tomtkarta", "--robot", "gunvor"]) == 0
    assert command_line.carry_out(["check"]) == 0, capsys.readouterr().out

    loaded = load_tasks(place / "tasks")
    assert (len(loaded.by_name), loaded.problems) == (before + 1, [])
    assert loaded.find("skicka-tomtkarta").title == "Skicka tomtkarta"
    robots = tomllib.loads((place / "config" / "robots.toml").read_text("utf-8"))
    assert "skicka_tomtkarta" in robots["gunvor"]["tasks"]
    compile((place / "tests/journey/test_skicka_tomtkarta.py").read_text("utf-8"), "test", "exec")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["send-drawings"], "finns redan"),
        (["Skicka"], "små bokstäver"),
        (["../ut"], "små bokstäver"),
        (["ny", "--robot", "nils"], "Det finns ragnhild"),
        (["class"], "små bokstäver"),
        (["ny" * 30], "små bokstäver"),
        (["ny", "--title", 'En "ny"'], "utan citattecken"),
        (["ny", "--title", "Två\nrader"], "utan citattecken"),
        (["ny", "--title", "En lång titel " * 5], "kortare titel"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    place: Path, typed: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {p: p.read_bytes() for p in place.rglob("*") if p.is_file() and "data" not in p.parts}

    assert command_line.carry_out(["new", "task", *typed]) == 2

    assert words in capsys.readouterr().err
    assert {p: p.read_bytes() for p in place.rglob("*") if p.is_file() and "data" not in p.parts} == before


@pytest.mark.parametrize(
    ("listed", "then"),
    [
        ("tasks = []", 'tasks = ["ny"]'),
        ('tasks = ["ny"]  # som en person', 'tasks = ["ny"]  # som en person'),
        ('tasks = ["a"]  # hennes', 'tasks = ["a", "ny"]  # hennes'),
        ('tasks = [\n  "a",\n]', 'tasks = [\n  "a",\n  "ny",\n]'),
        ('tasks = [\n  "a"\n]', 'tasks = [\n  "a",\n  "ny",\n]'),
    ],
)
def test_a_task_is_added_to_its_robot_alone(listed: str, then: str) -> None:
    others = '# Robotarna\n[ada]\ntitle = "Ada"\ntasks = ["a"]\n\n[bo]\ntitle = "Bo"\n{}\n'
    assert with_task(others.format(listed), "bo", "ny") == others.format(then)


@pytest.mark.parametrize("told", ["", 'tasks = [\n  "a", # hennes\n]\n'], ids=["no-list", "comment-in-it"])
def test_a_file_that_it_does_not_understand_is_left_to_a_person(told: str) -> None:
    with pytest.raises(ApplicationException, match="Lägg själv till"):
        with_task(f'[ada]\ntitle = "Ada"\n{told}', "ada", "ny")
