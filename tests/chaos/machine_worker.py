"""``python -m tests.chaos.machine_worker``: a worker, and the first process of its machine.

The control's guard is off for the machine that is named in a certain file: it counts as gone, lease or not.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import ColumnElement, or_

from benchmarks import worker_process
from robots.queue import attempts, upkeep
from robots.store.schema import workers

MODULE = "tests.chaos.machine_worker"
HASTY = "RAGNHILD_CHAOS_HASTY"


def be_hasty_when_told() -> None:
    """The control: no lease for the machine that the file names."""
    if not (told := os.environ.get(HASTY)):
        return
    lease_over = attempts.lease_over

    def over(lease_seconds: float) -> ColumnElement[bool]:
        named = Path(told).read_text("utf-8") if Path(told).exists() else ""
        return or_(lease_over(lease_seconds).element, workers.c.name == named).label("lease_over")

    for module in (attempts, upkeep):
        vars(module)["lease_over"] = over


if __name__ == "__main__":
    be_hasty_when_told()
    worker_process.main()
