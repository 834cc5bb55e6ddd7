"""A scheduler that is away, comes late, is one of two, or finds something broken: nothing twice, nothing lost."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from robots.local_time import on_the_wall
from robots.scheduler import starts as starts_module
from robots.scheduler.scheduler import Scheduler
from robots.scheduler.ticking import ticking
from robots.settings import Settings
from robots.store import Store
from tests.unit.timetable import DAILY, Timetable

HOURLY = DAILY.replace('cron = "0 6 * * *"', 'every = "1 hour"')


@pytest.fixture
def timetable(machine: Settings, store: Store, tmp_path: Path) -> Timetable:
    return Timetable.laid(machine, store, tmp_path)


def with_rule(text: str, **rules: str) -> str:
    return "".join(f'{name} = "{value}"\n' for name, value in rules.items()) + text


# -- on time --------------------------------------------------------------------------------------------------------


def test_a_start_asks_for_its_run_once(timetable: Timetable) -> None:
    timetable.write()
    assert timetable.at("2026-11-09 05:59:59") == []
    assert timetable.at("2026-11-09 06:00:01") == [("11-09 06:00", "started")]
    assert timetable.at("2026-11-09 06:00:02") == [("11-09 06:00", "started")]
    (run,) = timetable.runs()
    assert (run.task, run.robot, run.source, run.started_by) == ("count", "ada", "schedule", "schema prov")
    assert run.inputs == {"number": 1.0}


def test_the_same_inputs_the_next_day_are_another_run(timetable: Timetable) -> None:
    timetable.write()
    timetable.at("2026-11-09 05:00")
    timetable.at("2026-11-09 06:00")
    timetable.end_runs()
    timetable.at("2026-11-10 06:00")
    assert timetable.asked() == ["11-09 06:00", "11-10 06:00"]


def test_what_came_before_the_file_did_is_not_missed(timetable: Timetable) -> None:
    timetable.write()
    assert timetable.at("2026-11-09 12:00") == []


def test_two_schedulers_at_the_same_moment_start_it_once(timetable: Timetable) -> None:
    timetable.write(with_rule(HOURLY, overlap="parallel"))
    timetable.at("2026-11-09 00:10")
    for hour in range(1, 9):
        timetable.now = f"2026-11-09 0{hour}:00"
        both = [timetable.scheduler(), timetable.scheduler()]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(Scheduler.look_round, both))
    assert timetable.asked() == [f"11-09 0{hour}:00" for hour in range(1, 9)]


def test_the_clock_lets_it_look_by_itself(timetable: Timetable) -> None:
    soon = on_the_wall(datetime.now(UTC)).replace(microsecond=0) + timedelta(seconds=3)
    timetable.write(DAILY.replace('cron = "0 6 * * *"', f"on = [{soon.isoformat()}]"))
    with ticking(Scheduler(timetable.settings, timetable.store)):
        deadline = time.monotonic() + 30
        while not timetable.runs() and time.monotonic() < deadline:
            time.sleep(0.05)  # another thread looks; the database tells
    assert timetable.starts() == [(soon.strftime("%m-%d %H:%M"), "started")]
    assert len(timetable.runs()) == 1


# -- missed ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "states"),
    [
        ("run-once", ["missed", "missed", "started"]),
        ("run-all", ["started", "started", "started"]),
        ("skip", ["missed", "missed", "missed"]),
        ("ask", ["asked", "asked", "asked"]),
    ],
)
def test_what_was_missed_is_treated_by_the_schedules_own_rule(
    timetable: Timetable, rule: str, states: list[str]
) -> None:
    timetable.write(with_rule(HOURLY, missed=rule, overlap="parallel"))
    timetable.at("2026-11-09 00:10")
    told = timetable.at("2026-11-09 03:30")
    assert told == [(f"11-09 0{hour}:00", state) for hour, state in enumerate(states, 1)]
    assert all("Ingen schemaläggare var igång" in row.reason for row in timetable.rows())
    assert len(timetable.asked()) == states.count("started")


def test_a_missed_start_gives_way_to_one_that_is_on_time(timetable: Timetable) -> None:
    timetable.write(HOURLY)
    timetable.at("2026-11-09 00:10")
    assert timetable.at("2026-11-09 02:00:30") == [("11-09 01:00", "missed"), ("11-09 02:00", "started")]


def test_what_is_late_waits_for_the_schedules_own_hours(timetable: Timetable) -> None:
    timetable.write(DAILY.replace("[inputs]", 'hours = "05:00-17:00"\ndays = "workdays"\n[inputs]'))
    timetable.at("2026-11-13 05:00")
    assert timetable.at("2026-11-13 18:00") == [("11-13 06:00", "due")]
    assert timetable.at("2026-11-14 10:00") == [("11-13 06:00", "due")]  # a Saturday
    assert timetable.rows()[0].waits_for == "hours"
    assert timetable.at("2026-11-16 05:00") == [("11-13 06:00", "started")]


def test_a_clock_that_is_set_back_starts_nothing_again(timetable: Timetable) -> None:
    timetable.write(with_rule(HOURLY, overlap="parallel"))
    timetable.at("2026-11-09 00:10")
    timetable.at("2026-11-09 03:00:10")
    before = timetable.starts()
    assert timetable.at("2026-11-09 00:30") == before
    assert timetable.at("2026-11-09 03:00:20") == before
    timetable.at("2026-11-09 04:00")
    assert timetable.asked()[-1] == "11-09 04:00"


# -- the start before is not done yet -------------------------------------------------------------------------------


def test_overlapping_is_skipped_with_the_run_that_is_in_the_way(timetable: Timetable) -> None:
    timetable.write(HOURLY)
    timetable.at("2026-11-09 00:10")
    timetable.at("2026-11-09 01:00")
    assert timetable.at("2026-11-09 02:00") == [("11-09 01:00", "started"), ("11-09 02:00", "skipped")]
    assert timetable.rows()[1].reason == "K-1 från starten före pågår ännu."
    timetable.end_runs()
    assert timetable.at("2026-11-09 03:00")[-1] == ("11-09 03:00", "started")


def test_overlapping_waits_for_the_start_before(timetable: Timetable) -> None:
    timetable.write(with_rule(HOURLY, overlap="wait"))
    timetable.at("2026-11-09 00:10")
    timetable.at("2026-11-09 01:00")
    assert timetable.at("2026-11-09 02:00")[-1] == ("11-09 02:00", "due")
    assert timetable.at("2026-11-09 02:59")[-1] == ("11-09 02:00", "due")  # it has not been missed: it waits
    timetable.end_runs()
    assert timetable.at("2026-11-09 02:59:30")[-1] == ("11-09 02:00", "started")


def test_overlapping_goes_side_by_side(timetable: Timetable) -> None:
    timetable.write(with_rule(HOURLY, overlap="parallel"))
    timetable.at("2026-11-09 00:10")
    timetable.at("2026-11-09 01:00")
    assert timetable.at("2026-11-09 02:00")[-1] == ("11-09 02:00", "started")


# -- paused ---------------------------------------------------------------------------------------------------------


def test_what_comes_while_it_is_paused_is_skipped(timetable: Timetable, store: Store) -> None:
    timetable.write(with_rule(HOURLY, missed="run-all", overlap="parallel"))
    timetable.at("2099-11-09 00:10")  # the pause is by the database's own clock
    timetable.pause()
    assert timetable.at("2099-11-09 02:30") == [("11-09 01:00", "skipped"), ("11-09 02:00", "skipped")]
    assert timetable.rows()[0].reason == "Pausat av Karin: semester"
    timetable.resume()
    assert timetable.at("2099-11-09 03:00")[-1] == ("11-09 03:00", "started")


# -- broken ---------------------------------------------------------------------------------------------------------

ON_WORKDAYS = DAILY.replace("[inputs]", 'days = "workdays"\n[inputs]')
CLOSED = '[2026-11-10]\nwhy = "Utbildningsdag"\n'


@pytest.mark.parametrize("broken", ["[2026-11-10]\n", "title = ", "\udcff"], ids=["wrong", "no TOML", "no UTF-8"])
def test_a_broken_calendar_goes_on_as_it_was(timetable: Timetable, broken: str) -> None:
    calendar = timetable.settings.config_dir / "calendar.toml"
    calendar.write_text(CLOSED, "utf-8")
    timetable.write(ON_WORKDAYS)
    timetable.at("2026-11-09 05:00")
    calendar.write_bytes(broken.encode("utf-8", "surrogateescape"))
    assert timetable.at("2026-11-09 06:00") == [("11-09 06:00", "started")]
    assert timetable.at("2026-11-10 06:00") == [("11-09 06:00", "started")]
    assert "calendar.toml" in timetable.calendar_fault()
    calendar.unlink()  # the control
    timetable.end_runs()
    assert timetable.at("2026-11-10 06:00:01") == [("11-09 06:00", "started")]
    assert timetable.at("2026-11-11 06:00") == [("11-09 06:00", "started"), ("11-11 06:00", "started")]
    assert timetable.calendar_fault() == ""


def test_a_calendar_that_never_could_be_read_starts_nothing_and_loses_nothing(timetable: Timetable) -> None:
    calendar = timetable.settings.config_dir / "calendar.toml"
    timetable.write(with_rule(ON_WORKDAYS, missed="run-all", overlap="parallel"))
    calendar.write_text("title = ", "utf-8")
    timetable.at("2026-11-09 05:00")
    assert timetable.at("2026-11-10 12:00") == []
    assert "calendar.toml" in timetable.calendar_fault()
    calendar.write_text(CLOSED, "utf-8")
    assert timetable.at("2026-11-10 12:01") == [("11-09 06:00", "due")]  # late, and today is closed
    assert timetable.at("2026-11-11 05:00") == [("11-09 06:00", "started")]


def test_a_broken_file_goes_on_as_it_was(timetable: Timetable) -> None:
    timetable.write()
    timetable.at("2026-11-09 05:00")
    timetable.write("title = ")
    assert timetable.at("2026-11-09 06:00") == [("11-09 06:00", "started")]
    assert "prov.toml" in timetable.error()
    timetable.write()
    timetable.at("2026-11-09 07:00")
    assert timetable.error() == ""


def test_a_file_that_never_could_be_read_starts_nothing(timetable: Timetable) -> None:
    timetable.write("title = ")
    timetable.at("2026-11-09 05:00")
    assert timetable.at("2026-11-09 06:00") == []


def test_a_broken_schedule_does_not_stop_another(timetable: Timetable) -> None:
    timetable.write("title = ", "aaa")
    timetable.write()
    timetable.at("2026-11-09 05:00")
    assert timetable.at("2026-11-09 06:00") == [("11-09 06:00", "started")]


@pytest.mark.parametrize(
    ("rule", "state", "runs"), [("run-once", "started", 1), ("run-all", "started", 3), ("skip", "missed", 0)]
)
def test_what_cannot_be_asked_for_waits_and_is_late_when_it_is_mended(
    timetable: Timetable, rule: str, state: str, runs: int
) -> None:
    timetable.write(with_rule(HOURLY, missed=rule, overlap="parallel"))
    timetable.at("2026-11-09 00:10")
    file = timetable.settings.tasks_dir / "count.py"
    written = file.read_text("utf-8")
    file.write_text("def", "utf-8")
    assert timetable.at("2026-11-09 01:00") == [("11-09 01:00", "due")]
    assert "count.py:1" in timetable.rows()[0].reason
    timetable.at("2026-11-09 02:00")
    timetable.at("2026-11-09 03:00")
    timetable.at("2026-11-09 03:30")
    file.write_text(written, "utf-8")
    assert timetable.at("2026-11-09 03:31")[-1] == ("11-09 03:00", state)
    assert len(timetable.asked()) == runs


def test_what_is_mended_too_late_is_not_started_in_the_same_look(timetable: Timetable) -> None:
    timetable.write(with_rule(HOURLY, missed="skip"))
    timetable.at("2026-11-09 00:10")
    file = timetable.settings.tasks_dir / "count.py"
    written = file.read_text("utf-8")
    file.write_text("def", "utf-8")
    assert timetable.at("2026-11-09 01:00") == [("11-09 01:00", "due")]
    file.write_text(written, "utf-8")
    assert timetable.at("2026-11-09 01:30") == [("11-09 01:00", "missed")]
    assert timetable.asked() == []


def test_a_file_that_has_gone_has_missed_nothing_when_it_is_back(timetable: Timetable) -> None:
    timetable.write(with_rule(HOURLY, missed="run-all", overlap="parallel"))
    timetable.at("2026-11-09 00:10")
    timetable.remove()
    assert timetable.at("2026-11-09 05:00") == []
    timetable.write(with_rule(HOURLY, missed="run-all", overlap="parallel"))
    timetable.at("2026-11-09 05:30")
    assert timetable.at("2026-11-09 06:00") == [("11-09 06:00", "started")]


def test_a_look_that_is_cut_off_leaves_neither_start_nor_run(
    timetable: Timetable, monkeypatch: pytest.MonkeyPatch
) -> None:
    timetable.write()
    timetable.at("2026-11-09 05:00")
    with monkeypatch.context() as patched:
        patched.setattr(starts_module, "mark_started", _die)
        with pytest.raises(KeyboardInterrupt):
            timetable.at("2026-11-09 06:00")
    assert (timetable.starts(), timetable.runs()) == ([], [])
    timetable.at("2026-11-09 06:00:05")
    assert timetable.asked() == ["11-09 06:00"]
    assert len(timetable.runs()) == 1


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
