"""A run that comes to a change which a person is to look at first, with the ledger as it is and no system behind it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text, update

from robots.effects import Effect, Ledger
from robots.errors import ApprovalNeeded
from robots.queue.approvals import ask as ask_person
from robots.queue.attempts import Claimed
from robots.queue.seats import Need
from robots.store import Store
from robots.store.schema import approvals, effects
from robots.systems.asking import Asking, Form
from robots.worker.asked import asking_of
from tests.unit.engine import EXAMPLE, ask, begin

MINUTES = 30.0


def new_run(store: Store, *, source: Any = "guide", **more: Any) -> int:
    return ask(store, source=source, asks_first=True, **more)


class Attempt:
    """The run's next attempt: it stands in front of a change, and arms it or asks."""

    def __init__(self, store: Store, run_id: int, *needs: Need, **more: Any) -> None:
        self.store = store
        self.claimed: Claimed = begin(store, run_id, *needs, **more)
        asking = asking_of(store, self.claimed, EXAMPLE)
        assert asking is not None
        self.asking: Asking = asking
        self.ledger = Ledger(
            store, run_id=run_id, attempt_id=self.claimed.attempt_id, task="example", case_number=None,
            subject=str(run_id),
        )  # fmt: skip

    def effect(self, once: str = "bokning") -> Effect:
        return self.ledger.intend("waste", "save", once)

    def arm(self, words: str = "en tunna", once: str = "bokning") -> None:
        """Raises ``ApprovalNeeded`` unless somebody has approved just these words."""
        effect = self.effect(once)
        gate = self.asking.gate(effect, form(words)) if self.asking.concerns(effect) else None
        self.ledger.arm(effect, "prov", gate)

    def ask(self) -> float:
        """Raises as ``approvals.ask``."""
        assert self.asking.asked is not None
        shown = self.asking.asked.form.shown(str)
        return ask_person(self.store, self.claimed, self.asking.asked, shown, minutes=MINUTES)


def form(words: str) -> Form:
    return Form({"words": words}, [("Text", words)], picture="01-001.jpg", page="Ny bokning")


def waiting_run(store: Store, words: str = "en tunna", **more: Any) -> int:
    """A run that has asked whether these words may leave, and whose place in the queue sleeps."""
    run_id = new_run(store, **more)
    attempt = Attempt(store, run_id)
    try:
        attempt.arm(words)
    except ApprovalNeeded:
        attempt.ask()
    with store.begin() as connection:
        connection.execute(text("update procrastinate_jobs set scheduled_at = now() + interval '30 minutes'"))
    return run_id


def armings(store: Store) -> list[int]:
    """How often each change was armed, in the order in which they were intended."""
    with store.begin() as connection:
        return list(connection.execute(select(effects.c.armed_times).order_by(effects.c.created_at)).scalars())


def let_time_pass(store: Store, run_id: int) -> None:
    """The time to answer is over."""
    over = approvals.c.asked_at - text("interval '1 second'")
    with store.begin() as connection:
        connection.execute(update(approvals).where(approvals.c.run_id == run_id).values(expires_at=over))


def asleep(store: Store) -> int:
    """How many runs' places in the queue sleep now."""
    told = "select count(*) from procrastinate_jobs where status = 'todo' and scheduled_at > clock_timestamp()"
    with store.begin() as connection:
        return int(connection.execute(text(told)).scalar_one())
