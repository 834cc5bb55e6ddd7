"""A slot that is taken to have grown too much after every run."""

from __future__ import annotations

from robots.worker import slot
from tests.worker import open_slots

slot.MOST_GROWTH = -(2**40)

if __name__ == "__main__":
    open_slots.main()
