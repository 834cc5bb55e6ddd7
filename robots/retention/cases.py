"""Runs and their evidence, case by case: all that was done in a case goes together, when nothing of it is needed.

The time counts from the end of the case's last run, so a case that is used again keeps its history. A run without a
case goes with those that were ordered after it. What is still needed waits, however old it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text

from robots.evidence.keys import destroy, name_of
from robots.retention.classes import EVIDENCE
from robots.store.schema import runs

# Why what is old enough waits, in the words of ``ragnhild retention``.
WAITS = {
    "going": "körningen är inte avslutad",
    "open": "det överlämnade är inte avslutat",
    "unsure": "ingen vet om en åtgärd är gjord",
    "accepted": "en sida jämförs med den",
}


@dataclass(frozen=True)
class Group:
    """The runs of one case, and when the last of them ended; ``waits_for`` is one of ``WAITS``, "" for nothing."""

    ids: tuple[int, ...]
    last: datetime
    waits_for: str


_SEEN = """
select r.id, coalesce('c' || r.case_number, 'r' || r.request) as whose, r.finished_at,
    r.finished_at is null or r.state in ('queued', 'running', 'waiting_approval') as going,
    exists (select from outcomes o where o.run_id = r.id and o.outcome in ('handed_over', 'failed') and not o.settled)
        as open,
    exists (select from effects e where e.run_id = r.id and e.state in ('ARMED', 'UNKNOWN')) as unsure,
    exists (select from mornings m join accepted_pages a on a.morning_id = m.id where m.run_id = r.id) as accepted,
    {has} as has
from runs r {joined} where {which}
"""
_GROUPED = """
select array_agg(id order by id) as ids, max(finished_at) as last, bool_or(going) as going, bool_or(open) as open,
    bool_or(unsure) as unsure, bool_or(accepted) as accepted
from ({seen}) seen group by whose having {old} and bool_or(has) order by 2
"""
_SEALED = "left join (select distinct unnest(ids) as id from retention_log where class = :class) gone on gone.id = r.id"
_SAME_CASE = (
    "r.case_number in (select case_number from runs where id = any(:ids))"
    " or r.case_number is null and r.request in (select request from runs where id = any(:ids))"
)


def old_groups(
    connection: Connection, class_name: str, line: datetime, ids: Sequence[int] | None = None
) -> list[Group]:
    """The groups whose last run ended before the line, the oldest first; of those that ``ids`` belong to, if given.

    Of evidence, those that still have some.
    """
    return _groups(connection, class_name, "max(finished_at) < :line", line, ids)


def next_group(connection: Connection, class_name: str, line: datetime) -> datetime | None:
    """When the last run ended of what goes next, after what goes now."""
    found = _groups(connection, class_name, "max(finished_at) >= :line", line)
    return next((group.last for group in found if not group.waits_for), None)


def _groups(
    connection: Connection, class_name: str, old: str, line: datetime, ids: Sequence[int] | None = None
) -> list[Group]:
    sealed = class_name == EVIDENCE
    seen = _SEEN.format(
        has="gone.id is null" if sealed else "true", joined=_SEALED if sealed else "",
        which="true" if ids is None else _SAME_CASE,
    )  # fmt: skip
    told = {"line": line} | ({"class": EVIDENCE} if sealed else {}) | ({} if ids is None else {"ids": list(ids)})
    rows = connection.execute(text(_GROUPED.format(seen=seen, old=old)), told)
    return [Group(tuple(row.ids), row.last, next((why for why in WAITS if row._mapping[why]), "")) for row in rows]


def lock_runs(connection: Connection, ids: Sequence[int]) -> None:
    """Nobody orders one of them anew until this transaction has ended."""
    connection.execute(text("select id from runs where id = any(:ids) order by id for update"), {"ids": list(ids)})


# By what points to what. What was made is remembered first: without its key it could be made once more.
_HANGING = (
    "insert into past_effects (key) select key from effects where run_id = any(:ids)"
    " and (armed_times > 0 or state in ('CONFIRMED', 'DUPLICATE')) on conflict do nothing",
    "delete from approvals where run_id = any(:ids)",
    "delete from effect_history where key in (select key from effects where run_id = any(:ids))",
    "delete from effects where run_id = any(:ids)",
    "delete from seats where attempt_id in (select id from attempts where run_id = any(:ids))",
    *(
        f"delete from {table} where run_id = any(:ids)"  # noqa: S608
        for table in ("seat_waits", "run_events", "outcomes", "handover_work", "mornings", "letters", "start_runs",
                      "start_requests", "batch_rows", "attempts")
    ),
    "delete from procrastinate_jobs where queueing_lock in (select key from runs where id = any(:ids))",
)  # fmt: skip
_THEMSELVES = text("delete from runs where id = any(:ids)")


# A key's row stays when it is destroyed, and has the case number in its name.
_NAMELESS = text("update evidence_keys set name = '' where name = any(:names) and destroyed_at is not null")


def remove_runs(connection: Connection, ids: Sequence[int]) -> int:
    """The runs with everything that is written about them. Returns how many there were."""
    connection.execute(_NAMELESS, {"names": list(_key_names(connection, ids))})
    for statement in _HANGING:
        connection.execute(text(statement), {"ids": list(ids)})
    return connection.execute(_THEMSELVES, {"ids": list(ids)}).rowcount


def destroy_keys(connection: Connection, ids: Sequence[int], decision: str) -> None:
    """What is sealed with the keys of these runs' cases can be opened by nobody from now on."""
    destroy(connection, _key_names(connection, ids), decision)


def _key_names(connection: Connection, ids: Sequence[int]) -> set[str]:
    asked = select(runs.c.id, runs.c.case_number).where(runs.c.id.in_(ids))
    return {name_of(row.id, row.case_number) for row in connection.execute(asked)}
