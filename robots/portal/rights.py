"""Who may do what: roles grant rights, and teams say whose runs and handovers they reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, or_

from robots.store.schema import runs
from robots.task import Task

# In an account's teams: all of them.
ALL_TEAMS = "*"


class Role(StrEnum):
    """What an account is to the municipality."""

    GUIDE = "guide"
    LEADER = "leader"
    ADMIN = "admin"
    AUDITOR = "auditor"
    API = "api"


class May(StrEnum):
    """One right. Every route says which it takes (``guards.needs``)."""

    START = "start"
    TRACE = "trace"
    SEE_RUNS = "see_runs"
    SEE_PERSONAL = "see_personal"
    STOP_RUNS = "stop_runs"
    HANDLE = "handle"
    ASSIGN = "assign"
    SEE_STATISTICS = "see_statistics"
    SEE_MACHINERY = "see_machinery"
    CHANGE_MACHINERY = "change_machinery"
    CHANGE_ACCOUNTS = "change_accounts"
    SEE_AUDIT = "see_audit"
    SEE_SETTINGS = "see_settings"


# An admin keeps the robots and has no business with citizens; an auditor sees all and changes nothing.
GRANTED: Mapping[Role, frozenset[May]] = {
    Role.GUIDE: frozenset({May.START, May.SEE_RUNS, May.SEE_PERSONAL, May.STOP_RUNS, May.HANDLE}),
    Role.LEADER: frozenset(
        {May.START, May.TRACE, May.SEE_RUNS, May.SEE_PERSONAL, May.STOP_RUNS, May.HANDLE, May.ASSIGN,
         May.SEE_STATISTICS, May.SEE_MACHINERY}
    ),
    Role.ADMIN: frozenset(
        {May.TRACE, May.SEE_RUNS, May.STOP_RUNS, May.SEE_STATISTICS, May.SEE_MACHINERY, May.CHANGE_MACHINERY,
         May.CHANGE_ACCOUNTS, May.SEE_AUDIT, May.SEE_SETTINGS}
    ),
    Role.AUDITOR: frozenset(
        {May.SEE_RUNS, May.SEE_STATISTICS, May.SEE_MACHINERY, May.SEE_AUDIT, May.SEE_SETTINGS}
    ),
    Role.API: frozenset({May.START, May.SEE_RUNS, May.SEE_PERSONAL, May.STOP_RUNS}),
}  # fmt: skip
# Whose eyes reach every run: the machinery is one, and so is its audit.
SEES_ALL = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True)
class Visitor:
    """Whoever asks, and what they may. ``csrf`` is "" for a program, which sends no cookie that others could use.

    ``must_change`` lets the visitor choose another password and do nothing else.
    """

    account_id: int
    name: str
    shown_name: str
    roles: frozenset[Role]
    teams: frozenset[str]
    language: str = "sv"
    theme: str = "auto"
    csrf: str = ""
    must_change: bool = False
    has_password: bool = True

    def may(self, right: May) -> bool:
        return any(right in GRANTED[role] for role in self.roles)

    @property
    def sees_all(self) -> bool:
        return bool(self.roles & SEES_ALL) or ALL_TEAMS in self.teams

    @property
    def source(self) -> Literal["guide", "api"]:
        """Whose wish a run of the visitor's is: a person's, or a program's, which sends a key and no session."""
        return "guide" if self.csrf else "api"

    @property
    def owners(self) -> list[str] | None:
        """The teams whose tasks the visitor's figures are of; None for all tasks, and a list without any for none."""
        return None if self.sees_all else sorted(self.teams)

    def is_of_team(self, task: Task | None) -> bool:
        """Whether the task's owner is one of the visitor's teams; nobody's team has a task whose file has gone."""
        return ALL_TEAMS in self.teams or (task is not None and task.owner in self.teams)

    def reaches(self, run: Row[Any], tasks: Mapping[str, Task]) -> bool:
        """Whether the run is one that the visitor may see: their own, or their team's."""
        return self.sees_all or run.started_by == self.name or self.is_of_team(tasks.get(run.task))

    def reached(self, tasks: Collection[Task]) -> ColumnElement[bool] | None:
        """``reaches`` as a condition for a listing of runs; None where it is all of them."""
        if self.sees_all:
            return None
        own = runs.c.started_by == self.name
        return or_(own, runs.c.task.in_([task.name for task in tasks if self.is_of_team(task)]))
