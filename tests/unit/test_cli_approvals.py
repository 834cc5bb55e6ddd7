"""What a person sees of a waiting run on the command line, and the answer; and what «check» says of «asks_before»."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robots.cli.check import _asking_faults
from robots.queue.claims import Held
from robots.queue.runs import find_run
from robots.settings import Settings
from robots.store import Store
from robots.task_files import load_tasks
from robots.worker.task_rules import TaskSource
from tests.saying import Say
from tests.unit.questions import Attempt, waiting_run


@pytest.fixture(autouse=True)
def here(machine: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATA_DIR": machine.data_dir,
        "CONFIG_DIR": machine.config_dir,
        "DATABASE_URL": store.url,
    }.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))


def test_what_waits_is_listed_shown_and_sent_when_a_person_says_so(store: Store, say: Say) -> None:
    assert "Inget väntar på svar" in say("approvals")[1]
    run = waiting_run(store, "en tunna")
    code, told = say("approvals", "--json")
    [question] = json.loads(told)["approvals"]
    assert (code, question["run"], question["effect"]) == (0, f"K-{run}", "bokning")
    assert question["picture"].endswith(f"/{run}/01-001.jpg")
    assert "bokning" in say("approvals")[1]
    assert "Väntar på dig: titta och svara" in say("runs")[1]
    shown = say("show", f"K-{run}")[1]
    for words in ("Väntar på dig: titta och svara senast", "en tunna", "01-001.jpg", f"ragnhild approve K-{run}"):
        assert words in shown
    assert f"approve K-{run} --question {question['question']}" in shown
    assert say("approve", f"K-{run}", "--question", question["question"] + 1)[0] == 2
    code, told = say("approve", f"K-{run}", "--question", question["question"])
    assert (code, "skickar det du har tittat på" in told, "Ingen worker är igång" in told) == (0, True, True)
    assert find_run(store, run).state == "queued"
    code, told = say("approve", f"K-{run}")
    assert (code, "svarade Skicka redan" in told) == (2, True)
    Attempt(store, run).arm("en tunna")
    code, told = say("deny", f"K-{run}")
    assert (code, "redan på väg" in told) == (2, True)
    assert ": Skicka" in say("show", f"K-{run}")[1]


def test_avbryt_ends_it_with_the_reason(store: Store, say: Say) -> None:
    run = waiting_run(store)
    code, told = say("deny", f"K-{run}", "--reason", "fel mottagare")
    assert (code, f"K-{run} är avbruten" in told) == (0, True)
    assert "fel mottagare" in find_run(store, run).reason
    document = json.loads(say("show", f"K-{run}", "--json")[1])
    assert [(q["answer"], q["reason"]) for q in document["approvals"]] == [("stop", "fel mottagare")]
    assert say("deny", "K-4711")[0] == 2


def test_control_nothing_leaves_before_the_answer(store: Store) -> None:
    run = waiting_run(store)
    assert find_run(store, run).state == "waiting_approval"
    with pytest.raises(Held, match="Väntar på att någon tittar"):
        Attempt(store, run)


# -- what a task declares -------------------------------------------------------------------------------------------

TASK = '''"""Prov."""
from robots import CaseNumber, Cases, Run, task


@task(title="Prov", owner="Ingen", saves_minutes=1, asks_before={asks})
def ask_here(run: Run, case_number: CaseNumber, *, cases: Cases.Writer) -> None:
    """Provar."""
    cases.add_note(case_number, "hej", once={once})
'''


def _faults(folder: Path, asks: str, once: str = '"anteckning"') -> list[str]:
    (folder / "ask_here.py").write_text(TASK.format(asks=asks, once=once), "utf-8")
    loaded = load_tasks(folder)
    assert not loaded.problems, loaded.problems
    return [str(fault) for fault in _asking_faults(loaded.find("ask-here"))]


def test_a_name_that_no_change_of_the_task_has_is_told_with_its_line(tmp_path: Path) -> None:
    assert _faults(tmp_path, '("anteckning",)') == []
    [told] = _faults(tmp_path, '("anteckning", "brev")')
    assert told.startswith(f"{tmp_path / 'ask_here.py'}:5: ")
    assert "«brev». Det finns anteckning." in told


def test_a_name_that_is_made_as_the_task_runs_is_not_judged(tmp_path: Path) -> None:
    assert _faults(tmp_path, '("anteckning 1",)', 'f"anteckning {case_number}"') == []
    assert TaskSource(load_tasks(tmp_path).find("ask-here"), {}).names_of_changes() is None


@pytest.mark.parametrize("asks", ['"anteckning"', "(1,)", '["anteckning"]'])
def test_what_is_no_list_of_names_is_refused_as_the_file_is_read(tmp_path: Path, asks: str) -> None:
    (tmp_path / "ask_here.py").write_text(TASK.format(asks=asks, once='"anteckning"'), "utf-8")
    [problem] = load_tasks(tmp_path).problems
    assert "asks_before ska vara" in problem.message
