"""Whose runs and figures a visitor of the desk reaches, by role and team."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from robots.portal.rights import GRANTED, May, Role, Visitor
from robots.store import Store
from robots.store.schema import runs
from robots.task_files import LoadedTasks
from tests.unit import told_people
from tests.unit.old_cases import ago


def _visitor(*roles: Role, teams: frozenset[str] = frozenset(), **more: Any) -> Visitor:
    return Visitor(1, "gun", "Gun", frozenset(roles), teams, **more)


@pytest.mark.parametrize(
    ("visitor", "owners"),
    [
        (_visitor(Role.ADMIN), None), (_visitor(Role.AUDITOR, Role.GUIDE), None),
        (_visitor(Role.LEADER, teams=frozenset({"*"})), None), (_visitor(Role.API), []),
        (_visitor(Role.GUIDE, teams=frozenset({"Renhållning", "Bygg"})), ["Bygg", "Renhållning"]),
    ],
)  # fmt: skip
def test_whose_figures_a_visitor_sees(visitor: Visitor, owners: list[str] | None) -> None:
    assert visitor.owners == owners
    assert visitor.sees_all is (owners is None)
    assert (visitor.reached([]) is None) is visitor.sees_all


@pytest.mark.parametrize("roles", [(), (Role.GUIDE,), (Role.API, Role.AUDITOR), (Role.GUIDE, Role.ADMIN)])
def test_a_visitor_may_what_any_of_their_roles_may_and_nothing_else(roles: tuple[Role, ...]) -> None:
    granted = frozenset[May]().union(*(GRANTED[role] for role in roles))
    assert {right for right in May if _visitor(*roles).may(right)} == granted


def test_a_visitor_reaches_their_own_runs_and_their_teams(store: Store, tasks: LoadedTasks) -> None:
    known = tasks.by_name
    mine, none = known["send_drawings"], _visitor(Role.GUIDE)
    of_team = _visitor(Role.GUIDE, teams=frozenset({mine.owner}))
    assert (of_team.is_of_team(mine), none.is_of_team(mine), of_team.is_of_team(known["tell_invoice"])) == (
        True,
        False,
        False,
    )
    assert (of_team.is_of_team(None), _visitor(Role.GUIDE, teams=frozenset({"*"})).is_of_team(None)) == (False, True)
    with store.begin() as connection:
        whose = (("own", "gun", "tell_invoice"), ("team", "olle", "send_drawings"), ("foreign", "olle", "tell_invoice"))
        asked = {name: told_people.new_run(connection, ago(0), started_by=by, task=task) for name, by, task in whose}
        rows = {
            name: connection.execute(select(runs).where(runs.c.id == run_id)).one() for name, run_id in asked.items()
        }
        listed = of_team.reached(list(known.values()))
        assert listed is not None
        found = connection.execute(select(runs.c.id).where(listed).order_by(runs.c.id)).scalars().all()
    assert [name for name, row in rows.items() if of_team.reaches(row, known)] == ["own", "team"]
    assert [name for name, row in rows.items() if none.reaches(row, known)] == ["own"]
    assert [name for name, row in rows.items() if _visitor(Role.AUDITOR).reaches(row, known)] == [
        "own",
        "team",
        "foreign",
    ]
    assert found == [asked["own"], asked["team"]], "a listing shows the same"


def test_a_person_has_a_session_and_a_program_a_key() -> None:
    assert (_visitor(Role.GUIDE, csrf="x").source, _visitor(Role.API).source) == ("guide", "api")
    assert _visitor(Role.GUIDE) == _visitor(
        Role.GUIDE, language="sv", theme="auto", csrf="", must_change=False, has_password=True
    )
