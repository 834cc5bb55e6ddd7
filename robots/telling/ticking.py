"""The clock that lets the teller look, send, and beat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from robots.scheduler.ticking import each_in_its_time
from robots.settings import Settings
from robots.store import Store
from robots.telling.teller import BEAT_SECONDS, LOOK_SECONDS, SEND_SECONDS, Teller


@contextmanager
def telling(settings: Settings, store: Store) -> Iterator[None]:
    """Tell people of what happens until the end of the block. A slow mail server keeps no look waiting.

    What is in the outbox in the end is the next teller's; the one message that is just leaving is waited for.
    """
    teller = Teller(settings, store)
    rounds = [
        (teller.look_round, LOOK_SECONDS), (teller.send_round, SEND_SECONDS), (teller.call_round, SEND_SECONDS),
        (teller.beat, BEAT_SECONDS),
    ]  # fmt: skip
    with each_in_its_time(rounds):
        try:
            yield
        finally:
            teller.stop()
