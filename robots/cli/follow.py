"""Wait for a run's outcome and show its steps as they happen, on standard error."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from robots.cli import console

if TYPE_CHECKING:
    from sqlalchemy import Row

    from robots.settings import Settings
    from robots.store import Store

LOOK_SECONDS = 0.1
WORKER_LOOK_SECONDS = 2.0
# The report is written just after the outcome.
REPORT_SECONDS = 5.0


class Watcher:
    """Shows what has happened in a run since the last look."""

    def __init__(self, store: Store, run_id: int) -> None:
        self._store = store
        self._run_id = run_id
        self._seen = 0
        self._status = console.err().status("Väntar i kön …")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def look(self) -> bool:
        """Show what is new. True when the run has its outcome."""
        from robots.queue.runs import events_of, latest_state

        _, finished = latest_state(self._store, self._run_id)
        for event in events_of(self._store, self._run_id, self._seen):
            self._seen = event.id
            self._show(event)
        return finished is not None

    def _show(self, event: Row[Any]) -> None:
        detail = event.detail
        match event.kind:
            case "step":
                self._status.update(f"{event.title} …")
            case "step_done":
                console.tell(f"  ✓ {event.title}  {console.seconds_text(detail['seconds'])}", "green")
            case "step_stopped":
                console.tell(f"  ✗ {event.title}  {console.seconds_text(detail['seconds'])}", "yellow")
            case "asked":
                self._ask_to_look(event)
            case "told":
                console.tell(f"    {event.title}")
            case "effect_confirmed":
                console.tell(f"    Gjort: {event.title}, kvittens {detail['receipt']}")
            case "effect_known":
                console.tell(f"    {event.title}, kvittens {detail['receipt']}")
            case "dry_run":
                console.tell(f"    {event.title} (provkörning, inget sparas)")
            case "retry":
                console.tell(f"    Försöker igen: {event.title}", "yellow")

    def _ask_to_look(self, event: Row[Any]) -> None:
        name = f"K-{self._run_id}"
        self._status.update("Väntar på dig: titta och svara …")
        console.tell(f"    Väntar på dig: «{event.title}» är ifyllt och inte skickat.", "bold yellow")
        console.tell(f"    Titta: ragnhild show {name}  Svara: ragnhild approve {name} eller ragnhild deny {name}")


def wait_for(settings: Settings, store: Store, run_id: int) -> None:
    """Wait until the run has its outcome. Where no worker is alive, this process is one until then.

    Returns without an outcome only when a signal has ended the worker in this process.
    """
    from robots.cli.machine import report_of
    from robots.queue.runs import latest_state, worker_alive

    with Watcher(store, run_id) as watcher:
        looked = 0.0
        while not watcher.look():
            if time.monotonic() - looked > WORKER_LOOK_SECONDS:
                looked = time.monotonic()
                if not worker_alive(store):
                    _carry_out_here(settings, store, watcher)
                    break
            time.sleep(LOOK_SECONDS)  # another process works; the database tells nobody that a run has ended
        watcher.look()
    ended = latest_state(store, run_id)[1] is not None
    deadline = time.monotonic() + REPORT_SECONDS
    while ended and not report_of(settings, run_id).exists() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)  # written by another process


def _carry_out_here(settings: Settings, store: Store, watcher: Watcher) -> None:
    from robots.cli.workplace import work

    console.tell("Ingen worker är igång, så körningen görs här i stället (det tar någon sekund att starta).", "dim")
    work(settings.model_copy(update={"slots": 1}), store, until=watcher.look)
