"""The figures in /metrics are what is in the database, cheaply, and name no person, case or run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loguru import logger
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, func, insert, text, update

from robots.evidence import Recorder
from robots.queue.seats import Need
from robots.queue.upkeep import register_worker
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.connect import connect
from robots.store.processes import this_process
from robots.store.schema import OUTCOMES, breakers, runs, schedules, starts, workers
from robots.watching import metrics
from robots.watching.metrics import Metrics
from tests.conftest import ROOT
from tests.sealing import keys_in
from tests.unit.engine import ask, begin, end
from tests.unit.runs import new_run

Read = Callable[[], dict[str, float]]


@pytest.fixture
def told(machine: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A municipality with one task file of its own, and every look a new one."""
    monkeypatch.setattr(metrics, "TRUSTED_SECONDS", -1.0)
    return machine


@pytest.fixture
def read(told: Settings, store: Store) -> Read:
    return reading(Metrics(told, store))


def reading(source: Metrics) -> Read:
    """The samples by name with their labels in order: ``ragnhild_seats_taken{system=archive}``."""

    def read() -> dict[str, float]:
        families = text_string_to_metric_families(source.text().decode())
        return {
            f"{sample.name}{{{','.join(f'{k}={v}' for k, v in sorted(sample.labels.items()))}}}".removesuffix("{}"):
            sample.value
            for family in families for sample in family.samples
        }  # fmt: skip

    return read


def test_runs_that_wait_by_priority_and_the_age_of_the_oldest(store: Store, read: Read) -> None:
    assert read()["ragnhild_runs_waiting{priority=guide}"] == 0
    old = ask(store, source="guide")
    ask(store, source="inbox")
    ask(store, source="schedule")
    ask(store, source="batch")
    late = ask(store, source="batch", answer_hours=0.0)
    with store.begin() as connection:
        ago = func.clock_timestamp() - span(3600)
        connection.execute(update(runs).where(runs.c.id == old).values(created_at=ago))
        connection.execute(update(runs).where(runs.c.id == late).values(held_for="Väntar på en plats"))
    figures = read()
    waiting = {key: figures[f"ragnhild_runs_waiting{{priority={key}}}"] for key in ("guide", "schedule", "batch")}
    assert waiting == {"guide": 1, "schedule": 2, "batch": 2}
    assert figures["ragnhild_oldest_waiting_seconds"] == pytest.approx(3600, abs=60)
    assert (figures["ragnhild_runs_held"], figures["ragnhild_runs_late"]) == (1, 1)


def test_runs_that_have_ended_are_counted_once_and_for_good(told: Settings, store: Store) -> None:
    """However they came to be settled: old ones, young ones, one that stays open between them."""
    read = reading(Metrics(told, store))
    for state in OUTCOMES:
        new_run(store, state=state)
    still_open = new_run(store)
    for _ in range(2):
        new_run(store, state="done")
    _make_old(store)
    wanted = {"done": 3.0, "handed_over": 1.0, "failed": 1.0, "cancelled": 1.0}
    assert ended(read()) == wanted
    assert ended(read()) == wanted
    with store.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == still_open).values(state="failed"))
    new_run(store, state="handed_over")
    wanted |= {"failed": 2.0, "handed_over": 2.0}
    assert ended(read()) == wanted
    _make_old(store)
    assert ended(read()) == wanted
    assert ended(reading(Metrics(told, store))()) == wanted


def test_what_is_settled_is_not_read_again(told: Settings, store: Store) -> None:
    source = Metrics(told, store)
    for _ in range(3):
        new_run(store, state="done")
    _make_old(store)
    first = ended(reading(source)())
    with store.begin() as connection:  # nobody does that; it shows what is looked at
        connection.execute(text("update runs set state = 'failed'"))
    assert ended(reading(source)()) == first == {"done": 3.0}
    assert ended(reading(Metrics(told, store))()) == {"failed": 3.0}, "control: another counts for itself"


def ended(figures: dict[str, float]) -> dict[str, float]:
    found = re.compile(r"ragnhild_runs_ended_total\{outcome=(\w+),task=example\}")
    return {hit[1]: value for key, value in figures.items() if (hit := found.fullmatch(key))}


def _make_old(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(update(runs).values(created_at=func.clock_timestamp() - span(86_400)))


def test_seats_breakers_and_workers(store: Store, read: Read) -> None:
    worker = register_worker(store, this_process(), name="a", slots=2, queues=[])
    silent = register_worker(store, this_process(), name="b", slots=4, queues=[])
    claimed = begin(store, ask(store), Need("drawing_archive", "Arkivet", "robot.ada", most=2), worker_id=worker)
    with store.begin() as connection:
        ago = func.clock_timestamp() - span(60)
        connection.execute(update(workers).where(workers.c.id == silent).values(seen_at=ago))
        shut = {"system": "archive", "robot": "", "state": "open", "met_by": "ada"}
        connection.execute(insert(breakers), [shut, shut | {"robot": "ada", "state": "closed"}])
    figures = read()
    assert figures["ragnhild_seats_taken{system=drawing_archive}"] == 1
    assert figures["ragnhild_seats_taken{system=registry}"] == 0
    assert figures["ragnhild_seats_allowed{system=drawing_archive}"] > 0
    assert figures["ragnhild_breaker_open{robot=,system=archive}"] == 1
    assert figures["ragnhild_breaker_open{robot=ada,system=archive}"] == 0
    standings = [figures[f"ragnhild_workers{{standing={each}}}"] for each in ("working", "draining", "silent")]
    assert (standings, figures["ragnhild_slots"]) == ([1, 0, 1], 2)
    assert figures["ragnhild_runs_at_work{state=running}"] == 1
    end(store, claimed)
    assert read()["ragnhild_seats_taken{system=drawing_archive}"] == 0


def test_schedules(store: Store, read: Read) -> None:
    with store.begin() as connection:
        for name, broken in (("prov", ""), ("trasigt", "Filen går inte att läsa.")):
            known = {"name": name, "written": "", "error": broken, "looked_until": func.now()}
            connection.execute(insert(schedules).values(known))
        for hour, state, started in ((6, "started", 1_700_000_000), (7, "started", 1_700_003_600), (8, "asked", None)):
            when = func.to_timestamp(started) if started else None
            connection.execute(
                insert(starts).values(
                    schedule="prov", local_time=text(f"timestamp '2026-11-23 0{hour}:00'"), due_at=func.now(),
                    state=state, by="scheduler", started_at=when,
                )
            )  # fmt: skip
    figures = read()
    assert figures["ragnhild_schedule_latest_start_timestamp_seconds{schedule=prov}"] == 1_700_003_600
    assert "ragnhild_schedule_latest_start_timestamp_seconds{schedule=trasigt}" not in figures
    assert figures["ragnhild_schedule_open_starts{schedule=prov,state=asked}"] == 1
    assert figures["ragnhild_schedules_broken"] == 1


def test_steps_are_timed_and_named_only_by_what_stands_in_the_tasks_file(
    told: Settings, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "example.py").write_text('with run.step("Hämta ritningarna"):\n    ...\n', "utf-8")
    source = Metrics(told.model_copy(update={"tasks_dir": tmp_path}), store)
    read = reading(source)
    log = Recorder(store, tmp_path, new_run(store), 1, keys=keys_in(store), pictures=False)
    log.event("step_done", "Hämta ritningarna", seconds=99.0)
    log.flush()
    read()  # what was before counts for nothing
    for title, seconds in (("Hämta ritningarna", 0.5), ("Hämta ritningarna", 7.0), ("Skriv till Tova", 1.5)):
        log.event("step_done", title, seconds=seconds)
    log.event("step_stopped", "Hämta ritningarna", seconds=3.0, error="nej")
    log.finish()
    figures = read()
    step = "step=Hämta ritningarna,task=example"
    count, total = f"ragnhild_step_seconds_count{{{step}}}", f"ragnhild_step_seconds_sum{{{step}}}"
    assert (figures[count], figures[total]) == (2, 7.5)
    bounds = ("0.5", "5.0", "10.0", "+Inf")
    within = [figures[f"ragnhild_step_seconds_bucket{{le={bound},{step}}}"] for bound in bounds]
    assert within == [1, 1, 2, 2]
    assert figures["ragnhild_step_seconds_count{step=övriga,task=example}"] == 1
    assert read()[count] == 2, "each is counted once"


def test_no_label_tells_of_a_run_or_a_case(told: Settings, store: Store) -> None:
    ask(store, about="EKBACKEN 3:14")
    shown = Metrics(told, store).text().decode()
    assert "EKBACKEN" not in shown
    labels = set(re.findall(r"[{,](\w+)=", shown))
    assert labels <= {
        "task", "outcome", "priority", "state", "system", "robot", "standing", "schedule", "step", "le", "version",
    }  # fmt: skip


def test_the_database_is_asked_no_more_often_than_is_of_use(machine: Settings, store: Store) -> None:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    event.listen(store.engine, "before_cursor_execute", count)
    source = Metrics(machine, store)
    source.text()
    first = len(asked)
    source.text()
    event.remove(store.engine, "before_cursor_execute", count)
    assert 0 < first == len(asked)


def test_a_database_that_is_away_is_told_and_breaks_nothing(told: Settings) -> None:
    away = connect("postgresql://nobody@127.0.0.1:1/none")
    words: list[str] = []
    sink = logger.add(lambda message: words.append(message.record["message"]), level="WARNING")
    try:
        figures = reading(Metrics(told, away))()
    finally:
        logger.remove(sink)
        away.close()
    assert figures["ragnhild_database_up"] == 0
    assert "ragnhild_runs_held" not in figures
    assert words == ["no figures: the database does not answer (OperationalError)"]


def test_every_figure_on_the_grafana_board_is_told(told: Settings, store: Store) -> None:
    board = json.loads((ROOT / "docs" / "grafana.json").read_text("utf-8"))
    asked = {
        name for panel in board["panels"] for target in panel.get("targets", [])
        for name in re.findall(r"\b(?:ragnhild|process)_[a-z_]+", target["expr"])
    }  # fmt: skip
    text = Metrics(told, store).text().decode()
    there, plain = set(), set()
    for family in text_string_to_metric_families(text):
        parts = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        there |= {family.name + part for part in parts}
        plain.add(family.name + parts[0])
    assert asked - there == set()
    ours = {name for name in plain if name.startswith("ragnhild_")}
    assert ours - asked == {"ragnhild_build_info"}, "and every figure of ours is on the board"
