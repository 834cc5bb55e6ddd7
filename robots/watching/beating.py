"""The scheduler, giving a sign each time it looks."""

from __future__ import annotations

from robots.scheduler.scheduler import Scheduler
from robots.settings import Settings
from robots.store import Store
from robots.watching.pulse import Pulse


class BeatingScheduler(Scheduler):
    """As ``Scheduler``; ``pulse`` hears from it before each look, whatever comes of that."""

    def __init__(self, settings: Settings, store: Store, pulse: Pulse) -> None:
        super().__init__(settings, store)
        self._pulse = pulse

    def look_round(self) -> None:
        self._pulse.beat("Schemaläggaren")
        super().look_round()
