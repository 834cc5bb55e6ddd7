"""What a person or a program orders about one run: stop it, try it again, make it once more."""

from __future__ import annotations

from robots.errors import WrongInput
from robots.portal.audit import note
from robots.portal.desk import Desk
from robots.portal.pages import words_of
from robots.portal.rights import Visitor
from robots.portal.run_page import RunPage
from robots.portal.starting import demand_start
from robots.portal.wording import marked as _
from robots.queue.orders import cancel, retry, run_again
from robots.queue.runs import Submitted

# The field that a ``WrongInput`` names when it is the reason that is missing.
REASON = "Skäl"


def stop(desk: Desk, visitor: Visitor, shown: RunPage, reason: str) -> None:
    """Nothing more is made. Raises ``WrongInput`` without a reason, or when it has ended by itself."""
    if shown.run.state == "cancelled":  # by this very click, or by a colleague's
        return
    reason = _demand_reason(visitor, reason)
    cancel(desk.store, shown.run.id, by=visitor.name, reason=reason, lease_seconds=desk.settings.lease_seconds)
    _noted(desk, visitor, shown, "stopped", reason)


def try_again(desk: Desk, visitor: Visitor, shown: RunPage) -> Submitted:
    """A run of its own that goes on where this one ended; ordered twice it is one.

    Raises ``WrongInput`` for one that is done, goes on or lies with a person, and as ``starting.demand_start``.
    """
    if shown.is_handover:
        words = _("Den ligger hos en handläggare, som kan lämna den tillbaka till roboten.")
        raise WrongInput("Körning", shown.record.name, words_of(visitor, words))
    _demand_start(desk, visitor, shown)
    made = retry(desk.store, shown.run.id, by=visitor.name, answer_hours=desk.settings.answer_hours)
    if made.new:
        _noted(desk, visitor, shown, "retried")
    return made


def once_more(desk: Desk, visitor: Visitor, shown: RunPage, reason: str) -> Submitted:
    """A run that makes all the changes of this one again; ordered twice it is one.

    Raises ``WrongInput`` without a reason and for one that is not done, and as ``starting.demand_start``.
    """
    reason = _demand_reason(visitor, reason)
    if shown.run.state != "done":
        words = _("Bara det som är klart kan göras en gång till.")
        raise WrongInput("Körning", shown.record.name, words_of(visitor, words))
    _demand_start(desk, visitor, shown)
    hours = desk.settings.answer_hours
    made = run_again(desk.store, shown.run.id, by=visitor.name, reason=reason, answer_hours=hours)
    if made.new:
        _noted(desk, visitor, shown, "made_again", reason)
    return made


def _demand_reason(visitor: Visitor, reason: str) -> str:
    if not reason.strip():
        raise WrongInput(REASON, "", words_of(visitor, _("Skriv varför.")))
    return reason.strip()


def _demand_start(desk: Desk, visitor: Visitor, shown: RunPage) -> None:
    """What the toolkit itself has left for later needs nobody's leave but that to start."""
    if shown.task is not None and shown.task.name in desk.tasks.by_name:
        demand_start(desk, visitor, shown.task)


def _noted(desk: Desk, visitor: Visitor, shown: RunPage, did: str, reason: str = "") -> None:
    with desk.store.begin() as connection:
        note(connection, visitor.name, did, shown.record.name, reason=reason)
