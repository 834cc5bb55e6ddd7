"""``python -m robots.worker.slot``: one resident process that carries out runs, one at a time, until told to stop.

It speaks with its supervisor in lines of JSON: the first line on standard input says where the database is and which
settings hold, every other names a run; each answer on standard output tells how that run's attempt ended. When the
supervisor dies the input ends, and the slot ends with it at once: a run without a supervisor has no owner.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, Any

import psutil
from loguru import logger

from robots.errors import RagnhildError
from robots.logs import set_up_logging
from robots.queue.engine import RetryLater
from robots.queue.runs import StillAtWork
from robots.settings import Settings, load_settings
from robots.store.connect import Store, connect
from robots.task_files import LoadedTasks, load_tasks
from robots.worker.attempt import attempt_run
from robots.worker.warm_browser import WarmBrowser

# A slot is replaced after so many runs, or when it has grown this much since it was new.
RUNS_PER_SLOT = 400
MOST_GROWTH = 400 * 1024 * 1024
PAUSE_WHILE_ANOTHER_WORKS = 1.0


@dataclass
class Slot:
    """What the process keeps warm between runs."""

    settings: Settings
    store: Store
    tasks: LoadedTasks
    browser: WarmBrowser
    answers: IO[str]
    runs: int = 0

    def serve(self, told: SimpleQueue[dict[str, Any] | None]) -> None:
        at_rest = _memory()
        self.answer(ready=True)
        while (message := told.get()) is not None:
            self.answer(**self.carry_out(message["run"]))
            self.runs += 1
            if self.runs >= RUNS_PER_SLOT or _memory() - at_rest > MOST_GROWTH:
                break
            self.browser.prepare()
        self.browser.close()
        self.store.close()

    def carry_out(self, run_id: int) -> dict[str, Any]:
        try:
            return {"run": run_id, "ended": attempt_run(self.settings, self.store, self.tasks, self.browser, run_id)}
        except RetryLater as later:
            return {"run": run_id, "retry": later.seconds}
        except StillAtWork:
            return {"run": run_id, "retry": PAUSE_WHILE_ANOTHER_WORKS}
        except Exception as error:  # told to the supervisor, who has the run tried again and replaces nothing
            logger.opt(exception=error).error("attempt of run {} broke", run_id)
            return {"run": run_id, "retry": self.settings.retry_seconds, "broke": f"{type(error).__name__}: {error}"}

    def answer(self, **message: Any) -> None:
        self.answers.write(json.dumps(message) + "\n")
        self.answers.flush()


def main() -> None:
    # What a task prints must not be taken for an answer: the answers get a channel that nobody else knows.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    hello = json.loads(sys.stdin.readline())
    settings = load_settings(**hello["settings"])
    set_up_logging(settings, "slot")
    told: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(told,), daemon=True).start()
    store = connect(hello["database"])
    try:
        browser = WarmBrowser(settings)
    except RagnhildError as error:  # the supervisor tries again; whoever looks at the screen is told in one line
        logger.error("{}", error)
        sys.exit(1)
    Slot(settings, store, load_tasks(settings.tasks_dir), browser, answers).serve(told)


def _listen(told: SimpleQueue[dict[str, Any] | None]) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("stop"):
            told.put(None)
            return
        told.put(message)
    # The supervisor is gone: nobody would take over what this process still holds.
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _memory() -> int:
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    main()
