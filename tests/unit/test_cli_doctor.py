"""«ragnhild doctor» sees what is missing; each look has its own finding, and none stops the others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from robots.cli import main as command_line
from robots.cli.doctor import examine
from robots.cli.town import Town
from robots.settings import Settings


@pytest.fixture
def stockholm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Stockholm")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _found(settings: Settings) -> dict[str, tuple[bool, str, str]]:
    return {f.name: (f.ok, f.told, f.todo) for f in examine(settings)}


@pytest.mark.browser
@pytest.mark.usefixtures("stockholm")
def test_a_machine_that_has_everything(
    machine: Settings, town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("data_dir", "config_dir"):
        monkeypatch.setenv(f"RAGNHILD_{name.upper()}", str(getattr(machine, name)))
    monkeypatch.setenv("RAGNHILD_TOWN", town.address)
    assert command_line.carry_out(["doctor", "--json"]) == 0, capsys.readouterr().out
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert {"Webbläsare", "Databas", "System case_management", "Lösenord för svea", "Disk"} <= {
        finding["name"] for finding in told["findings"]
    }


def test_a_machine_that_lacks_everything(machine: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        found = _found(
            machine.model_copy(
                update={
                    "data_dir": tmp_path,
                    "browser": "/nowhere/chrome",
                    "town": "http://127.0.0.1:9",
                    "database_url": SecretStr("postgresql://a:hemligt@127.0.0.1:9/x"),
                }
            )
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    ok = {name for name, (well, _, _) in found.items() if well}
    assert ok == {"Python", "Disk", "Underlag", "Vägen till databasen"}
    assert all(todo for well, _, todo in found.values() if not well)
    assert "/nowhere/chrome" in found["Webbläsare"][1]
    assert "hemligt" not in str(found)
    assert "svarar inte" in found["System case_management"][1]
    assert "saknas för case_management" in found["Lösenord för svea"][1]


def test_a_password_that_others_can_read(machine: Settings, town: Town) -> None:
    file = machine.secrets_dir / "svea"
    settings = machine.model_copy(update={"town": town.address, "browser": "/nowhere"})
    assert _found(settings)["Lösenord för svea"][0]
    file.chmod(0o644)
    try:
        ok, told, todo = _found(settings)["Lösenord för svea"]
    finally:
        file.chmod(0o600)
    assert (ok, str(file) in told, todo.startswith("Kör: chmod 600")) == (False, True, True)


def test_a_system_that_is_closed(machine: Settings, town: Town) -> None:
    settings = machine.model_copy(update={"town": town.address, "browser": "/nowhere"})
    town.fault("case_management", "down", seconds=1)
    assert _found(settings)["System case_management"][:1] == (False,)
    assert _found(settings)["System case_management"][:1] == (True,)
