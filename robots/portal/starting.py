"""The one way in which the portal starts a run, whether a page, a program or a sheet asks for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from robots.effects import STOPPED_COMMITS
from robots.errors import ConfigurationError, NotStarted, WrongInput
from robots.inputs import Values
from robots.portal.desk import Desk
from robots.portal.pages import words_of
from robots.portal.request_keys import digest_of, known, remember
from robots.portal.rights import May, Visitor
from robots.portal.start_rules import refused
from robots.portal.wording import marked as _
from robots.queue.orders import retry_within, run_again_within
from robots.queue.pauses import EVERYTHING, pauses_now, task_scope
from robots.queue.runs import Submitted, request_key, submit_within
from robots.queue.traces import WHY as TRACE_WHY
from robots.queue.traces import order_trace
from robots.store import Store
from robots.store.schema import runs
from robots.task import Task
from robots.worker.rights import robot_with_rights

LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Anew:
    """An ended run of the same request that is to be made once more, and why: of one that is done, all of it."""

    run_id: int
    reason: str = ""


@dataclass(frozen=True)
class Started(Submitted):
    """``repeated`` is True where the asker's key has started the run before, and nothing was started now."""

    repeated: bool = False


@dataclass(frozen=True)
class _Asked:
    """One start: who asks for what, with what, in which way."""

    visitor: Visitor
    task: Task
    values: Values
    robot: str
    dry_run: bool
    asks_first: bool
    anew: Anew | None
    trace: str = ""

    @property
    def digest(self) -> str:
        """The same for the same start only."""
        return digest_of(
            self.task.name, self.values.stored, self.dry_run, self.asks_first, self.anew and self.anew.run_id,
            *filter(None, [self.trace]),
        )  # fmt: skip


def start(
    desk: Desk, visitor: Visitor, task: Task, typed: Mapping[str, Any], *, dry_run: bool = False,
    asks_first: bool = False, key: str = "", anew: Anew | None = None, trace: str = "",
) -> Started:  # fmt: skip
    """Start a run. ``new`` is False, and ``run_id`` the earlier run, where the same request was made before.

    ``key`` is the asker's own name for this start: the same once more is answered with the same run, and starts
    nothing. ``asks_first``: a person looks at the filled form before the first change leaves. ``trace`` says why a full
    trace of the run is wanted, "" where none is. Raises ``WrongInput`` for what was typed, a key that was used for
    something else, or an ``anew`` that cannot be; ``NotStarted`` when the visitor may not start the task or order a
    trace, ``ConfigurationError`` or ``AccessDenied`` when its robot may not carry it out.
    """
    robot = demand_start(desk, visitor, task)
    for name, value in (*typed.items(), ("Skäl", anew.reason if anew else ""), (TRACE_WHY, trace)):
        if isinstance(value, str) and (words := unfit(visitor, value)):
            raise WrongInput(name, "…", words)
    values = task.inputs.parse(typed)
    if trace and not visitor.may(May.TRACE):
        raise NotStarted(words_of(visitor, _("Ditt konto får inte beställa fullständiga spår.")))
    asked = _Asked(visitor, task, values, robot, dry_run, asks_first, anew, trace)
    with desk.store.begin() as connection:
        if key and (row := known(connection, visitor, key, asked.digest)):
            return Started(row.run_id, new=True, repeated=True)
        made = _submit(connection, asked, desk.settings.answer_hours)
        if trace and made.new:
            order_trace(connection, made.run_id, by=visitor.name, reason=trace)
        if key and made.new:  # what was made before may be asked for anew from the same page
            remember(connection, visitor, key, asked.digest, run_id=made.run_id)
    return Started(made.run_id, made.new)


def demand_start(desk: Desk, visitor: Visitor, task: Task) -> str:
    """The robot that would carry the task out. Raises as ``start``."""
    if not visitor.may(May.START):
        raise NotStarted(words_of(visitor, _("Ditt konto får inte starta uppgifter.")))
    if why := reasons_against(desk.store, visitor, [task]).get(task.name):
        raise NotStarted(why)
    return robot_with_rights(desk.settings, task)


def reasons_against(store: Store, visitor: Visitor, tasks: Collection[Task]) -> dict[str, str]:
    """Why the visitor may not start these tasks now, by name, in words; those that may be started are not in it."""
    paused = {row.scope: row for row in pauses_now(store)}
    found = refused(store, visitor, tasks)
    for task in tasks:
        scopes = (STOPPED_COMMITS, EVERYTHING, task_scope(task.name))
        row = next((paused[scope] for scope in scopes if scope in paused), None)
        if row is not None and task.name not in found:
            words = _("Pausad av %(by)s därför att: %(reason)s")
            found[task.name] = words_of(visitor, words, by=row.by, reason=row.reason)
    return found


def unfit(visitor: Visitor, text: str) -> str:
    """Why no field takes this text, whatever its type says: no system could keep it. "" when one may."""
    if len(text) > LONGEST_TEXT:
        return words_of(visitor, _("Skriv högst %(most)s tecken."), most=LONGEST_TEXT)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        return words_of(visitor, _("Texten har tecken som inte går att spara. Skriv den för hand."))
    return ""


def unusable(desk: Desk, task: Task) -> str:
    """What an admin has to mend before a robot can carry the task out; "" when it can."""
    try:
        robot_with_rights(desk.settings, task)
    except ConfigurationError as error:
        return str(error)
    return ""


def _submit(connection: Connection, asked: _Asked, answer_hours: float) -> Submitted:
    by = asked.visitor.name
    if asked.anew is None:
        return submit_within(
            connection, asked.task, asked.values, robot=asked.robot, source=asked.visitor.source, started_by=by,
            dry_run=asked.dry_run, answer_hours=answer_hours, asks_first=asked.asks_first,
        )  # fmt: skip
    run_id, reason = asked.anew.run_id, asked.anew.reason
    same = runs.c.id == run_id, runs.c.request == request_key(asked.task, asked.values)
    state = connection.execute(select(runs.c.state).where(*same)).scalar()
    if state is None:
        words = words_of(asked.visitor, _("Den körningen har inte samma uppgifter. Starta en ny i stället."))
        raise WrongInput("Körning", f"K-{run_id}", words)
    if state == "handed_over":
        words = words_of(asked.visitor, _("Den ligger hos en handläggare, som kan lämna den tillbaka till roboten."))
        raise WrongInput("Körning", f"K-{run_id}", words)
    order = run_again_within if state == "done" else retry_within
    return order(
        connection, run_id, by=by, reason=reason, answer_hours=answer_hours, asks_first=asked.asks_first,
        inputs=asked.values.stored, source=asked.visitor.source,
    )  # fmt: skip
