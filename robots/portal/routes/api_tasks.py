"""The API: tasks, what they want to be told, and whether what is to be sent can be used."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request

from robots.portal.api.faults import RESPONSES
from robots.portal.api.models import Check, Checked, InputFault, TaskList, TaskWhole
from robots.portal.api.told import task_line, task_whole
from robots.portal.desk import Desk, desk_of
from robots.portal.doors.guards import needs
from robots.portal.earlier import same_request
from robots.portal.forms import faults_of
from robots.portal.rights import May, Visitor
from robots.portal.starting import reasons_against, unusable
from robots.task import Task

router = APIRouter(
    prefix="/api/v1", tags=["tasks"], responses=RESPONSES, generate_unique_id_function=lambda route: route.name
)
Starting = Annotated[Visitor, needs(May.START)]


@router.get("/tasks")
def list_tasks(request: Request, visitor: Starting) -> TaskList:
    """All tasks that a robot can carry out, and why one cannot be started now."""
    desk = desk_of(request)
    usable = [task for task in desk.tasks.by_name.values() if not unusable(desk, task)]
    against = reasons_against(desk.store, visitor, usable)
    return TaskList(tasks=[task_line(task, against.get(task.name, "")) for task in usable])


@router.get("/tasks/{name}")
def describe_task(request: Request, visitor: Starting, name: str) -> TaskWhole:
    """One task, with its inputs as a JSON Schema."""
    desk = desk_of(request)
    task = named_task(desk, name)
    return task_whole(task, reasons_against(desk.store, visitor, [task]).get(task.name, ""))


@router.post("/tasks/{name}/check")
def check_inputs(request: Request, visitor: Starting, name: str, sent: Check) -> Checked:
    """Everything that is wrong with the inputs, and whether the same was asked for before. Starts nothing."""
    desk = desk_of(request)
    task = named_task(desk, name)
    if faults := faults_of(visitor, task, sent.inputs):
        told = [InputFault(field=field, expected=words) for field, words in faults.items()]
        return Checked(fits=False, faults=told, earlier_run=None)
    same = same_request(desk, visitor, task, task.inputs.parse(sent.inputs))
    return Checked(fits=True, faults=[], earlier_run=same.run.id if same and same.reached else None)


def named_task(desk: Desk, name: str) -> Task:
    """By its name, with - or _. Raises 404 where there is none that a robot can carry out."""
    task = desk.tasks.by_name.get(name.replace("-", "_"))
    if task is None or unusable(desk, task):
        raise HTTPException(404)
    return task
