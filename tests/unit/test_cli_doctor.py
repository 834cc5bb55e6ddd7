"""«ragnhild doctor» sees what is missing; each look has its own finding, and none stops the others."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from robots.cli import doctor
from robots.cli import main as command_line
from robots.cli.doctor import examine
from robots.cli.examined.database import database_findings
from robots.cli.examined.files import backup_finding, secret_findings, written_findings
from robots.cli.examined.finding import Finding
from robots.cli.examined.work import work_findings
from robots.cli.town import Town
from robots.queue.pauses import pause
from robots.queue.upkeep import register_worker
from robots.settings import Settings, load_settings, write_secret
from robots.store import Store
from robots.store.keeping.backup import make_backup
from robots.store.keeping.manifest import MANIFEST
from robots.store.migrate import newest_version
from robots.store.processes import this_process
from robots.worker.task_process import walls
from tests.unit.engine import ask


@pytest.fixture
def stockholm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Stockholm")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _found(
    settings: Settings, look: Callable[[Settings], Iterator[Finding]] = examine
) -> dict[str, tuple[bool, str, str]]:
    return {f.name: (f.ok, f.told, f.todo) for f in look(settings)}


@pytest.mark.browser
@pytest.mark.usefixtures("stockholm")
def test_a_machine_that_has_everything(
    machine: Settings, town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("data_dir", "config_dir"):
        monkeypatch.setenv(f"RAGNHILD_{name.upper()}", str(getattr(machine, name)))
    monkeypatch.setenv("RAGNHILD_TOWN", town.address)
    monkeypatch.setattr(walls, "missing", list[str])  # a container may forbid them where the tests are run
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
    always = {"Python", "Disk", "Underlag", "Vägen till databasen", "Filer", "Säkerhetskopia", "Gallring", "Fyra ögon"}
    assert ok - {"Uppgifternas processer"} == always, "that one depends on the kernel"
    assert all(todo for well, _, todo in found.values() if not well)
    assert "/nowhere/chrome" in found["Webbläsare"][1]
    assert "hemligt" not in str(found)
    assert "svarar inte" in found["System case_management"][1]
    assert "saknas för case_management" in found["Lösenord för svea"][1]


@pytest.mark.parametrize(
    ("platform", "required", "complains"), [("linux", False, True), ("win32", False, False), ("win32", True, True)]
)
def test_what_tasks_are_not_shut_in_by(
    platform: str, required: bool, complains: bool, machine: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = machine.model_copy(update={"walls_required": required})
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(walls, "missing", list[str])
    assert doctor._walls(settings) == Finding("Uppgifternas processer", True, "uppgifter körs instängda", "")
    monkeypatch.setattr(walls, "missing", lambda: ["Landlock"])
    found = doctor._walls(settings)
    assert (found.ok, "Landlock" in found.told, bool(found.todo)) == (not complains, True, True)
    assert ("ingen uppgift" in found.told) is required


def test_a_password_that_others_can_read(machine: Settings, town: Town) -> None:
    file = machine.secrets_dir / "svea"
    settings = machine.model_copy(update={"town": town.address, "browser": "/nowhere"})
    assert _found(settings, doctor._secrets)["Lösenord för svea"][0]
    file.chmod(0o644)
    try:
        ok, told, todo = _found(settings, doctor._secrets)["Lösenord för svea"]
    finally:
        file.chmod(0o600)
    assert (ok, str(file) in told, todo.startswith("Kör: chmod 600")) == (False, True, True)


def test_a_system_that_is_closed(machine: Settings, town: Town) -> None:
    settings = machine.model_copy(update={"town": town.address, "browser": "/nowhere"})
    town.fault("case_management", "down", seconds=1)
    assert _found(settings, doctor._systems)["System case_management"][:1] == (False,)
    assert _found(settings, doctor._systems)["System case_management"][:1] == (True,)


# -- what an operator has to see to ---------------------------------------------------------------------------------

Work = Callable[[], dict[str, tuple[bool, str, str]]]


@pytest.fixture
def of_work(store: Store) -> Work:
    """What is told of the work."""
    return lambda: {f.name: (f.ok, f.told, f.todo) for f in work_findings(store)}


def _say(store: Store, *statements: str) -> None:
    with store.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _at_work(store: Store, *queues: str) -> int:
    return register_worker(store, this_process(), name="ada", slots=1, queues=queues)


def test_nothing_is_said_of_what_is_as_it_should_be(store: Store, of_work: Work) -> None:
    _at_work(store)
    ask(store)
    assert of_work() == {}


def test_a_worker_that_is_silent(store: Store, of_work: Work) -> None:
    _at_work(store)
    _say(store, "update workers set seen_at = clock_timestamp() - interval '40 seconds'")
    ok, told, todo = of_work()["Worker ada"]
    assert (ok, told.startswith("tyst i 4"), "Se efter på maskinen" in todo) == (False, True, True)
    _say(store, "update workers set seen_at = clock_timestamp() - interval '2 days'")
    assert of_work() == {}, "history"


@pytest.mark.parametrize(
    ("queues", "told"),
    [
        (None, "1 körningar väntar, och ingen worker är igång"),
        (["runs.another"], "1 körningar väntar, och ingen worker som är igång når dess system"),
        (["runs.example"], ""),
        ([], ""),
    ],
    ids=["no worker", "none that reaches it", "control: one that does", "control: one that takes all"],
)
def test_runs_that_nobody_takes(store: Store, of_work: Work, queues: list[str] | None, told: str) -> None:
    ask(store)
    if queues is not None:
        _at_work(store, *queues)
    _say(store, "update runs set created_at = clock_timestamp() - interval '2 minutes'")
    assert of_work().get("Kön till example", (True, "", ""))[1] == told


def test_a_run_that_is_held_waits_for_something_else(store: Store, of_work: Work) -> None:
    ask(store)
    _say(store, "update runs set created_at = clock_timestamp() - interval '2 minutes', held_for = 'Allt är pausat'")
    assert of_work() == {}


def test_an_answer_that_is_late(store: Store, of_work: Work) -> None:
    _at_work(store)
    ask(store)
    _say(store, "update runs set deadline_at = clock_timestamp() - interval '1 minute'")
    assert of_work()["Svar i tid"][1].startswith("1 körningar i kön har passerat")


def test_a_breaker_that_is_open_and_what_closes_it(store: Store, of_work: Work) -> None:
    _say(
        store,
        "insert into breakers (system, robot, state, why, met_by, opened_at, probe_at) values"
        " ('archive', '', 'open', 'svarar inte', 'ada', '2026-11-22 06:00Z', '2026-11-22 06:10Z'),"
        " ('map', 'ada', 'open', 'fel lösenord', 'ada', '2026-11-22 06:00Z', null),"
        " ('register', '', 'closed', '', 'ada', null, null)",
    )
    found = of_work()
    assert found.keys() == {"System archive, spärr", "System map, spärr"}
    assert found["System archive, spärr"][1] == "används inte sedan 2026-11-22 07:00:00: svarar inte"
    assert "av sig självt 2026-11-22 07:10:00" in found["System archive, spärr"][2]
    assert found["System map, spärr"][1] == "används inte för ada sedan 2026-11-22 07:00:00: fel lösenord"
    assert "nytt lösenord" in found["System map, spärr"][2]


def test_schedules_that_nobody_looks_at_or_that_ask(store: Store, of_work: Work) -> None:
    _say(store, "insert into schedules (name, written, looked_until) values ('prov', '', clock_timestamp())")
    assert of_work() == {}
    _say(
        store, "update schedules set looked_until = clock_timestamp() - interval '5 minutes'",
        "insert into starts (schedule, local_time, due_at, state, by)"
        " values ('prov', '2026-11-22 06:00', '2026-11-22 05:00Z', 'asked', 'klockan')",
    )  # fmt: skip
    found = of_work()
    assert "så inget startar av sig självt" in found["Schemaläggaren"][1]
    assert found["Schema prov"][:2] == (False, "1 starter väntar på svar")
    _say(store, "update schedules set gone = true", "delete from starts")
    assert of_work() == {}


def test_what_is_paused_is_told_and_is_no_fault(store: Store, of_work: Work) -> None:
    pause(store, "system:archive", by="eva", reason="byter server")
    ((ok, told, _),) = of_work().values()
    assert (ok, told.startswith("system:archive, av eva"), told.endswith(": byter server")) == (True, True, True)


def test_it_looks_at_the_tables_as_they_are(store: Store, machine: Settings) -> None:
    settings = machine.model_copy(update={"database_url": SecretStr(store.url)})

    def tables() -> tuple[bool, str]:
        return next((f.ok, f.told) for f in database_findings(settings) if f.name == "Tabeller")

    assert tables() == (True, f"version {newest_version()}, som programmet vill ha dem")
    try:
        _say(store, "update alembic_version set version_num = '0004'")
        assert tables() == (True, f"version 0004; de blir {newest_version()} när något av programmet startar")
        _say(store, "update alembic_version set version_num = '9999'")
        assert tables() == (False, f"version 9999, men programmet känner bara till {newest_version()}")
    finally:
        _say(store, f"update alembic_version set version_num = '{newest_version()}'")


def test_a_file_that_cannot_be_used_is_a_line_with_its_place(machine: Settings, tmp_path: Path) -> None:
    shutil.copytree(machine.config_dir, tmp_path / "config")
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "prov.toml").write_text('title = "Prov"\ntask = "x"\n[when]\ncron = "i morgon"\n')
    (tmp_path / "config" / "calendar.toml").write_text("[i-går]\n")
    folders = {"config_dir": tmp_path / "config", "schedules_dir": tmp_path / "schedules"}
    settings = load_settings(**machine.model_dump() | folders)
    told = [finding.told for finding in written_findings(settings)]
    assert [line for line in told if "prov.toml:4:" in line]
    assert [line for line in told if "calendar.toml" in line]
    assert all(finding.ok is False and finding.todo for finding in written_findings(settings))


def test_a_secret_that_others_can_read_and_that_is_no_robots(machine: Settings, tmp_path: Path) -> None:
    settings = machine.model_copy(update={"data_dir": tmp_path})
    write_secret(tmp_path / "secrets" / "machine.key", "x")
    assert list(secret_findings(settings, set())) == []
    (tmp_path / "secrets" / "machine.key").chmod(0o640)
    ((finding),) = secret_findings(settings, set())
    assert finding.todo == f"Kör: chmod 600 {tmp_path / 'secrets' / 'machine.key'}"
    assert list(secret_findings(settings, {"machine"})) == []


def test_the_age_of_the_newest_whole_backup(machine: Settings, store: Store, tmp_path: Path) -> None:
    settings = machine.model_copy(update={"backup_folder": tmp_path / "backups"})
    assert backup_finding(machine).ok
    assert "finns inte" in backup_finding(settings).told
    (tmp_path / "backups" / "ragnhild-2026-11-22-070000").mkdir(parents=True)
    assert "det finns ingen hel" in backup_finding(settings).told
    made = make_backup(store, tmp_path / "backups", evidence=tmp_path, sources={}, secrets=False)
    assert backup_finding(settings).ok
    old = made.manifest.model_copy(update={"made_at": made.manifest.made_at - timedelta(hours=27)})
    (made.folder / MANIFEST).write_text(old.model_dump_json(), "utf-8")
    finding = backup_finding(settings)
    assert (finding.ok, "äldre än 26 timmar" in finding.told) == (False, True)
