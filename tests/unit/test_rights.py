"""A task that decides is refused until the board has said so; one that supports or proposes needs no such decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from robots.errors import AccessDenied, ConfigurationError
from robots.settings import Settings, load_settings
from robots.task import Access, Task
from robots.task_files import load_tasks
from robots.worker.needs import systems_of
from robots.worker.rights import demand_rights, given, robot_with_rights, system_key
from tests.conftest import ROOT

ADA = '[ada]\ntitle = "Ada"\nowner = "Bygg"\nuser = "robot.ada"\ntasks = ["send_detail_plan"]\n'
NEEDED = {"case_management": "journal", "population_register": "read", "detail_plan_map": "read"}
DELEGATION = '[ada.delegations]\nsend_detail_plan = { number = "SBN 2026/12", until = 2099-12-31 }\n'


@pytest.mark.parametrize(("level", "delegated", "refused"), [
    ("stöd", False, False), ("förslag", False, False), ("beslut", False, True), ("beslut", True, False),
])  # fmt: skip
def test_who_decides_needs_a_delegation(tmp_path: Path, level: str, delegated: bool, refused: bool) -> None:
    settings = _granting(tmp_path, NEEDED, ADA + DELEGATION * delegated)
    task = replace(_task(), level=level)  # type: ignore[arg-type]

    if not refused:
        demand_rights(settings, task, "ada")
        return
    with pytest.raises(AccessDenied, match=r"robots.toml: .* ingen delegation"):
        demand_rights(settings, task, "ada")


@pytest.mark.parametrize("system", NEEDED)
@pytest.mark.parametrize("level", ["read", "nothing"])
def test_every_system_is_asked_about_and_at_its_level(tmp_path: Path, system: str, level: str) -> None:
    given = {name: right for name, right in (NEEDED | {system: level}).items() if right != "nothing"}
    settings = _granting(tmp_path, given)
    if given == NEEDED:  # what is only read is granted as that
        assert robot_with_rights(settings, _task()) == "ada"
        return
    with pytest.raises(AccessDenied, match=rf"access.toml: .* inte behörigheten {NEEDED[system]} i {system}"):
        demand_rights(settings, _task(), "ada")
    with pytest.raises(AccessDenied, match=rf"access.toml: .* inte behörigheten {NEEDED[system]} i {system}"):
        robot_with_rights(settings, _task())


def test_a_task_that_no_robot_has_is_nobodys(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="send_detail_plan"):
        robot_with_rights(_granting(tmp_path, NEEDED, ADA.replace("send_detail_plan", "another")), _task())


def test_the_case_system_is_the_one_that_is_configured(tmp_path: Path) -> None:
    settings = _granting(tmp_path, NEEDED).model_copy(update={"cases": "easit_go"})
    assert system_key(settings, Access("cases", "cases", "journal", None)) == "easit_go"
    assert system_key(settings, Access("maps", "detail_plan_map", "read", None)) == "detail_plan_map"
    with pytest.raises(AccessDenied, match="journal i easit_go"):
        demand_rights(settings, _task(), "ada")


@pytest.mark.parametrize("may", [False, True])
def test_a_system_that_a_task_can_do_without_is_used_only_where_the_robot_may(tmp_path: Path, *, may: bool) -> None:
    ada = ADA.replace("send_detail_plan", "send_drawings")
    needed = NEEDED | {"drawing_archive": "read"} | ({"building_permits": "read"} if may else {})
    settings, task = _granting(tmp_path, needed, ada), load_tasks(ROOT / "tasks").find("send_drawings")
    demand_rights(settings, task, "ada")
    assert ("permits" in [each.argument for each in given(settings, task, "ada")]) is may
    assert systems_of(settings, task) == set(needed), "no run waits for a system that it is not going to"
    del needed["drawing_archive"]
    with pytest.raises(AccessDenied, match="drawing_archive"):  # its control: what it cannot do without
        demand_rights(_granting(tmp_path, needed, ada), task, "ada")


def test_a_delegation_that_has_ended_is_told_with_its_file(tmp_path: Path) -> None:
    settings = _granting(tmp_path, NEEDED, ADA + DELEGATION.replace("2099-12-31", "2026-11-22"))
    assert settings.demand_delegation("ada", "send_detail_plan", date(2026, 11, 22)).number == "SBN 2026/12"
    with pytest.raises(AccessDenied, match=r"robots.toml: .* gällde till och med 2026-11-22"):
        settings.demand_delegation("ada", "send_detail_plan", date(2026, 11, 23))


def _task() -> Task:
    return load_tasks(ROOT / "tasks").find("send_detail_plan")


def _granting(folder: Path, rights: dict[str, str], robots: str = ADA) -> Settings:
    """Settings of a municipality with one robot that has these rights."""
    (folder / "robots.toml").write_text(robots, "utf-8")
    (folder / "access.toml").write_text(
        "[ada]\n" + "".join(f'{system} = "{level}"\n' for system, level in rights.items()), "utf-8"
    )
    return load_settings(config_dir=folder, data_dir=folder / "data")
