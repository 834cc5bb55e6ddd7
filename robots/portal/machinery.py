"""What the pages about the machinery show: what is paused, who works, and the systems with what stands in their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from robots.effects import STOPPED_COMMITS
from robots.errors import WrongInput
from robots.portal.desk import Desk
from robots.portal.pages import words_of
from robots.portal.rights import Visitor
from robots.portal.wording import marked as _
from robots.queue.breakers import breakers_now
from robots.queue.pauses import EVERYTHING, pauses_now, system_scope
from robots.scheduler.scheduler import database_time
from robots.store import Store
from robots.worker.known_systems import KnownSystem, known_systems, seats_taken

LONGEST_REASON = 500
LEVELS = {
    "unproven": _("inte prövad"), "reads": _("läser rätt"), "journals": _("ändrar en gång"),
    "hardened": _("härdad"),
}  # fmt: skip
WHAT = {"read": _("läser"), "journal": _("ändrar")}


@dataclass(frozen=True)
class Refused:
    """An order that was not carried out: which form of the page it was, what is wrong with it, and what was typed."""

    at: str
    words: str
    typed: str = ""


@dataclass(frozen=True)
class ShownSystem:
    """``broken`` are the breakers that are open, ``paused`` who has paused it and why."""

    known: KnownSystem
    taken: int
    broken: tuple[Row[Any], ...]
    paused: Row[Any] | None

    @property
    def works(self) -> bool:
        return not (self.known.closed or self.broken or self.paused)


def systems_shown(desk: Desk) -> list[ShownSystem]:
    """Raises ``ConfigurationError`` for a broken file."""
    taken, broken, paused = seats_taken(desk.store), breakers_now(desk.store), paused_by_scope(desk.store)
    return [
        ShownSystem(
            each, taken.get(each.key, 0), tuple(row for row in broken if row.system == each.key),
            paused.get(system_scope(each.key)),
        )
        for each in known_systems(desk.settings, now(desk.store))
    ]  # fmt: skip


def paused_by_scope(store: Store) -> dict[str, Row[Any]]:
    return {str(row.scope): row for row in pauses_now(store)}


def now(store: Store) -> datetime:
    with store.begin() as connection:
        return database_time(connection)


def demand_reason(visitor: Visitor, reason: str) -> str:
    """Stripped. Raises ``WrongInput`` when there is none, or when it is a story."""
    told = " ".join(reason.replace("\0", "").split())
    if not told:
        raise WrongInput("Varför", "", words_of(visitor, _("Skriv varför; den som undrar får läsa det.")))
    if len(told) > LONGEST_REASON:
        raise WrongInput("Varför", "…", words_of(visitor, _("Skriv högst %(most)s tecken."), most=LONGEST_REASON))
    return told


def demand_scope(desk: Desk, scope: str) -> None:
    """Raises ``WrongInput`` for what nobody could mean: nothing is paused that there is not."""
    kind, _colon, name = scope.partition(":")
    known: dict[str, Iterable[str]] = {
        "task": desk.tasks.by_name, "system": desk.settings.systems,
        "schedule": [path.stem for path in desk.settings.schedules_dir.glob("*.toml")],
    }  # fmt: skip
    if scope not in (EVERYTHING, STOPPED_COMMITS) and name not in known.get(kind, ()):
        raise WrongInput("Vad", scope[:80], "Det finns inget sådant.")
