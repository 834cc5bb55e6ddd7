"""The command line on this test's database and town."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from robots.cli.town import Town
from robots.settings import Settings
from robots.store import Store
from tests.conftest import ROOT
from tests.journey.commands import SECONDS
from tests.saying import Say, saying


@pytest.fixture
def environment(machine: Settings, town: Town, store: Store) -> dict[str, str]:
    """This test's database and town; the address of the test database carries no password."""
    return os.environ | {
        "RAGNHILD_DATA_DIR": str(machine.data_dir), "RAGNHILD_CONFIG_DIR": str(machine.config_dir),
        "RAGNHILD_TASKS_DIR": str(machine.tasks_dir), "RAGNHILD_TOWN": town.address,
        "RAGNHILD_DATABASE_URL": store.url, "PYTHONPATH": str(ROOT),
    }  # fmt: skip


@pytest.fixture
def say(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """A command that only reads and writes in the database, in the test's own process: another takes a second."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return saying(capsys)


@pytest.fixture
def ragnhild(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def carry_out(*line: str) -> subprocess.CompletedProcess[str]:
        told = subprocess.run(
            [sys.executable, "-m", "robots", *line], env=environment, capture_output=True, text=True,
            check=False, timeout=SECONDS,
        )  # fmt: skip
        assert "Traceback" not in told.stderr + told.stdout, told.stderr
        return told

    return carry_out
