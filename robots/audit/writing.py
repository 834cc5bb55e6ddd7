"""A line in the audit, in the transaction that does what it tells of. The database chains it when that ends."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Select,
    Text,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from robots.audit.origin import origin
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import audit_events, runs

# Somebody who has the page open and comes back to it has looked once.
SAME_LOOK_SECONDS = 600.0
_COLUMNS = ("by", "did", "about", "reason", "for_whom", "detail", "case_number", "place", "machine")


def note(connection: Connection, by: str, did: str, about: str = "", /, *, reason: str = "", **detail: Any) -> None:
    """In the transaction that does it: nothing is done that is not noted, and nothing noted that was not done.

    ``did`` is a short word, which ``robots/portal/deeds.py`` has in Swedish; ``about`` is what it was done to, ``K-5``
    or ``account:anna``, and the case of a run is noted with it. No citizen's data belongs in it.
    """
    connection.execute(insert(audit_events).values(_line(by, did, about, reason=reason, detail=detail)))


def note_look(store: Store, by: str, run_id: int, did: str) -> None:
    """Put on record that a person has looked at a citizen's run; once for what is looked at in one go."""
    about, seen = f"K-{run_id}", audit_events.c
    lately = select(seen.id).where(
        seen.about == about, seen.by == by, seen.did == did,
        seen.at > func.clock_timestamp() - span(SAME_LOOK_SECONDS),
    )  # fmt: skip
    line = _line(by, did, about, reason="", detail={})
    values = [value if isinstance(value, ColumnElement) else literal(value) for value in line.values()]
    with store.begin() as connection:
        connection.execute(insert(audit_events).from_select(list(line), select(*values).where(~lately.exists())))


def note_robot(connection: Connection, run_id: int, did: str, *, reason: str = "", **detail: Any) -> None:
    """What the run's robot has done or looked at, for whoever has asked for the run."""
    told = robots_line(literal(did), _as_json(detail), literal(reason)).where(runs.c.id == run_id)
    connection.execute(noting(told))


def robots_line(did: ColumnElement[str], detail: ColumnElement[Any], reason: ColumnElement[str]) -> Select[Any]:
    """What ``note_robot`` notes, of each of ``runs`` that the statement is narrowed to."""
    return select(
        runs.c.robot, did, name_of_run(runs.c.id), reason, runs.c.started_by, detail,
        func.coalesce(runs.c.case_number, ""), *map(literal, origin().values()),
    )  # fmt: skip


def noting(lines: Select[Any]) -> Insert:
    """The statement that notes what another part of it, or another table, tells: the columns of ``robots_line``."""
    return insert(audit_events).from_select(list(_COLUMNS), lines)


def name_of_run(run_id: ColumnElement[int]) -> ColumnElement[str]:
    return literal("K-").concat(cast(run_id, Text))


def in_sql(**columns: ColumnElement[Any]) -> ColumnElement[Any]:
    """A detail that the statement itself puts together."""
    return func.json_build_object(*(part for name in columns for part in (literal_column(f"'{name}'"), columns[name])))


def _line(by: str, did: str, about: str, *, reason: str, detail: dict[str, Any]) -> dict[str, Any]:
    case_number = select(func.max(runs.c.case_number)).where(runs.c.id == _run_of(about)).scalar_subquery()
    return {
        "by": by, "did": did, "about": about, "reason": reason, "detail": _as_json(detail),
        "case_number": func.coalesce(case_number, ""), **origin(),
    }  # fmt: skip


def _as_json(detail: dict[str, Any]) -> ColumnElement[Any]:
    """As people write it: the text is kept to the letter."""
    return cast(literal(json.dumps(detail, ensure_ascii=False)), JSON)


def _run_of(about: str) -> int | None:
    number = about.removeprefix("K-")
    return int(number) if number != about and number.isdecimal() and len(number) < 19 else None
