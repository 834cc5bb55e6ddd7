"""«ragnhild new system» writes a driver and names it where it has to stand, or writes nothing and says why not.

That what it writes works is shown in ``tests/journey/test_new_system.py``.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from robots.cli import main as command_line
from robots.cli.new_system import CONTRACT, with_system
from robots.errors import ApplicationException
from tests.conftest import ROOT


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As much of a checkout as the command looks at, and the person stands in it."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "robots" / "systems", tmp_path / "robots" / "systems")
    (tmp_path / "robots" / "cases" / "case_management").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAGNHILD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def _files(place: Path) -> dict[Path, bytes]:
    return {p.relative_to(place): p.read_bytes() for p in place.rglob("*") if p.is_file() and "data" not in p.parts}


def _modules(place: Path) -> list[str]:
    told = tomllib.loads((place / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return next(list(each["modules"]) for each in told if each["name"] == CONTRACT)


def test_a_new_system_stands_wherever_it_has_to(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, others = _files(place), _modules(place)

    typed = ["new", "system", "grit-bins", "--title", "Sandkistor", "--url", "https://sand.example", "--robot", "svea"]
    assert command_line.carry_out(typed) == 0

    folder = Path("robots/systems/grit_bins")
    written = {folder / name for name in ("__init__.py", "driver.py", "landmarks.toml", "model.py", "system.toml")}
    assert _files(place).keys() - before.keys() == written | {Path("tests/unit/test_grit_bins.py")}
    assert _modules(place) == [*others, "robots.systems.grit_bins"]
    systems = tomllib.loads((place / "config" / "systems.toml").read_text("utf-8"))
    assert systems["grit_bins"] == {"url": "https://sand.example"}
    card = tomllib.loads((folder / "system.toml").read_text("utf-8"))
    assert (card["title"], card["owner"]) == ("Sandkistor", "Teknik och renhållning")
    changed = {path for path, told in before.items() if _files(place)[path] != told}
    assert changed == {Path("pyproject.toml"), Path("config/systems.toml")}
    shown = capsys.readouterr().out
    assert 'access.toml, under [svea]: grit_bins = "journal"' in " ".join(shown.split())


def test_without_an_address_it_is_looked_for_in_the_town(place: Path) -> None:
    assert command_line.carry_out(["new", "system", "grit-bins"]) == 0

    systems = tomllib.loads((place / "config" / "systems.toml").read_text("utf-8"))
    assert systems["grit_bins"]["url"] == "{town}/grit-bins"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["Sand"], "små bokstäver"),
        (["../ut"], "små bokstäver"),
        (["import"], "små bokstäver"),
        (["registry"], "finns redan"),
        (["grid"], "finns redan"),
        (["case-management"], "finns redan"),
        (["sand", "--robot", "nils"], "Det finns ragnhild"),
        (["sand", "--title", 'Sand"'], "utan citattecken"),
        (["sand", "--url", "sand.example"], "https://…"),
        (["sand", "--url", "https://anna:hemligt@sand.example"], "utan användare och lösenord"),
        (["sand", "--url", 'https://sand.example/"'], "https://…"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    place: Path, typed: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _files(place)

    assert command_line.carry_out(["new", "system", *typed]) == 2

    assert words in capsys.readouterr().err
    assert _files(place) == before


@pytest.mark.parametrize("there", ["robots/cases/sand", "tests/unit/test_sand.py"])
def test_what_is_there_already_is_not_written_over(place: Path, there: str) -> None:
    (place / there).mkdir(parents=True)
    before = _files(place)

    assert command_line.carry_out(["new", "system", "sand"]) == 2
    assert _files(place) == before


@pytest.mark.parametrize("missing", ["pyproject.toml", "robots/systems/driver.py"])
def test_elsewhere_than_in_a_checkout_nothing_is_written(
    place: Path, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / missing).unlink()
    before = _files(place)

    assert command_line.carry_out(["new", "system", "sand"]) == 2

    assert "Stå i den mapp" in capsys.readouterr().err
    assert _files(place) == before


def test_what_a_person_has_added_is_not_added_again() -> None:
    layers = (ROOT / "pyproject.toml").read_text("utf-8")
    assert with_system(with_system(layers, "sand"), "sand") == with_system(layers, "sand") != layers


@pytest.mark.parametrize("spoiled", ["", '[tool]\nname = "sand"\n', f'[[a]]\nname = "{CONTRACT}"\nmodules = ["b"]\n'])
def test_layers_that_it_does_not_understand_are_left_to_a_person(spoiled: str) -> None:
    with pytest.raises(ApplicationException, match="Lägg själv till"):
        with_system(spoiled, "sand")
