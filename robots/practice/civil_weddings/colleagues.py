"""What tests, and the colleagues they stand for, may do to the applications without the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from fastapi import HTTPException

from robots.practice.civil_weddings import roster
from robots.practice.civil_weddings.register import NEW, OFFICE, Application, Register
from robots.practice.civil_weddings.roster import Slot


def actions_of(register: Register) -> dict[str, Callable[..., Any]]:
    """By name. Nothing of this is committed: it is not the robot's doing."""

    def the(number: str) -> Application:
        if number not in register.applications:
            raise HTTPException(404, f"no application {number!r}")
        return register.applications[number]

    def application_of(case: str) -> dict[str, Any]:
        return register.applications[register.of_case[case]].as_json()

    def application(number: str) -> dict[str, Any]:
        register.sweep()
        return the(number).as_json()

    def happenings(number: str) -> list[dict[str, str]]:
        found = [h for h in register.happenings if h.application == number]
        return [{"number": h.number, "what": h.what, "reference": h.reference, "by": h.by} for h in found]

    def free(place: str, day: str) -> list[str]:
        slots = [Slot(date.fromisoformat(day), time, place) for time in roster.TIMES]
        return [s.time for s in slots if s.open and not register.who_has(s)]

    def take(day: str, time: str, place: str) -> None:
        """A colleague takes the time."""
        register.taken[Slot(date.fromisoformat(day), time, place)] = OFFICE

    def hold(number: str) -> dict[str, Any]:
        """A colleague has reserved the time that the couple wishes for."""
        one = the(number)
        if one.status == NEW:
            register.hold(one, Slot(one.wish_day, one.wish_time, one.wish_place))
        return one.as_json()

    def lock(number: str, by: str = "") -> None:
        the(number).locked_by = by

    def set_status(number: str, status: str) -> None:
        the(number).status = status

    def lose_certificate(number: str) -> None:
        the(number).examined = None

    def let_pass(minutes: int) -> None:
        register.ahead += timedelta(minutes=minutes)

    every = (application_of, application, happenings, free, take, hold, lock, set_status, lose_certificate, let_pass)
    return {action.__name__: action for action in every}
