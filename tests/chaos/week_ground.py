"""The municipality of the week: its configuration, its schedules, and who is told what."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

SETTLE_SECONDS = 1
DRIFT, BYGG = "drift", "bygg"
PEOPLE = f"""
[{DRIFT}]
mail = "drift@tallinge.example"
digest = true

[{BYGG}]
mail = "bygg@tallinge.example"
kinds = ["handover", "deadline"]
owners = ["Samhällsbyggnad"]
quiet = "17:00-07:00"
days = "workdays"
digest = true
"""
SCHEDULES = {
    "ritningar": """
title = "Ritningar ur inkorgen"
task = "send_drawings"

[when]
every = "2 hours"
hours = "09:00-17:00"
days = "workdays"

[cases]
inbox = "Samhällsbyggnad"
titles = ["begäran om ritningar"]
most = 2

[inputs]
property_id = "{property_id}"
""",
    "detaljplaner": """
title = "Detaljplaner ur inkorgen"
task = "send_detail_plan"

[when]
cron = "30 9 * * mon-fri"

[cases]
inbox = "Samhällsbyggnad"
titles = ["fråga om detaljplan"]
most = 3

[inputs]
property_id = "{property_id}"
""",
}


def lay_ground(folder: Path, database_url: str, smtp_port: int) -> dict[str, Any]:
    """Write it all down in ``folder``. Returns the settings of the machine that works there."""
    config, schedules = folder / "config", folder / "schedules"
    shutil.copytree(ROOT / "config", config)
    (config / "people.toml").write_text(PEOPLE, "utf-8")
    systems = (config / "systems.toml").read_text("utf-8")
    systems = re.sub(r"^settle_seconds = .*$", f"settle_seconds = {SETTLE_SECONDS}", systems, flags=re.MULTILINE)
    (config / "systems.toml").write_text(systems, "utf-8")
    schedules.mkdir()
    for name, written in SCHEDULES.items():
        (schedules / f"{name}.toml").write_text(written.lstrip(), "utf-8")
    return {
        "data_dir": folder / "data", "config_dir": config, "schedules_dir": schedules, "tasks_dir": ROOT / "tasks",
        "database_url": database_url, "smtp_url": f"smtp://127.0.0.1:{smtp_port}", "slots": 2, "evidence": "steps",
        "retry_seconds": 0.5, "lease_seconds": 3600,
    }  # fmt: skip
