"""Starting: finding the task, filling in its form with its rules beside it, and what was done before."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from robots.errors import NotStarted, WrongInput
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import CSRF_FIELD, needs
from robots.portal.earlier import SameRequest, runs_of_case, same_request, suggested
from robots.portal.foretold import foretold
from robots.portal.forms import faults_of, fields_of, from_address
from robots.portal.hindrances import Hindrances
from robots.portal.pages import page, words_of
from robots.portal.rights import May, Visitor
from robots.portal.search import fits, habits_of, searched
from robots.portal.starting import Anew, reasons_against, start, unusable
from robots.portal.wording import marked as _
from robots.task import Task
from robots.worker.rights import given

router = APIRouter()
NOT_FOUND, CONFLICT, UNFIT = 404, 409, 422
# How a run goes: at once, with a look at the filled form first, or without saving anything.
AT_ONCE, LOOK_FIRST, DRY = "run", "ask", "dry"
UNUSABLE = _("%(task)s går inte att använda just nu. Säg till robotägaren.")


@router.get("/")
def first_page(request: Request, visitor: Annotated[Visitor, needs()], q: str = "") -> Response:
    """Where each finds their work: who may start robots the tasks, the others what runs."""
    if not visitor.may(May.START):
        return RedirectResponse("/runs", 303)
    desk = desk_of(request)
    tasks = [task for task in desk.tasks.by_name.values() if not unusable(desk, task)]
    found = [task for task in tasks if fits(task, q)]
    if q.strip() and len(found) == 1:
        return RedirectResponse(f"/run/{found[0].command}", 303)
    habits, hindrances = habits_of(desk.store, visitor, tasks), Hindrances.read(desk.store)
    return page(
        request, "start", visitor, q=q, usual=[] if q.strip() else habits.usual(tasks),
        owners=habits.by_owner(found, visitor), against=reasons_against(desk.store, visitor, tasks),
        searched=searched, broken=_broken(desk, visitor),
        waits={task.name: hindrances.words(desk, visitor, task) for task in found},
    )  # fmt: skip


def _broken(desk: Desk, visitor: Visitor) -> list[str]:
    """What cannot be used, and to those who mend it why."""
    files = {problem.file.stem.replace("_", "-"): _place(problem) for problem in desk.tasks.problems}
    wrong = {task.title: why for task in desk.tasks.by_name.values() if (why := unusable(desk, task))}
    return [_told_broken(visitor, name, why) for name, why in (files | wrong).items()]


def _place(problem: Any) -> str:
    return f"{problem.file.name}, rad {problem.line or 1}: {problem.message}"


def _told_broken(visitor: Visitor, name: str, why: str) -> str:
    return f"{name}: {why}" if visitor.may(May.SEE_MACHINERY) else words_of(visitor, UNUSABLE, task=name)


@dataclass(frozen=True)
class Sent:
    """A form that was sent: ``typed`` are the task's inputs, the rest are the page's own fields."""

    typed: dict[str, str]
    how: str = AT_ONCE
    key: str = ""
    anew: Anew | None = None
    trace: str = ""


async def sent_form(request: Request) -> Sent:
    """The page's own fields begin with _, as no input of a task can."""
    told = {name: str(value) for name, value in (await request.form()).multi_items() if name != CSRF_FIELD}
    typed = {name: value for name, value in told.items() if not name.startswith("_")}
    number = told.get("_anew", "")
    known = int(number) if re.fullmatch("[0-9]{1,15}", number) else 0  # 0 is nobody's run
    anew = Anew(known, told.get("_reason", "")) if number else None
    return Sent(typed, told.get("_how", AT_ONCE), told.get("_key", ""), anew, told.get("_trace", "").strip())


AsSent = Annotated[Sent, Depends(sent_form)]


@dataclass
class Shown:
    """What a form's page shows beside the task: what was typed, what is wrong, and what is known."""

    typed: dict[str, str] = field(default_factory=dict)
    how: str = AT_ONCE
    key: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    same: SameRequest | None = None
    reason: str = ""
    reason_fault: str = ""
    trace: str = ""


@router.get("/run/{name}")
def form(request: Request, visitor: Annotated[Visitor, needs(May.START)], name: str) -> Response:
    """The form, filled in with what the address tells."""
    desk = desk_of(request)
    task = _task(desk, visitor, name)
    typed, told = from_address(visitor, task, request.query_params.multi_items())
    faults = faults_of(visitor, task, typed)
    shown = Shown(typed, told=told, faults={field: words for field, words in faults.items() if typed.get(field)})
    shown.same = None if faults else same_request(desk, visitor, task, task.inputs.parse(typed))
    return _form(request, visitor, task, shown)


@router.post("/run/{name}")
def start_run(
    request: Request, visitor: Annotated[Visitor, needs(May.START)], name: str, sent: AsSent
) -> Response:  # fmt: skip
    """Start it, unless something is wrong or it was done before: then the same page says so."""
    desk = desk_of(request)
    task = _task(desk, visitor, name)
    shown = Shown(sent.typed, sent.how, sent.key, faults_of(visitor, task, sent.typed), trace=sent.trace)
    if shown.faults:
        return _form(request, visitor, task, shown, UNFIT)
    try:
        asked = start(
            desk, visitor, task, sent.typed, dry_run=sent.how == DRY, asks_first=sent.how == LOOK_FIRST, key=sent.key,
            anew=sent.anew, trace=sent.trace,
        )  # fmt: skip
    except NotStarted as error:
        shown.told = [str(error)]
        return _form(request, visitor, task, shown, CONFLICT)
    except WrongInput as error:
        _tell_wrong(visitor, sent, shown, error)
        shown.same = same_request(desk, visitor, task, task.inputs.parse(sent.typed))
        return _form(request, visitor, task, shown, UNFIT)
    if asked.new or sent.anew:
        return RedirectResponse(f"/runs/{asked.run_id}", 303)
    shown.same = same_request(desk, visitor, task, task.inputs.parse(sent.typed))
    return _form(request, visitor, task, shown, CONFLICT)


def _tell_wrong(visitor: Visitor, sent: Sent, shown: Shown, error: WrongInput) -> None:
    if sent.anew and error.field == "Skäl":
        wanted = words_of(visitor, _("Skriv varför det ska göras en gång till."))
        shown.reason_fault = error.expected if sent.anew.reason.strip() else wanted
        return
    # The page's key has been used: what is sent from here on is another start.
    shown.key, shown.reason = "", sent.anew.reason if sent.anew else ""
    shown.told = [error.expected]


@router.post("/run/{name}/check")
def check(
    request: Request, visitor: Annotated[Visitor, needs(May.START)], name: str, sent: AsSent
) -> Response:  # fmt: skip
    """What is wrong with each field, and what the robots know of what is typed, while it is being typed."""
    desk = desk_of(request)
    task = _task(desk, visitor, name)
    faults = faults_of(visitor, task, sent.typed)
    same = None if faults else same_request(desk, visitor, task, task.inputs.parse(sent.typed))
    fields = fields_of(task, sent.typed, faults)
    return JSONResponse(
        {
            "faults": {each.name: each.fault for each in fields} | {"": faults.get("", "")},
            "suggested": {each.name: suggested(desk, visitor, each.value) for each in fields if each.is_suggested},
            "known": [{"words": words, "run": run} for words, run in _known(desk, visitor, task, sent.typed, same)],
        }
    )


def _task(desk: Desk, visitor: Visitor, name: str) -> Task:
    """Raises ``HTTPException`` when there is no such task, ``NotStarted`` when it cannot be used."""
    tasks, plain = desk.tasks, name.replace("-", "_")
    task = tasks.by_name.get(plain)
    if task is not None:
        if why := unusable(desk, task):
            raise NotStarted(_told_broken(visitor, task.title, why))
        return task
    problem = next((each for each in tasks.problems if each.file.stem == plain), None)
    if problem is None:
        raise HTTPException(NOT_FOUND)
    raise NotStarted(_told_broken(visitor, plain.replace("_", "-"), _place(problem)))


def _known(
    desk: Desk, visitor: Visitor, task: Task, typed: dict[str, str], same: SameRequest | None, *, above: bool = False
) -> list[tuple[str, int]]:
    """What is said below the form of the case, and of the same request, each with the run that it is about."""
    # After a start that would be the same the page says it above the form.
    told = [(same.words, same.run.id if same.reached else 0)] if same and not above else []
    case = task.inputs.case_number
    if case and typed.get(case.name):
        of_case = runs_of_case(desk, visitor, typed[case.name], but=same.run.id if same else 0)
        told += [(each.words, each.run_id) for each in of_case]
    return told


def _form(request: Request, visitor: Visitor, task: Task, shown: Shown, status: int = 200) -> Response:
    desk = desk_of(request)
    used = given(desk.settings, task, desk.settings.robot_of(task.name))
    fields = fields_of(task, shown.typed, shown.faults)
    named = {each.name for each in fields}
    wrong = [words for name, words in shown.faults.items() if name not in named]
    posted = request.method == "POST"
    return page(
        request, "run_form", visitor, status=status, task=task, fields=fields, how=shown.how,
        key=shown.key or secrets.token_urlsafe(16), wrong=wrong, told=shown.told, same=shown.same if posted else None,
        known=_known(desk, visitor, task, shown.typed, shown.same, above=posted), reason=shown.reason,
        reason_fault=shown.reason_fault, trace=shown.trace, fresh_key=secrets.token_urlsafe(16), path_is_sent=posted,
        against=reasons_against(desk.store, visitor, [task]).get(task.name, ""),
        waits=Hindrances.read(desk.store).words(desk, visitor, task),
        foretold=foretold(task, desk.settings.cases, used),
        suggested={each.name: suggested(desk, visitor, each.value) for each in fields if each.is_suggested},
    )  # fmt: skip
