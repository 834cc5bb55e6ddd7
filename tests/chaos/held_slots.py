"""``python -m tests.chaos.held_slots``: a slot that stands still at the moment it is told, until it is told to go on.

It is the real slot with real Chromium, watched as in ``slots.py``. At which moment a case's run is to be held stands in
``<case>.kill``; once it is, ``<case>.killed`` tells so, and ``<case>.go`` lets it go on.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from robots.worker import slot
from tests.chaos.machine_worker import be_hasty_when_told
from tests.chaos.slots import FOLDER, Trace, begin_with_each_run, watch_everything

MODULE = "tests.chaos.held_slots"


class Holding(Trace):
    """Knows three moments of each change.

    ``arming 1``: in the transaction, with its locks; ``armed 1``: nothing has left; ``leaving 1``: nothing is asked any
    more.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._armed = 0
        self._arming = False

    def begin(self, run_id: int, case: str) -> None:
        super().begin(run_id, case)
        self._armed = 0

    def passes(self, name: str) -> None:
        if not self.case:
            return
        if "ledger.arm " in name:
            self._arming = name.startswith("before")
        if name.startswith("after ledger.arm "):
            self._armed += 1
            self._reach(f"armed {self._armed}")
        elif self._armed and name == "before request leaves":
            self._reach(f"leaving {self._armed}")

    def commits(self, _connection: Connection) -> None:
        """The database is about to be told to commit."""
        if self._arming:
            self._reach(f"arming {self._armed + 1}")

    def _reach(self, moment: str) -> None:
        if moment == self.deadly:
            self._file("kill").unlink()
            self._add("killed", moment)
            while not self._file("go").exists():
                time.sleep(0.01)  # whoever cuts the link tells by a file: it reaches everywhere, the link does not


if __name__ == "__main__":
    trace = Holding(Path(os.environ[FOLDER]))
    watch_everything(trace)
    begin_with_each_run(trace)
    event.listen(Engine, "commit", trace.commits)
    be_hasty_when_told()
    slot.main()
