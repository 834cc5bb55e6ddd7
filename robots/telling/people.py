"""Who is told what: ``config/people.toml``.

A list narrows what has such a thing, and says nothing of what has none: ``tasks`` are of runs and schedules, and a
breaker has no task. ``tasks``, ``owners`` and ``inboxes`` say one thing in three ways: whose runs they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from robots.local_time import moment_of, on_the_wall
from robots.toml_files import checked, read_toml
from robots.workdays import DAY, Calendar

Kind = Literal[
    "handover", "failed", "start", "schedule", "breaker", "password", "deadline", "change", "retention", "silence"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")
_QUIET = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
# Further back than so many days no quiet hours are looked for: there are workdays in every such stretch but Christmas.
_FURTHEST = 14


@dataclass(frozen=True)
class Concerns:
    """What a piece of news is about, as far as people can choose by it; "" where it has no such thing."""

    kind: Kind
    task: str = ""
    owner: str = ""
    inbox: str = ""
    system: str = ""


def _with_underscores(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.replace("-", "_") for name in names)


class Person(BaseModel):
    """One that is told: a person, a group's mailbox or a channel. Empty lists narrow nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9_-]+$")
    mail: str = Field("", description="the address")
    webhook: Literal["", "teams", "slack", "plain"] = Field(
        "", description="the form of the message; the address is a secret in the file secrets/webhook.<name>"
    )
    kinds: tuple[Kind, ...] = Field(KINDS, description="what is told", min_length=1)
    tasks: Annotated[tuple[str, ...], AfterValidator(_with_underscores)] = Field((), description="only these tasks")
    owners: tuple[str, ...] = Field((), description="only the tasks of robots with these owners")
    inboxes: tuple[str, ...] = Field((), description="only cases out of these inboxes of the case system")
    systems: tuple[str, ...] = Field((), description="only these systems")
    quiet: str = Field("", description="18:00-07:00: what is not urgent waits until then")
    days: Literal["all", "workdays"] = Field("all", description="with workdays all other days are quiet")
    urgent: tuple[Kind, ...] = Field(("silence",), description="what is told in quiet hours as well")
    digest: bool = Field(False, description="whether the daily digest is sent")

    @field_validator("mail")
    @classmethod
    def _is_address(cls, mail: str) -> str:
        if mail and not _ADDRESS.fullmatch(mail):
            raise ValueError(f"«{mail}» är ingen e-postadress.")
        return mail

    @field_validator("quiet")
    @classmethod
    def _are_hours(cls, quiet: str) -> str:
        if quiet and (not _QUIET.fullmatch(quiet) or quiet[:5] == quiet[6:]):
            raise ValueError(f"«{quiet}» ska skrivas som «18:00-07:00».")
        return quiet

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if bool(self.mail) == bool(self.webhook):
            raise ValueError("Ange ett av mail och webhook.")
        return self

    def wants(self, concerns: Concerns) -> bool:
        """Whether this is somebody to be told."""
        if concerns.kind not in self.kinds:
            return False
        if self.systems and concerns.system and concerns.system not in self.systems:
            return False
        return not concerns.task or self.owns(concerns.task, concerns.owner, concerns.inbox)

    def owns(self, task: str, owner: str, inbox: str) -> bool:
        """Whether such a run is of those that are chosen here."""
        if not (self.tasks or self.owners or self.inboxes):
            return True
        return task in self.tasks or owner in self.owners or bool(inbox and inbox in self.inboxes)

    def is_quiet(self, moment: datetime, calendar: Calendar) -> bool:
        """Whether only what is urgent is told then."""
        local = on_the_wall(moment)
        if self.days == "workdays" and not calendar.is_workday(local.date()):
            return True
        if not self.quiet:
            return False
        begins, ends = self._quiet_times
        return begins <= local.time() < ends if begins < ends else not ends <= local.time() < begins

    def awake_since(self, moment: datetime, calendar: Calendar) -> datetime | None:
        """When the latest quiet hours ended; None where there were none of late, and while it is quiet."""
        if self.is_quiet(moment, calendar):
            return None
        local = on_the_wall(moment)
        for day in (local.date() - n * DAY for n in range(_FURTHEST)):
            for ends in sorted({time(), self._quiet_times[1]}, reverse=True):
                edge = moment_of(datetime.combine(day, ends))
                if edge <= moment and self.is_quiet(edge - timedelta(seconds=1), calendar):
                    return edge
        return None

    @property
    def _quiet_times(self) -> tuple[time, time]:
        begins, _, ends = (self.quiet or "00:00-00:00").partition("-")
        return time.fromisoformat(begins), time.fromisoformat(ends)


People = Mapping[str, Person]


def read_people(path: Path) -> People:
    """By name; nobody where there is no such file. Raises ``ConfigurationError`` with the line where it is wrong."""
    if not path.is_file():
        return {}
    return {name: checked(Person, {**told, "name": name}, path, name) for name, told in read_toml(path).items()}


def unknown_names(
    person: Person, *, tasks: Iterable[str], owners: Iterable[str], systems: Iterable[str]
) -> list[tuple[str, str]]:
    """What is chosen and there is not: the word, and what is wrong with it."""
    known = {"tasks": set(tasks), "owners": set(owners), "systems": set(systems)}
    words = {
        "tasks": "Uppgiften {} finns inte.",
        "owners": "Ingen robot har ägaren {}.",
        "systems": "Systemet {} finns inte i systems.toml.",
    }
    return [
        (name, words[which].format(name))
        for which, there in known.items()
        for name in getattr(person, which)
        if name not in there
    ]
