"""The daily digest: what ran, what was handed over and why, and what needs a person now. Once a day for each reader.

Until when a reader has had it is a row in the database, moved in the transaction that puts the message in the outbox.
A digest that could not be made at its hour is made as soon as possible the same day; what a day without one would have
told stands in the next.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from loguru import logger
from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.audit.chain import head
from robots.local_time import moment_of, on_the_wall
from robots.settings import Settings
from robots.store.schema import (
    breakers,
    messages,
    outcomes,
    runs,
    standing_faults,
    starts,
    telling_positions,
)
from robots.telling.kinds import INBOX, PASSWORD_DAYS
from robots.telling.letters import Letter, letter
from robots.telling.nights import undone_nights
from robots.telling.people import People, Person
from robots.telling.sections import link_to
from robots.telling.wording import Names, clock, day, in_days
from robots.workdays import DAY
from robots.worker.left_for_later import FINISH_IN_CASE
from robots.worker.own_tasks import OWN_TASKS

# A handover that stands in no case is asked for again so long; what lies in an inbox is told once.
UNSEEN_DAYS = 7
MOST_CASES = 12
_NEWER = runs.alias("newer")


@dataclass(frozen=True)
class TaskLine:
    """What became of a task's runs."""

    title: str
    done: int
    handed_over: int
    failed: int
    cancelled: int

    @property
    def counts(self) -> str:
        """What there was of each, in words."""
        words = {"klara": self.done, "överlämnade": self.handed_over, "misslyckade": self.failed}
        told = [f"{count} {word}" for word, count in words.items()]
        return ", ".join([*told, f"{self.cancelled} avbrutna"] if self.cancelled else told)


@dataclass(frozen=True)
class Handed:
    """Cases that were handed over for the same reason."""

    title: str
    sort: str
    count: int
    cases: str


@dataclass(frozen=True)
class Need:
    """What waits for a person, and what to do."""

    words: str
    todo: str
    command: str
    link: str


@dataclass
class Digest:
    """What one reader is told of the time from ``since`` until ``until``."""

    since: datetime
    until: datetime
    tasks: list[TaskLine] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    # How far the audit had come: what is written anew in the database later does not agree with this letter.
    anchor: str = ""

    @property
    def subject(self) -> str:
        needs = {0: "inget väntar på dig", 1: "1 sak väntar på dig"}.get(
            len(self.needs), f"{len(self.needs)} saker väntar på dig"
        )
        ran = sum(task.done + task.handed_over + task.failed + task.cancelled for task in self.tasks)
        return f"Robotarna {day(on_the_wall(self.until))}: {ran} {'körning' if ran == 1 else 'körningar'}, {needs}"


def due_digests(
    connection: Connection, settings: Settings, people: People, now: datetime
) -> list[tuple[Person, Digest]]:
    """The digests that are to be sent now, and notes that they are: whoever asks next is given none of them."""
    local = on_the_wall(now)
    until = moment_of(datetime.combine(local.date(), settings.digest_at))
    if until > now:
        until = moment_of(datetime.combine(local.date() - DAY, settings.digest_at))
    found = []
    for person in people.values():
        if person.digest and (since := _had_until(connection, person, until)):
            found.append((person, _digest_for(_Gathering(connection, settings, person, since, until, now))))
    return found


def _had_until(connection: Connection, person: Person, until: datetime) -> datetime | None:
    """Until when the reader has had the digest, which is now moved on; None for one that has had this one.

    Whoever is new gets the first one at the next hour, of the day before it.
    """
    name = f"digest {person.name}"
    connection.execute(upsert(telling_positions).values(name=name, at=until).on_conflict_do_nothing())
    mine = telling_positions.c.name == name, telling_positions.c.at < until
    since = connection.execute(select(telling_positions.c.at).where(*mine).with_for_update()).scalar()
    if since is not None:
        connection.execute(update(telling_positions).where(*mine).values(at=until))
    return since


def digest_letter(told: Digest, settings: Settings) -> Letter:
    """The digest as it is read."""
    return letter(
        "digest", told.subject, link_to(settings.portal_url, "/"), told=told, municipality=settings.municipality,
        since=clock(told.since), until=clock(told.until),
    )  # fmt: skip


def _digest_for(gathering: _Gathering) -> Digest:
    told = Digest(gathering.since, gathering.until)
    ended = gathering.ended()
    told.tasks = gathering.task_lines(ended)
    told.handed = gathering.handed_over(ended)
    told.needs = gathering.needs()
    if newest := head(gathering.connection):
        told.anchor = str(newest)
        logger.info("the audit has come to {}", newest)
    return told


@dataclass(frozen=True)
class _Gathering:
    """What one reader is told of the time between, and of what waits ``now``."""

    connection: Connection
    settings: Settings
    person: Person
    since: datetime
    until: datetime
    now: datetime

    @cached_property
    def _names(self) -> Names:
        return Names(self.settings)

    def ended(self) -> list[Row[Any]]:
        """The runs that ended in the time and that are the reader's."""
        return self._runs(outcomes.c.at >= self.since, outcomes.c.at < self.until)

    def task_lines(self, ended: Sequence[Row[Any]]) -> list[TaskLine]:
        """One line a task, by its title; the toolkit's own reading of inboxes and folders is no work to be proud of."""
        counted: dict[str, Counter[str]] = defaultdict(Counter)
        for row in ended:
            if row.task not in OWN_TASKS or row.outcome != "done":
                counted[row.task][row.outcome] += 1
        lines = [
            TaskLine(self._names.task(task), told["done"], told["handed_over"], told["failed"], told["cancelled"])
            for task, told in counted.items()
        ]
        return sorted(lines, key=lambda line: line.title)

    def handed_over(self, ended: Sequence[Row[Any]]) -> list[Handed]:
        """By task and reason, the most frequent first."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in ended:
            if row.outcome == "handed_over":
                sort = self._names.safe(row.kind, row.task, row.inputs)
                found[self._names.task(row.task), sort].append(row.case_number or f"K-{row.id}")
        told = [Handed(title, sort, len(cases), _listed(cases)) for (title, sort), cases in found.items()]
        return sorted(told, key=lambda each: (-each.count, each.title, each.sort))

    def needs(self) -> list[Need]:
        """What waits for a person now, however long it has."""
        return [*self._runs_that_need(), *self._starts(), *self._breakers(), *self._files(), *self._passwords(),
                *self._retention(), *self._notes(), *self._messages()]  # fmt: skip

    def _runs(self, *which: ColumnElement[bool]) -> list[Row[Any]]:
        found = self.connection.execute(
            select(runs, outcomes.c.outcome, outcomes.c.kind, outcomes.c.reason, outcomes.c.in_case, INBOX)
            .join(outcomes, outcomes.c.run_id == runs.c.id)
            .where(~runs.c.dry_run, *which)
            .order_by(outcomes.c.at)
        )
        return [row for row in found if self.person.owns(row.task, self._names.owner(row.robot), row.inbox)]

    def _runs_that_need(self) -> Iterable[Need]:
        """Handed over to nobody, or failed, and not ordered anew since."""
        stuck = or_(outcomes.c.outcome == "failed", and_(outcomes.c.outcome == "handed_over", ~outcomes.c.in_case))
        anew = select(_NEWER.c.id).where(_NEWER.c.request == runs.c.request, _NEWER.c.id > runs.c.id).exists()
        for row in self._runs(stuck, ~anew, outcomes.c.at >= self.now - timedelta(days=UNSEEN_DAYS)):
            whose = f"ärende {row.case_number}" if row.case_number else f"K-{row.id}"
            sort = self._names.safe(row.kind, row.task, row.inputs)
            what = "misslyckades" if row.outcome == "failed" else "lämnades över, men inte i ärendesystemet"
            yield self._need(
                f"{self._names.task(row.task)}: {whose} {what} ({sort})", "Gör klart det för hand, eller pröva igen.",
                f"ragnhild show K-{row.id}", f"/runs/{row.id}",
            )  # fmt: skip

    def _starts(self) -> Iterable[Need]:
        waiting = or_(starts.c.state == "asked", and_(starts.c.state == "due", starts.c.waits_for == "mending"))
        counted = select(starts.c.schedule, starts.c.state, func.count().label("number")).where(waiting)
        if "start" in self.person.kinds:
            for row in self.connection.execute(
                counted.group_by(starts.c.schedule, starts.c.state).order_by("schedule")
            ):
                count = "1 start" if row.number == 1 else f"{row.number} starter"
                asked = row.state == "asked"
                yield self._need(
                    f"Schemat {row.schedule} {'frågar om' if asked else 'kan inte göra'} {count}",
                    "Gör dem nu, eller låt dem vara." if asked else "Rätta det som är fel.",
                    f"ragnhild schedules {row.schedule}", f"/schedules/{row.schedule}",
                )  # fmt: skip

    def _breakers(self) -> Iterable[Need]:
        if "breaker" in self.person.kinds:
            opened = select(breakers).where(breakers.c.state == "open").order_by(breakers.c.opened_at)
            for row in self.connection.execute(opened):
                if self.person.systems and row.system not in self.person.systems:
                    continue
                whom = f"Roboten {self._names.robot(row.robot)} kommer inte in i" if row.robot else "Robotarna når inte"
                since = f" sedan {clock(row.opened_at)}" if row.opened_at else ""
                todo = "Lägg in ett nytt lösenord." if row.robot else "Felanmäl systemet om det är nere för alla."
                yield self._need(
                    f"{whom} {self._names.system(row.system)}{since}", todo, "ragnhild systems",
                    f"/systems/{row.system}",
                )  # fmt: skip

    def _files(self) -> Iterable[Need]:
        if "schedule" in self.person.kinds:
            for row in self.connection.execute(select(standing_faults).order_by(standing_faults.c.file)):
                yield self._need(f"Filen {row.file} går inte att använda", "Rätta den.", "ragnhild check", "/schedules")

    def _passwords(self) -> Iterable[Need]:
        if "password" not in self.person.kinds:
            return
        today = on_the_wall(self.now).date()
        for robot in self.settings.robots.values():
            for system, until in robot.password_until.items():
                days = (until - today).days
                where = f" i {self._names.system(system)}" if system != "all" else ""
                if days <= max(PASSWORD_DAYS) and (system == "all" or system in (self.person.systems or (system,))):
                    words = f"Lösenordet för roboten {robot.title}{where} {in_days(days, until)}"
                    yield self._need(words, "Byt det.", "ragnhild doctor", "/systems")

    def _retention(self) -> Iterable[Need]:
        undone = undone_nights(self.connection, self.settings, self.now)
        if undone and "retention" in self.person.kinds:
            yield self._need(f"Gallringen {undone.words}", "Se i loggen varför.", "ragnhild retention", "/")

    def _notes(self) -> Iterable[Need]:
        waiting = runs.c.task == FINISH_IN_CASE.name, runs.c.state.in_(("queued", "running"))
        told = self.connection.execute(
            select(func.count().label("number"), func.min(runs.c.created_at)).where(*waiting)
        ).one()
        if told.number and "failed" in self.person.kinds:
            count = "1 ändring i ett ärende" if told.number == 1 else f"{told.number} ändringar i ärenden"
            words = f"{count} väntar på ärendesystemet sedan {clock(told[1])}"
            yield self._need(words, "Kontrollera att ärendesystemet är igång.", "ragnhild runs --state queued", "/runs")

    def _messages(self) -> Iterable[Need]:
        lost = and_(messages.c.state == "given_up", messages.c.made_at >= self.since)
        late = and_(messages.c.state.in_(("waiting", "sending")), messages.c.tries > 0)
        count = self.connection.execute(select(func.count()).where(or_(lost, late))).scalar_one()
        if count and "silence" in self.person.kinds:
            words = "1 meddelande har inte kommit fram" if count == 1 else f"{count} meddelanden har inte kommit fram"
            yield self._need(words, "Se till vem och varför.", "ragnhild messages --unsent", "/messages")

    def _need(self, words: str, todo: str, command: str, path: str) -> Need:
        return Need(words, todo, command, link_to(self.settings.portal_url, path))


def _listed(cases: Sequence[str]) -> str:
    left = len(cases) - MOST_CASES
    return ", ".join(cases[:MOST_CASES]) + (f" och {left} till" if left > 0 else "")
