"""Finding a task by a few letters, or by what is started most."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from robots.portal.rights import Visitor
from robots.statistics.wording import alphabetical
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import runs
from robots.task import Task

HABIT_SECONDS = 90 * 24 * 3600.0
# As many as fit on a line, and have a key each.
MOST_USUAL = 6


def folded(words: str) -> str:
    """As one searches in Swedish: whatever the case, accents left out, but å, ä and ö letters of their own.

    ``fold`` in assets/start.js does the same to what is typed.
    """
    even = unicodedata.normalize("NFC", words).casefold()
    return "".join(c if c in "åäö" else unicodedata.normalize("NFD", c)[0] for c in even)


def searched(task: Task) -> str:
    """What is looked through for a task: its title, the name of its command, and all that its docstring says."""
    return folded(f"{task.title} {task.command} {task.owner} {task.description}")


def fits(task: Task, typed: str) -> bool:
    """Whether each word that was typed is somewhere in it, also inside another word."""
    words = searched(task)
    return all(part in words for part in folded(typed).split())


@dataclass(frozen=True)
class Habits:
    """How often the visitor, and the others for the visitor's own teams, have started each task lately."""

    own: dict[str, int]
    others: dict[str, int]

    def usual(self, tasks: Collection[Task]) -> list[Task]:
        """The tasks that are started most: the visitor's first, then the team's."""
        used = [task for task in tasks if self.own.get(task.name) or self.others.get(task.name)]
        return sorted(used, key=self._order)[:MOST_USUAL]

    def by_owner(self, tasks: Collection[Task], visitor: Visitor) -> list[tuple[str, list[Task]]]:
        """The visitor's own teams first, and by name; the tasks of each as they are used."""
        named = {task.owner for task in tasks}
        owners = sorted(named, key=lambda owner: (owner not in visitor.teams, alphabetical(owner)))
        return [(owner, sorted((t for t in tasks if t.owner == owner), key=self._order)) for owner in owners]

    def _order(self, task: Task) -> tuple[int, int, str]:
        return -self.own.get(task.name, 0), -self.others.get(task.name, 0), alphabetical(task.title)


def habits_of(store: Store, visitor: Visitor, tasks: Collection[Task]) -> Habits:
    """Counted from what people have started in the last 90 days."""
    mine = func.count().filter(runs.c.started_by == visitor.name)
    counted = (
        select(runs.c.task, mine.label("own"), func.count().label("all"))
        .where(runs.c.source == "guide", runs.c.created_at > func.now() - span(HABIT_SECONDS))
        .group_by(runs.c.task)
    )
    with store.begin() as connection:
        found = connection.execute(counted).all()
    of_team = {task.name for task in tasks if visitor.is_of_team(task)}
    return Habits(
        {row.task: row.own for row in found if row.own},
        {row.task: row.all - row.own for row in found if row.task in of_team and row.all > row.own},
    )
