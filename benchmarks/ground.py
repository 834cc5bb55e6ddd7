"""What the benchmarks stand on: a data folder of their own, a database, the practice town, all gone afterwards."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from robots.browser.launch import launch_browser
from robots.logs import set_up_logging
from robots.queue.runs import runs_by_id, submit
from robots.settings import Settings, load_settings, write_secret
from robots.store import Store, open_store
from robots.systems.login import LoginSessions
from robots.task_files import load_tasks

ROOT = Path(__file__).parent.parent
READING_TASK = Path(__file__).parent / "reading_task"

_MORE_ROBOTS = """
[bench]
title = "Bench"
owner = "Benchmarks"
user = "robot.bench"
tasks = ["read_page", "do_nothing", "take_a_step"]
"""


@contextmanager
def own_ground(tasks_dir: Path = ROOT / "tasks", *, page: str = "") -> Iterator[tuple[Settings, Store]]:
    """Settings and an empty database in a temporary folder. ``page`` is the address of the small page, if used."""
    with tempfile.TemporaryDirectory(dir=_folder_of_this_process()) as folder:
        data = Path(folder) / "data"
        config = Path(folder) / "config"
        shutil.copytree(ROOT / "config", config)
        _add(config / "robots.toml", _MORE_ROBOTS)
        _add(config / "access.toml", '\n[bench]\nsmall_page = "read"\n')
        _add(config / "systems.toml", f'\n[small_page]\nurl = "{page or "http://127.0.0.1:9"}"\n')
        settings = load_settings(
            data_dir=data, config_dir=config, tasks_dir=tasks_dir, schedules_dir=ROOT / "schedules", slots=1
        )
        set_up_logging(settings, "bench")  # as a slot does: to a file
        store = open_store(None, data)
        try:
            yield settings, store
        finally:
            store.close()
            if store.server is not None:
                store.server.cleanup()


@cache
def _folder_of_this_process() -> Path:
    """Removed last of all: the database package takes its lock file once more, and makes it anew, at the very end."""
    folder = Path(tempfile.mkdtemp(prefix="ragnhild-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _add(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


@contextmanager
def own_browser() -> Iterator[Browser]:
    """A browser as a slot starts it, for what is measured without database and town."""
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        yield browser
        browser.close()


def for_runs_alone(settings: Settings) -> Settings:
    """For a worker that shares the database with procrastinate alone: it takes from the queues of our tasks only."""
    return settings.model_copy(update={"reaches": tuple(settings.systems)})


def log_in_to_small_page(settings: Settings, store: Store) -> None:
    """Let the reading task find a login session, as a robot does that has worked before."""
    write_secret(settings.secrets_dir / "bench", "not asked for")
    address = settings.system("small_page").url
    LoginSessions(store, settings.machine_key(), "bench", f"small_page@{urlsplit(address).netloc}").save([], address)


def submit_reading(settings: Settings, store: Store, number: int) -> int:
    """Ask for a run of the reading task. Every number is a request of its own."""
    task = load_tasks(settings.tasks_dir).find("read_page")
    asked = submit(
        store, task, task.inputs.parse({"number": number}), robot="bench", source="guide", started_by="bench"
    )
    assert asked.new
    return asked.run_id


def wait_for(store: Store, runs: list[int], seconds: float = 60) -> None:
    """Until all runs have ended well. Raises ``AssertionError`` when one ended otherwise or time is up."""
    deadline = time.monotonic() + seconds
    while any(row.finished_at is None for row in runs_by_id(store, runs).values()):
        assert time.monotonic() < deadline, f"not all of {len(runs)} runs ended within {seconds:g} s"
        time.sleep(0.05)  # the runs are another process's; the database tells when asked
    for row in runs_by_id(store, runs).values():
        assert row.outcome == "done", f"run {row.id}: {row.outcome}: {row.reason}"
