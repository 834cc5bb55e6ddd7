"""``python -m tests.chaos.leaking_slots``: the real slot, replaced after as many runs as the experiment says.

For the controls of the soak it can be told to lose hold of something in every run, as a slot with a fault would.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

from robots.worker import slot, warm_browser

RUNS_PER_SLOT = "RAGNHILD_CHAOS_RUNS_PER_SLOT"
LEAK = "RAGNHILD_CHAOS_LEAK"
# What is never let go of again.
_kept: list[Any] = []


def lose_a_handle(_: slot.Slot) -> None:
    _kept.append(os.open(os.devnull, os.O_RDONLY))


def lose_a_file(_: slot.Slot) -> None:
    descriptor, _name = tempfile.mkstemp()
    os.close(descriptor)


def lose_a_page(at_work: slot.Slot) -> None:
    _kept.append(at_work.browser._browser.new_page())


def lose_memory(_: slot.Slot) -> None:
    _kept.append(os.urandom(2_000_000))


LEAKS: dict[str, Callable[[slot.Slot], None]] = {
    "file handle": lose_a_handle, "temp file": lose_a_file, "page": lose_a_page, "two megabytes": lose_memory,
}  # fmt: skip


def leak(lose: Callable[[slot.Slot], None]) -> None:
    """From now on every run of the slot loses something."""
    carry_out = slot.Slot.carry_out

    def leaking(self: slot.Slot, run_id: int) -> dict[str, Any]:
        lose(self)
        return carry_out(self, run_id)

    slot.Slot.carry_out = leaking  # type: ignore[method-assign]


def main() -> None:
    slot.RUNS_PER_SLOT = int(os.environ.get(RUNS_PER_SLOT, slot.RUNS_PER_SLOT))
    # Time goes faster where no pages are laid ready that the task does not use.
    warm_browser.SPARE_PAGES = 1
    if os.environ.get(LEAK):
        leak(LEAKS[os.environ[LEAK]])
    slot.main()


if __name__ == "__main__":
    main()
