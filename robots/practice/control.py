"""The control API: the truth, the faults, the town's cases and the delivered mail. Never used by a robot."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, Header, HTTPException
from pydantic import BaseModel

from robots.practice.faults import KINDS, Fault
from robots.practice.mail import MailServer
from robots.practice.system import PracticeSystem, World
from robots.practice.town import nearest_school, walking_metres


class ResetRequest(BaseModel):
    """``today`` moves the town's clock; without it the town keeps the day it has.

    ``keep_sessions``: whoever is logged in stays so, as one who has just logged in.
    """

    seed: int | None = None
    today: date | None = None
    keep_sessions: bool = False


class NewPassword(BaseModel):
    """What a user's password is from now on."""

    password: str


def control_router(
    world: World,
    systems: dict[str, PracticeSystem],
    mail: MailServer,
    token: str,
    reset: Callable[[int, date, bool], None],
) -> APIRouter:
    """Every route needs the header ``X-Control-Token``."""

    def checked(x_control_token: str = Header("")) -> None:
        if not secrets.compare_digest(x_control_token.encode(), token.encode()):
            raise HTTPException(401, "wrong control token")

    router = APIRouter(prefix="/control", dependencies=[Depends(checked)])

    @router.get("/truth")
    async def truth() -> list[dict[str, Any]]:
        return world.truth.as_json()

    @router.get("/mail")
    async def delivered() -> list[dict[str, Any]]:
        return [asdict(m) for m in mail.delivered]

    @router.get("/cases")
    async def cases(errand: str = "", twist: str = "") -> list[dict[str, Any]]:
        return [asdict(c) for c in world.town.cases.values() if errand in ("", c.errand) and twist in ("", c.twist)]

    @router.get("/town")
    async def town() -> dict[str, Any]:
        return {"seed": world.town.seed, "today": world.today, "people": len(world.town.people),
                "properties": len(world.town.properties), "cases": len(world.town.cases)}  # fmt: skip

    @router.get("/properties/{designation:path}")
    async def one_property(designation: str) -> dict[str, Any]:
        return asdict(world.town.properties[designation])

    @router.get("/people/{personal_number}")
    async def one_person(personal_number: str) -> dict[str, Any]:
        person = world.town.people[personal_number]
        return asdict(person) | {"name": person.name}

    @router.get("/families")
    async def families(kind: str = "") -> list[dict[str, Any]]:
        return [asdict(f) for f in world.town.families.values() if kind in ("", f.kind)]

    @router.get("/schools")
    async def schools() -> list[dict[str, Any]]:
        return [asdict(s) for s in world.town.schools.values()]

    @router.get("/children/{personal_number}")
    async def one_child(personal_number: str) -> dict[str, Any]:
        """With the way to every school, in metres, and the nearest municipal one of the child's year. A child that is
        registered outside the municipality or on the island walks to none."""
        child, person = world.town.children[personal_number], world.town.people[personal_number]
        home = world.town.properties.get(child.property_id)
        way = {} if home is None or home.island else {s.name: walking_metres(home.x, home.y, s)
                                                      for s in world.town.schools.values()}  # fmt: skip
        nearest = nearest_school(home.x, home.y, child.school_year).name if home and way and child.school_year else ""
        return asdict(child) | {"name": person.name, "metres": way, "nearest_school": nearest}

    @router.get("/facilities/{number}")
    async def one_facility(number: str) -> dict[str, Any]:
        return asdict(world.town.facilities[number])

    @router.get("/systems")
    async def list_systems() -> list[dict[str, Any]]:
        return [
            {"key": s.key, "title": s.title, "path": s.path, "failed_logins": s.sessions.failed_logins}
            for s in systems.values()
        ]

    @router.post("/systems/{key}/{action}")
    async def act(key: str, action: str, values: dict[str, Any] | None = None) -> Any:
        actions = {}
        if key in systems:
            systems[key].make_ready()
            actions = {"release": systems[key].bring_release, **systems[key].control_actions()}
        if action not in actions:
            raise HTTPException(404, f"{key} has no action {action!r}; there are {', '.join(actions) or 'none'}")
        done = actions[action](**(values or {}))
        return await done if inspect.isawaitable(done) else done

    @router.post("/users/{name}")
    async def change_password(name: str, request: NewPassword) -> None:
        """The old one is no longer right anywhere, and whoever was logged in by it is logged out."""
        world.users[name] = replace(world.users[name], password=request.password)
        for system in systems.values():
            system.sessions.end_all()

    @router.get("/faults")
    async def faults() -> dict[str, Any]:
        return {"kinds": KINDS, "set": [asdict(f) for f in world.faults.all]}

    @router.post("/faults")
    async def add_fault(fault: Fault) -> dict[str, Any]:
        if fault.system not in systems:
            raise HTTPException(422, f"no system {fault.system!r}; there are {', '.join(systems)}")
        world.faults.add(fault)
        return asdict(fault)

    @router.delete("/faults")
    async def clear_faults() -> None:
        world.faults.clear()

    @router.post("/reset")
    async def reset_town(request: ResetRequest) -> dict[str, Any]:
        seed = world.town.seed if request.seed is None else request.seed
        reset(seed, request.today or world.today, request.keep_sessions)
        mail.delivered.clear()
        return {"seed": world.town.seed, "today": world.today}

    return router
