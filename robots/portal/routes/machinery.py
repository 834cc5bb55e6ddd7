"""The machinery: emergency stop, workers, tasks with who may start them, and robots with their rights."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from robots.effects import STOPPED_COMMITS
from robots.errors import WrongInput
from robots.local_time import on_the_wall
from robots.portal import start_rules
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.machinery import (
    WHAT,
    Refused,
    demand_reason,
    demand_scope,
    now,
    paused_by_scope,
)
from robots.portal.pages import page, words_of
from robots.portal.rights import May, Visitor
from robots.portal.routes import schedules, settings, systems
from robots.portal.starting import unusable
from robots.portal.wording import marked as _
from robots.queue.orders import look_again
from robots.queue.pauses import EVERYTHING, pause, resume, task_scope
from robots.queue.standing import SILENT_SECONDS, drain, runs_at_work, workers_now
from robots.queue.task_versions import Standing, approve, difference, put_forward, standing_of
from robots.scheduler.by_hand import note_what_came
from robots.scheduler.scheduler import Scheduler
from robots.worker.versions import version_of, versions_of

router = APIRouter()
Reason = Annotated[str, Form()]
Changer = Annotated[Visitor, needs(May.CHANGE_MACHINERY)]


class Starters(BaseModel):
    """Who may start a task from now on, and why."""

    reason: str = ""
    roles: list[str] = []
    teams: list[str] = []


@router.get("/machinery")
def machinery(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)]) -> Response:
    return overview(request, visitor)


def overview(request: Request, visitor: Visitor, refused: Refused | None = None) -> Response:
    desk = desk_of(request)
    paused = paused_by_scope(desk.store)
    return page(
        request, "machinery", visitor, status=422 if refused else 200, refused=refused, paused=paused,
        stop=STOPPED_COMMITS, everything=EVERYTHING, workers=workers_now(desk.store), silent=SILENT_SECONDS,
        at_work=[run for run in runs_at_work(desk.store) if _shows(desk, visitor, run.task)],
        problems=desk.tasks.problems, title_of=lambda name: _title(desk, name),
    )  # fmt: skip


@router.get("/machinery/tasks")
def tasks(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)]) -> Response:
    return task_page(request, visitor)


def task_page(request: Request, visitor: Visitor, refused: Refused | None = None) -> Response:
    """Every task, and every file that is broken, with its fault and where it stands."""
    desk = desk_of(request)
    return page(
        request, "machinery_tasks", visitor, status=422 if refused else 200, refused=refused,
        tasks=list(desk.tasks.by_name.values()), problems=desk.tasks.problems, paused=paused_by_scope(desk.store),
        scope=task_scope, rules=start_rules.rules_now(desk.store), starters=start_rules.STARTERS,
        teams=_teams(desk), unusable=lambda task: unusable(desk, task), standings=_standings(desk),
        new_in=lambda standing: difference(desk.store, standing.version),
    )  # fmt: skip


@router.post("/machinery/tasks/{name}/starters")
def set_starters(request: Request, visitor: Changer, name: str, wanted: Annotated[Starters, Form()]) -> Response:
    desk = desk_of(request)
    try:
        task = desk.tasks.find(name)
        told = demand_reason(visitor, wanted.reason)
        start_rules.set_rule(
            desk.store,
            task.name,
            roles=wanted.roles,
            teams=wanted.teams,
            teams_known=_teams(desk),
            by=visitor.name,
            reason=told,
        )
    except WrongInput as error:
        return task_page(request, visitor, Refused(f"starters:{name}", error.expected, wanted.reason))
    return RedirectResponse("/machinery/tasks", 303)


@router.post("/machinery/tasks/{name}/put-forward")
def put_it_forward(
    request: Request, visitor: Changer, name: str, version: Annotated[str, Form()] = "", reason: Reason = ""
) -> Response:
    """The version that stood on the page; a person other than this one may approve it after that."""
    return _with_version(request, visitor, name, version, Refused("put-forward", "", reason))


@router.post("/machinery/tasks/{name}/approve")
def approve_it(
    request: Request, visitor: Changer, name: str, version: Annotated[str, Form()] = "", reason: Reason = ""
) -> Response:
    """The version that stood on the page runs for real from now on, and what waits for it begins."""
    return _with_version(request, visitor, name, version, Refused("approve", "", reason))


def _with_version(request: Request, visitor: Visitor, name: str, digest: str, act: Refused) -> Response:
    desk = desk_of(request)
    try:
        version = version_of(desk.settings, desk.tasks.find(name))
        told = demand_reason(visitor, act.typed)
        if version.digest != digest:
            words = words_of(visitor, _("Uppgiften är ändrad sedan sidan visades. Titta en gång till."))
            raise WrongInput("Uppgift", name, words)
        order = approve if act.at == "approve" else put_forward
        order(desk.store, version, by=visitor.name, reason=told)
    except WrongInput as error:
        return task_page(request, visitor, Refused(f"{act.at}:{name}", error.expected, act.typed))
    return RedirectResponse("/machinery/tasks", 303)


@router.get("/machinery/robots")
def robots(request: Request, visitor: Annotated[Visitor, needs(May.SEE_MACHINERY)]) -> Response:
    """What the configuration grants; it is changed in its files, which are kept and reviewed."""
    desk = desk_of(request)
    titles = {each.known.key: each.known.title for each in systems.shown(desk)}
    return page(
        request, "machinery_robots", visitor, robots=desk.settings.robots, access=desk.settings.access, WHAT=WHAT,
        titles=titles, title_of=lambda name: _title(desk, name), today=on_the_wall(now(desk.store)).date(),
        secrets=settings.secrets_of(desk)[0] if visitor.may(May.SEE_SETTINGS) else (),
        SECRET_STATES=settings.SECRET_STATES,
    )  # fmt: skip


@router.post("/machinery/pause")
def pause_it(request: Request, visitor: Changer, scope: Annotated[str, Form()], reason: Reason = "") -> Response:
    """Nothing of the scope begins; under the emergency stop no change leaves at all."""
    desk = desk_of(request)
    try:
        demand_scope(desk, scope)
        told = demand_reason(visitor, reason)
    except WrongInput as error:
        return _shown_again(request, visitor, scope, Refused(f"pause:{scope}", error.expected, reason))
    pause(desk.store, scope, by=visitor.name, reason=told)
    return RedirectResponse(_address(scope), 303)


@router.post("/machinery/resume")
def resume_it(request: Request, visitor: Changer, scope: Annotated[str, Form()], reason: Reason = "") -> Response:
    desk = desk_of(request)
    kind, _colon, name = scope.partition(":")
    try:
        demand_scope(desk, scope)
        told = demand_reason(visitor, reason)
        if kind == "schedule":  # what came while nobody looked was paused all the same
            note_what_came(Scheduler(desk.settings, desk.store, tasks=lambda: desk.tasks), name)
    except WrongInput as error:
        return _shown_again(request, visitor, scope, Refused(f"resume:{scope}", error.expected, reason))
    resume(desk.store, scope, by=visitor.name, reason=told)
    if kind == "system":
        look_again(desk.store, name, by=visitor.name, reason=told)
    return RedirectResponse(_address(scope), 303)


@router.post("/machinery/drain")
def drain_it(request: Request, visitor: Changer, worker: Annotated[str, Form()] = "", reason: Reason = "") -> Response:
    """The worker finishes what it has, takes nothing new and ends; "" is all of them."""
    desk = desk_of(request)
    try:
        told = demand_reason(visitor, reason)
        if not drain(desk.store, worker.replace("\0", ""), by=visitor.name, reason=told):
            raise WrongInput("Worker", worker[:80], "Ingen sådan worker är igång.")
    except WrongInput as error:
        return overview(request, visitor, Refused(f"drain:{worker}", error.expected, reason))
    return RedirectResponse("/machinery", 303)


def _address(scope: str) -> str:
    """The page that a scope is shown on."""
    kind, _colon, name = scope.partition(":")
    pages = {"task": "/machinery/tasks", "system": f"/systems/{name}", "schedule": f"/schedules/{name}"}
    return pages.get(kind, "/machinery") if name else "/machinery"


def _shown_again(request: Request, visitor: Visitor, scope: str, refused: Refused) -> Response:
    kind, _colon, name = scope.partition(":")
    if kind == "system" and name in desk_of(request).settings.systems:
        return systems.system_page(request, visitor, name, refused)
    if kind == "schedule" and (desk_of(request).settings.schedules_dir / f"{name}.toml").is_file():
        return schedules.schedule_page(request, visitor, name, refused)
    return task_page(request, visitor, refused) if kind == "task" else overview(request, visitor, refused)


def _standings(desk: Desk) -> dict[str, Standing]:
    """How the tasks' files stand, as they are on the portal's machine; nothing where one person is enough."""
    return {name: standing_of(desk.store, version) for name, version in versions_of(desk.settings, desk.tasks).items()}


def _teams(desk: Desk) -> list[str]:
    return sorted({task.owner for task in desk.tasks.by_name.values()})


def _title(desk: Desk, name: str) -> str:
    task = desk.tasks.by_name.get(name)
    return task.title if task else name


def _shows(desk: Desk, visitor: Visitor, task: str) -> bool:
    """A leader sees what is at work for the own teams; those who keep the machinery see all of it."""
    return visitor.sees_all or visitor.is_of_team(desk.tasks.by_name.get(task))
