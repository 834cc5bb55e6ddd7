"""A changed task waits, without a slot, for the second person, and then goes by itself, as it was approved."""

from __future__ import annotations

from pathlib import Path

import pytest

from robots.queue.pauses import WAITS_FOR_EYES
from robots.queue.runs import find_run, submit
from robots.queue.task_versions import approve, put_forward
from robots.settings import Settings
from robots.store import Store
from robots.task_files import load_tasks
from robots.worker.versions import version_of
from tests.worker.conftest import wait_until, working

pytestmark = [pytest.mark.browser, pytest.mark.long]

TASK = '''"""En uppgift."""
from robots import Run, ShortText, task


@task(title="Prov", owner="Ingen", saves_minutes=1)
def tried(run: Run, words: ShortText) -> None:
    """Säger något."""
    run.tell("{told}")
'''


def test_it_waits_goes_and_is_carried_out_as_it_was_approved(machine: Settings, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "tried.py"
    file.write_text(TASK.format(told="ett"), "utf-8")
    changes = {"tasks_dir": tmp_path, "evidence": "steps", "slots": 1, "retry_seconds": 0.1, "four_eyes": True}
    settings = machine.model_copy(update=changes)

    def ask(words: str, *, dry_run: bool = False) -> int:
        task = load_tasks(tmp_path).find("tried")
        return submit(
            store, task, task.inputs.parse({"words": words}), robot="ragnhild", source="guide", started_by="prov",
            dry_run=dry_run,
        ).run_id  # fmt: skip

    with working(settings, store):
        first, tried = ask("ett"), ask("prov", dry_run=True)
        wait_until(lambda: find_run(store, first).held_for == WAITS_FOR_EYES, "the run waits")
        wait_until(lambda: find_run(store, tried).outcome == "done", "the only slot is free for a dry run")
        file.write_text(TASK.format(told="två"), "utf-8")  # and what the slot has is approved by nobody
        version = version_of(settings, load_tasks(tmp_path).find("tried"))
        put_forward(store, version, by="ada", reason="prov")
        approve(store, version, by="bo", reason="prov")
        wait_until(lambda: find_run(store, first).outcome == "done", "a slot with the approved file has done it")
        with store.begin() as connection:
            told = connection.exec_driver_sql(
                f"select title from run_events where run_id = {first} and kind = 'told'"
            ).scalars()
            assert list(told) == ["två"]
