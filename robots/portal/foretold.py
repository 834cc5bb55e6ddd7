"""What a task will do, in plain words beside its form: read out of the task itself, so that it is never another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from robots.systems.card import card_of
from robots.task import Access, Level, Task
from robots.worker.task_rules import FILLED_IN, Change, StopRule, TaskSource, driver_of

MOST_TASKS = 200


@dataclass(frozen=True)
class Written:
    """One change: what it is called in the run, and the title of the system that it is made in."""

    name: str
    system: str


@dataclass(frozen=True)
class Stage:
    """A step, with what is changed in it."""

    title: str
    writes: tuple[Written, ...]


@dataclass(frozen=True)
class Foretold:
    """``systems`` are titles with whether they are changed; ``elsewhere`` are the changes that no step shows."""

    systems: tuple[tuple[str, bool], ...]
    stages: tuple[Stage, ...]
    elsewhere: tuple[Written, ...]
    stops: tuple[StopRule, ...]
    also_stops: tuple[str, ...]
    level: Level
    asks_before: tuple[str, ...]


@lru_cache(MOST_TASKS)
def foretold(task: Task, cases: str, used: tuple[Access, ...]) -> Foretold:
    """``used`` are the systems that the task's robot works in; ``cases`` is the case system that is configured.

    Raises ``ConfigurationError`` where there is none of that name. It is kept for as long as the task's file is as it
    is: reading a driver's source takes its time.
    """
    drivers = {access.argument: driver_of(access, cases) for access in task.systems}
    titles = {name: card_of(driver).title for name, driver in drivers.items()}
    source = TaskSource(task, drivers)

    def written(changes: tuple[Change, ...]) -> tuple[Written, ...]:
        return tuple(dict.fromkeys(Written(change.once, titles[change.system]) for change in changes))

    steps, all_changes = source.steps(), tuple(source.changes())
    in_steps = {change for step in steps for change in step.changes}
    own = {rule.kind: rule for rule in source.stop_rules() if rule.kind != FILLED_IN}
    behind = {rule.kind: rule for each in used for rule in source.stop_rules_of(each.argument)
              if rule.kind != FILLED_IN}  # fmt: skip
    return Foretold(
        tuple((titles[access.argument], access.level == "journal") for access in used),
        tuple(Stage(step.title, written(step.changes)) for step in steps),
        written(tuple(change for change in all_changes if change not in in_steps)),
        tuple(own.values()), tuple(kind for kind in behind if kind not in own), task.level, task.asks_before,
    )  # fmt: skip
