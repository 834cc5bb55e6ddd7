"""The three flows as the chaos tests use them: fresh cases for each, and the town's own account of every run."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select

from robots.cli.town import Town, start_town
from robots.queue.runs import runs_by_id, submit
from robots.settings import Settings, load_settings
from robots.store import Store, open_store
from robots.store.schema import outcomes, runs
from robots.task_files import LoadedTasks, load_tasks
from tests.conftest import ROOT
from tests.journey.test_book_waste_pickup import workday

Case = dict[str, Any]
CASES = "case_management"


@dataclass(frozen=True)
class Flow:
    """``changes`` is what one finished run has changed, as (system, kind); ``commits`` the paths that do it."""

    task: str
    errand: str
    robot: str
    changes: tuple[tuple[str, str], ...]
    commits: tuple[tuple[str, str], ...]

    def typed(self, case: Case) -> dict[str, Any]:
        if self.errand == "missed_bin":
            more = {"facility": case["facility"], "kind": "Missat kärl", "day": workday(-1).isoformat(), "price": 0}
        else:
            more = {"property_id": case["property_id"]}
        return {"case_number": case["number"], **more}


_TOLD = ((CASES, "note_added"), (CASES, "status_set"))
_SENT = ((CASES, "message_sent"), *_TOLD)
_BOOKED = (("waste_collection", "order_placed"), *_TOLD)
_TELLING = ((CASES, "/anteckning$"), (CASES, "/status$"))
_SENDING = ((CASES, "/meddelande$"), *_TELLING)
_BOOKING = (("waste_collection", "/sammanfattning$"), *_TELLING)
FLOWS = {
    flow.task: flow
    for flow in (
        Flow("send_drawings", "drawings", "ragnhild", _SENT, _SENDING),
        Flow("send_detail_plan", "detail_plan", "torvald", _SENT, _SENDING),
        Flow("book_waste_pickup", "missed_bin", "svea", _BOOKED, _BOOKING),
    )
}


@dataclass
class Ground:
    """What chaos is made on. ``settle`` is longer than any delay of the town's that a test sets."""

    settings: Settings
    store: Store
    town: Town
    tasks: LoadedTasks
    _seed: int = 1
    _used: set[str] = field(default_factory=set)
    _fresh: dict[str, list[Case]] = field(default_factory=dict)

    def left(self, flow: Flow) -> int:
        """How many fresh cases the flow has until the town is reset."""
        return len(self._cases(flow))

    def case(self, flow: Flow) -> Case:
        """One that nobody has worked on, with little to download first."""
        case = self._cases(flow).pop(0)
        self._used.add(case["number"])
        return case

    def submit(self, flow: Flow, case: Case) -> int:
        task = self.tasks.find(flow.task)
        values = task.inputs.parse(flow.typed(case))
        return submit(self.store, task, values, robot=flow.robot, source="guide", started_by="test").run_id

    def renew(self) -> None:
        """Another town, with cases that nobody has worked on. No run may be at work."""
        self._seed += 1
        self.town.reset(seed=self._seed)
        self._fresh.clear()

    def wait(self, run_ids: list[int], seconds: float) -> list[int]:
        """Until all have ended, the notes that they left for later with them, or time is up; those that have not."""
        deadline = time.monotonic() + seconds
        while True:
            waiting = self._at_work(run_ids)
            if not waiting or time.monotonic() > deadline:
                return waiting
            time.sleep(0.1)  # the runs are another process's; the database tells when asked

    def _at_work(self, run_ids: list[int]) -> list[int]:
        """Which of them have not ended, and which notes that one of them has left."""
        left_by = [f"K-{run_id}" for run_id in run_ids]
        mine = or_(runs.c.id.in_(run_ids), runs.c.started_by.in_(left_by))
        with self.store.begin() as connection:
            return list(connection.execute(select(runs.c.id).where(mine, runs.c.finished_at.is_(None))).scalars())

    def _cases(self, flow: Flow) -> list[Case]:
        if flow.task not in self._fresh:
            found = [c for c in self.town.cases(flow.errand, "normal") if c["number"] not in self._used]
            if flow.errand == "drawings":
                found.sort(key=lambda case: len(self.town.ask(f"/properties/{case['property_id']}")["drawings"]))
            self._fresh[flow.task] = found
        return self._fresh[flow.task]


@contextmanager
def own_ground(*, settle: float, **changes: Any) -> Iterator[Ground]:
    """A data folder, an empty database and a town of its own, all gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ragnhild-chaos-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        settings = load_settings(
            data_dir=data, config_dir=settling(Path(folder) / "config", settle), tasks_dir=ROOT / "tasks",
            schedules_dir=ROOT / "schedules", retry_seconds=0.1, **changes,
        )  # fmt: skip
        store = open_store(None, data)
        try:
            with start_town(settings) as town:
                yield ground_of(settings, store, town)
        finally:
            store.close()


def ground_of(settings: Settings, store: Store, town: Town) -> Ground:
    told = settings.model_copy(update={"town": town.address})
    return Ground(told, store, town, load_tasks(settings.tasks_dir))


def settling(folder: Path, seconds: float, *, timeout: float = 15.0) -> Path:
    """The configuration with another settle time, and time-out, for every system."""
    shutil.copytree(ROOT / "config", folder)
    path = folder / "systems.toml"
    plain = re.sub(r"(?m)^settle_seconds.*\n", "", path.read_text("utf-8"))
    path.write_text(
        re.sub(r"(?m)^(url = .*)$", rf"\1\nsettle_seconds = {seconds}\ntimeout_seconds = {timeout}", plain), "utf-8"
    )
    return folder


def with_config(settings: Settings, config_dir: Path, **changes: Any) -> Settings:
    """The same machine with another configuration; what it has read of the old one is forgotten."""
    told = settings.model_dump(exclude={"database_url"})
    return load_settings(**(told | {"config_dir": config_dir} | changes))


# -- the judge ------------------------------------------------------------------------------------------------------


@dataclass
class Account:
    """How many runs, and what the town says of them. ``duplicates``: those for which something was made twice."""

    runs: int = 0
    done: int = 0
    handed_over: int = 0
    otherwise: int = 0
    unfinished: int = 0
    duplicates: int = 0
    losses: int = 0
    stories: list[str] = field(default_factory=list)

    def add(self, other: Account) -> None:
        for name in ("runs", "done", "handed_over", "otherwise", "unfinished", "duplicates", "losses"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.stories += other.stories


def account_of(ground: Ground, asked: dict[int, tuple[Flow, Case]]) -> Account:
    """Hold each run's outcome against what the town has counted for its case."""
    account = Account(runs=len(asked))
    rows = runs_by_id(ground.store, list(asked))
    truth, mail = ground.town.truth(), ground.town.mail()
    told = _outcomes(ground.store)
    for run_id, (flow, case) in asked.items():
        about = {case["number"], case["facility"] or case["number"]}
        mine = [c for c in truth if c["about"] in about]
        made = Counter((c["system"], c["kind"]) for c in mine)
        for to in {c["facts"]["to"] for c in mine if c["kind"] == "message_sent"}:
            made["mail", "delivered"] = sum(m["recipient"] == to for m in mail)
        row = rows[run_id]
        more, less = _compared(flow, made, row.outcome)
        account.duplicates += more > 0
        account.losses += less > 0
        account.done += row.outcome == "done"
        account.handed_over += row.outcome == "handed_over"
        account.otherwise += row.outcome in ("failed", "cancelled")
        account.unfinished += row.outcome is None or told[run_id] != 1
        if more or less or row.outcome != "done":
            words = f"{row.outcome} {row.kind}: {row.reason}" if row.outcome else f"{row.state}, no outcome"
            account.stories.append(f"K-{run_id} {flow.task} {case['number']}: {words} {dict(made)}")
    return account


def _compared(flow: Flow, made: Counter[tuple[str, str]], outcome: str | None) -> tuple[int, int]:
    """How many changes too many and too few. What a run that was handed over has left undone is the person's."""
    wanted = Counter(flow.changes)
    if ("mail", "delivered") in made:
        wanted["mail", "delivered"] = made[CASES, "message_sent"] and 1
    if outcome == "handed_over":
        wanted[CASES, "handed_over"] = 1
    more = (made - wanted).total()
    less = (wanted - made).total()
    if outcome != "done":
        less = int(outcome == "handed_over" and not made[CASES, "handed_over"])
    return more, less


def _outcomes(store: Store) -> dict[int, int]:
    """How many outcomes each run has."""
    counted = (
        select(runs.c.id, func.count(outcomes.c.run_id))
        .outerjoin(outcomes, outcomes.c.run_id == runs.c.id)
        .group_by(runs.c.id)
    )
    with store.begin() as connection:
        return {row[0]: row[1] for row in connection.execute(counted)}
