"""A run that waits for a person to look at what it is about to send: the question, the answer, and no answer in time.

The run holds nothing while it waits: its attempt has ended, its seats are given back, and nothing is armed. Its place
in the queue sleeps until the time to answer is over, and is woken by the answer. Whoever asks, answers or finds the
time over has the run's row locked, as the ledger has when it arms: of two at once, one is first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from robots.errors import EffectLost, RunCancelled, WrongInput
from robots.local_time import on_the_wall
from robots.queue.attempts import (
    LEASE_SECONDS,
    Claimed,
    StillAtWork,
    close_attempt,
    close_lost_attempts,
    write_cancelled,
)
from robots.queue.engine import ANSWERED, follow_priority, order_in_class, wake
from robots.queue.pauses import write_order
from robots.queue.runs import no_such_run
from robots.store import Store
from robots.store.clock import seconds_since, span
from robots.store.schema import approvals, runs
from robots.systems.asking import Question

WAITS = "Väntar på att någon tittar på det ifyllda och svarar"
# Until the answered run is taken up, which upkeep sees to where nobody was there to be woken.
ANSWER_HAS_COME = "Svaret Skicka har kommit"
UNANSWERED = "Ingen svarade på om det skulle skickas"


def ask(store: Store, claimed: Claimed, question: Question, shown: Mapping[str, Any], *, minutes: float) -> float:
    """End the attempt with a question: the run waits for its answer. Returns the seconds that there are for it.

    A guide's run waits ``minutes``; one that nobody sits and waits for until the answer that was promised is due.
    Raises ``RunCancelled`` when a person has stopped the run meanwhile, ``EffectLost`` when it was taken over.
    """
    effect, form = question.effect, question.form
    with store.begin() as connection:
        run = connection.execute(select(runs).where(runs.c.id == claimed.run_id).with_for_update()).one()
        if run.state == "cancelled":
            raise RunCancelled("Körningen är avbruten.")
        if run.state != "running" or not close_attempt(connection, claimed, "held", WAITS):
            raise EffectLost(f"Om {effect.once} frågar ett annat försök.")
        soon = func.now() + span(minutes * 60)
        until = connection.execute(
            insert(approvals)
            .values(
                run_id=run.id, effect_key=effect.key, system=effect.system, once=effect.once, mark=effect.mark,
                digest=form.digest, shown=dict(shown), picture=form.picture, attempt=claimed.number,
                expires_at=func.greatest(soon, run.deadline_at) if claimed.unattended else soon,
            )
            .returning(-seconds_since(approvals.c.expires_at))
        ).scalar_one()  # fmt: skip
        waits = {"state": "waiting_approval", "held_for": WAITS, "held_until": None}
        connection.execute(update(runs).where(runs.c.id == run.id).values(waits))
    return float(until)


def answer(
    store: Store,
    run_id: int,
    send: bool,
    *,
    by: str,
    reason: str = "",
    looked_at: int | None = None,
    lease_seconds: float = LEASE_SECONDS,
) -> bool:
    """A person has looked and says *Skicka* (``send``) or *Avbryt*. False where an attempt is still to end by that.

    ``looked_at`` is the number of the question (its row) that the person saw: where the run has asked anew since then,
    *Skicka* would let out what nobody has seen, and is refused.
    Who has said *Skicka* may take it back until the change is armed; nobody can answer a second time otherwise. Raises
    ``WrongInput`` when there is no such run, it asks for nothing, or its question has been answered or is too old.
    """
    with store.begin() as connection:
        run = connection.execute(select(runs).where(runs.c.id == run_id).with_for_update()).first()
        if run is None:
            raise no_such_run(run_id)
        asked = _open_question(run, newest_question(connection, run_id), takes_back=not send)
        if send and looked_at not in (None, asked.id):
            raise WrongInput("Körning", f"K-{run_id}", "Den har frågat igen sedan du tittade. Titta en gång till.")
        told = {"answer": "send" if send else "stop", "answered_by": by, "reason": reason}
        this = update(approvals).where(approvals.c.id == asked.id)
        connection.execute(this.values(told | {"answered_at": func.clock_timestamp()}))
        write_order(connection, "approve" if send else "deny", f"K-{run_id}", by, reason)
        if send:
            _put_in_front(connection, run)
            return True
        return _stop(connection, run, by, reason, lease_seconds)


def _open_question(run: Row[Any], asked: Row[Any] | None, *, takes_back: bool) -> Row[Any]:
    """What the run has asked, where that can be answered."""
    name = f"K-{run.id}"
    if asked is None:
        raise WrongInput("Körning", name, "Den har inte frågat om något. Se vad som väntar på svar: ragnhild approvals")
    if run.state not in ("waiting_approval", "queued", "running"):
        raise WrongInput("Körning", name, "Den är redan avslutad, så svaret behövs inte.")
    if asked.passed_at:
        at = f"{on_the_wall(asked.passed_at):%H:%M}"
        raise WrongInput("Körning", name, f"«{asked.once}» är redan på väg sedan {at}; {asked.answered_by} sa Skicka.")
    if asked.answer == "expired" or (asked.answer is None and asked.left <= 0):
        raise WrongInput("Körning", name, f"Tiden att svara gick ut {on_the_wall(asked.expires_at):%H:%M}.")
    if asked.answer == "send" and not takes_back:
        at = f"{on_the_wall(asked.answered_at):%H:%M}"
        raise WrongInput("Körning", name, f"{asked.answered_by} svarade Skicka redan {at}.")
    return asked


def _put_in_front(connection: Connection, run: Row[Any]) -> None:
    """Back in the queue, before all others: a person sits and waits."""
    first = order_in_class(ANSWERED, runs.c.deadline_at)
    ready = {"state": "queued", "held_for": ANSWER_HAS_COME, "held_until": None, "priority": first}
    connection.execute(update(runs).where(runs.c.id == run.id).values(ready))
    follow_priority(connection, [run.id])
    wake(connection, [run.key])


def _stop(connection: Connection, run: Row[Any], by: str, reason: str, lease_seconds: float) -> bool:
    connection.execute(update(runs).where(runs.c.id == run.id).values(state="cancelled"))
    try:
        close_lost_attempts(connection, run.id, lease_seconds)
    except StillAtWork:
        return False
    words = f"{by} tittade på det ifyllda och svarade Avbryt"
    write_cancelled(connection, run.id, f"{words}: {reason}" if reason else f"{words}.")
    wake(connection, [run.key])  # the later runs of its case need not wait for what it has in the queue
    return True


def close_question(connection: Connection, run_id: int, *, by: str, reason: str) -> None:
    """A person has stopped the run in another way: what it asks, or has been allowed and has not done, is a no."""
    told = {"answer": "stop", "answered_by": by, "reason": reason, "answered_at": func.clock_timestamp()}
    standing = or_(approvals.c.answer.is_(None), approvals.c.answer == "send")
    connection.execute(
        update(approvals).where(approvals.c.run_id == run_id, standing, approvals.c.passed_at.is_(None)).values(told)
    )


def time_left(connection: Connection, run_id: int) -> float | None:
    """The seconds that a waiting run has still to wait; 0 when it waits no longer, and one that nobody answered in time
    is noted so. None where it waits for nothing that is known.
    """
    state = connection.execute(select(runs.c.state).where(runs.c.id == run_id).with_for_update()).scalar_one()
    if state != "waiting_approval":
        return 0.0
    asked = newest_question(connection, run_id)
    if asked is None or asked.answer is not None:
        return None
    if asked.left > 0:
        return float(asked.left)
    over = {"answer": "expired", "answered_at": func.clock_timestamp()}
    connection.execute(update(approvals).where(approvals.c.id == asked.id).values(over))
    connection.execute(update(runs).where(runs.c.id == run_id).values(state="queued", held_for=UNANSWERED))
    return 0.0


def newest_question(connection: Connection, run_id: int) -> Row[Any] | None:
    """The last that the run asked, with the seconds that are ``left`` to answer it; None when it has asked nothing."""
    left = (-seconds_since(approvals.c.expires_at)).label("left")
    found = select(approvals, left).where(approvals.c.run_id == run_id).order_by(approvals.c.id.desc())
    return connection.execute(found.limit(1)).first()


def questions_of(store: Store, run_id: int) -> list[Row[Any]]:
    """All that the run has asked, with the answers, in their order."""
    with store.begin() as connection:
        found = select(approvals).where(approvals.c.run_id == run_id).order_by(approvals.c.id)
        return list(connection.execute(found))


def waiting(store: Store) -> list[Row[Any]]:
    """What waits for a person: the question with its run's ``task``, ``case_number`` and ``started_by``.

    What must be answered soonest comes first; what nobody has answered in time is not listed.
    """
    open_now = (approvals.c.answer.is_(None), runs.c.state == "waiting_approval")
    with store.begin() as connection:
        return list(
            connection.execute(
                select(approvals, runs.c.task, runs.c.case_number, runs.c.started_by, runs.c.source, runs.c.robot)
                .join(runs, runs.c.id == approvals.c.run_id)
                .where(*open_now, approvals.c.expires_at > func.clock_timestamp())
                .order_by(approvals.c.expires_at, approvals.c.id)
            )
        )
