"""``python -m tests.chaos.slots``: a slot that notes every boundary it passes, and dies at the one it is told.

It is the real slot, whose functions are wrapped before it starts; nothing in the toolkit knows of it. What a case's
run is to die of stands in a folder (``RAGNHILD_KILL_AT``), a point on each line of ``<case>.kill``; right before a
death its line goes over to ``<case>.killed``, so that the next attempt lives, or dies of the next line.
``<case>.points`` lists what the run has passed, with an empty line before each attempt.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Route

from robots.browser.one_send import OneSend
from robots.effects import Effect, Ledger
from robots.evidence import Recorder
from robots.queue.runs import find_run
from robots.store import Store
from robots.systems.driver import Driver
from robots.systems.logged_in import LoggedIn
from robots.systems.login import LoginSessions
from robots.systems.once import _Performance
from robots.systems.view import View
from robots.worker import attempt, slot

FOLDER = "RAGNHILD_KILL_AT"
# Set to anything it takes the guard away: what an earlier attempt armed is made again without a look.
BLIND = "RAGNHILD_CHAOS_BLIND"
Named = Callable[..., str]


class Trace:
    """The boundaries that one run passes in this attempt, each with its name and how often it has come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.case = ""
        self.run_id = 0
        self.deadly = ""
        self._seen: Counter[str] = Counter()

    def begin(self, run_id: int, case: str) -> None:
        self.run_id, self.case, self._seen = run_id, case, Counter()
        self.deadly = next(iter(self._plan()), "")
        self._add("points", "")

    def passes(self, name: str) -> None:
        if not self.case:
            return
        self._seen[name] += 1
        point = f"{name} {self._seen[name]}"
        self._add("points", point)
        if point == self.deadly:
            self._file("kill").write_text("\n".join(self._plan()[1:]), "utf-8")
            self._add("killed", point)
            os.killpg(0, signal.SIGKILL)

    def watch(self, owner: Any, name: str, called: str | Named) -> None:
        """Let calls of ``owner.name`` be a boundary before and after it. Raises ``AttributeError`` if there is none."""
        whole = getattr(owner, name)

        @wraps(whole)
        def watched(*args: Any, **kwargs: Any) -> Any:
            words = called if isinstance(called, str) else called(*args, **kwargs)
            self.passes(f"before {words}")
            result = whole(*args, **kwargs)
            self.passes(f"after {words}")
            return result

        setattr(owner, name, watched)

    def _plan(self) -> list[str]:
        plan = self._file("kill")
        return plan.read_text("utf-8").splitlines() if plan.exists() else []

    def _add(self, kind: str, line: str) -> None:
        with self._file(kind).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def _file(self, kind: str) -> Path:
        return self.folder / f"{self.case}.{kind}"


def watch_everything(trace: Trace) -> None:
    """Every boundary between the engine and something that stays when it dies, and those on the way there."""
    for name in (n for n, value in vars(Ledger).items() if callable(value) and not n.startswith("_")):
        trace.watch(Ledger, name, lambda _, *told, name=name, **__: f"ledger.{name}{_of_effect(told)}")
    trace.watch(Recorder, "event", lambda *told, **_: f"event {told[1]}")
    for name in ("picture", "flush", "finish"):
        trace.watch(Recorder, name, f"recorder.{name}")
    trace.watch(Driver, "_visit", lambda self, *_: f"visit {self.system}")
    trace.watch(Driver, "_arrive", lambda self, *_, **__: f"arrival {self.system}")
    trace.watch(Driver, "fetch_pdf", lambda self, *_: f"download {self.system}")
    trace.watch(Driver, "_await_answer", "wait for the answer")
    trace.watch(View, "fill", "fill")
    trace.watch(View, "attach", "attach")
    trace.watch(Locator, "click", "click")
    trace.watch(Locator, "dblclick", "double click")
    trace.watch(LoggedIn, "_log_in_alone", lambda self: f"login {self.system}")
    trace.watch(LoggedIn, "_type_password", "password")
    for name in ("load", "save"):
        trace.watch(LoginSessions, name, f"session {name}")
    trace.watch(OneSend, "__enter__", "one-send begins")
    trace.watch(OneSend, "__exit__", "one-send ends")
    trace.watch(Route, "fetch", "request leaves")  # after it: the answer is here
    trace.watch(Route, "fulfill", "answer to page")
    trace.watch(_Performance, "_look", "look")
    for name in ("claim", "finish", "end_attempt"):
        trace.watch(attempt, name, name)
    trace.watch(slot.Slot, "answer", lambda _, **told: "step told" if "step" in told else "answer to supervisor")


def _of_effect(told: tuple[Any, ...]) -> str:
    return next((f" {each.once}" for each in told if isinstance(each, Effect)), "")


def begin_with_each_run(trace: Trace) -> None:
    """Tell the trace of each run; and let every run log in for itself, so that no login is passed by chance."""
    carry_out, answer, sessions = slot.Slot.carry_out, slot.Slot.answer, LoginSessions.__init__

    def begin(self: slot.Slot, run_id: int, *more: Any, **named: Any) -> Any:
        trace.begin(run_id, str(find_run(self.store, run_id).case_number))
        return carry_out(self, run_id, *more, **named)

    def own(self: LoginSessions, store: Store, machine_key: bytes, robot: str, system: str, **more: Any) -> None:
        sessions(self, store, machine_key, f"{robot} K-{trace.run_id}", system, **more)

    def end(self: slot.Slot, **message: Any) -> None:
        answer(self, **message)
        if "run" in message and "step" not in message:
            trace.case = ""

    slot.Slot.carry_out = begin  # type: ignore[method-assign]
    slot.Slot.answer = end  # type: ignore[method-assign]
    LoginSessions.__init__ = own  # type: ignore[method-assign]


def go_blind() -> None:
    """The control: what may have happened in an earlier attempt is taken for not done, without a look."""
    look = _Performance._look_until_settled

    def blind(self: _Performance, effect: Effect, *more: Any, **named: Any) -> Any:
        if effect.mine:
            return look(self, effect, *more, **named)
        self.ledger.doubt(effect, "kontrollen ser inte efter")
        return None

    _Performance._look_until_settled = blind  # type: ignore[method-assign]


def main() -> None:
    trace = Trace(Path(os.environ[FOLDER]))
    watch_everything(trace)
    begin_with_each_run(trace)
    if os.environ.get(BLIND):
        go_blind()
    slot.main()


if __name__ == "__main__":
    main()
