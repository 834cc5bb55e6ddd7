"""The options of «ragnhild run» are the task's signature, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from robots.cli.run_options import clashes, command_of
from robots.errors import WrongInput
from robots.task import Task
from robots.task_files import load_tasks

FILE = '''"""En uppgift med varje sort av fält."""
from typing import Annotated, Literal
from robots import CaseNumber, Date, Describe, LongText, PropertyDesignation, Run, ShortText, task

@task(title="Pröva [allt]", owner="Ingen", saves_minutes=1)
def try_all(
    run: Run,
    case_number: CaseNumber,
    property_id: PropertyDesignation,
    day: Date,
    kind: Literal["Sopor", "Slam"],
    metres: Annotated[int, Describe("Meter")] = 20,
    open_gate: Annotated[bool, Describe("Grinden är öppen")] = True,
    message: LongText = "Hej",
) -> None:
    """Prövar."""

@task(title="Krock", owner="Ingen", saves_minutes=1)
def clash(
    run: Run, wait: Annotated[bool, Describe("Vänta")], dry_run: ShortText, plan: ShortText, plan_id: ShortText
) -> None:
    """Krockar."""
'''
RIGHT = ["--case-number", "KC-26110042-4", "--property", "ekbacken 3:14", "--day", "2026-11-24", "--kind", "slam"]


@pytest.fixture
def both(tmp_path: Path) -> dict[str, Task]:
    (tmp_path / "try_all.py").write_text(FILE, "utf-8")
    loaded = load_tasks(tmp_path)
    assert not loaded.problems
    return loaded.by_name


def _typed(task: Task, line: list[str]) -> dict[str, Any]:
    """What the command would be carried out with."""
    heard: dict[str, Any] = {}

    def carry_out(_: Task, typed: dict[str, Any], **options: Any) -> None:
        heard.update(typed=typed, **options)

    command_of(task, carry_out).main(line, standalone_mode=False)
    return heard


def test_what_is_typed_becomes_the_tasks_arguments(both: dict[str, Task]) -> None:
    heard = _typed(both["try_all"], [*RIGHT, "--no-open-gate", "--metres", "7", "--dry-run", "--as", "Eva"])
    assert (heard["dry_run"], heard["as_json"], heard["wait"], heard["started_by"]) == (True, False, True, "Eva")
    assert both["try_all"].inputs.parse(heard["typed"]).arguments == {
        "case_number": "KC-26110042-4", "property_id": "EKBACKEN 3:14", "day": date(2026, 11, 24), "kind": "Slam",
        "metres": 7, "open_gate": False, "message": "Hej",
    }  # fmt: skip


def test_what_is_not_typed_keeps_the_signatures_default(both: dict[str, Task]) -> None:
    arguments = both["try_all"].inputs.parse(_typed(both["try_all"], RIGHT)["typed"]).arguments
    assert (arguments["metres"], arguments["open_gate"], arguments["message"]) == (20, True, "Hej")


def test_everything_wrong_is_told_at_once(both: dict[str, Task]) -> None:
    line = ["--case-number", "KC-26110042-9", "--day", "i morgon", "--kind", "glas", "--metres", "två"]
    with pytest.raises(WrongInput) as told:
        both["try_all"].inputs.parse(_typed(both["try_all"], line)["typed"])
    words = "\n".join([str(told.value), *told.value.__notes__])
    for value in ("KC-26110042-9", "Fastighetsbeteckning", "i morgon", "glas", "två"):
        assert value in words


def test_the_help_shows_title_example_default_and_choices(
    both: dict[str, Task], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 250)
    command_of(both["try_all"], lambda *_, **__: None).main(["--help"], standalone_mode=False)
    shown = capsys.readouterr().out
    for words in (
        "Pröva [allt]. Prövar.", "Ärendenummer. Exempel: KC-26110042-4. Måste anges.", "Sopor|Slam", "ÅÅÅÅ-MM-DD",
        "Meter. Förvalt: 20", "--no-open-gate", "Grinden är öppen. Förvalt: ja", "Meddelande. Förvalt: Hej",
        "--dry-run",
    ):  # fmt: skip
        assert words in shown


def test_options_that_would_clash_are_found(both: dict[str, Task]) -> None:
    assert sorted(clashes(both["clash"])) == ["--dry-run", "--plan", "--wait"]
    assert clashes(both["try_all"]) == []
