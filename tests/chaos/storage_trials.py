"""Runs that stand at a chosen moment while what they are recorded in goes away, and go on when it has come back.

Whatever the fault is, it is tried in the same way: each run is held where it is to meet the fault, the fault comes,
all are let go and do what they can, the fault goes, and everything must end by itself. The judge is the town.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.worker_process import running_worker
from tests.chaos.browser_kills import until
from tests.chaos.holding_slots import UNRECORDED
from tests.chaos.slots import FOLDER
from tests.chaos.table import Row, at_most, none, told
from tests.chaos.three_flows import FLOWS, Account, Case, Flow, Ground, account_of

FLOW = FLOWS["send_detail_plan"]
SLOT = "tests.chaos.holding_slots"
SETTLE_SECONDS = 1.0
HELD_SECONDS = 60.0
# How soon after the fault has gone every run must have ended.
PATIENCE = 60.0
BEFORE_ARMING, OVER_BY_THEN, WAITING = "before arming", "before arming, and over by then", "in the queue"
# The moments at which a run meets the fault: a point of the trace, at each of which it stands still in turn.
MOMENTS = {
    "at its beginning": ("before visit case_management 1",),
    BEFORE_ARMING: ("before recorder.picture 1",),
    "while arming": ("before ledger.arm detaljplan 1",),
    "armed, and not sent": ("after ledger.arm detaljplan 1",),
    "sent, and not seen": ("after request leaves 1",),
    "seen, and not confirmed": ("before ledger.confirm detaljplan 1",),
    "at the outcome": ("before finish 1",),
    # The fault is over when it comes to arming: what could not be recorded meanwhile is missing all the same.
    OVER_BY_THEN: ("before recorder.picture 1", "before ledger.arm detaljplan 1"),
}
# An attempt that armed something although the picture of the form before it is not among its events.
_UNRECORDED = text(
    "select count(*) from effect_history"
    " join attempts on attempts.id = attempt_id join effects on effects.key = effect_history.key"
    " where to_state = 'ARMED' and not exists (select from run_events where run_events.run_id = attempts.run_id"
    " and attempt = number and kind = 'picture' and title = 'Före: ' || once)"
)
_WORDS = text("select distinct error from attempts where error <> '' and ending not in ('done', 'handed_over')")


@dataclass
class Fault:
    """What is taken away by ``comes`` and given back by ``goes``."""

    comes: Callable[[], None]
    goes: Callable[[], None]


@dataclass
class Tried:
    """``changed``: what the town did while the fault lasted, of what was not sent before. ``words``: what was said."""

    moments: list[str] = field(default_factory=list)
    account: Account = field(default_factory=Account)
    changed: int = 0
    unrecorded: int = 0
    unreported: int = 0
    lasted: float = 0.0
    seconds: float = 0.0
    words: list[str] = field(default_factory=list)


class Holding:
    """A worker whose runs stand still where they are told."""

    def __init__(self, ground: Ground, folder: Path) -> None:
        self.ground = ground
        self.folder = folder

    def ask(self, points: Sequence[str] = (), flow: Flow = FLOW) -> tuple[int, Case]:
        if not self.ground.left(flow):
            self.ground.renew()
        case = self.ground.case(flow)
        self._file(case, "hold").write_text("\n".join(points), "utf-8")
        return self.ground.submit(flow, case), case

    def holds(self, case: Case) -> bool:
        """Whether it has come to its first point."""
        return self._file(case, "held").exists()

    def let_go(self, case: Case, *, times: int) -> None:
        """It goes on from the first of its points, or from the first ``times`` of them."""
        self._file(case, "go").write_text("go\n" * times, "utf-8")

    def _file(self, case: Case, kind: str) -> Path:
        return self.folder / f"{case['number']}.{kind}"


@contextmanager
def holding(ground: Ground, *, unrecorded: bool = False) -> Iterator[Holding]:
    """``unrecorded`` takes the guard away: the control."""
    folder = ground.settings.data_dir.parent / "holding"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = {FOLDER: str(folder)} | ({UNRECORDED: "1"} if unrecorded else {})
    with running_worker(ground.settings, ground.store, slot=SLOT, environment=environment):
        yield Holding(ground, folder)


def meet(at: Holding, fault: Fault, moments: Sequence[str], seconds: float) -> Tried:
    """Let a run meet the fault at each of the moments, all at once; the fault lasts so many seconds."""
    ground, tried = at.ground, Tried(list(moments))
    asked: dict[int, tuple[Flow, Case]] = {}
    for moment in moments:
        if moment != WAITING:
            run_id, case = at.ask(MOMENTS[moment])
            asked[run_id] = (FLOW, case)
            until(lambda case=case: at.holds(case), HELD_SECONDS)  # type: ignore[misc]
    if WAITING in moments:  # every slot has a run by now
        run_id, case = at.ask()
        asked[run_id] = (FLOW, case)
    before = len(_made(ground, asked))
    fault.comes()
    came = time.monotonic()
    try:
        for _, case in asked.values():
            at.let_go(case, times=1)
        time.sleep(seconds)  # as long as the fault is to last
        tried.changed = len(_made(ground, asked)) - before
    finally:
        fault.goes()
        for _, case in asked.values():
            at.let_go(case, times=2)
    tried.lasted = time.monotonic() - came
    gone = time.monotonic()
    ground.wait(list(asked), PATIENCE)
    tried.seconds = time.monotonic() - gone
    _judge(ground, tried, asked)
    return tried


def _made(ground: Ground, asked: dict[int, tuple[Flow, Case]]) -> list[dict[str, Any]]:
    about = {case["number"] for _, case in asked.values()}
    return [change for change in ground.town.truth() if change["about"] in about]


def _judge(ground: Ground, tried: Tried, asked: dict[int, tuple[Flow, Case]]) -> None:
    tried.account = account_of(ground, asked)
    reports = [ground.settings.evidence_dir / str(run_id) / "report.html" for run_id in asked]
    # The report is written a moment after the outcome.
    deadline = time.monotonic() + 10
    while not all(map(Path.is_file, reports)) and time.monotonic() < deadline:
        time.sleep(0.1)  # a file is awaited
    tried.unreported = sum(not report.is_file() for report in reports)
    with ground.store.begin() as connection:
        tried.unrecorded = connection.execute(_UNRECORDED).scalar_one()
        tried.words = [str(row.error) for row in connection.execute(_WORDS)]


def rows_of(what: str, tried: Tried) -> list[Row]:
    account = tried.account
    return [
        told(f"{what} for {tried.lasted:.0f} s, met by runs {', '.join(tried.moments)}", account.runs),
        none("    changes that the town saw meanwhile", tried.changed),
        none("    armed by an attempt whose steps are not on record", tried.unrecorded),
        none("    made twice", account.duplicates, among=account.runs),
        none("    lost: done, but not in the town", account.losses, among=account.runs),
        none("    not done by themselves afterwards", account.runs - account.done, among=account.runs),
        none("    without a report", tried.unreported, among=account.runs),
        at_most("    until all were done, afterwards", tried.seconds, PATIENCE, " s"),
    ]
