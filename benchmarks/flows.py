"""The three flows through the practice town: our task on a warm slot, beside a raw Playwright script.

The script visits the same pages in the same order. Both are given a window with pages that lie ready, in the same
browser, and are logged in already. Both look for an earlier message, note or booking before they make one, and read
back what they made. Ours also has its ledger, its one-send transport, its step log, and with evidence "full" its
masked pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Request
from sqlalchemy import select

from benchmarks.ground import own_ground
from benchmarks.pairs import Figures, Pairs, alternate, timed
from benchmarks.raw_flows import RawDesk, book_missed_bin, send_detail_plan, send_drawings
from robots.cli.town import Town, start_town
from robots.queue.runs import find_run, submit
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import run_events, runs
from robots.systems.login import LoginSessions
from robots.task_files import LoadedTasks, load_tasks
from robots.worker.attempt import attempt_run
from robots.worker.task_process.processes import TaskProcesses
from robots.worker.warm_browser import WarmBrowser, Window

ROUNDS = 14
WARM_UP = 2
TODAY, MISSED_DAY = date(2026, 11, 18), date(2026, 11, 17)
Case = dict[str, Any]


@dataclass
class Flow:
    """A task, its raw counterpart, and the cases of the town that both carry out."""

    task: str
    raw: Callable[[RawDesk, Case], None]
    inputs: Callable[[Case], dict[str, Any]]
    cases: list[Case]


class CountingBrowser(WarmBrowser):
    """A slot's browser that counts the documents its windows visit while ``visits`` is not None."""

    visits: int | None = None

    def take_window(self) -> Window:
        window = super().take_window()
        if self.visits is not None:  # the listener itself costs time, so it is there in the warm-up only
            window.context.on("request", self._count)
        return window

    def _count(self, request: Request) -> None:
        if self.visits is not None and request.resource_type == "document":
            self.visits += 1


@dataclass
class Bench:
    """What a flow is carried out with, by us and raw."""

    settings: Settings
    store: Store
    town: Town
    browser: CountingBrowser
    tasks: LoadedTasks
    processes: TaskProcesses

    def ours(self, flow: Flow, case: Case, evidence: str) -> float:
        task = self.tasks.find(flow.task)
        asked = submit(
            self.store, task, task.inputs.parse(flow.inputs(case)), robot=self._robot(flow), source="guide",
            started_by="bench",
        )  # fmt: skip
        settings = self.settings.model_copy(update={"evidence": evidence})
        self.browser.prepare()  # between runs, as in a slot
        self.processes.prepare()
        seconds = timed(
            lambda: attempt_run(
                settings, self.store, self.tasks, self.browser, asked.run_id, carry=self.processes.carry_out
            )
        )
        ended = find_run(self.store, asked.run_id)
        assert ended.outcome == "done", f"{flow.task} {case['number']}: {ended.outcome}: {ended.reason}"
        return seconds

    def raw(self, flow: Flow, case: Case, reference: str) -> float:
        self.browser.prepare()
        window = self.browser.take_window()
        desk = RawDesk(window, reference)
        for system in self.settings.access[self._robot(flow)]:
            address = self.settings.system(system).url
            sessions = LoginSessions(
                self.store, self.settings.machine_key(), self._robot(flow), f"{system}@{urlsplit(address).netloc}"
            )
            if state := sessions.load():  # ours has logged in during its warm-up
                window.context.add_cookies(state.cookies)
                desk.entries[system] = address if state.cookies else state.entry

        seconds = timed(lambda: flow.raw(desk, case))
        self.browser.give_back(window)  # closed between runs, as ours is
        return seconds

    def _robot(self, flow: Flow) -> str:
        return self.settings.robot_for(flow.task).name


def measure() -> Figures:
    told = Figures("flows: the three tasks", "Compared to a raw Playwright script that makes the same page visits.")
    with own_ground() as (ground, store), start_town(ground, today=TODAY.isoformat()) as town:
        settings = ground.model_copy(update={"town": town.address})
        with closing(CountingBrowser(settings)) as browser, closing(TaskProcesses(settings)) as processes:
            bench = Bench(settings, store, town, browser, load_tasks(settings.tasks_dir), processes)
            for flow in _flows(town):
                told.figures += _compare(bench, flow, told.told)
    return told


def _compare(bench: Bench, flow: Flow, told: list[str]) -> list[Pairs]:
    cases = iter(flow.cases)
    bench.ours(flow, next(cases), "steps")  # logs in, and closes the boxes that a new session is met with
    told.append(f"{flow.task}: {_same_visits(bench, flow, next(cases), next(cases))}")
    plan = [(next(cases), next(cases), next(cases)) for _ in range(ROUNDS + WARM_UP)]
    steps, full, raw = alternate(
        lambda n: bench.ours(flow, plan[n][0], "steps"),
        lambda n: bench.ours(flow, plan[n][1], "full"),
        lambda n: bench.raw(flow, plan[n][2], f"RAA-{n}"),
        rounds=ROUNDS, warm_up=WARM_UP, words=flow.task,
    )  # fmt: skip
    told.append(f"{flow.task}: {_where_the_time_goes(bench, flow)}")
    return [
        Pairs(f"{flow.task}, evidence off", steps, raw, "costs", 1.10),
        Pairs(f"{flow.task}, default evidence", full, raw, "costs", 1.35),
    ]


def _same_visits(bench: Bench, flow: Flow, mine: Case, other: Case) -> str:
    """How many documents each side opens; a comparison of different visits would be none."""
    bench.browser.visits = 0
    bench.ours(flow, mine, "steps")
    ours, bench.browser.visits = bench.browser.visits, 0
    bench.raw(flow, other, "RAA-V")
    raw, bench.browser.visits = bench.browser.visits, None
    assert ours == raw, f"{flow.task} opens {ours} documents, the raw script {raw}"
    return f"documents opened: ours {ours}, raw {raw}"


def _where_the_time_goes(bench: Bench, flow: Flow) -> str:
    """The median of each step over all runs, from the step log."""
    with bench.store.begin() as connection:
        done = connection.execute(
            select(run_events.c.title, run_events.c.detail)
            .join(runs, runs.c.id == run_events.c.run_id)
            .where(run_events.c.kind == "step_done", runs.c.task == flow.task)
            .order_by(run_events.c.id)
        ).all()
    seconds: dict[str, list[float]] = {}
    for row in done:
        seconds.setdefault(row.title, []).append(row.detail["seconds"])
    return ", ".join(f"{title} {median(values) * 1000:.0f} ms" for title, values in seconds.items())


def _flows(town: Town) -> list[Flow]:
    # One search with one page of hits, and neighbours with as many drawings: those are what a round compares.
    alike = [case for case in town.cases("drawings", "normal") if 0 < _drawings(town, case) <= 5]
    alike.sort(key=lambda case: _drawings(town, case))
    return [
        Flow("send_drawings", send_drawings, _about_property, alike),
        Flow("send_detail_plan", send_detail_plan, _about_property, town.cases("detail_plan", "normal")),
        Flow("book_waste_pickup", book_missed_bin, _pickup, town.cases("missed_bin", "normal")),
    ]


def _drawings(town: Town, case: Case) -> int:
    """How many drawings the property has; 0 too where some may lie under an older designation."""
    told = town.ask(f"/properties/{case['property_id']}")
    return 0 if told["older_designation"] else len(told["drawings"])


def _about_property(case: Case) -> dict[str, Any]:
    return {"case_number": case["number"], "property_id": case["property_id"]}


def _pickup(case: Case) -> dict[str, Any]:
    return {"case_number": case["number"], "facility": case["facility"], "kind": "Missat kärl",
            "day": MISSED_DAY.isoformat(), "price": 0}  # fmt: skip
