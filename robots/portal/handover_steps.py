"""What people do with a handover: take it, give it back, give it to a colleague, return it to the robot, close it.

Each step locks the run, looks at how the handover stands, and is noted with its account in the same transaction: of two
at once the second is told what the first has done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.audit.writing import note
from robots.errors import WrongInput
from robots.portal.handovers import BY_ROBOT, CLOSED, FREE, TAKEN, WENT_ON, WITH_ROBOT, handover_within
from robots.portal.request_keys import digest_of, once
from robots.portal.rights import ALL_TEAMS, GRANTED, May, Role, Visitor
from robots.portal.wording import marked as _
from robots.queue.engine import ANSWER_HOURS
from robots.queue.orders import retry_within
from robots.queue.runs import Submitted, no_such_run
from robots.store import Store
from robots.store.schema import WAYS, accounts, handover_work, outcomes, runs
from robots.task import Task

# Enough for what was done, and no place for a case's papers.
MOST_WORDS = 2000
_HANDLERS = sorted(role for role in Role if May.HANDLE in GRANTED[role])
_STANDS = {
    TAKEN: _("%(who)s har redan tagit den."), CLOSED: _("%(who)s har redan avslutat den."),
    BY_ROBOT: _("Roboten har redan gjort klart den: %(run)s."),
    WITH_ROBOT: _("Roboten arbetar med den nu: %(run)s. Vänta på den, eller stoppa den först."),
    WENT_ON: _("Roboten försökte igen och lämnade över på nytt: %(run)s. Fortsätt där."),
    FREE: _("Ingen har tagit den. Ta den först."),
}  # fmt: skip


class StandsOtherwise(Exception):
    """Somebody was first, or it is not the visitor's to decide. ``words`` with ``values`` in them say how it stands."""

    def __init__(self, row: Row[Any]) -> None:
        who = row.closer if row.standing == CLOSED else row.taker
        self.words = _STANDS[row.standing]
        self.values = {"who": who or "", "run": f"K-{row.since_run}"}
        super().__init__(self.words % self.values)


def take(store: Store, visitor: Visitor, run_id: int) -> None:
    """It is the visitor's from now on. Raises ``StandsOtherwise`` when a colleague was first."""
    with _locked(store, run_id) as (connection, row):
        if _is_own(row, visitor):
            return
        _demand(row, row.standing == FREE)
        _give(connection, run_id, visitor.name)
        note(connection, visitor.name, "handover_taken", f"K-{run_id}")


def give_back(store: Store, visitor: Visitor, run_id: int, task: Task | None) -> None:
    """It is the team's again. Raises ``StandsOtherwise`` unless the visitor has it, or leads the team."""
    with _locked(store, run_id) as (connection, row):
        if row.standing == FREE:
            return
        _demand(row, _is_own(row, visitor) or (row.standing == TAKEN and leads(visitor, task)))
        _give(connection, run_id, None)
        note(connection, visitor.name, "handover_given_back", f"K-{run_id}", had=row.taken_by)


def assign(store: Store, visitor: Visitor, run_id: int, task: Task, to: str) -> None:
    """A leader gives it to somebody of the team, whoever has it.

    Raises ``WrongInput`` for somebody who is not of the team, ``StandsOtherwise`` for one that is not open.
    """
    if to not in {each.name for each in team_of(store, task)}:
        raise WrongInput("Handläggare", to, _("Välj någon i teamet."))
    with _locked(store, run_id) as (connection, row):
        _demand(row, row.standing in (FREE, TAKEN) and leads(visitor, task))
        if row.taken_by == to:
            return
        _give(connection, run_id, to)
        note(connection, visitor.name, "handover_assigned", f"K-{run_id}", to=to, had=row.taken_by)


def send_back(
    store: Store, visitor: Visitor, run_id: int, reason: str, *, key: str = "", answer_hours: float = ANSWER_HOURS
) -> Submitted:
    """Let the robot try once more, now that what stood in its way is mended. What it hands over again is the visitor's.

    The same ``key`` once more is the same run. Raises ``WrongInput`` without a reason and as ``request_keys.once``,
    ``StandsOtherwise`` when it is a colleague's or is not open.
    """
    reason = _words("Skäl", reason, _("Skriv vad du har rättat, så att roboten kommer vidare nu."))

    def order(connection: Connection) -> Submitted:
        row = _lock(connection, run_id)
        _demand(row, row.standing == FREE or _is_own(row, visitor))
        newest = connection.execute(select(func.max(runs.c.id)).where(runs.c.request == row.request)).scalar_one()
        made = retry_within(
            connection, newest, by=visitor.name, reason=reason, answer_hours=answer_hours, source=visitor.source
        )  # fmt: skip
        for each in (run_id, made.run_id):
            _give(connection, each, visitor.name)
        note(connection, visitor.name, "handover_returned", f"K-{run_id}", reason=reason, run=f"K-{made.run_id}")
        return made

    return once(store, visitor, key, digest_of("return", run_id, reason), order)


def close(store: Store, visitor: Visitor, run_id: int, way: str, done: str) -> None:
    """A person has finished it; ``way`` is one of ``WAYS``, ``done`` says what was done.

    Raises ``WrongInput`` without words or way, ``StandsOtherwise`` when it is a colleague's or is not open.
    """
    if way not in WAYS:
        raise WrongInput("Sätt", way, _("Välj hur det blev klart."))
    done = _words("Gjort", done, _("Skriv vad du gjorde, så att nästa person förstår."))
    with _locked(store, run_id) as (connection, row):
        if (row.closed_by, row.way, row.done) == (visitor.name, way, done):
            return  # a double click
        _demand(row, row.standing == FREE or _is_own(row, visitor))
        _give(connection, run_id, visitor.name)
        connection.execute(
            update(handover_work)
            .where(handover_work.c.run_id == run_id)
            .values(closed_by=visitor.name, closed_at=func.clock_timestamp(), way=way, done=done)
        )
        connection.execute(update(outcomes).where(outcomes.c.run_id == run_id).values(settled=True))
        note(connection, visitor.name, "handover_closed", f"K-{run_id}", way=way)


def leads(visitor: Visitor, task: Task | None) -> bool:
    """Whether the visitor says who of the task's team does what."""
    return visitor.may(May.ASSIGN) and visitor.is_of_team(task)


def team_of(store: Store, task: Task) -> list[Row[Any]]:
    """The accounts that may be given the task's handovers."""
    wanted = select(accounts.c.name, accounts.c.shown_name).where(
        accounts.c.active, accounts.c.roles.overlap(_HANDLERS), accounts.c.teams.overlap([task.owner, ALL_TEAMS])
    )
    with store.begin() as connection:
        return list(connection.execute(wanted))


@contextmanager
def _locked(store: Store, run_id: int) -> Iterator[tuple[Connection, Row[Any]]]:
    with store.begin() as connection:
        yield connection, _lock(connection, run_id)


def _lock(connection: Connection, run_id: int) -> Row[Any]:
    """The handover as it stands, which nobody else changes meanwhile. Raises ``WrongInput`` when the run is none."""
    connection.execute(select(runs.c.id).where(runs.c.id == run_id).with_for_update())
    row = handover_within(connection, run_id)
    if row is None:
        raise no_such_run(run_id)
    return row


def _is_own(row: Row[Any], visitor: Visitor) -> bool:
    return bool(row.standing == TAKEN and row.taken_by == visitor.name)


def _demand(row: Row[Any], is_so: bool) -> None:
    if not is_so:
        raise StandsOtherwise(row)


def _give(connection: Connection, run_id: int, to: str | None) -> None:
    given = {"taken_by": to, "taken_at": None if to is None else func.clock_timestamp()}
    connection.execute(
        upsert(handover_work)
        .values(run_id=run_id, **given)
        .on_conflict_do_update(
            index_elements=["run_id"], set_=given, where=handover_work.c.taken_by.is_distinct_from(to)
        )
    )


def _words(field: str, words: str, expected: str) -> str:
    words = words.strip()
    if not words:
        raise WrongInput(field, "", expected)
    if len(words) > MOST_WORDS:
        raise WrongInput(field, f"{len(words)} tecken", _("Skriv kortare: högst 2 000 tecken."))
    return words
