"""How long a run waits before it is tried again, and what it is never given up for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import OperationalError

from robots.errors import EffectUnverified, RecordLocked, SystemDown
from robots.queue.attempts import Claimed
from robots.queue.runs import find_run
from robots.settings import Settings
from robots.store import Store
from robots.worker.left_for_later import FINISH_IN_CASE

# No pause between two attempts grows beyond this many seconds by itself.
LONGEST_PAUSE = 600.0


def pause_after(settings: Settings, claimed: Claimed, error: Exception) -> float:
    """Seconds: doubled for each attempt, and never less than what the system asked for or needs to settle."""
    pause = min(settings.retry_seconds * 2.0 ** min(claimed.tried - 1, 20), LONGEST_PAUSE)
    if isinstance(error, EffectUnverified):
        pause = max(pause, error.settle)
    if isinstance(error, SystemDown) and error.retry_after:
        pause = max(pause, error.retry_after)
    return pause


def waits_out(settings: Settings, store: Store, claimed: Claimed, error: Exception) -> bool:
    """Whether it goes on however often it was tried: what is left of a case when the deed is done, while it
    cannot be told there."""
    passes = isinstance(error, (SystemDown, EffectUnverified, RecordLocked, OperationalError))
    if not (passes and claimed.task == FINISH_IN_CASE.name):
        return False
    age = datetime.now(UTC) - find_run(store, claimed.run_id).created_at
    return bool(age < timedelta(hours=settings.note_hours))
