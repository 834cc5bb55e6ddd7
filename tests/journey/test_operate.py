"""A worker as a service: asked how it is, told to end while a run hangs, and what it has told of its runs meanwhile."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from robots.cli.town import Town
from robots.queue.runs import events_of, find_run, submit
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from tests.journey.commands import SECONDS, resident, wait_until
from tests.unit.pages import Answer, PageServer, serving
from tests.unit.test_watching_health import free_port

pytestmark = pytest.mark.browser
GRACE_SECONDS = 1.5


@pytest.fixture
def receiver() -> Iterator[PageServer]:
    with serving(lambda asked: Answer("")) as server:
        yield server


@pytest.mark.long
def test_a_worker_is_watched_and_ends_in_time(
    town: Town, settings: Settings, store: Store, tasks: LoadedTasks, environment: dict[str, str], receiver: PageServer
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    told = {
        "RAGNHILD_HEALTH_PORT": str(port), "RAGNHILD_LOG_FORMAT": "json", "RAGNHILD_WORKER_NAME": "norra",
        "RAGNHILD_OTLP_ENDPOINT": receiver.address, "RAGNHILD_STOP_MINUTES": str(GRACE_SECONDS / 60),
    }  # fmt: skip
    with resident(environment | told, "worker", "--slots", "1") as worker:
        wait_until(lambda: answers(f"{address}/health/ready"))
        done = asked(store, tasks, town, 0)
        wait_until(lambda: find_run(store, done).outcome)
        assert find_run(store, done).outcome == "done"
        ended = 'ragnhild_runs_ended_total{outcome="done",task="send_drawings"} 1.0'
        wait_until(lambda: ended in httpx.get(f"{address}/metrics").text)

        town.fault("drawing_archive", "slow", path="/traffar", seconds=120)
        hangs = asked(store, tasks, town, 1)
        wait_until(lambda: [event for event in events_of(store, hangs) if event.kind == "step"])
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        _, talk = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0, talk
    assert time.monotonic() - began > GRACE_SECONDS, "control: the run was given its time"
    assert "Tiden är ute" in talk
    assert find_run(store, hangs).state in ("queued", "running"), "the next worker begins it again"
    assert [change["kind"] for change in town.truth()].count("message_sent") == 1, "the first run's alone"
    assert not answers(f"{address}/health/live")
    of_run(done, settings)
    traced(done, receiver)


def asked(store: Store, tasks: LoadedTasks, town: Town, number: int) -> int:
    case, task = town.cases("drawings", "normal")[number], tasks.find("send-drawings")
    values = task.inputs.parse({"case_number": case["number"], "property_id": case["property_id"]})
    return submit(store, task, values, robot="ragnhild", source="guide", started_by="test").run_id


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.HTTPError:
        return False


def of_run(run: int, settings: Settings) -> None:
    """Its lines in the slot's log, among the lines that other tests have written there."""
    lines = (settings.data_dir / "logs" / "slot.log").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    lines_of_run = [line for line in told if line.get("run") == run]
    assert any(line["message"].startswith("outcome: done") for line in lines_of_run)
    assert {(line["worker"], line["robot"]) for line in lines_of_run} == {("norra", "ragnhild")}
    assert all(line["case"].startswith("…") and len(line["case"]) == 5 for line in lines_of_run)


def traced(run: int, receiver: PageServer) -> None:
    spans: list[Any] = [
        span
        for post in receiver.posts()
        for resource in ExportTraceServiceRequest.FromString(post.body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    [whole] = [
        span for span in spans if any((a.key, a.value.int_value) == ("ragnhild.run", run) for a in span.attributes)
    ]
    inside = {span.name for span in spans if span.trace_id == whole.trace_id}
    assert {"send_drawings", "Hämta ritningarna", "ritningar", "anteckning"} <= inside, inside
