"""A week that nobody watches: ``python -m tests.chaos week``.

``ragnhild up`` works through a week of schedules, inboxes and mornings on real parts, while the database's clock, by
which all of it is decided, is set forward from one thing that is due to the next. A system goes down and comes back, a
password expires, a supplier puts a new release in overnight, and the machine loses its power twice. The judges are the
town, the mail server, the database, and the digests that are kept in ``tests/chaos/week``. ``--control`` lives through
one day with a teller that forgets whom it has told, and then makes one thing wrong for each judge to find.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import text

from robots.cli.town import Town, start_town
from robots.local_time import moment_of
from robots.settings import Settings, load_settings, write_secret
from robots.store import Store, open_store
from robots.store.connect import connect
from robots.worker.looks import MORNING_CHECK
from tests.chaos.clocks import MISSING, faked, library
from tests.chaos.mortal_server import MortalServer, mortal_server
from tests.chaos.table import Row, told
from tests.chaos.week_ground import lay_ground
from tests.chaos.week_judge import judge, judge_control, keep
from tests.journey.commands import resident
from tests.unit.told_people import PostOffice, post_office

MONDAY = datetime(2026, 11, 23)
SATURDAY = 5
DAYS, CONTROL_DAYS = 7, 1
FORGETFUL = "tests.chaos.forgetful_up"
ROBOT = "ragnhild"
ARCHIVE, CONSUMERS = "drawing_archive", "consumer_matters"
# The clock is not set further at a time than the engine is to notice: what waits for a breaker is looked at by then.
STRIDE = timedelta(minutes=30)
PATIENCE = 180.0
STARTS_IN = timedelta(minutes=1)
NEW = "ett-nytt-lösenord-2"
REST_SECONDS = 0.2
# So long nobody has had anything to do. At the end whoever looks only now and then has looked as well.
QUIET, LAST_QUIET = 2.0, 40.0


@dataclass
class Week:
    """``now`` is what the clocks in Sweden show, as far as the database knows."""

    settings: Settings
    store: Store
    server: MortalServer
    town: Town
    office: PostOffice
    clock: Path
    environment: dict[str, str]
    program: str = "robots"
    now: datetime = MONDAY
    happened: list[str] = field(default_factory=list)
    _checked: date | None = None
    _up: ExitStack = field(default_factory=ExitStack)
    _process: psutil.Process | None = None

    # -- the clock ----------------------------------------------------------------------------------------------

    def set_clock(self, local: datetime) -> None:
        """Never back. Everything that is due by then is done before the clock goes on."""
        self.clock.with_suffix(".new").write_text(from_now(local))
        self.clock.with_suffix(".new").replace(self.clock)
        self.now = local

    def live_until(self, local: datetime) -> None:
        """Let the time go by, half an hour at a time, each of them until nobody has anything to do."""
        while self.now < local:
            self.set_clock(min(self.now + STRIDE, local))
            if self.now.time() >= self._morning and self._checked != self.now.date() and self.now.weekday() < SATURDAY:
                self._let_systems_be_checked()
            self.come_to_rest()

    def _let_systems_be_checked(self) -> None:
        """Who asks for the morning check looks each half minute, and by this clock the morning is over by then."""
        self._wait_for(f"select 1 from runs where task like '{MORNING_CHECK}%' and created_at >= '{self.now:%F}'")
        self._checked = self.now.date()

    @cached_property
    def _morning(self) -> clock_time:
        return clock_time.fromisoformat(self.settings.morning_check_at)

    def _wait_for(self, question: str) -> None:
        """Until the answer is something."""
        deadline = time.monotonic() + PATIENCE
        while not self._scalar(question):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.now}: it did not come: {question}")
            time.sleep(0.02)  # the database tells when asked

    def come_to_rest(self, seconds: float = QUIET) -> None:
        deadline, quiet = time.monotonic() + PATIENCE, 0.0
        while quiet < seconds:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.now}: there is no rest: {self._at_work()}")
            time.sleep(REST_SECONDS)  # others work; the database tells when asked
            quiet = 0.0 if self._at_work() else quiet + REST_SECONDS

    def _at_work(self) -> list[tuple[object, ...]]:
        """What somebody is to do now: runs that wait for nothing, and messages that are due."""
        runs = (
            "select 'run', id, task, state, held_for from runs where state = 'running'"
            " or (state = 'queued' and held_for is null)"
        )
        messages = (
            "select 'message', id, about, state, error from messages"
            " where state in ('waiting', 'sending') and try_at <= clock_timestamp()"
        )
        starts = "select 'start', id, schedule, state, waits_for from starts where state = 'due' and waits_for = ''"
        with self.store.begin() as connection:
            return [tuple(row) for ask in (runs, messages, starts) for row in connection.execute(text(ask))]

    # -- what happens -------------------------------------------------------------------------------------------

    def start(self) -> None:
        process = self._up.enter_context(resident(self.environment, "up", module=self.program))
        self._process = psutil.Process(process.pid)

    def end(self) -> None:
        """Nobody works any more."""
        self._up.pop_all().close()

    def lose_power(self) -> None:
        """Everything of the machine that works ends at once, in the middle of what it does; then it starts again."""
        assert self._process is not None
        self._process.suspend()  # so that it starts nobody meanwhile
        family = [self._process, *self._process.children(recursive=True)]
        for each in family:
            with suppress(psutil.NoSuchProcess):  # a slot's own have ended with it
                each.kill()
        psutil.wait_procs(family, 10)
        self.end()
        self.start()

    def lose_power_at_work(self, starts_in: timedelta) -> None:
        """As soon as one of the runs that begin then has begun to change something."""
        self.set_clock(self.now + starts_in)
        self._wait_for("select 1 from effects where state in ('INTENDED', 'ARMED')")
        self.lose_power()

    def new_secret(self, password: str) -> None:
        write_secret(self.settings.secrets_dir / ROBOT, password)

    def _scalar(self, question: str) -> object:
        with self.store.begin() as connection:
            return connection.execute(text(question)).scalar()

    def note(self, words: str) -> None:
        self.happened.append(f"{self.now:%Y-%m-%d %H:%M} {words}")


def from_now(local: datetime) -> str:
    """As libfaketime is told; the week may have come and gone by this machine's clock."""
    return f"{moment_of(local).timestamp() - time.time():+.0f}\n"


def at(day: int, clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return MONDAY + timedelta(days=day, hours=int(hours), minutes=int(minutes))


@dataclass(frozen=True)
class Blow:
    """What befalls the week at a moment, and how it is made to happen."""

    moment: datetime
    words: str
    happen: Callable[[], object]


def blows(week: Week) -> list[Blow]:
    """In order. The power goes just after a schedule's start, so that it goes in the middle of a run."""
    town = week.town
    no_power = partial(week.lose_power_at_work, STARTS_IN)
    return [
        Blow(at(0, "08:59"), "the machine loses its power", no_power),
        Blow(at(1, "09:50"), "the archive goes down", partial(town.fault, ARCHIVE, "down", times=1_000_000)),
        Blow(at(1, "12:40"), "the archive is back", town.clear_faults),
        Blow(at(2, "07:50"), "the robot's password expires", partial(town.new_password, f"robot.{ROBOT}", NEW)),
        Blow(at(2, "10:40"), "its new password is put among the secrets", partial(week.new_secret, NEW)),
        Blow(at(3, "10:59"), "the machine loses its power", no_power),
        Blow(at(3, "23:40"), "a release for consumer matters", partial(town.act, CONSUMERS, "release", release=2)),
        Blow(at(4, "10:05"), "the old release is back", partial(town.act, CONSUMERS, "release", release=1)),
    ]


def live(week: Week, days: int) -> None:
    """From Monday on, with what befalls those days, until the digest of the last has been told."""
    week.set_clock(MONDAY)
    week.start()
    for blow in blows(week):
        if blow.moment < MONDAY + timedelta(days=days):
            week.live_until(blow.moment)
            blow.happen()
            week.note(blow.words)
            week.come_to_rest()
    week.live_until(MONDAY + timedelta(days=days, hours=7, minutes=30))


@contextmanager
def a_week(program: str = "robots") -> Iterator[Week]:
    """Everything that a municipality with one machine has. ``library`` must be there."""
    faking = library()
    assert faking, MISSING
    with ExitStack() as stack:
        name = stack.enter_context(TemporaryDirectory(prefix="ragnhild-week-", ignore_cleanup_errors=True))
        folder = Path(name)
        folder.chmod(0o755)
        clock = folder / "clock"
        clock.write_text(from_now(MONDAY))
        fake = faked(faking, clock)
        server = stack.enter_context(mortal_server(folder, fake))
        office = stack.enter_context(post_office())
        told = lay_ground(folder, server.url, office.port)
        settings = load_settings(**told)
        town = stack.enter_context(start_town(settings, today=f"{MONDAY:%Y-%m-%d}"))
        open_store(server.url, folder).close()
        store = connect(server.url)
        stack.callback(store.close)
        environment = os.environ | {f"RAGNHILD_{name.upper()}": str(value) for name, value in told.items()}
        week = Week(settings, store, server, town, office, clock, environment, program)
        stack.callback(week._up.close)
        yield week


def rows(arguments: Sequence[str]) -> list[Row]:
    """The week, judged; or its control."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos week", description=__doc__)
    parser.add_argument("--keep", type=Path, help="a folder for the digests and all other messages, to be read")
    parser.add_argument("--control", action="store_true", help="one day, with a guard off: the judge must find it")
    asked = parser.parse_args(arguments)
    with a_week(FORGETFUL if asked.control else "robots") as week:
        live(week, CONTROL_DAYS if asked.control else DAYS)
        if not asked.control:
            week.come_to_rest(LAST_QUIET)
        found = judge_control(week, CONTROL_DAYS) if asked.control else judge(week, DAYS)
        if asked.keep:
            keep(week.office.delivered, asked.keep)
        return [told(f"    {line}", "") for line in week.happened] + found
