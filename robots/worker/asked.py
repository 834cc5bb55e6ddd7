"""What an attempt has to do with questions: which changes wait for a person, the question itself, and no answer."""

from __future__ import annotations

from sqlalchemy import func, select

from robots.errors import BusinessException, RunCancelled
from robots.evidence import Recorder
from robots.queue.approvals import UNANSWERED, WAITS, ask, newest_question
from robots.queue.attempts import Claimed, Outcome
from robots.queue.claims import Held
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import approvals
from robots.systems.asking import Asking
from robots.task import Task


def asking_of(store: Store, claimed: Claimed, task: Task) -> Asking | None:
    """Which changes of this attempt wait for a person; None where none does. A dry run never asks."""
    if claimed.dry_run or not (task.asks_before or claimed.asks_first or claimed.asked):
        return None
    earlier: dict[str, bool] = {}
    if claimed.asked:
        passed = func.bool_or(approvals.c.passed_at.is_not(None))
        with store.begin() as connection:
            found = connection.execute(
                select(approvals.c.effect_key, passed)
                .where(approvals.c.run_id == claimed.run_id)
                .group_by(approvals.c.effect_key)
            )
            earlier = {key: bool(has_passed) for key, has_passed in found}
    return Asking(claimed.run_id, before=task.asks_before, first=claimed.asks_first, earlier=earlier)


def ask_person(
    settings: Settings, store: Store, claimed: Claimed, asking: Asking | None, recorder: Recorder
) -> Outcome:
    """End the attempt with its question, the picture lying ready. Raises ``Held`` until it is answered.

    The outcome is that of a run which a person has stopped meanwhile. Raises ``EffectLost`` as ``approvals.ask`` does.
    """
    assert asking is not None
    assert asking.asked is not None
    effect, form = asking.asked.effect, asking.asked.form
    recorder.event("asked", effect.once, system=effect.system, mark=effect.mark, picture=form.picture)
    recorder.keep()
    if not form.secret:
        recorder.keep_form(form.shown(recorder.without_secrets))
    try:
        shown = form.shown(recorder.covered)
        seconds = ask(store, claimed, asking.asked, shown, minutes=settings.approval_minutes)
    except RunCancelled as stop:
        return Outcome("cancelled", "Avbruten", str(stop))
    raise Held(WAITS, seconds)


def unanswered(store: Store, claimed: Claimed) -> BusinessException | None:
    """Why a person gets the case: the run has asked, and nobody has answered in time. None where that is not so."""
    if not claimed.asked:
        return None
    with store.begin() as connection:
        asked = newest_question(connection, claimed.run_id)
    if asked is None or asked.answer != "expired":
        return None
    return BusinessException(
        f"{UNANSWERED}: «{asked.once}».",
        kind=UNANSWERED,
        todo=f"Avgör om «{asked.once}» ska skickas. Gör det för hand, eller låt roboten försöka igen och svara då.",
    )
