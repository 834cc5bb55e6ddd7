"""What an admin wrote wrong is told with the file and the value; a right that is not granted is forbidden."""

from __future__ import annotations

import os
import re
import stat
from datetime import date
from pathlib import Path

import pytest

from robots.errors import AccessDenied, ConfigurationError
from robots.settings import Settings, load_settings, write_secret
from tests.architecture.source import python_files

VARIABLE = re.compile(r"RAGNHILD_[A-Z_]*[A-Z]\b")
# Names in this file that are wrong on purpose.
MISTAKES = {"RAGNHILD_ATTEMTPS", "RAGNHILD_PASSWORD"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config folder with one robot and two systems, and nothing in the environment."""
    for name in ("DATA_DIR", "CONFIG_DIR", "TOWN", "DATABASE_URL", "ATTEMPTS"):
        monkeypatch.delenv(f"RAGNHILD_{name}", raising=False)
    config = tmp_path / "config"
    config.mkdir()
    (config / "ragnhild.toml").write_text('municipality = "Provköping"\nattempts = 7\n', "utf-8")
    (config / "robots.toml").write_text(
        '[ada]\ntitle = "Ada"\nowner = "Bygg"\nuser = "robot.ada"\ntasks = ["one", "two"]\n', "utf-8"
    )
    (config / "systems.toml").write_text('[archive]\nurl = "{town}/a"\n[map]\nurl = "https://karta.example"\n', "utf-8")
    (config / "access.toml").write_text('[ada]\narchive = "read"\nmap = "journal"\n', "utf-8")
    return tmp_path


def _load(folder: Path, **changes: object) -> Settings:
    return load_settings(**{"config_dir": folder / "config", "data_dir": folder / "data", **changes})


def _read_all(folder: Path) -> None:
    settings = _load(folder)
    _ = settings.robots, settings.systems, settings.access


def test_values_come_from_the_file_in_the_config_folder_that_is_asked_for(folder: Path) -> None:
    assert (_load(folder).municipality, _load(folder).attempts) == ("Provköping", 7)


def test_the_environment_wins_over_the_file_and_what_is_given_wins_over_both(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGNHILD_ATTEMPTS", "5")
    assert _load(folder).attempts == 5
    assert _load(folder, attempts=2).attempts == 2


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("ragnhild.toml", 'attempts = "många"\n', "attempts"),
        ("ragnhild.toml", "atempts = 3\n", "atempts"),
        ("ragnhild.toml", "attempts = = 3\n", "ragnhild.toml"),
        ("robots.toml", '[ada]\ntitle = "Ada"\n', "robots.toml"),
        ("robots.toml", 'title = "Ada"\n', "robots.toml"),
        ("robots.toml", "[ada\n", "robots.toml"),
        ("systems.toml", "[archive]\n", "archive.url"),
        ("systems.toml", '[archive]\nurl = "x"\nsettle = 3\n', "archive.settle"),
        ("access.toml", '[ada]\narchive = "write"\n', "'write' ska vara read eller journal"),
        ("access.toml", 'archive = "read"\n', "access.toml"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(folder: Path, file: str, text: str, told: str) -> None:
    (folder / "config" / file).write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as error:
        _read_all(folder)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('cases = "a"\natempts = 3\n', "ragnhild.toml:2: Inställningen atempts finns inte. Menade du attempts?"),
        ("\n[vault]\n", "ragnhild.toml:2: Inställningen vault finns inte."),
        ('zebra = "a"\n', "Inställningen zebra finns inte. De som finns visas av: ragnhild config"),
        ('config_dir = "x"\n', "ragnhild.toml:1: config_dir säger var den här filen ligger"),
        ('# attempts\n\nattempts = "många"\n', "ragnhild.toml:3: Inställningen attempts ska vara ett heltal."),
        ("attempts = 0\n", "ragnhild.toml:1: Inställningen attempts ska vara minst 1."),
        ("run_minutes = 0\n", "Inställningen run_minutes ska vara större än 0."),
        ("watch = 3\n", "Inställningen watch ska vara true eller false."),
        ('evidence = "some"\n', "Inställningen evidence ska vara 'full' eller 'steps'."),
        ("municipality = 3\n", "Inställningen municipality ska vara text inom citattecken."),
        ("slots = \n", "ragnhild.toml:1: Filen ragnhild.toml går inte att läsa"),
    ],
)
def test_a_wrong_setting_is_told_with_its_line_and_what_was_meant(folder: Path, text: str, told: str) -> None:
    (folder / "config" / "ragnhild.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as error:
        _load(folder)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("RAGNHILD_ATTEMTPS", "3", "RAGNHILD_ATTEMTPS är ingen inställning. Menade du RAGNHILD_ATTEMPTS?"),
        ("RAGNHILD_PASSWORD", "hemligt", "RAGNHILD_PASSWORD är ingen inställning."),
        ("RAGNHILD_ATTEMPTS", "hemligt", "ska vara ett heltal. Den kommer från miljövariabeln RAGNHILD_ATTEMPTS."),
    ],
)
def test_a_wrong_variable_is_told_by_name_and_its_value_is_not_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as error:
        _load(folder)
    assert told in str(error.value)
    assert "hemligt" not in str(error.value)


def test_what_the_tests_tell_programs_is_no_setting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {name for path in python_files("tests", "benchmarks") for name in VARIABLE.findall(path.read_text("utf-8"))}
    for name in told - {f"RAGNHILD_{setting.upper()}" for setting in Settings.model_fields} - MISTAKES:
        monkeypatch.setenv(name, "prov")
    assert _load(folder).attempts == 7


def test_a_list_is_written_with_commas_in_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGNHILD_REACHES", "archive, map")
    assert _load(folder).reaches == ("archive", "map")
    assert _load(folder, **_load(folder).model_dump(mode="json")).reaches == ("archive", "map")


@pytest.mark.parametrize("name", ["database", "smtp", "vault", "machine"])
def test_a_robot_is_not_called_as_another_secret_is(folder: Path, name: str) -> None:
    path = folder / "config" / "robots.toml"
    path.write_text(path.read_text("utf-8").replace("[ada]", f"[{name}]"), "utf-8")
    with pytest.raises(ConfigurationError, match=f"robots.toml:1: En robot får inte heta {name}"):
        _ = _load(folder).robots


@pytest.mark.parametrize("file", ["robots.toml", "systems.toml", "access.toml"])
def test_a_missing_file_is_told_by_name(folder: Path, file: str) -> None:
    (folder / "config" / file).unlink()
    with pytest.raises(ConfigurationError, match=file):
        _read_all(folder)


def test_a_task_has_one_robot(folder: Path) -> None:
    path = folder / "config" / "robots.toml"
    settings = _load(folder)
    assert settings.robot_for("two").name == "ada"
    with pytest.raises(ConfigurationError, match="Ingen robot har uppgiften three"):
        settings.robot_for("three")
    path.write_text(path.read_text("utf-8") + '[bo]\ntitle="Bo"\nowner="B"\nuser="robot.bo"\ntasks=["two"]\n', "utf-8")
    with pytest.raises(ConfigurationError, match="two har två robotar: ada och bo"):
        _ = _load(folder).robots


@pytest.mark.parametrize(
    ("robot", "system", "level", "granted"),
    [
        ("ada", "archive", "read", True), ("ada", "archive", "journal", False), ("ada", "map", "read", True),
        ("ada", "map", "journal", True), ("ada", "register", "read", False), ("bo", "archive", "read", False),
    ],
)  # fmt: skip
def test_what_is_not_granted_is_forbidden(folder: Path, robot: str, system: str, level: str, granted: bool) -> None:
    settings = _load(folder)
    if granted:
        settings.demand_access(robot, system, level)  # type: ignore[arg-type]  # one of the two, by the table above
        return
    with pytest.raises(AccessDenied, match="behörigheten"):
        settings.demand_access(robot, system, level)  # type: ignore[arg-type]


def test_the_towns_address_stands_where_town_stands(folder: Path) -> None:
    assert _load(folder, town="http://127.0.0.1:1").system("archive").url == "http://127.0.0.1:1/a"
    assert _load(folder).system("map").url == "https://karta.example"
    with pytest.raises(ConfigurationError, match="ragnhild practice"):
        _load(folder).system("archive")
    with pytest.raises(ConfigurationError, match="nowhere har ingen adress"):
        _load(folder).system("nowhere")


def test_a_password_is_the_systems_own_or_the_robots(folder: Path) -> None:
    settings = _load(folder)
    with pytest.raises(ConfigurationError, match="saknas"):
        settings.password("ada", "map")
    write_secret(settings.secrets_dir / "ada", "allmänt\n")
    write_secret(settings.secrets_dir / "ada.map", "eget")
    assert settings.password("ada", "archive").get_secret_value() == "allmänt"
    assert settings.password("ada", "map").get_secret_value() == "eget"
    assert "eget" not in repr(settings.password("ada", "map"))


def test_a_secret_is_read_by_its_owner_alone(folder: Path) -> None:
    settings = _load(folder)
    path = settings.secrets_dir / "ada"
    write_secret(path, "ett")
    write_secret(path, "två", keep=True)
    assert path.read_text("utf-8") == "ett"
    write_secret(path, "tre")
    assert path.read_text("utf-8") == "tre"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["ada"]


def test_a_secret_is_on_the_disk_before_anybody_can_read_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sealed with a key is on the disk when its transaction ends: the key must not come later."""
    path, settled = folder / "secrets" / "ada", []

    def wait(descriptor: int) -> None:
        is_folder = os.path.samestat(os.fstat(descriptor), path.parent.stat())
        settled.append((is_folder, path.exists(), os.fstat(descriptor).st_size if not is_folder else 0))

    monkeypatch.setattr(os, "fsync", wait)
    write_secret(path, "ett")
    assert settled == [(False, False, 3), (True, True, 0)]


def test_the_databases_password_is_not_shown(folder: Path) -> None:
    settings = _load(folder, database_url="postgresql://r:hemligt@127.0.0.1/x")
    assert "hemligt" not in repr(settings) + str(settings.model_dump(mode="json"))


def test_a_robot_decides_only_under_a_delegation_that_holds(folder: Path) -> None:
    path = folder / "config" / "robots.toml"
    with pytest.raises(AccessDenied, match="ingen delegation"):
        _load(folder).demand_delegation("ada", "two", date(2026, 11, 22))
    path.write_text(
        path.read_text("utf-8") + '[ada.delegations]\ntwo = { number = "ON 2026/12", until = 2026-11-22 }\n', "utf-8"
    )
    assert _load(folder).demand_delegation("ada", "two", date(2026, 11, 22)).number == "ON 2026/12"
    with pytest.raises(AccessDenied, match=r"ON 2026/12 .* gällde till och med 2026-11-22"):
        _load(folder).demand_delegation("ada", "two", date(2026, 11, 23))
