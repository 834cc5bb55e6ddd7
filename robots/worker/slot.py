"""``python -m robots.worker.slot``: one resident process that carries out runs, one at a time, until told to stop.

It speaks with its supervisor in lines of JSON: the first line on standard input says where the database is and which
settings hold, every other names a run or asks for a sign of life; it answers on standard output that it has taken up
the run, when each step begins, and how the attempt ended. When the supervisor dies the input ends, and the slot ends
with it at once: a run without a supervisor has no owner.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, NoReturn

import psutil
from loguru import logger

from robots.errors import RagnhildError
from robots.logs import set_up_logging
from robots.queue.attempts import StillAtWork
from robots.queue.engine import RetryLater
from robots.queue.pauses import WAITS_FOR_EYES
from robots.settings import Settings, load_settings
from robots.sources.folders import SystemdCredentials
from robots.store.connect import Store, connect
from robots.task_files import LoadedTasks, load_tasks
from robots.worker.attempt import attempt_run
from robots.worker.observed import send_the_rest
from robots.worker.task_process.processes import TaskProcessDied, TaskProcesses
from robots.worker.task_process.walls import hide_memory
from robots.worker.versions import Versions, versions_of
from robots.worker.warm_browser import WarmBrowser

# A slot is worn after so many runs, or when it has grown this much since it was new. It goes on until another stands.
RUNS_PER_SLOT = 400
MOST_GROWTH = 400 * 1024 * 1024
PAUSE_WHILE_ANOTHER_WORKS = 1.0
# An answer is one line that the supervisor must be able to take in.
LONGEST_ERROR = 2000
LONGEST_TITLE = 120
# Where memory is short, Linux ends a process with a high figure first: better a slot than the database.
EXPENDABLE = "500"


@dataclass
class Slot:
    """What the process keeps warm between runs.

    ``is_outdated``: a run waits for a person to approve what this process has, and the files are others by now.
    """

    settings: Settings
    store: Store
    tasks: LoadedTasks
    browser: WarmBrowser
    answers: IO[str]
    processes: TaskProcesses
    worker_id: int | None = None
    versions: Versions = field(default_factory=dict)
    runs: int = 0
    is_outdated: bool = False
    _answering: threading.Lock = field(default_factory=threading.Lock)
    _run: int = 0

    def serve(self, told: SimpleQueue[dict[str, Any] | None]) -> None:
        at_rest = _memory()
        self.answer(ready=True)
        while (message := told.get()) is not None:
            if "ping" in message:
                self.answer(pong=True)
                continue
            self._run = message["run"]
            self.step_begins("")
            ended = self.carry_out(self._run)
            self.runs += 1
            worn = self.runs >= RUNS_PER_SLOT or _memory() - at_rest > MOST_GROWTH
            self.answer(**ended, worn=worn, last=self.is_outdated)
            if self.is_outdated:
                break
            self.processes.prepare()
            self.browser.prepare()
        self.processes.close()
        self.browser.close()
        self.store.close()

    def carry_out(self, run_id: int) -> dict[str, Any]:
        try:
            return {"run": run_id, "ended": self._attempt(run_id)}
        except TaskProcessDied as death:
            logger.warning("{}, and this slot with it", death)
            end_as(death.code)
        except RetryLater as later:
            self.is_outdated = str(later) == WAITS_FOR_EYES and self.has_older_files
            return {"run": run_id, "retry": PAUSE_WHILE_ANOTHER_WORKS if self.is_outdated else later.seconds}
        except StillAtWork:
            return {"run": run_id, "retry": PAUSE_WHILE_ANOTHER_WORKS}
        except Exception as error:  # told to the supervisor, who has the run tried again and replaces nothing
            logger.opt(exception=error).error("attempt of run {} broke", run_id)
            words = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
            return {"run": run_id, "retry": self.settings.retry_seconds, "broke": words}

    def _attempt(self, run_id: int) -> str:
        return attempt_run(
            self.settings, self.store, self.tasks, self.browser, run_id, worker_id=self.worker_id,
            carry=self.processes.carry_out, on_step=self.step_begins, versions=self.versions,
        )  # fmt: skip

    @property
    def has_older_files(self) -> bool:
        return self.versions != versions_of(self.settings, self.tasks)

    def step_begins(self, title: str) -> None:
        """Tell what the run does from now on; with "" that no step is at work."""
        self.answer(run=self._run, step=title[:LONGEST_TITLE])

    def answer(self, **message: Any) -> None:
        with self._answering:  # a task may have threads of its own
            self.answers.write(json.dumps(message) + "\n")
            self.answers.flush()


def main() -> None:
    # What a task prints must not be taken for an answer, nor may what it starts read what is told to the slot: both
    # get channels that nobody else knows.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    orders = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    SystemdCredentials.keep()
    hello = json.loads(orders.readline())
    with suppress(OSError):  # there is no such file but on Linux
        Path("/proc/self/oom_score_adj").write_text(EXPENDABLE)
    hide_memory()
    settings = load_settings(**hello["settings"])
    set_up_logging(settings, "slot")
    told: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders, told), daemon=True).start()
    store = connect(hello["database"])
    try:
        processes = TaskProcesses(settings)  # it imports while the browser starts
        browser = WarmBrowser(settings)
    except RagnhildError as error:  # the supervisor tries again; whoever looks at the screen is told in one line
        logger.error("{}", error)
        sys.exit(1)
    tasks = load_tasks(settings.tasks_dir)
    versions = versions_of(settings, tasks)
    processes.prepare()
    Slot(settings, store, tasks, browser, answers, processes, hello.get("worker"), versions).serve(told)
    send_the_rest()
    os._exit(0)  # a task may have left threads that never end


def _listen(orders: IO[str], told: SimpleQueue[dict[str, Any] | None]) -> None:
    for line in orders:
        message = json.loads(line)
        told.put(None if message.get("stop") else message)
    # The supervisor is gone: nobody would take over what this process still holds.
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def end_as(code: int) -> NoReturn:
    """End as a task's process did: what a task does to its process has one meaning, whichever it runs in."""
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


def _memory() -> int:
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main()
