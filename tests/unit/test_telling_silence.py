"""Silence is heard: the heartbeat that an outside monitor waits for, and the watch that tells people itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, insert, update

from robots.local_time import moment_of
from robots.scheduler.scheduler import Scheduler
from robots.scheduler.ticking import ticking
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import signs_of_life, workers
from robots.store.signs import SCHEDULER, TELLER, give_sign
from robots.telling.silence import signs
from robots.telling.teller import Teller
from robots.telling.watch import STATE_FILE, Watch
from tests.conftest import ROOT
from tests.unit.pages import Answer, PageServer, serving
from tests.unit.told_people import QUIET, Place, assert_told

WORKER, ALL = "worker", {"worker", "scheduler", "teller"}
SILENT = 180.0


@pytest.fixture
def place(place: Place, store: Store) -> Place:
    """Everything is at work."""
    with store.begin() as connection:
        connection.execute(
            insert(workers).values(name="w", host="h", pid=1, pid_started="1", slots=1, queues=["default"])
        )
    for part in (SCHEDULER, TELLER):
        give_sign(store, part)
    return place


def fall_silent(store: Store, *parts: str, seconds: float = 600) -> None:
    before = func.clock_timestamp() - span(seconds)
    with store.begin() as connection:
        for part in parts:
            if part == WORKER:
                connection.execute(update(workers).values(seen_at=before))
            else:
                connection.execute(update(signs_of_life).where(signs_of_life.c.name == part).values(seen_at=before))


def be_heard(store: Store) -> None:
    fall_silent(store, *ALL, seconds=0)


# -- signs of life --------------------------------------------------------------------------------------------------


def test_a_scheduler_that_looks_and_a_teller_that_looks_give_signs(place: Place) -> None:
    fall_silent(place.store, *ALL)
    with ticking(Scheduler(place.settings, place.store)):
        wait_until(lambda: SCHEDULER not in gone(place))
    assert gone(place) == {TELLER, WORKER}
    place.look()
    assert gone(place) == {WORKER}


def gone(place: Place) -> set[str]:
    with place.store.begin() as connection:
        return signs(connection).gone(60)


def wait_until(true: object) -> None:
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:  # type: ignore[operator]  # a function
        time.sleep(0.05)  # another thread or process works


# -- the heartbeat --------------------------------------------------------------------------------------------------


@pytest.fixture
def monitor() -> Iterator[PageServer]:
    with serving(lambda asked: Answer("OK")) as server:
        yield server


def beats(place: Place, monitor: PageServer) -> int:
    """How often the monitor hears of one beat."""
    before = len(monitor.asked)
    settings = place.settings.model_copy(update={"heartbeat_url": SecretStr(f"{monitor.address}/ping/hemlig")})
    Teller(settings, place.store).beat()
    return len(monitor.asked) - before


def test_the_heart_beats_while_all_is_well(place: Place, monitor: PageServer) -> None:
    assert beats(place, monitor) == 1
    assert monitor.asked[0].path == "/ping/hemlig"


@pytest.mark.parametrize("part", sorted(ALL))
def test_the_heart_stops_when_a_part_is_silent_and_goes_on_afterwards(
    place: Place, monitor: PageServer, part: str
) -> None:
    fall_silent(place.store, part)
    assert beats(place, monitor) == 0
    be_heard(place.store)
    assert beats(place, monitor) == 1


def test_a_worker_that_has_ended_is_silent(place: Place, monitor: PageServer) -> None:
    with place.store.begin() as connection:
        connection.execute(update(workers).values(ended_at=func.clock_timestamp()))
    assert beats(place, monitor) == 0


def test_without_an_address_nothing_beats(place: Place, monitor: PageServer) -> None:
    Teller(place.settings, place.store).beat()
    assert monitor.asked == []


# -- the watch ------------------------------------------------------------------------------------------------------


class Watching:
    """A watch with a clock that a test sets, made anew for each look where ``restarts``."""

    def __init__(self, place: Place, *, restarts: bool = False) -> None:
        self.place = place
        self.restarts = restarts
        self.now = "2026-11-09 09:00"
        self.watch = self._new()

    def _new(self) -> Watch:
        return Watch(
            self.place.settings, silent_seconds=SILENT, now=lambda: moment_of(datetime.fromisoformat(self.now))
        )

    def at(self, now: str) -> list[str]:
        """Look then. Returns the subjects of what has arrived since the last look."""
        self.now = now
        before = len(self.place.office.delivered)
        if self.restarts:
            self.watch = self._new()
        self.watch.look_round()
        return self.place.office.subjects[before:]

    def without_database(self) -> None:
        """The address of a server that is not there."""
        self._move_to("postgresql://ragnhild@127.0.0.1:9/ragnhild")

    def with_database(self) -> None:
        self._move_to(self.place.store.url)

    def _move_to(self, url: str) -> None:
        self.watch._settings = self.watch._settings.model_copy(update={"database_url": SecretStr(url)})


OVER = "Ragnhild är igång igen, efter"


def test_while_all_is_well_nobody_hears_of_the_watch(place: Place) -> None:
    watching = Watching(place)
    assert [watching.at(f"2026-11-09 09:{minute:02}") for minute in range(5)] == [[]] * 5
    assert not (place.settings.data_dir / STATE_FILE).exists()


@pytest.mark.parametrize("restarts", [False, True], ids=["one watch", "restarted"])
@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({SCHEDULER}, "schemaläggaren"),
        ({WORKER}, "workern (som kör uppgifterna)"),
        (ALL, "workern (som kör uppgifterna), schemaläggaren och det som skickar meddelanden"),
    ],
    ids=["scheduler", "worker", "all"],
)
def test_silence_is_told_once_and_once_when_it_is_over(
    place: Place, parts: set[str], words: str, restarts: bool
) -> None:
    watching = Watching(place, restarts=restarts)
    assert watching.at("2026-11-09 09:00") == []
    fall_silent(place.store, *parts)
    assert watching.at("2026-11-09 09:10") == [f"Ragnhild är tyst: inga livstecken från {words}"]
    assert watching.at("2026-11-09 09:11") == []
    be_heard(place.store)
    assert watching.at("2026-11-09 09:40") == [f"{OVER} 30 min"]
    assert watching.at("2026-11-09 09:41") == []
    assert_told(f"silence_{'all' if len(parts) > 1 else parts.copy().pop()}", *place.office.delivered)


def test_a_database_that_does_not_answer_is_told_without_it(place: Place) -> None:
    watching = Watching(place)
    watching.at("2026-11-09 09:00")
    watching.without_database()
    assert watching.at("2026-11-09 09:10:00") == []  # it may just be starting anew
    assert watching.at("2026-11-09 09:12:59") == []
    assert watching.at("2026-11-09 09:13:00") == ["Ragnhild är tyst: inga livstecken från databasen"]
    fall_silent(place.store, *ALL)
    watching.with_database()
    assert watching.at("2026-11-09 09:30") == []  # who works in it needs a moment to be heard
    be_heard(place.store)
    assert watching.at("2026-11-09 09:31") == [f"{OVER} 18 min"]
    assert_told("silence_database", *place.office.delivered)


def test_what_stays_silent_when_the_database_is_back_is_told_as_well(place: Place) -> None:
    watching = Watching(place)
    watching.without_database()
    watching.at("2026-11-09 09:00")
    watching.at("2026-11-09 09:03")
    watching.with_database()
    fall_silent(place.store, WORKER)
    assert watching.at("2026-11-09 09:04") == []
    assert watching.at("2026-11-09 09:07") == ["Ragnhild är tyst: inga livstecken från workern (som kör uppgifterna)"]


def test_a_database_that_was_away_for_a_moment_is_no_silence(place: Place) -> None:
    watching = Watching(place)
    watching.without_database()
    watching.at("2026-11-09 09:00")
    watching.with_database()
    assert watching.at("2026-11-09 09:02") == []
    watching.without_database()
    assert watching.at("2026-11-09 09:04") == []
    assert watching.at("2026-11-09 09:06") == []


def test_who_was_not_reached_is_told_at_the_next_look(place: Place) -> None:
    watching = Watching(place)
    fall_silent(place.store, WORKER)
    place.office.refuses = "451 senare"
    assert watching.at("2026-11-09 09:00") == []
    place.office.refuses = ""
    assert len(watching.at("2026-11-09 09:01")) == 1
    assert watching.at("2026-11-09 09:02") == []


def test_at_night_it_is_told_at_once_except_to_those_who_do_not_want_that(place: Place) -> None:
    place.write(
        QUIET + QUIET.replace("drift", "dag") + "urgent = []\n" + '[bygg]\nmail = "b@x.example"\nkinds = ["failed"]\n'
    )
    watching = Watching(place, restarts=True)
    fall_silent(place.store, WORKER)
    assert len(watching.at("2026-11-09 23:00")) == 1
    be_heard(place.store)
    assert watching.at("2026-11-10 00:10") == [f"{OVER} 1 tim 10 min"]
    assert watching.at("2026-11-10 03:00") == []
    assert watching.at("2026-11-10 07:00") == ["Ragnhild var tyst i 1 tim 10 min, och är igång igen"]
    assert watching.at("2026-11-10 07:01") == []
    assert {mail["To"] for mail in place.office.delivered} == {"drift@tallinge.example", "dag@tallinge.example"}
    assert_told("silence_at_night", place.office.delivered[-1])


@contextmanager
def watch_process(place: Place, notes: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``ragnhild watch`` as a service runs it; ``notes`` is where systemd listens."""
    settings = place.settings
    told = {"DATA_DIR": settings.data_dir, "CONFIG_DIR": settings.config_dir, "TASKS_DIR": settings.tasks_dir,
            "SCHEDULES_DIR": settings.schedules_dir, "DATABASE_URL": place.store.url, "SMTP_URL": settings.smtp_url,
            "MAIL_FROM": settings.mail_from}  # fmt: skip
    environment = os.environ | {f"RAGNHILD_{name}": str(value) for name, value in told.items()}
    environment |= {"NOTIFY_SOCKET": str(notes), "WATCHDOG_USEC": "60000"}
    line = [sys.executable, "-m", "robots", "watch", "--every", "0.2", "--silent", "20"]
    process = subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_the_command_watches_until_it_is_told_to_end(place: Place, tmp_path: Path) -> None:
    be_heard(place.store)
    notes = tmp_path / "notes"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(notes))
        systemd.settimeout(60)
        with watch_process(place, notes) as process:
            assert process.stderr is not None
            assert "Vakten är igång" in process.stderr.readline().decode()
            heard: set[bytes] = set()
            while heard != {b"READY=1", b"WATCHDOG=1"}:  # its service counts as started, and as alive
                heard.add(systemd.recv(100))
            fall_silent(place.store, SCHEDULER)
            wait_until(lambda: place.office.subjects)
    assert process.returncode == 0
    assert place.office.subjects[0] == "Ragnhild är tyst: inga livstecken från schemaläggaren"


def test_the_watch_starts_no_database_of_its_own(place: Place, tmp_path: Path) -> None:
    settings = place.settings.model_copy(update={"database_url": None, "data_dir": tmp_path / "empty"})
    moment = [moment_of(datetime(2026, 11, 9, 9))]
    watch = Watch(settings, silent_seconds=SILENT, now=lambda: moment[0])
    assert watch.look_round() is None
    moment[0] += timedelta(seconds=SILENT)
    assert watch.look_round() == {"database"}
    assert not (tmp_path / "empty" / "database").exists()


def test_the_watch_hears_the_machines_own_database_while_it_runs(
    place: Place, machine: Settings, database_server: Store
) -> None:
    if database_server.server is None:
        pytest.skip("the tests run on a server of their own")
    settings = place.settings.model_copy(update={"database_url": None, "data_dir": machine.data_dir})
    moment = [moment_of(datetime(2026, 11, 9, 9))]
    watch = Watch(settings, silent_seconds=SILENT, now=lambda: moment[0])
    assert watch.look_round() is None, "who works in it may just be beginning, on a new machine"
    assert place.office.subjects == []
    moment[0] += timedelta(seconds=SILENT)
    assert watch.look_round() == ALL, "it answers, and nobody works in that one"
    (machine.data_dir / STATE_FILE).unlink()


def test_control_a_watch_without_its_memory_tells_again(place: Place) -> None:
    watching = Watching(place, restarts=True)
    fall_silent(place.store, WORKER)
    assert len(watching.at("2026-11-09 09:00")) == 1
    (place.settings.data_dir / STATE_FILE).unlink()
    assert len(watching.at("2026-11-09 09:01")) == 1
