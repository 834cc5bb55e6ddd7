"""A worker that is killed with -9 in the middle of a run, at five different moments, and started again.

The worker is the real one: a supervisor process with a slot, its node driver and its browser. The town goes on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select

from robots.cli.town import Town
from robots.queue.runs import effects_of, events_of, latest_state, submit
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import attempts, outcomes
from robots.task_files import LoadedTasks
from robots.worker.slot_folder import home_of_slots

pytestmark = pytest.mark.browser
Seen = Callable[[Store, int], bool]


def _event(kind: str, words: str = "") -> Seen:
    return lambda store, run: any(e.kind == kind and words in e.title for e in events_of(store, run))


def _effect(once: str, state: str) -> Seen:
    return lambda store, run: any(e.once == once and e.state == state for e in effects_of(store, run))


MOMENTS = {
    "when it has begun": _event("step", "Kontrollera"),
    "while it fetches": _event("download"),
    "when the message is armed": _effect("ritningar", "ARMED"),
    "between message and note": _effect("ritningar", "CONFIRMED"),
    "when the note is armed": _effect("anteckning", "ARMED"),
    "when the case is about to be closed": _effect("avslut", "ARMED"),
}

# In the middle of a change, where it matters most: the others are tried by «make test-long».
SHORT = "when the message is armed"


@contextmanager
def worker(settings: Settings, store: Store) -> Iterator[subprocess.Popen[bytes]]:
    told = {
        "RAGNHILD_DATA_DIR": str(settings.data_dir), "RAGNHILD_DATABASE_URL": store.conninfo,
        "RAGNHILD_TOWN": settings.town, "RAGNHILD_RETRY_SECONDS": "0.1",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "robots", "worker", "--slots", "1"], env=os.environ | told)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def wait_until(seen: Callable[[], bool], seconds: float = 60.0, look: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(look)  # another process writes the database


@pytest.mark.timeout(180)
@pytest.mark.parametrize("moment", [m if m == SHORT else pytest.param(m, marks=pytest.mark.long) for m in MOMENTS])
def test_one_message_and_one_note_whenever_it_dies(
    moment: str, town: Town, settings: Settings, store: Store, tasks: LoadedTasks
) -> None:
    case = town.cases("drawings", "normal")[5]
    task = tasks.find("send-drawings")
    values = task.inputs.parse({"case_number": case["number"], "property_id": case["property_id"]})
    # A slow system makes the armed moments long enough to be met; what it was sent it carries out all the same.
    town.fault("case_management", "slow", method="POST", path="meddelande|anteckning|status", seconds=0.4, times=3)
    run = submit(store, task, values, robot="ragnhild", source="guide", started_by="test").run_id

    with worker(settings, store) as first:
        wait_until(lambda: latest_state(store, run)[0] == "running")
        wait_until(lambda: MOMENTS[moment](store, run), look=0.01)  # short, so that the moment is met
        family = psutil.Process(first.pid).children(recursive=True)
        first.kill()
        first.wait()
        wait_until(lambda: not any(p.is_running() and p.status() != "zombie" for p in family), 10)
    assert latest_state(store, run)[0] == "running", "it was killed too late for this test to say anything"

    with worker(settings, store):
        wait_until(lambda: latest_state(store, run)[0] not in ("queued", "running"), 90)

    assert latest_state(store, run)[0] == "done"
    assert [c["kind"] for c in town.truth()] == ["message_sent", "note_added", "status_set"]
    assert len(town.mail()) == 1
    with store.begin() as connection:
        assert connection.execute(select(func.count()).select_from(outcomes)).scalar() == 1


@pytest.mark.long
@pytest.mark.timeout(180)
def test_what_a_run_has_fetched_lies_in_no_file_and_nothing_of_a_killed_slot_is_left(
    town: Town, settings: Settings, store: Store, tasks: LoadedTasks
) -> None:
    """A drawing is fetched into memory. It is looked for while the run holds it, in all that the slot may write."""
    case = town.cases("drawings", "normal")[6]
    values = tasks.find("send-drawings").inputs.parse(
        {"case_number": case["number"], "property_id": case["property_id"]}
    )
    town.fault("case_management", "slow", path="meddelande", seconds=20, times=1)
    run = submit(store, tasks.find("send-drawings"), values, robot="ragnhild", source="guide", started_by="test").run_id
    home = home_of_slots(settings.data_dir)

    with worker(settings, store):
        wait_until(lambda: _event("download")(store, run), look=0.01)
        (folder,) = (each for each in home.iterdir() if each.is_dir())
        assert folder.stat().st_mode & 0o077 == 0
        assert _pdfs_below(folder) == []
        (folder / "ritning").write_bytes(b"%PDF-1.7\n")
        assert _pdfs_below(folder) == [folder / "ritning"], "the control: what lies there in plain text is found"
        with store.begin() as connection:
            psutil.Process(connection.execute(select(attempts.c.pid)).scalar_one()).kill()
        wait_until(lambda: not folder.exists())
        town.clear_faults()
        wait_until(lambda: latest_state(store, run)[0] not in ("queued", "running"), 90)

    assert latest_state(store, run)[0] == "done"
    assert not any(home.iterdir())


def _pdfs_below(folder: Path) -> list[Path]:
    """The files that have a PDF in them, whatever they are called; a browser writes and removes others meanwhile."""
    found = []
    for each in folder.rglob("*"):
        with suppress(OSError):
            found += [each] if each.is_file() and b"%PDF-" in each.read_bytes() else []
    return found
