"""What a person or a program orders about one run: stop it, try it again, make it once more."""

from __future__ import annotations

from sqlalchemy import Connection

from robots.errors import WrongInput
from robots.portal.desk import Desk
from robots.portal.pages import words_of
from robots.portal.request_keys import digest_of, once
from robots.portal.rights import May, Visitor
from robots.portal.run_page import RunPage
from robots.portal.starting import demand_start
from robots.portal.wording import marked as _
from robots.queue.approvals import answer
from robots.queue.orders import cancel, retry_within, run_again_within
from robots.queue.runs import Submitted

# The field that a ``WrongInput`` names when it is the reason that is missing.
REASON = "Skäl"


def stop(desk: Desk, visitor: Visitor, shown: RunPage, reason: str) -> None:
    """Nothing more is made. Raises ``WrongInput`` without a reason, or when it has ended by itself."""
    if shown.run.state == "cancelled":  # by this very click, or by a colleague's
        return
    reason = _demand_reason(visitor, reason)
    cancel(desk.store, shown.run.id, by=visitor.name, reason=reason, lease_seconds=desk.settings.lease_seconds)


def try_again(desk: Desk, visitor: Visitor, shown: RunPage, *, key: str = "") -> Submitted:
    """A run of its own that goes on where this one ended; ordered twice, or with the same ``key``, it is one.

    Raises ``WrongInput`` for one that is done, goes on or lies with a person, and as ``starting.demand_start`` and
    ``request_keys.once``.
    """
    if shown.is_handover:
        words = _("Den ligger hos en handläggare, som kan lämna den tillbaka till roboten.")
        raise WrongInput("Körning", shown.record.name, words_of(visitor, words))
    _demand_start(desk, visitor, shown)
    number: int = shown.run.id

    def order(connection: Connection) -> Submitted:
        hours = desk.settings.answer_hours
        return retry_within(connection, number, by=visitor.name, answer_hours=hours, source=visitor.source)

    return once(desk.store, visitor, key, digest_of("retry", number), order)


def once_more(desk: Desk, visitor: Visitor, shown: RunPage, reason: str, *, key: str = "") -> Submitted:
    """A run that makes all the changes of this one again; ordered twice, or with the same ``key``, it is one.

    Raises ``WrongInput`` without a reason and for one that is not done, and as ``try_again``.
    """
    reason = _demand_reason(visitor, reason)
    if shown.run.state != "done":
        words = _("Bara det som är klart kan göras en gång till.")
        raise WrongInput("Körning", shown.record.name, words_of(visitor, words))
    _demand_start(desk, visitor, shown)
    number: int = shown.run.id

    def order(connection: Connection) -> Submitted:
        return run_again_within(
            connection, number, by=visitor.name, reason=reason, answer_hours=desk.settings.answer_hours,
            source=visitor.source,
        )  # fmt: skip

    return once(desk.store, visitor, key, digest_of("again", number, reason), order)


def answer_question(
    desk: Desk, visitor: Visitor, shown: RunPage, asked: int, reason: str = "", *, send: bool
) -> None:  # fmt: skip
    """*Skicka* or *Avbryt* to the question with the number ``asked``, and to no other; said twice it is once.

    Raises ``WrongInput`` for one who may not see what is filled in, and as ``approvals.answer``.
    """
    if not visitor.may(May.SEE_PERSONAL):
        words = _("Bara den som kan se det ifyllda kan svara.")
        raise WrongInput("Körning", shown.record.name, words_of(visitor, words))
    given = next((each for each in shown.record.questions if each.id == asked and each.answered_by), None)
    if given is not None and given.answered_by == visitor.name:
        return
    answer(
        desk.store, shown.run.id, send, by=visitor.name, reason=reason.strip(),
        lease_seconds=desk.settings.lease_seconds, looked_at=asked,
    )  # fmt: skip


def _demand_reason(visitor: Visitor, reason: str) -> str:
    if not reason.strip():
        raise WrongInput(REASON, "", words_of(visitor, _("Skriv varför.")))
    return reason.strip()


def _demand_start(desk: Desk, visitor: Visitor, shown: RunPage) -> None:
    """What the toolkit itself has left for later needs nobody's leave but that to start."""
    if shown.task is not None and shown.task.name in desk.tasks.by_name:
        demand_start(desk, visitor, shown.task)
