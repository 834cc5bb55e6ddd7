"""``python -m tests.chaos.holding_slots``: a slot that stands still at the boundaries it is told, until it may go on.

The points are those of ``tests/chaos/slots.py``, and stand in the same folder: those that a case's run is to stand
still at, in order, on the lines of ``<case>.hold``; each at which it stands is added to ``<case>.held``, and it goes on
when ``<case>.go`` has as many lines.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from robots.evidence import Recorder
from robots.worker import slot
from tests.chaos.slots import FOLDER, Trace, begin_with_each_run, watch_everything

# Set to anything it takes the guard away: what has led to a change need not be recorded before it is armed.
UNRECORDED = "RAGNHILD_CHAOS_UNRECORDED"


class Hold(Trace):
    """Stands still instead of dying."""

    def passes(self, name: str) -> None:
        super().passes(name)
        if not self.case:
            return
        wanted, held = self._lines("hold"), len(self._lines("held"))
        point = f"{name} {self._seen[name]}"
        if wanted[held : held + 1] != [point]:
            return
        self._add("held", point)
        while len(self._lines("go")) <= held:
            time.sleep(0.01)  # another process says when, by a file

    def _lines(self, kind: str) -> list[str]:
        path = self._file(kind)
        return path.read_text("utf-8").splitlines() if path.exists() else []


def demand_nothing(self: Recorder) -> None:
    """The control: armed, whether or not it can be accounted for."""


def main() -> None:
    trace = Hold(Path(os.environ[FOLDER]))
    watch_everything(trace)
    begin_with_each_run(trace)
    if os.environ.get(UNRECORDED):
        Recorder.demand_on_record = demand_nothing  # type: ignore[method-assign]
    slot.main()


if __name__ == "__main__":
    main()
