"""What the robots know already of what is being typed: the same request, the case's runs, properties seen before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from babel.dates import format_datetime, format_time
from sqlalchemy import Row, func, select

from robots.fields import CaseNumber, PropertyDesignation
from robots.inputs import Input, Values
from robots.local_time import ZONE, on_the_wall
from robots.portal.desk import Desk
from robots.portal.pages import STATES, words_of
from robots.portal.rights import Visitor
from robots.portal.search import folded
from robots.portal.wording import locale_of
from robots.portal.wording import marked as _
from robots.queue.orders import AT_WORK
from robots.queue.runs import effects_of, list_runs, request_key
from robots.store.clock import span
from robots.store.schema import runs
from robots.task import Task

MOST_SUGGESTED = 8
MOST_OF_CASE = 3
# Properties are looked for among what people have started lately.
LOOKED_THROUGH = 400
LATELY_SECONDS = 30 * 24 * 3600.0


@dataclass(frozen=True)
class Known:
    """A line of what is known, and the run that it is about; ``run_id`` is 0 where the visitor does not reach it."""

    words: str
    run_id: int


def told_when(visitor: Visitor, moment: datetime) -> str:
    """``i dag 10:42``, ``i går 10:42``, or the day."""
    locale = locale_of(visitor.language)
    days = (on_the_wall(datetime.now(ZONE)).date() - on_the_wall(moment).date()) // timedelta(days=1)
    if days in (0, 1):
        time = format_time(moment, "HH:mm", tzinfo=ZONE, locale=locale)
        return words_of(visitor, _("i går %(time)s") if days else _("i dag %(time)s"), time=time)
    return format_datetime(moment, "d MMM y HH:mm", tzinfo=ZONE, locale=locale)


@dataclass(frozen=True)
class SameRequest:
    """The newest run of the same request, in words for whoever is about to start it once more."""

    run: Row[Any]
    reached: bool
    words: str
    receipts: list[tuple[str, str]]

    @property
    def at_work(self) -> bool:
        return self.run.state in AT_WORK

    @property
    def may_be_made_anew(self) -> bool:
        """A case that a person has is not taken from that person here."""
        return self.run.state in ("done", "failed", "cancelled")


def same_request(desk: Desk, visitor: Visitor, task: Task, values: Values) -> SameRequest | None:
    """None when nobody has asked for it before; a dry run is no such request."""
    found = list_runs(desk.store, runs.c.request == request_key(task, values), limit=1)
    if not found:
        return None
    run, reached = found[0], visitor.reaches(found[0], desk.tasks.by_name)
    robot = run.robot.capitalize()
    told = {"robot": robot, "by": run.started_by, "title": task.title}
    if run.state in AT_WORK:
        words = _("Pågår redan: %(title)s, startad %(when)s av %(by)s.")
        told |= {"when": told_when(visitor, run.created_at)}
    else:
        words = {
            "done": _("%(title)s gjordes %(when)s av %(robot)s, på beställning av %(by)s."),
            "handed_over": _("%(title)s lämnades över till en handläggare %(when)s, på beställning av %(by)s."),
            "failed": _("%(title)s misslyckades %(when)s, på beställning av %(by)s."),
            "cancelled": _("%(title)s avbröts %(when)s, på beställning av %(by)s."),
        }[run.state]
        told |= {"when": told_when(visitor, run.finished_at or run.created_at)}
    receipts = [(each.once, each.receipt) for each in effects_of(desk.store, run.id) if each.receipt] if reached else []
    return SameRequest(run, reached, words_of(visitor, words, **told), receipts)


def runs_of_case(desk: Desk, visitor: Visitor, typed: str, *, but: int = 0) -> list[Known]:
    """The newest runs of the case that the visitor reaches, without the run ``but``; none while it is half typed."""
    try:
        number = CaseNumber(typed)
    except ValueError:
        return []
    tasks = desk.tasks.by_name
    reached = visitor.reached(tasks.values())
    found = list_runs(
        desk.store, runs.c.id != but, *([] if reached is None else [reached]), case_number=number, limit=MOST_OF_CASE
    )
    return [Known(_of_case(visitor, tasks, run), run.id) for run in found]


def _of_case(visitor: Visitor, tasks: dict[str, Task], run: Row[Any]) -> str:
    title = tasks[run.task].title if run.task in tasks else run.task
    state = words_of(visitor, STATES[run.state][0])
    when = told_when(visitor, run.finished_at or run.created_at)
    words = words_of(visitor, _("Ärendet har körningar: %(title)s"), title=title)
    return f"{words}, {state[:1].lower()}{state[1:]} {when}"


def suggested(desk: Desk, visitor: Visitor, typed: str) -> list[str]:
    """Properties that the visitor's and their team's runs have been about lately, the newest first."""
    tasks = desk.tasks.by_name
    of_people = runs.c.source == "guide", runs.c.created_at > func.now() - span(LATELY_SECONDS)
    reached = visitor.reached(tasks.values())
    wanted = select(runs.c.task, runs.c.inputs).where(*of_people, *([] if reached is None else [reached]))
    with desk.store.begin() as connection:
        seen = connection.execute(wanted.order_by(runs.c.created_at.desc()).limit(LOOKED_THROUGH)).all()
    named = {name: [each.name for each in task.inputs if is_property(each)] for name, task in tasks.items()}
    values = (run.inputs.get(name) for run in seen for name in named.get(run.task, ()))
    begun = folded(typed)
    fitting = dict.fromkeys(value for value in values if value and begun in folded(value))
    return list(fitting)[:MOST_SUGGESTED]


def is_property(each: Input) -> bool:
    """Whether it may be suggested: a property is no person, and nothing else that is typed is told to others."""
    return not each.words.personal and PropertyDesignation in (each.annotation, *get_args(each.annotation))
