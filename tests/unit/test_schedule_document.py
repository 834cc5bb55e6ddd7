"""docs/schedules.md is true: its examples can be used, and no setting of a schedule is left out."""

from __future__ import annotations

import re
from pathlib import Path

from robots.scheduler.schedule import Folder, Inbox, Schedule, parse_schedule
from robots.scheduler.when import When
from robots.task_files import LoadedTasks
from robots.workdays import read_calendar
from robots.worker.messages import Messages
from tests.conftest import ROOT

FILE = ROOT / "docs" / "schedules.md"
WRITTEN = FILE.read_text("utf-8")
SCHEDULE, CALENDAR, INBOX, ROWS, MAILBOX = re.findall(r"^```toml\n(.*?)^```", WRITTEN, re.MULTILINE | re.DOTALL)


def test_the_schedule_can_be_used() -> None:
    assert parse_schedule("morning", SCHEDULE, FILE).when.days == "workdays"


def test_the_inbox_can_be_used(tasks: LoadedTasks) -> None:
    schedule = parse_schedule("drawings", INBOX, FILE)
    assert schedule.cases is not None
    assert schedule.problems(tasks.find(schedule.task)) == []


def test_the_folder_can_be_used(tasks: LoadedTasks) -> None:
    written = 'title = "Skolval"\ntask = "record_school_choice"\n[when]\nevery = "5 minutes"\n' + ROWS
    schedule = parse_schedule("school", written, FILE)
    assert schedule.problems(tasks.find(schedule.task)) == []


def test_the_mailbox_can_be_used(tasks: LoadedTasks) -> None:
    schedule = parse_schedule("school", MAILBOX, FILE)
    assert schedule.messages is not None
    assert schedule.problems(tasks.find(schedule.task)) == []


def test_the_calendar_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "calendar.toml").write_text(CALENDAR, "utf-8")
    calendar = read_calendar(tmp_path / "calendar.toml")
    assert [calendar.why_off(day) for day in sorted(calendar.closed)] == ["Utbildningsdag för kontaktcentret"] + [
        "Stängt i mellandagarna"
    ] * 3


def test_every_setting_is_explained() -> None:
    models = (Schedule, When, Inbox, Folder, Messages)
    known = {name for each in models for name in each.model_fields} - {"name"}
    assert {name for name in known if not re.search(rf"\b{name}\b", WRITTEN)} == set()
