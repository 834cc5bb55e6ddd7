"""What the mornings have shown: kept page by page, compared with what a person has accepted, and told in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.errors import WrongInput
from robots.local_time import on_the_wall
from robots.queue.pauses import write_order
from robots.store import Store
from robots.store.schema import accepted_pages, mornings
from robots.systems.landmarks import Seen
from robots.systems.skeleton import Change, as_kept, changes_kept, compare, parts_kept, sentence, with_landmarks

FIRST_LOOK = "första morgonen"


@dataclass(frozen=True)
class Judged:
    """How a page stands against the one that was accepted. ``state`` is one of ``PAGE_STATES``."""

    state: str
    changes: tuple[Change, ...] = ()


def judge(store: Store, system: str, page: str, seen: Seen) -> Judged:
    with store.begin() as connection:
        base = connection.execute(_base(system, page)).first()
    changes = with_landmarks(compare(parts_kept(base.seen), seen.parts) if base else (), seen.missing)
    if seen.missing:
        return Judged("missing", changes)
    if base is None:
        return Judged("first")
    return Judged("changed" if changes else "same", changes)


def keep(
    store: Store,
    run_id: int,
    judged: Judged,
    *,
    system: str,
    title: str,
    page: str,
    place: int,
    seen: Seen | None = None,
    why: str = "",
    picture: str = "",
) -> None:
    """Write down what a run has seen of a page; another attempt of the run writes over it.

    What is as it was takes no room: only a page that is otherwise is kept whole.
    """
    otherwise = seen is not None and judged.state != "same"
    values: dict[str, Any] = {
        "state": judged.state, "changes": as_kept(judged.changes), "why": why, "picture": picture,
        "seen": as_kept(seen.parts) if seen and otherwise else None,
    }  # fmt: skip
    with store.begin() as connection:
        before = connection.execute(_before(system, page, run_id)).first()
        values["news"] = judged.state not in ("same", "first") and _differs(before, values)
        values["since"] = _last_as_accepted(connection, system, page)
        row = {"run_id": run_id, "system": system, "title": title, "page": page, "place": place, **values}
        morning_id = connection.execute(
            upsert(mornings)
            .values(**row)
            .on_conflict_do_update(index_elements=["run_id", "page"], set_={**values, "at": func.clock_timestamp()})
            .returning(mornings.c.id)
        ).scalar_one()
        if judged.state == "first":
            _accept(connection, system, page, seen=values["seen"], by=FIRST_LOOK, morning_id=morning_id)


def latest(store: Store, systems: Sequence[str] = ()) -> list[Row[Any]]:
    """The pages of each system as its latest check saw them, in the order of the systems' titles."""
    newest = select(func.max(mornings.c.run_id)).group_by(mornings.c.system)
    wanted = select(mornings).where(mornings.c.run_id.in_(newest)).order_by(mornings.c.title, mornings.c.place)
    if systems:
        wanted = wanted.where(mornings.c.system.in_(systems))
    with store.begin() as connection:
        return list(connection.execute(wanted))


def of_runs(store: Store, run_ids: Sequence[int]) -> list[Row[Any]]:
    """What these runs have seen."""
    wanted = select(mornings).where(mornings.c.run_id.in_(run_ids)).order_by(mornings.c.title, mornings.c.place)
    with store.begin() as connection:
        return list(connection.execute(wanted))


def accept(store: Store, system: str, *, by: str, reason: str = "") -> list[str]:
    """From now on the system's pages are as its latest check saw them. Returns the titles of those that were otherwise.

    Remembered with who, for ever. Raises ``WrongInput`` when no check has looked at the system, or nothing in it was
    otherwise.
    """
    rows = latest(store, [system])
    with store.begin() as connection:
        mine = select(accepted_pages.c.morning_id).where(accepted_pages.c.system == system)
        known = set(connection.execute(mine).scalars())
    changed = [row for row in rows if row.seen is not None and row.id not in known]
    if not changed:
        why = "Ingen sida där är ändrad." if rows else "Ingen morgonkontroll har sett det systemet ännu."
        raise WrongInput("--accept", system, why)
    with store.begin() as connection:
        for row in changed:
            _accept(connection, system, row.page, seen=row.seen, by=by, morning_id=row.id)
            what = "; ".join(sentence(change) for change in changes_kept(row.changes))
            write_order(connection, "accept page", f"{system}: {row.page}", by, what, why=reason)
    return [row.page for row in changed]


def told(row: Row[Any]) -> str:
    """One page in a sentence, for people: «Renhållning: ändrad sedan i går: fältet … (sidan Sök kund)»."""
    where = f"(sidan {row.page})"
    match row.state:
        case "same":
            return f"{row.title}: ser ut som vanligt {where}"
        case "first":
            return f"{row.title}: sedd för första gången {where}"
        case "unreachable":
            return f"{row.title}: gick inte att nå: {row.why} {where}"
    what = "; ".join(sentence(change) for change in changes_kept(row.changes))
    if row.since is None:
        return f"{row.title}: ser inte ut som roboten väntar sig: {what} {where}"
    return f"{row.title}: ändrad sedan {_day(row.since, on_the_wall(row.at).date())}: {what} {where}"


def picture_of(row: Row[Any], evidence: Path) -> Path | None:
    """Where the picture of the page lies; None where there is none."""
    return (evidence / str(row.run_id) / row.picture).absolute() if row.picture else None


def _day(since: date, today: date) -> str:
    if since == today:
        return "tidigare i dag"
    return "i går" if since == today - timedelta(days=1) else str(since)


def _base(system: str, page: str) -> Any:
    return select(accepted_pages).where(accepted_pages.c.system == system, accepted_pages.c.page == page)


def _before(system: str, page: str, run_id: int) -> Any:
    mine = mornings.c.system == system, mornings.c.page == page, mornings.c.run_id < run_id
    return select(mornings).where(*mine).order_by(mornings.c.run_id.desc()).limit(1)


def _differs(before: Row[Any] | None, values: dict[str, Any]) -> bool:
    return before is None or (before.state, before.changes) != (values["state"], values["changes"])


def _last_as_accepted(connection: Connection, system: str, page: str) -> date | None:
    mine = mornings.c.system == system, mornings.c.page == page, mornings.c.state.in_(("first", "same"))
    seen = connection.execute(select(func.max(mornings.c.at)).where(*mine)).scalar_one()
    accepted = connection.execute(
        select(accepted_pages.c.at).where(accepted_pages.c.system == system, accepted_pages.c.page == page)
    ).scalar()
    known = [moment for moment in (seen, accepted) if moment]
    return on_the_wall(max(known)).date() if known else None


def _accept(connection: Connection, system: str, page: str, *, seen: Any, by: str, morning_id: int) -> None:
    values = {"seen": seen, "by": by, "morning_id": morning_id, "at": func.clock_timestamp()}
    connection.execute(
        upsert(accepted_pages)
        .values(system=system, page=page, **values)
        .on_conflict_do_update(index_elements=["system", "page"], set_=values)
    )
