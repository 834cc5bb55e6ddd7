"""A task's process, copied or new: it is told of a run, asks, ends, and leaves nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from robots.errors import BusinessException
from robots.settings import Settings
from robots.task import Run, Task
from robots.task_files import load_tasks
from robots.worker.task_process import processes
from robots.worker.task_process.copies import Forked, Started, TaskProcessDied
from robots.worker.task_process.processes import TaskProcesses

TASK = '''"""En uppgift."""
import logging, os, signal, sys, threading
from pathlib import Path
from pydantic import BaseModel
from robots import BusinessException, CaseNumber, Run, ShortText, task
from robots.systems import building_permits


class Wish(BaseModel):
    how: ShortText


@task(title="Prov", owner="Ingen", saves_minutes=1)
def tried(run: Run, case_number: CaseNumber, wish: Wish, *, permits: building_permits.Reader | None) -> None:
    """Gör det som provet vill."""
    with run.step("Steget"):
        run.hide("Tova Testdotter", case_number)
        run.tell(f"{type(case_number).__name__} {type(wish).__name__} {run.has_made('R-1')} {permits} {os.getcwd()}")
        print("skrivet av en uppgift")
        Path("left").write_text("kvar")
        match wish.how:
            case "stops":
                raise BusinessException("Nej", todo="Ring")
            case "has a thread that fails":
                thread = threading.Thread(target=lambda: {}["Tova Testdotter"])
                thread.start()
                thread.join()
                logging.getLogger("library").error("om Tova Testdotter")
            case "leaves":
                os._exit(3)
            case "exits":
                sys.exit(4)
            case "is killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "closes its channel":
                os.closerange(3, 100)
'''


class Log:
    def __init__(self) -> None:
        self.told: list[str] = []

    def event(self, _kind: str, title: str, /, **_detail: Any) -> None:
        self.told.append(title)

    def hide(self, *values: str) -> None:
        self.told += values


@pytest.fixture(scope="module", params=[Forked, pytest.param(Started, marks=pytest.mark.long)])
def at_hand(
    request: pytest.FixtureRequest, machine: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TaskProcesses, Task]]:
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "tried.py").write_text(TASK, "utf-8")
    loaded = load_tasks(folder).find("tried")
    (folder / "tried.py").write_text("raise SystemExit", "utf-8")  # what was read is what is carried out
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "Forked", request.param)
        found = TaskProcesses(machine)
        yield found, loaded
        found.close()


def carry_out(at_hand: tuple[TaskProcesses, Task], how: str) -> list[str]:
    them, tried = at_hand
    log = Log()
    values = tried.inputs.parse({"case_number": "KC-26110042-4", "how": how})
    run = Run(1, "ada", date(2026, 11, 22), log, has_made=lambda mark: mark == "R-1")
    try:
        them.carry_out(tried, run, log, values.arguments, {"permits": None})
    finally:
        them.prepare()
    return log.told


def test_a_task_asks_and_leaves_nothing(at_hand: tuple[TaskProcesses, Task]) -> None:
    told = carry_out(at_hand, "well")
    assert told[:3] == ["Steget", "Tova Testdotter", "KC-26110042-4"]
    kinds, folder = told[3].rpartition(" ")[::2]
    assert kinds == "CaseNumber Wish True None"
    assert not Path(folder).exists()


def test_what_it_raises_is_raised(at_hand: tuple[TaskProcesses, Task]) -> None:
    with pytest.raises(BusinessException) as stop:
        carry_out(at_hand, "stops")
    assert (stop.value.reason, stop.value.todo) == ("Nej", "Ring")


def test_what_goes_wrong_beside_it_is_told_without_values(
    at_hand: tuple[TaskProcesses, Task], machine: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    with closing(TaskProcesses(machine)) as them:  # what it says goes where this test listens
        assert carry_out((them, at_hand[1]), "has a thread that fails")
    said = capfd.readouterr()
    assert "Tova" not in said.out + said.err
    assert "skrivet av en uppgift" in said.out + said.err, "what it prints itself is its own"


@pytest.mark.parametrize(("how", "code"), [("leaves", 3), ("exits", 4), ("is killed", -9), ("closes its channel", 1)])
def test_a_process_that_ends_in_the_middle_is_told_with_its_code(
    how: str, code: int, at_hand: tuple[TaskProcesses, Task]
) -> None:
    with pytest.raises(TaskProcessDied) as death:
        carry_out(at_hand, how)
    assert death.value.code == code
    assert carry_out(at_hand, "well"), "and the next one is ready"


def test_nothing_of_the_environment_is_there_but_what_is_harmless(
    at_hand: tuple[TaskProcesses, Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    from robots.worker.task_process.copies import _environment

    monkeypatch.setenv("RAGNHILD_DATABASE_URL", "hemligt")
    monkeypatch.setenv("PYTHONPATH", "/någonstans")
    assert "hemligt" not in str(_environment())
    assert not any(name.startswith(("PYTHON", "RAGNHILD", "PG")) for name in _environment())
    assert set(_environment()) <= set(os.environ)
