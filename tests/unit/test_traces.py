"""A trace of an attempt, as a receiver of OpenTelemetry takes it off the wire."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from robots.evidence import Recorder, traces
from robots.store import Store
from tests.sealing import keys_in
from tests.unit.pages import Answer, Asked, PageServer, serving
from tests.unit.runs import new_run

NUMBER = "19811118-9802"


def sent(receiver: PageServer) -> dict[str, Any]:
    """The spans by name, when all of them have been sent."""
    traces.send_the_rest()
    assert {asked.path for asked in receiver.posts()} <= {"/v1/traces"}
    requests = [ExportTraceServiceRequest.FromString(asked.body) for asked in receiver.posts()]
    return {
        span.name: span
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


@pytest.fixture
def receiver() -> Iterator[PageServer]:
    with serving(lambda asked: Answer("")) as server:
        yield server


def recorded(store: Store, folder: Path, endpoint: str) -> None:
    """An attempt with one step that makes a change, and one that fails."""
    run = new_run(store)
    with traces.traced(endpoint, task="example", robot="ada", run=run, attempt=1) as watch:
        log = Recorder(store, folder, run, 1, keys=keys_in(store), pictures=False, watch=watch)
        log.hide("Tova Testdotter")
        log.event("attempt", "Försök 1", task="example", robot="ada")
        with log.step("Skicka till Tova Testdotter"):
            log.event("login", "Loggar in", user="ada")
            log.event("commit", "brevet", system="archive", mark="R-00ab12cd34ef", sent=[])
            log.event("effect_confirmed", "brevet", receipt="M-1", mark="R-00ab12cd34ef", system="archive")
        with pytest.raises(ValueError), log.step(f"Anteckna om {NUMBER}"):
            raise ValueError(f"nej, {NUMBER}")
        log.event("outcome", "failed", reason="nej", todo="")
        log.finish()


def test_an_attempt_is_a_span_with_its_steps_and_their_changes(
    store: Store, tmp_path: Path, receiver: PageServer
) -> None:
    recorded(store, tmp_path, receiver.address)
    spans = sent(receiver)
    assert set(spans) == {"example", "Skicka till ▮▮▮", "brevet", "Anteckna om [personnummer]"}
    whole, step, change, failed = (
        spans["example"], spans["Skicka till ▮▮▮"], spans["brevet"], spans["Anteckna om [personnummer]"]
    )  # fmt: skip
    assert len({span.trace_id for span in spans.values()}) == 1
    assert (step.parent_span_id, change.parent_span_id) == (whole.span_id, step.span_id)
    assert attributes(whole) == {
        "ragnhild.task": "example", "ragnhild.robot": "ada", "ragnhild.run": 1, "ragnhild.attempt": 1,
        "ragnhild.outcome": "failed",
    }  # fmt: skip
    assert attributes(change) == {
        "ragnhild.system": "archive", "ragnhild.mark": "R-00ab12cd34ef", "ragnhild.effect": "brevet",
    }  # fmt: skip
    assert (failed.status.code, failed.status.message) == (2, "ValueError")
    assert (step.status.code, whole.status.code) == (0, 2)
    assert step.start_time_unix_nano <= change.start_time_unix_nano <= change.end_time_unix_nano


def test_nobodys_data_is_on_the_wire(store: Store, tmp_path: Path, receiver: PageServer) -> None:
    recorded(store, tmp_path, receiver.address)
    sent(receiver)
    wire = b"".join(asked.body for asked in receiver.posts())
    assert b"brevet" in wire  # control
    assert b"9802" not in wire
    assert b"Tova" not in wire


def test_a_receiver_that_never_answers_delays_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "LEAVING_SECONDS", 0.2)
    asked, over = threading.Event(), threading.Event()

    def silent(_: Asked) -> Answer:
        asked.set()
        over.wait(30)
        return Answer("")

    with serving(silent) as server:
        recorded(store, tmp_path, server.address)
        assert not asked.is_set(), "the work is done before anything is sent"
        began = time.monotonic()
        traces.send_the_rest()
        assert asked.wait(10), "control: it was tried"
        assert time.monotonic() - began < 5
        over.set()


def test_what_fails_in_telling_fails_no_run(store: Store, tmp_path: Path, receiver: PageServer) -> None:
    with traces.traced(receiver.address, task="example", robot="ada", run=1, attempt=1) as watch:
        watch("step_done", "aldrig begonnen", {"error": object()})
        watch("effect_confirmed", "aldrig skickad", {"system": 3})
        watch("step", "utan uppgifter", None)
    assert "example" in sent(receiver)


def test_nothing_of_it_is_loaded_where_it_is_off() -> None:
    told = "import robots.worker.slot, sys; print([m for m in sys.modules if m.startswith('opentelemetry')])"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert loaded.stdout.strip() == "[]"
