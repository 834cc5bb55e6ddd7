"""Where the robot may look at the permits, drawings too new for the archive are sent as well. The judge is the town."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from robots.cli.town import Town, start_town
from robots.settings import Settings, load_settings
from robots.worker.task_process.processes import TaskProcesses
from tests.conftest import Finished
from tests.journey.judge import assert_handed_over, assert_sent_and_noted

pytestmark = [pytest.mark.browser, pytest.mark.long]
DRAWINGS = {"ARIT", "SITU", "KRIT"}
Send = Callable[..., Finished]


@pytest.fixture(scope="module")
def municipality(machine: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One that lets the robot look among the permits: its town has an account for the robot there."""
    folder = tmp_path_factory.mktemp("municipality")
    config = shutil.copytree(machine.config_dir, folder / "config")
    in_config(config, "access.toml", '# building_permits = "read"', 'building_permits = "read"')
    return load_settings(
        data_dir=folder / "data", config_dir=config, tasks_dir=machine.tasks_dir, retry_seconds=machine.retry_seconds
    )


@pytest.fixture(scope="module")
def town_process(municipality: Settings) -> Iterator[Town]:
    with start_town(municipality) as town:
        yield town


@pytest.fixture
def settings(municipality: Settings, town: Town, tmp_path: Path) -> Settings:
    config = shutil.copytree(municipality.config_dir, tmp_path / "config")
    return municipality.model_copy(update={"town": town.address, "config_dir": config})


@pytest.fixture
def processes(settings: Settings) -> Iterator[TaskProcesses]:
    """Those of all tests read another folder's tables."""
    found = TaskProcesses(settings)
    yield found
    found.close()


@pytest.fixture
def send(carry_out: Callable[..., Finished]) -> Send:
    return lambda case, home="": carry_out(
        "send-drawings", case_number=case["number"], property_id=home or case["property_id"]
    )


def in_config(config: Path, name: str, old: str, new: str) -> None:
    before = (config / name).read_text("utf-8")
    assert old in before
    (config / name).write_text(before.replace(old, new), "utf-8")


def archived(town: Town, home: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.ask(f"/properties/{home}")["drawings"]
    return found


def newer(town: Town, home: str) -> list[dict[str, Any]]:
    permits = town.act("building_permits", "permits_of_property", property_id=home)
    return [document for permit in permits for document in permit["documents"] if document["code"] in DRAWINGS]


def one_with_newer(town: Town, twist: str) -> dict[str, Any]:
    return next(case for case in town.cases("drawings", twist) if newer(town, case["property_id"]))


def only_in_permits(town: Town) -> str:
    """A property that the archive has no drawings of and the permits have."""
    homes = (case["property_id"] for case in town.cases("start_of_construction", "normal"))
    return next(str(home) for home in homes if not archived(town, home) and newer(town, home))


def numbers(drawings: list[dict[str, Any]]) -> list[str]:
    return sorted(drawing["number"] for drawing in drawings)


def told(note: str) -> list[str]:
    """The numbers that the note says were sent."""
    return note.rpartition("kvittens ")[2].partition(": ")[2].partition(".")[0].split(", ")


def test_both_are_sent_in_one_letter_and_the_note_says_which_came_from_where(town: Town, send: Send) -> None:
    case = one_with_newer(town, "normal")
    old, new = (of(town, case["property_id"]) for of in (archived, newer))

    message, note = assert_sent_and_noted(town, case, send(case))

    assert len(message["attachments"]) == len(old) + len(new)
    assert told(note["text"]) == numbers(old) + numbers(new)
    assert f"Ur byggärendena kommer {len(new)} av dem." in note["text"]


def test_secret_newer_drawings_do_not_leave_either(town: Town, send: Send) -> None:
    case = one_with_newer(town, "all_secret")
    every = archived(town, case["property_id"]) + newer(town, case["property_id"])
    assert all(drawing["secret"] for drawing in every)

    done = send(case)

    assert_handed_over(town, case, done, "Sekretess på ritningarna")
    assert f"Alla {len(every)} ritningar" in done.run.reason


def test_what_only_the_permits_have_is_sent(town: Town, send: Send) -> None:
    case, home = town.cases("drawings", "normal")[0], only_in_permits(town)

    message, note = assert_sent_and_noted(town, case, send(case, home))

    assert len(message["attachments"]) == len(newer(town, home))
    assert told(note["text"]) == numbers(newer(town, home))


def test_what_only_the_permits_have_is_the_archivists_where_the_building_is_not_ordinary(
    town: Town, send: Send, settings: Settings
) -> None:
    ordinary = "tables/ordinary_buildings.toml"
    in_config(settings.config_dir, ordinary, '"Villa", "Fritidshus", "Flerbostadshus"', '"Kolonistuga"')
    case = town.cases("drawings", "normal")[0]

    assert_handed_over(town, case, send(case, only_in_permits(town)), "Skyddsobjekt")


def test_the_newer_drawings_of_a_protected_builder_do_not_leave(town: Town, send: Send) -> None:
    home, case = one_with_newer(town, "protected")["property_id"], town.cases("drawings", "normal")[0]

    assert_handed_over(town, case, send(case, home), "Skyddade personuppgifter")
