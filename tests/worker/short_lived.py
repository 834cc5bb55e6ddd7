"""A slot that is replaced after two runs; started as the real one is, by ``python -m``."""

from __future__ import annotations

from robots.worker import slot
from tests.worker import open_slots

slot.RUNS_PER_SLOT = 2

if __name__ == "__main__":
    open_slots.main()
