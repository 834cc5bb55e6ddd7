"""Treklöver Familjerätt: a shell, lists in a frame, and a window for every card and every form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from fastapi import HTTPException

from robots.practice.family_law.forms import ChangingPages
from robots.practice.family_law.register import Register
from robots.practice.family_law.state import (
    APPROVED,
    CLOSED,
    DRAFT,
    NO,
    OFFICER,
    PROTOCOL_KINDS,
    Akt,
    Notification,
    Protocol,
)
from robots.practice.system import NewField


class FamilyLaw(ChangingPages):
    """The akter of the family law section (familjerätten)."""

    key = "family_law"
    title = "Treklöver Familjerätt"
    path = "/familjeratt"
    session_minutes = 20
    folder = Path(__file__).parent
    reworded: ClassVar[dict[str, str]] = {
        "Handläggningsform": "Form för handläggning",
        "Tvekan om föräldraskapet": "Osäkerhet om föräldraskapet",
    }
    new_field = NewField("samtycke", "Samtycke till e-post", "Samtycke till e-post: välj Ges eller Ges inte.",
                         ("Ges", "Ges inte"))  # fmt: skip

    def reset(self) -> None:
        self.register = Register(self.world.town)

    def control_actions(self) -> dict[str, Callable[..., Any]]:
        """What a colleague does, and the passing of time. None of it is told as truth: no robot has done it."""

        def akter(number: str = "") -> list[dict[str, Any]]:
            return [a.as_json() for a in self.register.akter.values() if number in ("", a.number)]

        def entries(reference: str = "") -> list[dict[str, Any]]:
            return [vars(e) for e in self.register.entries if reference in ("", e.reference)]

        def notifications() -> list[dict[str, Any]]:
            return [
                {"number": n.number, "case_number": n.case_number, "due": n.due, "child": n.child,
                 "parents": [p.person.personal_number if p.person else "" for p in (n.first, n.second)]}
                for n in self.register.notifications.values()
            ]  # fmt: skip

        def answer(case: str, due: str = "", child: str = "", assisted: str = NO) -> None:
            """The parents answer otherwise in the e-service."""
            told = self._notification(case)
            expected = date.fromisoformat(due) if due else None if child else told.due
            self.register.notifications[told.number] = replace(told, due=expected, child=child, assisted=assisted)

        def notify_for(case: str, other: str) -> None:
            """The parents of another case give this one's number in the e-service."""
            told, theirs = self._notification(case), self._notification(other)
            changed = replace(told, first=theirs.first, second=theirs.second)
            self.register.notifications[told.number] = changed

        def withdraw(case: str) -> None:
            del self.register.notifications[self._notification(case).number]

        def free_times() -> list[list[str]]:
            return [[str(day), hour] for (day, hour), taken in sorted(self.register.slots.items()) if not taken]

        def take_slot(day: str, hour: str) -> None:
            self.register.slots[date.fromisoformat(day), hour] = "annan akt"

        def lock(akt: str, by: str = OFFICER) -> None:
            self._akt(akt).take_lock(by)

        def unlock(akt: str) -> None:
            self._akt(akt).lock = None

        def close(akt: str) -> None:
            self._akt(akt).status = CLOSED

        def let_days_pass(akt: str, days: int) -> None:
            self._akt(akt).let_days_pass(days)

        def draw_up(akt: str) -> str:
            number = self.register.next_number("PR")
            drawn_up = Protocol(number, PROTOCOL_KINDS[0], DRAFT, self.register.today, OFFICER)
            self._akt(akt).protocols.append(drawn_up)
            return number

        def approve(protocol: str) -> None:
            found = self.register.protocol(protocol)
            if found is None:
                raise HTTPException(404, f"no protocol {protocol!r}")
            found[1].status = APPROVED

        actions = (akter, entries, notifications, answer, notify_for, withdraw, free_times, take_slot, lock, unlock,
                   close, let_days_pass, draw_up, approve)  # fmt: skip
        return {action.__name__: action for action in actions}

    def _notification(self, case: str) -> Notification:
        return next(n for n in self.register.notifications.values() if n.case_number == case)

    def _akt(self, number: str) -> Akt:
        akt = self.akt_of(number)
        if akt is None:
            raise HTTPException(404, f"no akt {number!r}")
        return akt
