"""What «ragnhild new task» writes does its work in the town at once, before an admin has changed a word."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from robots.cli.town import Town
from tests.conftest import ROOT
from tests.journey.commands import SECONDS

pytestmark = pytest.mark.browser


def test_a_new_task_notes_in_the_case(town: Town, environment: dict[str, str], tmp_path: Path) -> None:
    for name in ("config", "tasks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    own = environment | {"RAGNHILD_CONFIG_DIR": "config", "RAGNHILD_TASKS_DIR": "tasks"}

    def typed(*line: str) -> None:
        told = subprocess.run(
            [sys.executable, "-m", "robots", *line], cwd=tmp_path, env=own, capture_output=True, text=True,
            check=False, timeout=SECONDS,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr

    case = town.cases("other")[0]["number"]
    typed("new", "task", "anteckna-samtal", "--title", "Anteckna ett samtal")
    typed("run", "anteckna-samtal", "--case-number", case)

    assert [(c["kind"], c["about"]) for c in town.truth()] == [("note_added", case), ("status_set", case)]
    assert "Anteckna ett samtal: klart." in town.truth()[0]["facts"]["text"]
