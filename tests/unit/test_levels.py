"""A system's level is what its driver has shown, and is over when the driver is changed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import pytest

from robots.systems.level import Level, Proven, base_fingerprint, fingerprint, level_of
from tests.contract.levels import Levels, needed_by

READS = "test_contract.py::test_sees_absence[{}-order]"
JOURNALS = "test_contract_changes.py::test_asked_for_again_it_is_made_once[{}-order]"
HARDENS = "test_contract_crashes.py::test_a_process_that_dies[armed-{}-order]"


def reported(
    name: str, outcome: Literal["passed", "failed", "skipped"], key: str = "waste_collection"
) -> pytest.TestReport:
    node = f"tests/contract/{name.format(key)}"
    return pytest.TestReport(node, (node, None, ""), {}, outcome, None, "call")


@pytest.mark.parametrize(
    ("failing", "level"),
    [("", Level.HARDENED), (HARDENS, Level.JOURNALS), (JOURNALS, Level.READS), (READS, Level.UNPROVEN)],
)
def test_a_level_is_what_passes_and_nothing_above_what_fails(failing: str, level: Level) -> None:
    levels = Levels()
    for name in (READS, JOURNALS, HARDENS):
        levels.hear(reported(name, "failed" if name == failing else "passed"))
        levels.hear(reported(name, "failed", "drawing_archive"))  # another system's failure is its own

    assert levels.of("waste_collection") == (level, 2 if failing else 3)


def test_what_was_left_out_has_not_passed() -> None:
    levels = Levels()
    levels.hear(reported(READS, "passed"))
    levels.hear(reported(JOURNALS, "skipped"))

    assert levels.of("waste_collection") == (Level.READS, 1)


def test_what_nobody_tried_takes_the_level_that_needs_it() -> None:
    every = [f"tests/contract/{name.format('waste_collection')}" for name in (READS, JOURNALS, HARDENS)]
    own = "tests/contract/test_waste_collection.py::test_no_extra_emptying_where_there_is_no_tank"
    of_cases = "tests/contract/test_case_systems.py::test_a_note_is_written_once[easit_go]"
    levels = Levels()
    for name in (READS, JOURNALS, HARDENS):
        levels.hear(reported(name, "passed"))
    levels.demand(every)
    assert levels.of("waste_collection") == (Level.HARDENED, 3)

    levels.demand([*every, of_cases])  # another system's
    assert levels.of("waste_collection") == (Level.HARDENED, 3)
    levels.demand([*every, own])
    assert levels.of("waste_collection") == (Level.JOURNALS, 3)
    assert needed_by(of_cases) == [("easit_go", Level.HARDENED)]


def test_whoever_tries_one_system_says_nothing_of_the_others(tmp_path: Path) -> None:
    shown = tmp_path / "levels.toml"
    shown.write_text('[drawing_archive]\nlevel = "hardened"\ntests = 9\ndriver = "then"\n', "utf-8")
    levels = Levels()
    levels.hear(reported(READS, "passed"))

    levels.write(shown)

    told = tomllib.loads(shown.read_text("utf-8"))
    assert told["drawing_archive"] == {"level": "hardened", "tests": 9, "driver": "then"}
    assert (told["waste_collection"]["level"], told["registry"]["level"]) == ("reads", "unproven")


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    folder = tmp_path / "moon"
    folder.mkdir()
    (folder / "driver.py").write_text("class Reader: ...", "utf-8")
    return folder


def test_a_level_is_over_when_the_driver_is_changed(driver: Path) -> None:
    shown = driver.parent / "levels.toml"
    assert level_of("moon", driver, shown) == Proven(Level.UNPROVEN, 0)

    base = base_fingerprint()
    told = f'[moon]\nlevel = "hardened"\ntests = 9\ndriver = "{fingerprint(driver)}"\nbase = "{base}"\n'
    shown.write_text(told, "utf-8")
    assert level_of("moon", driver, shown) == Proven(Level.HARDENED, 9)

    before = (driver / "driver.py").read_text("utf-8")
    (driver / "driver.py").write_text("class Reader: pass", "utf-8")
    assert level_of("moon", driver, shown) == Proven(Level.UNPROVEN, 0)

    (driver / "driver.py").write_text(before, "utf-8")
    assert level_of("moon", driver, shown) == Proven(Level.HARDENED, 9)
    (driver / "parts").mkdir()
    (driver / "parts" / "craters.py").write_text("", "utf-8")
    assert level_of("moon", driver, shown) == Proven(Level.UNPROVEN, 0)


def test_a_level_that_was_shown_on_another_base_says_so(driver: Path) -> None:
    shown = driver.parent / "levels.toml"
    told = f'[moon]\nlevel = "hardened"\ntests = 9\ndriver = "{fingerprint(driver)}"\n'
    for base in ("", 'base = "another"\n'):
        shown.write_text(told + base, "utf-8")
        assert level_of("moon", driver, shown) == Proven(Level.HARDENED, 9, on_older_base=True)


def test_the_base_is_the_verbs_and_what_is_asked_in_a_page_and_no_driver(tmp_path: Path) -> None:
    for part in ("view.py", "in_page/fill.js", "waste_collection/driver.py", "levels.toml"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        (tmp_path / part).write_text("nu", "utf-8")

    def after(part: str) -> bool:
        before = base_fingerprint.__wrapped__(tmp_path)
        (tmp_path / part).write_text(f"{part} efteråt", "utf-8")
        return base_fingerprint.__wrapped__(tmp_path) != before

    assert [after(part) for part in ("view.py", "in_page/fill.js")] == [True, True]
    assert [after(part) for part in ("waste_collection/driver.py", "levels.toml")] == [False, False]


def test_what_the_morning_check_looks_at_is_no_part_of_the_driver(driver: Path) -> None:
    before = fingerprint(driver)
    (driver / "landmarks.toml").write_text('[Start]\nheading = "Start"\n', "utf-8")
    assert fingerprint(driver) == before

    (driver / "system.toml").write_text('title = "Månen"\n', "utf-8")
    assert fingerprint(driver) != before
