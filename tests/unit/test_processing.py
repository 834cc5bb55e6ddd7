"""The register of processing says what the code and the configuration say, and tells what no board has assessed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from robots.processing.cards import FILE
from robots.settings import load_settings
from robots.task_files import load_tasks
from tests.saying import Say


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(load_settings().config_dir, tmp_path / "config")
    monkeypatch.setenv("RAGNHILD_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "config"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_every_task_of_the_repository_has_its_card(config: Path, say: Say) -> None:
    code, told = say("register", "--json")
    assert code == 0
    cards = {card["task"]: card for card in json.loads(told)["register"]}
    assert set(cards) == set(load_tasks(load_settings().tasks_dir).by_name)
    card = cards["propose_income_support"]
    assert card["assessment"]["controller"] == "Omsorgsnämnden"
    assert card["level"] == "förslag"
    assert {"title": "Socio Ekonomiskt bistånd", "owner": "Omsorg", "changes": True, "pictures": False} in card[
        "systems"
    ]
    assert cards["book_civil_wedding"]["personal_inputs"] == ["Vittne 1", "Vittne 2"]


def test_the_card_is_read_by_people(config: Path, say: Say) -> None:
    code, told = say("register")
    assert code == 0
    assert "## Ragnhild: Skicka ritningar\n" in told
    assert "| Personuppgiftsansvarig | Samhällsbyggnadsnämnden |" in told
    assert "Kommuninvånarregistret KIR (läser; sekretess, inga bilder tas)" in told
    assert "underlag 6 månader (Tallinge KS 2026/0114, dokumenthanteringsplan 7.3.1)" in told
    assert "{{" not in told


def test_what_no_board_has_assessed_is_told_and_fails(config: Path, say: Say) -> None:
    change(config / FILE, "[send_drawings]", "[send_other_drawings]")
    code, told = say("register")
    assert code == 1
    assert "Ingen nämnd har bedömt send_drawings. Skriv in det i config/processing.toml." in told
    assert "| Rättslig grund | **Saknas.** Skriv in det" in told
    assert "bedömer send_other_drawings, som ingen uppgift heter" in told


def test_what_nobody_has_decided_is_kept_for_ever_and_told(config: Path, say: Say) -> None:
    (config / "retention.toml").unlink()
    assert "| Gallring | **Saknas.** Utan beslut i `config/retention.toml` gallras inget. |" in say("register")[1]


def test_without_the_file_everything_is_missing(config: Path, say: Say) -> None:
    (config / FILE).unlink()
    assert say("register", "--json")[0] == 1


def test_a_wrong_assessment_is_told_with_its_line(config: Path, say: Say) -> None:
    change(config / FILE, 'people = ["den som frågar"]', "people = []")
    code, told = say("register")
    assert code == 2
    assert "processing.toml" in told
    assert "people" in told


def test_the_outline_is_filled_from_the_configuration(config: Path, say: Say) -> None:
    change(
        config / "robots.toml", 'tasks = ["send_drawings"]',
        'tasks = ["send_drawings"]\ndelegations.send_drawings = {number = "KS 2026/9", until = 2027-01-31}',
    )  # fmt: skip
    code, told = say("register", "--dpia")
    assert code == 0
    assert "19 uppgifter körs av 7 robotanvändare" in told
    assert (
        "| Socio Ekonomiskt bistånd | – | Föreslå försörjningsstöd, Ge besked om försörjningsstöd | nej, sekretess |"
        in told
    )
    assert "- Svara på fråga om faktura: vad någon är skyldig kommunen" in told
    assert "{%" not in told


def test_a_task_that_decides_says_by_which_delegation(
    config: Path, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = tmp_path / "tasks"
    shutil.copytree(load_settings().tasks_dir, tasks)
    change(tasks / "send_drawings.py", "saves_minutes=12)", 'saves_minutes=12, level="beslut")')
    monkeypatch.setenv("RAGNHILD_TASKS_DIR", str(tasks))
    assert "(ingen delegation: den körs inte)" in say("register")[1]
    change(
        config / "robots.toml", 'tasks = ["send_drawings"]',
        'tasks = ["send_drawings"]\ndelegations.send_drawings = {number = "KS 2026/9", until = 2027-01-31}',
    )  # fmt: skip
    assert "(KS 2026/9, till och med 2027-01-31)" in say("register")[1]
