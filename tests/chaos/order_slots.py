"""``python -m tests.chaos.order_slots``: the real slot, but for the browser; it orders things of the fast target.

What it is told beside its settings stands in the environment: where the target is, which guard is off, and where it is
to stand still. The machine that it is on may be an odd one (``odd_machine.py``).
"""

from __future__ import annotations

import os
from typing import Any

from robots.settings import Settings
from robots.systems import once
from robots.task_files import LoadedTasks
from robots.worker import slot
from tests.chaos.controls import CONTROLS
from tests.chaos.no_browser import PlainBrowser
from tests.chaos.odd_machine import be_odd
from tests.chaos.orders import order_in_turn
from tests.chaos.standstill import stand_still_where_told
from tests.open_template import leave_out_walls

MODULE = "tests.chaos.order_slots"
TARGET = "RAGNHILD_ORDER_TARGET"
CONTROL = "RAGNHILD_ORDER_CONTROL"


class OrderBrowser(PlainBrowser):
    """What the slot keeps warm."""

    def __init__(self, _settings: Settings) -> None:
        super().__init__(os.environ[TARGET])

    def close(self) -> None:
        """Each window is a connection of its own, which its run has closed."""


def main() -> None:
    be_odd()
    once.LOOK_AGAIN_SECONDS = 0.01
    task = order_in_turn.__ragnhild_task__  # type: ignore[attr-defined]
    told: dict[str, Any] = vars(slot)
    told["WarmBrowser"], told["load_tasks"] = OrderBrowser, lambda _folder: LoadedTasks({task.name: task})
    CONTROLS[os.environ.get(CONTROL, "nothing")]()
    leave_out_walls()  # the task lies among the tests
    stand_still_where_told()
    slot.main()


if __name__ == "__main__":
    main()
