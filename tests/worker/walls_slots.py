"""The real slot with one of its tasks' walls left out, as the environment says: the controls of ``test_walls.py``.

Started as the real one is, by ``python -m``.
"""

from __future__ import annotations

import os
from typing import Any

from robots.settings import Settings
from robots.worker import slot
from robots.worker.task_process import copies
from tests.in_this_process import in_this_process
from tests.open_template import leave_out_walls

MODULE = "tests.worker.walls_slots"
LEFT_OUT = "RAGNHILD_TEST_LEFT_OUT"
TOLD = "RAGNHILD_TEST_TOLD"


class Together:
    """The guard off: a task's function is called in the slot's own process."""

    carry_out = staticmethod(in_this_process)

    def __init__(self, _settings: Settings) -> None: ...

    def prepare(self) -> None: ...

    def close(self) -> None: ...


def main() -> None:
    told: dict[str, Any] = vars(slot)
    match os.environ[LEFT_OUT]:
        case "walls":
            leave_out_walls()
            told["hide_memory"] = lambda: None
        case "environment":
            vars(copies)["KEPT"] += (TOLD,)
        case "process":
            told["TaskProcesses"] = Together
    slot.main()


if __name__ == "__main__":
    main()
