"""A full trace of a real run in a real browser, opened through its seal: none of the canaries is in it."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from robots.cli.town import Town
from robots.evidence import full_trace
from robots.evidence.full_trace import there_now, traces_of
from robots.evidence.keys import Keys
from robots.queue.runs import events_of, submit_within
from robots.queue.traces import order_trace
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks
from robots.worker import traced
from robots.worker.attempt import attempt_run
from robots.worker.task_process.processes import TaskProcesses
from robots.worker.warm_browser import WarmBrowser
from tests.canaries import birds
from tests.canaries.nose import Nose

pytestmark = [pytest.mark.browser, pytest.mark.long]
Follow = Callable[..., "Followed"]
# Nobody has told the toolkit of this name: no redaction knows it.
STRANGER = "Torkel Okändsson"


@dataclass
class Followed:
    """A run of which a trace was ordered: its case, how it ended, the raw trace, and those that are kept."""

    case: dict[str, Any]
    outcome: str
    events: dict[str, str]
    raw: bytes
    kept: list[bytes]
    folder: Path


@pytest.fixture
def follow(
    town: Town, settings: Settings, store: Store, browser: WarmBrowser, tasks: LoadedTasks, processes: TaskProcesses,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> Follow:  # fmt: skip
    """Send the drawings of a case of this twist, with a trace."""
    written: list[bytes] = []
    keep = traced.Traced._keep

    def copied(self: traced.Traced, window: Any) -> None:
        stop = window.context.tracing.stop

        def stopped(path: Path) -> None:
            stop(path=path)
            written.append(path.read_bytes())

        window.context.tracing.stop = stopped
        keep(self, window)

    monkeypatch.setattr(traced.Traced, "_keep", copied)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def run(twist: str) -> Followed:
        task, case = tasks.find("send-drawings"), town.cases("drawings", twist)[0]
        typed = {"case_number": case["number"], "property_id": case["property_id"],
                 "message": f"Hej, hälsa {STRANGER} med numret 19811118-9802."}  # fmt: skip
        with store.begin() as connection:
            asked = submit_within(
                connection, task, task.inputs.parse(typed), robot=settings.robot_for(task.name).name, source="guide",
                started_by="test",
            )  # fmt: skip
            order_trace(connection, asked.run_id, by="test", reason="Provet")
        plain = settings.model_copy(update={"evidence": "steps"})
        outcome = attempt_run(plain, store, tasks, browser, asked.run_id, carry=processes.carry_out)
        processes.prepare()
        browser.prepare()
        traces = traces_of(settings.evidence_dir, asked.run_id, Keys.of(settings, store))
        events = {each.kind: each.title for each in events_of(store, asked.run_id)}
        kept = [traces.read(file) for file in there_now(traces)]
        assert list(tmp_path.glob("trace-*")) == [], "what Playwright wrote is gone"
        return Followed(case, outcome, events, written[-1], kept, traces.folder)

    return run


def _nose(settings: Settings, store: Store, town: Town, followed: Followed) -> Nose:
    people = birds.of_people(town, [followed.case])
    planted = birds.Canary("name", "a stranger", STRANGER), birds.Canary("personal number", "planted", "19811118-9802")
    return Nose([*birds.of_robots(settings, town), *birds.of_sessions(settings, store), *people, *planted])


@pytest.mark.usefixtures("logged_out")
def test_a_trace_is_kept_without_any_canary(town: Town, settings: Settings, store: Store, follow: Follow) -> None:
    followed = follow("normal")
    assert followed.outcome == "done"
    assert "trace_kept" in followed.events
    (kept,) = followed.kept
    nose = _nose(settings, store, town, followed)
    raw_finds = {found.canary.of for found in nose.smell(followed.raw)}
    assert raw_finds >= {"a stranger", "planted", "person 1"}, "control: they are in what Playwright wrote"
    assert {found.canary.of for found in nose.smell(kept)} == set()
    # Of the systems of which not even a picture may be taken, not a page; of the others no login.
    assert b"/kir" not in followed.raw
    told = _told(followed.raw)
    assert "Lösenord" not in told
    assert "/arenden/arende/" in told
    with zipfile.ZipFile(io.BytesIO(kept)) as opened:
        assert {"trace.trace", "trace.network", "trace.stacks"} <= set(opened.namelist())
        events = [json.loads(line) for line in opened.read("trace.trace").splitlines()]
    assert events[0]["type"] == "context-options"
    assert {"before", "after", "frame-snapshot"} <= {each["type"] for each in events}
    assert any("Spara" in json.dumps(each, ensure_ascii=False) or "Skicka" in json.dumps(each, ensure_ascii=False)
               for each in events), "the words of the forms stay"  # fmt: skip
    sealed = b"".join(path.read_bytes() for path in followed.folder.iterdir())
    assert sealed.startswith(b"RGN1")


def _told(zipped: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        return "".join(opened.read(name).decode("utf-8", "replace") for name in opened.namelist())


def test_control_what_is_not_scrubbed_is_refused(follow: Follow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_trace, "scrubbed", lambda raw, clean: raw)
    followed = follow("normal")
    assert followed.outcome == "done", "the run itself goes on"
    assert "hemlighet" in followed.events["trace_refused"]
    assert followed.kept == []
    assert not followed.folder.exists() or list(followed.folder.iterdir()) == []


def test_a_protected_person_leaves_no_trace(follow: Follow) -> None:
    followed = follow("protected")
    assert followed.outcome == "handed_over"
    assert "not_traced" in followed.events
    assert not followed.folder.exists()
