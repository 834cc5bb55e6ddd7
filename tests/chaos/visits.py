"""Seats over three machines: many short runs in systems that let few in at once, and count who is inside.

Three limits: robots in the order book at once, the same for each account, and runs that begin in the stock book in a
minute. The robot's own tables are not asked: what the target has seen decides.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select

from robots.queue.runs import submit
from robots.settings import Settings, load_settings, write_secret
from robots.store import Store, open_store
from robots.store.schema import attempts, outcomes, runs, workers
from robots.systems.login import LoginSessions
from tests.chaos import visit_slots
from tests.chaos.namespaces import Switch
from tests.chaos.three_machines import worker_machines
from tests.chaos.visit_slots import ROOM_FOR_ALL, TARGET, visit_tasks, visitor
from tests.chaos.visit_target import Opening, open_systems
from tests.external_database import external_server

BOOK, STOCK = "order_book", "stock_book"
ROBOTS = ("olle", "pia")
MOST_INSIDE = 4
MOST_OF_ACCOUNT = 3
SLOTS = 3
# So many runs are kept waiting or at work.
OPEN = 40
# One of so many goes to both books.
BOTH = 15
# The minute is counted from when the seat is taken; the target sees the robot come so much later, more or less.
MINUTE = 60.0 - 3.0
# Nobody who only wants to the order book waits longer: the patience of those who want to both, and the line's own time.
LONGEST_WAIT = 60.0
# A few that came later are woken at the same moment as those before them, by several machines.
MOST_OVERTAKEN = 10
PATIENCE = 120.0


@dataclass(frozen=True)
class Visited:
    """What the systems have seen. ``overtaken``: by how many that asked later, for the same, as the same robot."""

    seed: int
    asked: int
    entered: int
    done: int
    machines: Counter[str]
    most_inside: int
    most_of_account: int
    most_in_minute: int
    in_stock: int
    longest_wait: float
    longest_wait_for_both: float
    overtaken: int
    seconds: float


@dataclass(frozen=True)
class Asked:
    """A run that was asked for: when, and what for."""

    at: float
    robot: str
    both: bool


def write_config(folder: Path, starts_a_minute: int) -> Path:
    """The configuration of a municipality with two robots and two systems."""
    folder.mkdir(parents=True)
    tasks = dict(zip(ROBOTS, visit_tasks().by_name, strict=True))
    robots = [
        f'[{name}]\ntitle = "{name}"\nowner = "Ingen"\nuser = "robot.{name}"\ntasks = ["{tasks[name]}"]\n'
        for name in ROBOTS
    ]
    (folder / "robots.toml").write_text("".join(robots), "utf-8")
    rights = [f'[{name}]\n{BOOK} = "journal"\n{STOCK} = "journal"\n' for name in ROBOTS]
    (folder / "access.toml").write_text("".join(rights), "utf-8")
    (folder / "systems.toml").write_text(
        f'[{BOOK}]\nurl = "http://{BOOK}.invalid"\nsettle_seconds = 0.5\n'
        f"most_sessions = {MOST_INSIDE}\nmost_sessions_per_robot = {MOST_OF_ACCOUNT}\n"
        f'[{STOCK}]\nurl = "http://{STOCK}.invalid"\nstarts_per_minute = {starts_a_minute}\n'
        '[case_management]\nurl = "http://case_management.invalid"\nmost_sessions = 0\n', "utf-8",
    )  # fmt: skip
    return folder


def log_in(settings: Settings, store: Store) -> None:
    """Let the robots find login sessions, which tell the target who they are."""
    for robot in ROBOTS:
        write_secret(settings.secrets_dir / robot, "prov")
        for system in (BOOK, STOCK):
            sessions = LoginSessions(store, settings.machine_key(), robot, f"{system}@{system}.invalid")
            cookie = {"system": system, "account": f"robot.{robot}", "value": f"{robot} inne"}
            sessions.save([cookie], f"http://{system}.invalid")


class Visits:
    """Asks for runs, a few at a time, until so many have been asked for and have ended."""

    def __init__(self, store: Store, seed: int) -> None:
        self.asked: dict[int, Asked] = {}
        self._store = store
        self._random = random.Random(seed)
        self._tasks = visit_tasks()

    def go_on(self, most: int) -> None:
        """Raises ``TimeoutError`` when nothing ends any more."""
        waiting, changed = -1, time.monotonic()
        while time.monotonic() - changed < PATIENCE:
            now_waiting = self._waiting()
            if now_waiting == 0 and len(self.asked) == most:
                return
            if now_waiting != waiting:
                waiting, changed = now_waiting, time.monotonic()
            for _ in range(min(OPEN - waiting, most - len(self.asked))):
                self._ask()
            time.sleep(0.02)  # runs end on other machines; the database tells when asked
        raise TimeoutError(f"{waiting} runs have not ended")

    def _waiting(self) -> int:
        asked = select(func.count().label("open")).select_from(runs).where(runs.c.finished_at.is_(None))
        row = self._store.ask(asked)
        assert row
        return int(row.open)

    def _ask(self) -> None:
        number, robot = len(self.asked), self._random.choice(ROBOTS)
        both = self._random.randrange(BOTH) == 0
        task = self._tasks.find("visit_both" if both else "visit_orders")
        self.asked[number] = Asked(time.monotonic(), robot, both)
        submit(self._store, task, task.inputs.parse({"number": number}), robot=robot, source="batch", started_by="test")


def visits(starts: int, seed: int, *, starts_a_minute: int, guard: bool = True) -> Visited:
    """So many runs over three machines, each with a few slots; and what the systems saw of them."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ragnhild-chaos-", ignore_cleanup_errors=True)))
        switch = Switch()
        settings = load_settings(
            data_dir=folder / "centre", config_dir=write_config(folder / "config", starts_a_minute), slots=SLOTS,
            evidence="steps", evidence_folder=folder / "evidence", retry_seconds=0.1,
        )  # fmt: skip
        server = stack.enter_context(external_server((switch.address,)))
        store = open_store(server.url, settings.data_dir, password=SecretStr(server.password))
        stack.callback(store.close)
        log_in(settings, store)
        log = folder / "log"
        target = stack.enter_context(open_systems(Opening(switch.address, str(log), seed)))
        told = {TARGET: target} | ({} if guard else {ROOM_FOR_ALL: "1"})
        stack.enter_context(worker_machines(folder, settings, store, switch, visit_slots.MODULE, told))
        made = Visits(store, seed)
        made.go_on(starts)
        seen = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        return _judge(store, made.asked, seen, seed, time.monotonic() - began)


def _judge(store: Store, asked: dict[int, Asked], seen: list[dict[str, Any]], seed: int, seconds: float) -> Visited:
    in_book = [each for each in seen if each["system"] == BOOK]
    came = {each["words"]: each["at"] for each in reversed(in_book)}
    waits = {number: came[visitor(number)] - each.at for number, each in asked.items() if visitor(number) in came}
    by_machine = (
        select(workers.c.name, func.count(attempts.c.run_id.distinct()).label("runs"))
        .join(workers, workers.c.id == attempts.c.worker_id)
        .group_by(workers.c.name)
    )
    with store.begin() as connection:
        machines = Counter({row.name: row.runs for row in connection.execute(by_machine)})
        done = connection.execute(select(func.count()).where(outcomes.c.outcome == "done")).scalar_one()
    return Visited(
        seed=seed,
        asked=len(asked),
        entered=len(in_book),
        done=done,
        machines=machines,
        most_inside=max(each["inside"] for each in in_book),
        most_of_account=max(each["of_account"] for each in in_book),
        most_in_minute=_most_in_minute([each["at"] for each in seen if each["system"] == STOCK]),
        in_stock=sum(each.both for each in asked.values()),
        longest_wait=max(wait for number, wait in waits.items() if not asked[number].both),
        longest_wait_for_both=max((wait for number, wait in waits.items() if asked[number].both), default=0.0),
        overtaken=_overtaken(asked, waits),
        seconds=seconds,
    )


def _most_in_minute(times: list[float]) -> int:
    return max((sum(0 <= other - first < MINUTE for other in times) for first in times), default=0)


def _overtaken(asked: dict[int, Asked], waits: dict[int, float]) -> int:
    """How many asked later for the same and came in before; of the one to whom it happened most."""
    lines: dict[tuple[str, bool], list[float]] = {}
    for number in sorted(waits):
        one = asked[number]
        lines.setdefault((one.robot, one.both), []).append(one.at + waits[number])
    return max(sum(later < mine for later in line[at + 1 :]) for line in lines.values() for at, mine in enumerate(line))
