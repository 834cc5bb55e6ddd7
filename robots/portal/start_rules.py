"""Who may start a task: everybody who may start tasks, or those whom an admin has named by role and team."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select

from robots.audit.writing import note
from robots.errors import WrongInput
from robots.portal.pages import ROLES, words_of
from robots.portal.rights import ALL_TEAMS, GRANTED, May, Role, Visitor
from robots.portal.wording import marked as _
from robots.queue.pauses import task_scope
from robots.store import Store
from robots.store.schema import task_rules
from robots.task import Task

# The others could not start anything anyway.
STARTERS = tuple(role for role in Role if May.START in GRANTED[role])


def rules_now(store: Store) -> dict[str, Row[Any]]:
    """By task; a task without one may be started by everybody who may start tasks."""
    with store.begin() as connection:
        return {row.task: row for row in connection.execute(select(task_rules))}


def refused(store: Store, visitor: Visitor, tasks: Iterable[Task]) -> dict[str, str]:
    """Why the visitor never may start these tasks, by name, in words; those that may be started are not in it."""
    rules = rules_now(store)
    return {task.name: words for task in tasks if (words := _against(visitor, rules.get(task.name)))}


def _against(visitor: Visitor, rule: Row[Any] | None) -> str:
    if rule is None:
        return ""
    if rule.roles and not visitor.roles & {Role(role) for role in rule.roles}:
        named = ", ".join(words_of(visitor, ROLES[Role(role)]).lower() for role in rule.roles)
        return words_of(visitor, _("Bara den som är %(roles)s får starta uppgiften."), roles=named)
    if rule.teams and not visitor.teams & {ALL_TEAMS, *rule.teams}:
        return words_of(visitor, _("Bara %(teams)s får starta uppgiften."), teams=", ".join(rule.teams))
    return ""


def set_rule(
    store: Store, task: str, *, roles: Collection[str], teams: Collection[str], teams_known: Collection[str], by: str,
    reason: str,
) -> None:  # fmt: skip
    """From now on these may start the task; nobody named is everybody. Raises ``WrongInput`` for who is not known."""
    for name, given, known in (("Roll", roles, STARTERS), ("Grupp", teams, teams_known)):
        if strange := sorted(set(given) - set(known)):
            raise WrongInput(name, ", ".join(strange), f"Välj bland {', '.join(known)}.")
    values: Mapping[str, list[str]] = {"roles": sorted(set(roles)), "teams": sorted(set(teams))}
    with store.begin() as connection:
        connection.execute(delete(task_rules).where(task_rules.c.task == task))
        if any(values.values()):
            connection.execute(insert(task_rules).values(task=task, **values))
        note(connection, by, "starters_set", task_scope(task), reason=reason, **values)
