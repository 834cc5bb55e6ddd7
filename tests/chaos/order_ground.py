"""What workers without browsers stand on: a target, a database, and what is asked for, waited for and judged there."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from sqlalchemy import text

from robots.settings import Settings
from robots.store import Store
from tests.chaos import order_slots
from tests.chaos.crew_orders import Told
from tests.chaos.odd_machine import odd_worker
from tests.chaos.order_judge import Judgement, judge, log_of, running_target
from tests.chaos.orders import Work, log_in, settings_in, words_of, write_config
from tests.chaos.random_kills import LATENESS, LATEST, SETTLE, TIMEOUT
from tests.chaos.target import Habits

LEASE = 5.0
SECONDS = 60.0
# The name of a machine that is not this one.
ANOTHER = "en annan maskin/0"


@dataclass
class Ground:
    """A target and the settings of the workers that order there; ``numbers`` counts the requests."""

    settings: Settings
    store: Store
    habits: Habits
    folder: Path
    numbers: int = 0

    def ask(self, how_many: int = 1) -> list[int]:
        work = Work(self.settings, self.store, self.habits.socket)
        first, self.numbers = self.numbers, self.numbers + how_many
        return [work.ask_for(number) for number in range(first, self.numbers)]

    def worker(
        self, name: str, *, slots: int = 1, environment: dict[str, str] | None = None
    ) -> AbstractContextManager[psutil.Popen]:
        """A worker with slots that order things."""
        settings = self.settings.model_copy(update={"slots": slots, "worker_name": name})
        told = {order_slots.TARGET: self.habits.socket} | (environment or {})
        return odd_worker(settings, self.store, slot=order_slots.MODULE, environment=told)

    def scalar(self, question: str, **values: Any) -> Any:
        with self.store.begin() as connection:
            return connection.execute(text(question), values).scalar()

    def wait(self, until: Callable[[], object], seconds: float = SECONDS) -> bool:
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)  # others' work; the database and the log tell when asked
        return True

    def ended(self, runs: Sequence[int]) -> bool:
        return self.how_many_ended(runs) == len(runs)

    def how_many_ended(self, runs: Sequence[int]) -> int:
        return int(self.scalar("select count(*) from outcomes where run_id = any(:runs)", runs=list(runs)))

    def carried_out(self, number: int) -> int:
        words = words_of(number)
        return sum(entry["words"] in words for entry in log_of(self.habits))

    def judged(self) -> Judgement:
        return judge(self.store, Told(numbers=self.numbers), log_of(self.habits), Counter(), 0.0)


@contextmanager
def ground(store: Store, *, seed: int = 1, faults: float = 0.0) -> Iterator[Ground]:
    """In the database of ``store``, which holds nothing else."""
    with TemporaryDirectory(prefix="ragnhild-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write_config(folder / "config", settle=SETTLE, timeout=TIMEOUT)
        settings = settings_in(folder).model_copy(update={"lease_seconds": LEASE})
        log_in(settings, store)
        odd = {} if faults else {"search_faults": 0.0, "blank": 0.0}
        habits = Habits(str(folder / "log"), str(folder / "socket"), seed, LATEST, LATENESS, faults, **odd)
        with running_target(habits):
            yield Ground(settings, store, habits, folder)


def wrong_in(judged: Judgement) -> int:
    """How much was carried out twice, is lost, or has not exactly one outcome."""
    return len(judged.twice) + len(judged.lost) + len(judged.without_outcome) + judged.asked_twice
