"""A card for each robot and task: what for, on which legal ground, whose data, in which systems, how far, how long.

What the code knows is read from it: inputs, systems, access, letters. The board's own assessment stands in
``config/processing.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from robots.letters import letters_in
from robots.settings import Settings
from robots.systems.card import card_of
from robots.task import Access, Task
from robots.toml_files import checked, read_toml
from robots.worker.rights import given
from robots.worker.task_rules import TaskSource, driver_of

FILE = "processing.toml"


class Assessment(BaseModel):
    """What a board has assessed of one task (``config/processing.toml``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    controller: str = Field(min_length=3, description="the board that answers for the data")
    legal_basis: str = Field(min_length=3, description="the legal ground, as the board has assessed it")
    people: tuple[str, ...] = Field(min_length=1, description="whose data there is")
    sensitive: tuple[str, ...] = Field((), description="sensitive data that occurs")
    recipients: tuple[str, ...] = Field((), description="who gets data, beside the one whom the case is about")


@dataclass(frozen=True)
class UsedSystem:
    """A system as a task uses it. ``pictures``: whether the evidence may have pictures of it."""

    title: str
    owner: str
    changes: bool
    pictures: bool


@dataclass(frozen=True)
class Card:
    """One robot's doing of one task. ``assessment`` is None where no board has made one; ``robot`` is "" where no robot
    has the task; ``delegation`` says by which decision, and until when, it may decide."""

    task: Task
    robot: str
    user: str
    assessment: Assessment | None
    systems: tuple[UsedSystem, ...]
    delegation: str
    letters: tuple[str, ...]
    stops: tuple[str, ...]

    @property
    def personal_inputs(self) -> list[str]:
        """What somebody types that is personal, by its caption."""
        return [each.title for each in self.task.inputs if each.words.personal]

    @property
    def other_inputs(self) -> list[str]:
        return [each.title for each in self.task.inputs if not each.words.personal]


def assessments(settings: Settings) -> dict[str, Assessment]:
    """By task; empty where there is no such file. Raises ``ConfigurationError`` with the line that is wrong."""
    path = settings.config_dir / FILE
    if not path.exists():
        return {}
    return {name: checked(Assessment, told, path, name) for name, told in read_toml(path).items()}


def cards(settings: Settings, tasks: Iterable[Task]) -> list[Card]:
    """A card for each task, by robot. Raises ``ConfigurationError``."""
    assessed = assessments(settings)
    made = [_card(settings, task, assessed.get(task.name)) for task in tasks]
    return sorted(made, key=lambda card: (card.robot == "", card.robot, card.task.title))


def _card(settings: Settings, task: Task, assessment: Assessment | None) -> Card:
    robot = settings.robots.get(settings.robot_of(task.name))
    delegation = robot.delegations.get(task.name) if robot else None
    drivers = {each.argument: driver_of(each, settings.cases) for each in task.systems}
    source = TaskSource(task, drivers)
    used = given(settings, task, robot.name if robot else "")
    rules = [*source.stop_rules(), *(rule for each in used for rule in source.stop_rules_of(each.argument))]
    return Card(
        task=task,
        robot=robot.title if robot else "",
        user=robot.user if robot else "",
        assessment=assessment,
        systems=tuple(_systems(settings, used)),
        delegation=f"{delegation.number}, till och med {delegation.until}" if delegation else "",
        letters=tuple(dict.fromkeys(name for _, name in letters_in(task.file.read_text("utf-8")))),
        stops=tuple(dict.fromkeys(rule.kind for rule in rules)),
    )


def _systems(settings: Settings, used: Iterable[Access]) -> Iterator[UsedSystem]:
    for each in used:
        told = card_of(driver_of(each, settings.cases))
        yield UsedSystem(told.title, told.owner, each.level == "journal", told.secrecy == "öppen")
