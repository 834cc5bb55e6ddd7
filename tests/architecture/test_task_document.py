"""``docs/tasks.md`` is what the tasks say of themselves, and what they say is read out of their code."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.cases.connectors import connector
from robots.cli.task_document import document
from robots.settings import Settings, load_settings
from robots.systems import waste_collection
from robots.task_files import load_tasks
from robots.worker.task_rules import StopRule, TaskSource, driver_of
from tests.conftest import ROOT

TRIAL = '''
from robots import BusinessException, CaseNumber, Run, task
from robots.systems import waste_collection

KIND = "Provets regel"


@task(title="Prov", owner="Ingen", saves_minutes=1)
def trial(run: Run, case_number: CaseNumber, *, waste: waste_collection.Reader) -> None:
    """Prövar."""
    place = waste.facility("AN1")
    if place:
        raise BusinessException(f"Platsen {place} " "är tagen.", kind=KIND, todo="Ring.")
'''


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(config_dir=ROOT / "config", tasks_dir=ROOT / "tasks")


def test_the_document_is_true(settings: Settings) -> None:
    told = document(settings, load_tasks(settings.tasks_dir).by_name.values())
    assert (ROOT / "docs" / "tasks.md").read_text("utf-8") == told, "make docs writes it anew"


def test_a_rule_is_read_out_of_the_task_and_out_of_what_it_calls_of_a_driver(tmp_path: Path) -> None:
    (tmp_path / "trial.py").write_text(TRIAL, "utf-8")
    source = TaskSource(load_tasks(tmp_path).find("trial"), {"waste": waste_collection.Reader})
    assert source.stop_rules() == [StopRule("Provets regel", "Platsen … är tagen.", "Ring.")]
    assert "Anläggningen finns inte" in [rule.kind for rule in source.stop_rules_of("waste")]
    assert source.changes() == []


def test_the_steps_are_read_with_the_changes_that_are_made_in_them(settings: Settings) -> None:
    found = load_tasks(settings.tasks_dir).find("send_drawings")
    steps = TaskSource(found, {a.argument: driver_of(a, settings.cases) for a in found.systems}).steps()
    assert [step.title for step in steps][:2] == ["Kontrollera ärendet och den sökande", "Leta upp fastigheten"]
    assert [(step.title, [change.once for change in step.changes]) for step in steps if step.changes] == [
        ("Skicka till den sökande", ["ritningar"]), ("Anteckna i ärendet", ["anteckning"]),
        ("Avsluta ärendet", ["avslut"]),
    ]  # fmt: skip


def test_a_rule_that_a_function_beside_the_driver_makes_is_read_as_well(settings: Settings) -> None:
    found = load_tasks(settings.tasks_dir).find("send_detail_plan")
    source = TaskSource(found, {"cases": connector(settings.cases, "journal")})
    assert "Ärendet finns inte" in [rule.kind for rule in source.stop_rules_of("cases")]
    changes = [(change.once, change.what) for change in source.changes()]
    assert [once for once, _ in changes] == ["detaljplan", "anteckning", "avslut"]
    assert changes[-1][1] == "Set the case's status: Avslutat."
