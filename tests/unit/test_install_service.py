"""The services that the machine is told of: as systemd reads them, and as WinSW does."""

from __future__ import annotations

import configparser
import getpass
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from robots.cli.units import Place, systemd_units
from tests.conftest import ROOT
from tests.saying import Say, saying


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """The command, in a checkout with a data folder of its own and no schedules."""
    (tmp_path / "schedules").mkdir()
    told = {"DATA_DIR": tmp_path / "data", "CONFIG_DIR": ROOT / "config", "TASKS_DIR": ROOT / "tasks",
            "SCHEDULES_DIR": tmp_path / "schedules"}  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))
    monkeypatch.delenv("RAGNHILD_DATABASE_URL", raising=False)

    return saying(capsys, "install-service", "--into", str(tmp_path))


def read(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=["="])
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation has it
    unit.read(path, "utf-8")
    return unit


def test_nothing_is_written_unless_asked_for(say: Say, tmp_path: Path) -> None:
    code, told = say()
    assert code == 0
    assert "ExecStart=" in told
    assert "Inget är skrivet" in told
    assert sorted(file.name for file in tmp_path.iterdir()) == ["schedules"], "neither a unit nor a data folder"


def test_the_units_that_are_written(say: Say, tmp_path: Path) -> None:
    code, told = say("--write", "--user", getpass.getuser())
    assert code == 0
    assert "systemctl enable --now ragnhild.target" in told
    assert f"install -d -o {getpass.getuser()} -m 700 {tmp_path / 'data'}" in told
    names = {file.name for file in tmp_path.glob("ragnhild*")}
    assert {"ragnhild.target", "ragnhild-database.service", "ragnhild-worker.service"} <= names
    worker = read(tmp_path / "ragnhild-worker.service")
    assert worker["Service"]["KillMode"] == "mixed", "its slots are ended by the supervisor, not under its hands"
    assert int(worker["Service"]["TimeoutStopSec"]) > 5 * 60, "longer than the runs at work are given"
    assert worker["Service"]["ReadWritePaths"] == str(tmp_path / "data")
    assert worker["Service"]["ExecStart"].endswith(" worker")
    assert worker["Unit"]["Requires"] == "ragnhild-database.service"
    assert "ragnhild-database.service" in worker["Unit"]["After"]
    assert "Requires" not in read(tmp_path / "ragnhild-database.service")["Unit"]
    say("--write", "--user", getpass.getuser())
    assert say("--user", getpass.getuser())[1].count("finns redan så som den ska vara") == len(names)


def test_the_desk_is_a_service_like_the_others_unless_it_is_off(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert say("--write")[0] == 0
    portal = read(tmp_path / "ragnhild-portal.service")
    assert portal["Service"]["ExecStart"].endswith(" portal")
    assert (portal["Service"]["Type"], portal["Service"]["WatchdogSec"]) == ("notify", "180")
    assert portal["Unit"]["Requires"] == "ragnhild-database.service"
    assert "ragnhild-portal.service" in read(tmp_path / "ragnhild.target")["Unit"]["Wants"]
    (tmp_path / "ragnhild-portal.service").unlink()
    monkeypatch.setenv("RAGNHILD_PORTAL_PORT", "0")
    assert say("--write")[0] == 0
    assert not (tmp_path / "ragnhild-portal.service").exists()
    assert "Välj bland" in say("--only", "portal")[1]


def test_with_a_server_of_the_municipalitys_own_there_is_no_database_unit(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", "postgresql://ragnhild@db.example.se/ragnhild")
    assert say("--write", "--only", "worker")[0] == 0
    assert sorted(file.name for file in tmp_path.glob("ragnhild*")) == ["ragnhild-worker.service", "ragnhild.target"]
    assert "db.example.se" not in (tmp_path / "ragnhild-worker.service").read_text("utf-8")


def test_the_watch_lives_on_when_what_it_watches_has_died(say: Say, tmp_path: Path) -> None:
    say("--write")
    watch = read(tmp_path / "ragnhild-watch.service")
    assert watch["Service"]["ExecStart"].endswith(" watch")
    assert "ragnhild-database" not in watch["Unit"]["After"] + watch["Unit"].get("Requires", "")
    assert "ragnhild-watch.service" in read(tmp_path / "ragnhild.target")["Unit"]["Wants"]


def test_another_machine_may_do_nothing_but_watch(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def named() -> set[str]:
        return {file.name for file in tmp_path.glob("ragnhild*")}

    assert say("--write", "--only", "watch")[0] == 0
    assert named() == {"ragnhild-watch.service", "ragnhild.target"}
    (tmp_path / "ragnhild-watch.service").unlink()
    monkeypatch.setenv("RAGNHILD_DATABASE_URL", "postgresql://ragnhild@db.example.se/ragnhild")
    assert say("--write")[0] == 0
    assert "ragnhild-watch.service" not in named(), "each of several machines would tell of the same silence"
    assert say("--write", "--only", "watch")[0] == 0
    assert "ragnhild-watch.service" in named()


def test_a_folder_that_a_schedule_answers_in_can_be_written(say: Say, tmp_path: Path) -> None:
    (tmp_path / "schedules" / "skolval.toml").write_text(
        'title = "Skolval"\ntask = "record_school_choice"\n[when]\nevery = "10 minutes"\n'
        '[rows]\nfolder = "/srv/kommunen/skolval"\n', "utf-8",
    )  # fmt: skip
    (tmp_path / "schedules" / "trasigt.toml").write_text("=", "utf-8")
    assert say("--write")[0] == 0
    assert "/srv/kommunen/skolval" in read(tmp_path / "ragnhild-worker.service")["Service"]["ReadWritePaths"]


def test_secrets_that_only_root_reads_are_handed_over(say: Say, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    assert "är tom" in say("--credentials", str(secrets))[1]
    (secrets / "ada.archive").write_text("hemligt", "utf-8")
    assert say("--write", "--credentials", str(secrets))[0] == 0
    worker = (tmp_path / "ragnhild-worker.service").read_text("utf-8")
    assert f"LoadCredential=ada.archive:{secrets / 'ada.archive'}\n" in worker
    assert "hemligt" not in worker
    assert "LoadCredential" not in (tmp_path / "ragnhild-database.service").read_text("utf-8")


@pytest.mark.parametrize(("line", "words"), [(["--only", "robot"], "Välj bland worker"), (["--write"], "som root")])
def test_what_cannot_be_is_told(say: Say, tmp_path: Path, line: list[str], words: str) -> None:
    code, told = say(*line, "--into", str(tmp_path / "none"))
    assert code != 0
    assert words in told
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd finns inte här (apt-get install systemd)")
def test_systemd_has_nothing_to_say_against_them(tmp_path: Path) -> None:
    """Nor where the names of folders are such as to be misread."""
    folder = tmp_path / "två ord 100%"
    folder.mkdir()
    program = folder / "ragnhild"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    place = Place(
        [str(program)], folder, getpass.getuser(), [folder, tmp_path], {"RAGNHILD_DATA_DIR": str(folder)}, 5.0,
        [tmp_path / "ada"],
    )  # fmt: skip
    units = tmp_path / "units"
    units.mkdir()
    for name, text in systemd_units(place, ["database", "worker", "scheduler", "portal", "watch"]).items():
        (units / name).write_text(text, "utf-8")
    assert verified(units) == ""
    broken = units / "ragnhild-worker.service"
    broken.write_text(broken.read_text("utf-8").replace("KillMode=mixed", "KillMode=gently"), "utf-8")
    assert "kill mode" in verified(units), "control"


def verified(units: Path) -> str:
    """What systemd says of the units; of others on the machine nothing is asked."""
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(map(str, units.iterdir()))],
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{units}:"}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return "\n".join(line for line in said.stderr.splitlines() if str(units) in line)


def test_a_windows_service(say: Say, tmp_path: Path) -> None:
    assert say("--windows", "--write")[0] == 0
    service = ElementTree.parse(tmp_path / "ragnhild.xml").getroot()
    assert (service.findtext("id"), service.findtext("startmode")) == ("ragnhild", "Automatic")
    assert service.findtext("arguments", "").endswith("up")
    assert int(service.findtext("stoptimeout", "").split()[0]) > 5 * 60
    variables = {one.get("name"): one.get("value") for one in service.iter("env")}
    assert variables["RAGNHILD_DATA_DIR"] == str(tmp_path / "data")
    assert "TZ" not in variables, "Windows would misread it"
    code, told = say("--windows", "--only", "worker,scheduler")
    assert code == 0
    assert "ragnhild-scheduler.exe install" in told
