"""A trace of each attempt by OpenTelemetry: a span for it, one for each step, one for each change that is sent.

It tells what the step log tells, of which all personal data has been taken out before, and less of it. Sending is done
beside the work: a receiver that is slow or away costs a run nothing, and the trace is then lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from loguru import logger
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, StatusCode, Tracer

from robots.store.processes import host_name

PATH = "/v1/traces"
SEND_SECONDS = 5.0
BETWEEN_BATCHES_SECONDS = 2.0
# What is unsent when a slot ends has so long: it must be gone before its supervisor ends it.
LEAVING_SECONDS = 4.0
_STEP_ENDS = ("step_done", "step_stopped")
_EFFECT_BEGINS = ("form", "commit")
_EFFECT_ENDS = ("effect_confirmed", "effect_waits", "dry_run")
_TOLD = ("system", "mark", "outcome")


@contextmanager
def traced(endpoint: str, *, task: str, robot: str, run: int, attempt: int) -> Iterator[Callable[..., None]]:
    """One trace. What it yields is told each event of the step log: its kind, title and detail."""
    about = {"ragnhild.task": task, "ragnhild.robot": robot, "ragnhild.run": run, "ragnhild.attempt": attempt}
    attempted = _Attempt(_tracer(endpoint), task, about)
    try:
        yield attempted.hear
    finally:
        attempted.end()


class _Attempt:
    """The spans that are open: the attempt's, within it a step's, within that a change's."""

    def __init__(self, tracer: Tracer, task: str, about: dict[str, Any]) -> None:
        self._tracer = tracer
        self._open = [tracer.start_span(task, attributes=about)]
        self._sent = ""  # the change that a span is open for
        self._last = time.time_ns()

    def hear(self, kind: str, title: str, detail: dict[str, Any]) -> None:
        with suppress(Exception):  # whatever goes wrong in telling, the run goes on
            self._hear(kind, title, detail)
            self._last = time.time_ns()

    def end(self) -> None:
        with suppress(Exception):
            while self._open:
                self._open.pop().end()

    def _hear(self, kind: str, title: str, detail: dict[str, Any]) -> None:
        told = {f"ragnhild.{key}": detail[key] for key in _TOLD if isinstance(detail.get(key), str)}
        if kind == "step":
            self._begin(title, told)
        elif kind in _EFFECT_BEGINS and not self._sent:
            self._sent = title
            # What was sent is told when it has been answered: it began when what came before was told.
            self._begin(title, told | {"ragnhild.effect": title}, self._last if kind == "commit" else None)
        elif kind in _STEP_ENDS:
            self._end_step(title, str(detail.get("error", "")).partition(":")[0])
        else:
            self._tell(self._open[-1], kind, title, told)
        if kind in _EFFECT_ENDS and self._sent:
            self._sent = ""
            self._open.pop().end()

    def _tell(self, span: Span, kind: str, title: str, told: dict[str, Any]) -> None:
        span.add_event(kind, told)
        if kind == "outcome":
            self._open[0].set_attribute("ragnhild.outcome", title)
            self._open[0].set_status(StatusCode.ERROR if title == "failed" else StatusCode.OK)
        if kind in ("retry", "commit_unclear"):
            span.set_status(StatusCode.ERROR)

    def _begin(self, title: str, told: dict[str, Any], since: int | None = None) -> None:
        within = trace.set_span_in_context(self._open[-1])
        self._open.append(self._tracer.start_span(title, within, attributes=told, start_time=since))

    def _end_step(self, title: str, error: str) -> None:
        """The step's span, and with it that of a change whose end nobody has seen."""
        self._sent = ""
        while len(self._open) > 1:
            span = self._open.pop()
            if error:
                span.set_status(StatusCode.ERROR, error)
            span.end()
            if getattr(span, "name", title) == title:
                return


@cache
def _tracer(endpoint: str) -> Tracer:
    """The process's own; the library's global one is left to whoever wants it."""
    told = logging.getLogger("opentelemetry")
    told.handlers, told.propagate = [_Once(logging.WARNING)], False
    address = endpoint.rstrip("/")
    exporter = OTLPSpanExporter(address if address.endswith(PATH) else address + PATH, timeout=SEND_SECONDS)
    provider = TracerProvider(
        resource=Resource.create({"service.name": "ragnhild", "service.instance.id": host_name()}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=BETWEEN_BATCHES_SECONDS * 1000))
    _providers.append(provider)
    return provider.get_tracer("ragnhild")


_providers: list[TracerProvider] = []


class _Once(logging.Handler):
    """A receiver that is away is told once by each process, and not once a batch."""

    told = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self.told:
            self.told = True
            logger.warning("traces are not sent: {}", record.getMessage())


def send_the_rest() -> None:
    """What is still unsent when the process ends, if it can be sent in ``LEAVING_SECONDS``."""
    sending = [threading.Thread(target=provider.shutdown, daemon=True) for provider in _providers]
    _providers.clear()
    for thread in sending:
        thread.start()
    for thread in sending:
        thread.join(LEAVING_SECONDS)
