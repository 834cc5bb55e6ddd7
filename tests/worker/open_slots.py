"""The real slot on a machine that has no walls for tasks: what a task does wrong then, the bounds must hold alone.

Started as the real one is, by ``python -m``; with arguments it is the command line, whose workers have such slots.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

from robots.cli.main import main as command_line
from robots.worker import slot
from robots.worker.slot_process import SlotProcess
from robots.worker.task_process import copies, processes
from tests.open_template import leave_out_walls
from tests.worker.tasks.misbehaves import SECRET

MODULE = "tests.worker.open_slots"


class Processes(processes.TaskProcesses):
    """Does in the slot what no task can do there from its own process."""

    def carry_out(self, *told: Any) -> None:
        how = told[3].get("how")
        if how == "stops the driver":  # it is met when the window is closed after the run
            browser = this_slot().browser
            browser.give_back(browser.take_window())
        if how == "prints":
            for line in (
                SECRET,
                f'{{"half": "{SECRET}',
                "[1]",
                "7",
                "",
                SECRET * 20_000,
                '{"run": -1, "ended": "done"}',
            ):
                this_slot().answers.write(f"{line}\n")
        super().carry_out(*told)


def this_slot() -> slot.Slot:
    return next(each for each in gc.get_objects() if type(each) is slot.Slot)


def main() -> None:
    leave_out_walls()
    vars(copies)["KEPT"] += ("BOUNDS_FOLDER",)
    vars(slot)["TaskProcesses"] = Processes
    slot.main()


if __name__ == "__main__":
    if sys.argv[1:]:
        SlotProcess.module = MODULE
        command_line()
    main()
