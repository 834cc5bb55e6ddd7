"""What an operator sees of schedules, and does with them, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, update

from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import pauses, schedules
from tests.saying import Say, saying
from tests.unit.timetable import DAILY, Timetable

ASKING = 'missed = "ask"\n' + DAILY.replace('cron = "0 6 * * *"', 'cron = "0 6 * * *"\ndays = "workdays"')


@pytest.fixture
def timetable(machine: Settings, store: Store, tmp_path: Path) -> Timetable:
    return Timetable.laid(machine, store, tmp_path)


@pytest.fixture
def say(timetable: Timetable, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    settings = timetable.settings
    told = {"DATA_DIR": settings.data_dir, "CONFIG_DIR": settings.config_dir, "TASKS_DIR": settings.tasks_dir,
            "SCHEDULES_DIR": settings.schedules_dir, "DATABASE_URL": timetable.store.url}  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))

    return saying(capsys)


def shown(say: Say) -> dict[str, Any]:
    code, told = say("schedules", "prov", "--json")
    assert code == 0, told
    document: dict[str, Any] = json.loads(told)["schedules"][0]
    return document


def test_shows_the_next_ten_starts_and_why_days_are_left_out(timetable: Timetable, say: Say) -> None:
    timetable.write(ASKING)
    coming = shown(say)["next"]
    assert sum(not start["skipped"] for start in coming) == 10
    assert {"lördag", "söndag"} <= {start["skipped"] for start in coming}
    told = say("schedules")[1]
    assert "hoppas över: lördag" in told
    assert "lör " in told


def test_a_file_that_cannot_be_read_is_told_and_hides_no_other(timetable: Timetable, say: Say) -> None:
    timetable.write()
    timetable.write("title = ", "torn")
    code, told = say("schedules")
    assert code == 0
    assert "torn.toml" in told
    assert "uppgiften count" in told


def test_a_calendar_that_cannot_be_read_is_told_and_the_days_go_on(timetable: Timetable, say: Say) -> None:
    calendar = timetable.settings.config_dir / "calendar.toml"
    timetable.write(ASKING)
    calendar.write_text("[jul]", "utf-8")
    told = " ".join(say("schedules")[1].split())
    assert "calendar.toml" in told
    assert "startar inget schema" in told
    calendar.unlink()
    assert "calendar.toml" not in say("schedules")[1]
    calendar.write_text("[jul]", "utf-8")
    told = " ".join(say("schedules")[1].split())
    assert "gäller kalendern som den var" in told
    assert "hoppas över: lördag" in told
    assert "calendar.toml" in json.loads(say("schedules", "--json")[1])["faults"]["calendar.toml"]


def test_without_schedules_it_says_where_they_go(say: Say) -> None:
    assert "Lägg ett i schedules/" in say("schedules")[1]


def test_runs_now_whatever_the_hour(timetable: Timetable, say: Say) -> None:
    timetable.write()
    assert say("run-now", "prov") == (0, "Schemat prov är startat: K-1. Följ med: ragnhild show K-1\n")
    (start,) = shown(say)["latest"]
    assert (start["state"], start["runs"]) == ("started", ["K-1"])
    assert start["by"] != "klockan"


@pytest.fixture
def missed(timetable: Timetable) -> str:
    """A start on a Monday that was missed, and is asked about."""
    timetable.write(ASKING)
    timetable.at("2026-11-09 05:00")
    assert timetable.at("2026-11-09 12:00") == [("11-09 06:00", "asked")]
    return "2026-11-09 06:00"


def test_what_was_missed_is_asked_about_and_made_after_all_once(timetable: Timetable, say: Say, missed: str) -> None:
    assert f'ragnhild run-now prov --at "{missed}"' in " ".join(say("schedules")[1].split())
    assert say("run-now", "prov", "--at", missed)[0] == 0
    code, told = say("run-now", "prov", "--at", missed)
    assert (code, "Den starten är redan gjord" in told) == (2, True)
    assert timetable.asked() == ["11-09 06:00"]
    assert "frågar om" not in say("schedules")[1]


def test_what_was_missed_is_let_go_with_a_reason(timetable: Timetable, say: Say, missed: str) -> None:
    assert say("let-go", "prov")[0] == 2
    assert say("let-go", "prov", "--reason", "gjort för hand") == (0, "1 starter av prov görs inte.\n")
    (start,) = shown(say)["latest"]
    assert start["state"] == "skipped"
    assert start["reason"].endswith("lät den vara: gjort för hand")


@pytest.mark.parametrize(("pause", "state"), [(True, "skipped"), (False, "missed")], ids=["paused", "control"])
def test_what_came_while_it_was_paused_is_skipped_though_nobody_looked(
    timetable: Timetable, say: Say, store: Store, pause: bool, state: str
) -> None:
    timetable.write(DAILY.replace('cron = "0 6 * * *"', 'every = "1 minute"'))
    say("schedules")  # seen for the first time, by the database's own clock
    if pause:
        assert say("pause", "--schedule", "prov", "--reason", "semester")[0] == 0
        assert shown(say)["paused"].endswith(": semester")
    _an_hour_passes(store)
    assert say("resume", "--schedule", "prov")[0] == 0
    assert len(timetable.rows()) in (59, 60, 61)
    # Without a pause the last of them is made instead of all that were missed.
    assert {start for _, start in timetable.starts()[:-1]} == {state}


def _an_hour_passes(store: Store) -> None:
    before = func.clock_timestamp() - span(3600)
    with store.begin() as connection:
        connection.execute(update(pauses).values(since=before))
        connection.execute(update(schedules).values(looked_until=before))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("run-now", "natt"), "Det finns prov."),
        (("run-now", "prov", "--at", "i går"), "Skriv tiden som"),
        (("run-now", "prov", "--at", "2026-01-01 06:00"), "har ingen start då"),
        (("schedules", "natt"), "Det finns prov."),
        (("pause", "--schedule", "natt", "--reason", "x"), "Det finns inget sådant schema."),
    ],
)
def test_what_there_is_not_is_told(timetable: Timetable, say: Say, line: tuple[str, ...], words: str) -> None:
    timetable.write()
    code, told = say(*line)
    assert code == 2
    assert words in " ".join(told.split())
