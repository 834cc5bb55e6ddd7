"""A task that decides is refused until the board has said so; one that supports or proposes needs no such decision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from robots.errors import AccessDenied
from robots.settings import load_settings
from robots.task_files import load_tasks
from robots.worker.rights import demand_rights
from tests.conftest import ROOT

DELEGATION = '[ada.delegations]\nsend_detail_plan = { number = "SBN 2026/12", until = 2099-12-31 }\n'


@pytest.mark.parametrize(("level", "delegated", "refused"), [
    ("stöd", False, False), ("förslag", False, False), ("beslut", False, True), ("beslut", True, False),
])  # fmt: skip
def test_who_decides_needs_a_delegation(tmp_path: Path, level: str, delegated: bool, refused: bool) -> None:
    (tmp_path / "robots.toml").write_text(
        '[ada]\ntitle = "Ada"\nowner = "Bygg"\nuser = "robot.ada"\ntasks = ["send_detail_plan"]\n'
        + DELEGATION * delegated, "utf-8",
    )  # fmt: skip
    rights = 'case_management = "journal"\npopulation_register = "read"\ndetail_plan_map = "read"\n'
    (tmp_path / "access.toml").write_text(f"[ada]\n{rights}", "utf-8")
    task = replace(load_tasks(ROOT / "tasks").find("send_detail_plan"), level=level)  # type: ignore[arg-type]
    settings = load_settings(config_dir=tmp_path, data_dir=tmp_path / "data")

    if not refused:
        demand_rights(settings, task, "ada")
        return
    with pytest.raises(AccessDenied, match="ingen delegation"):
        demand_rights(settings, task, "ada")
