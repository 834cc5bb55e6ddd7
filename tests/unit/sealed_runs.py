"""Runs with evidence that is sealed, on a machine with secrets of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from robots.evidence.keys import Keys
from robots.evidence.sealed import RunEvidence
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from tests.unit.runs import new_run

CASE = "KC-26110001-8"
WORDS = b"<h1>Tova Testdotter</h1>"


def own_machine(machine: Settings, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A machine with secrets and evidence of its own, which commands find as well."""
    for name, value in {"DATA_DIR": folder, "CONFIG_DIR": machine.config_dir, "DATABASE_URL": store.url}.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))
    return machine.model_copy(update={"data_dir": folder})


def run_of(store: Store, case: str | None = CASE, **values: Any) -> int:
    run_id = new_run(store)
    with store.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(case_number=case, **values))
    return run_id


def evidence_of(settings: Settings, store: Store, run_id: int) -> RunEvidence:
    """As another process would find it."""
    evidence = RunEvidence.below(settings.evidence_dir, run_id, Keys.of(settings, store))
    evidence.folder.mkdir(parents=True, exist_ok=True)
    return evidence


def written(settings: Settings, store: Store, run_id: int, file: str = "report.html") -> Path:
    evidence = evidence_of(settings, store, run_id)
    evidence.write(file, WORDS)
    return evidence.folder / file
