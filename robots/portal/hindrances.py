"""What a run would have to wait for if it were started now: closed systems, systems that fail, paused systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row

from robots.portal.desk import Desk
from robots.portal.pages import words_of
from robots.portal.rights import Visitor
from robots.portal.wording import marked as _
from robots.queue.breakers import EVERYBODY, breakers_now
from robots.queue.pauses import pauses_now, system_scope
from robots.scheduler.scheduler import database_time
from robots.store import Store
from robots.task import Task
from robots.worker.needs import needs_of


@dataclass(frozen=True)
class Hindrances:
    """Read once, and asked for each task of a page."""

    now: datetime
    breakers: list[Row[Any]]
    paused: dict[str, str]

    @classmethod
    def read(cls, store: Store) -> Self:
        with store.begin() as connection:
            now = database_time(connection)
        return cls(now, breakers_now(store), {str(row.scope): str(row.reason) for row in pauses_now(store)})

    def words(self, desk: Desk, visitor: Visitor, task: Task) -> list[str]:
        """One sentence for each system that a run of the task would wait for."""
        robot = next((name for name, told in desk.settings.robots.items() if task.name in told.tasks), "")
        found = []
        for need in needs_of(desk.settings, desk.tasks, task.name, robot):
            closed = need.hours.closed_at(self.now) if need.hours else None
            if (reason := self.paused.get(system_scope(need.system))) is not None:
                found.append(words_of(visitor, _("%(system)s är pausat: %(why)s"), system=need.title, why=reason))
            elif closed:
                found.append(f"{need.title} är {closed.words}")
            else:
                found += [b.why for b in self.breakers if b.system == need.system and b.robot in (EVERYBODY, robot)][:1]
        return [words_of(visitor, _("%(what)s; körningen väntar."), what=each.rstrip(". ")) for each in found]
