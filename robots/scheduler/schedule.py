"""A file in ``schedules/``: what is started, when, and what becomes of a start that could not be made in time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from robots.cases import Case
from robots.errors import ConfigurationError
from robots.scheduler.when import When
from robots.task import Task
from robots.toml_files import checked
from robots.worker.messages import Messages, names_in

# What a case itself says, and a run may be given without a person having read it.
OF_A_CASE = frozenset(f.name for f in fields(Case))


class Inbox(BaseModel):
    """``[cases]``: one run for each new case in an inbox that nobody has taken; the run takes it first.

    ``inputs`` of the schedule may then hold what the case says, by the names of ``Case``: ``"{property_id}"``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    inbox: str = Field(min_length=1, description="its name in the case system")
    titles: tuple[str, ...] = Field((), description="words, one of which the case's title holds; without them any case")
    most: int = Field(0, description="so many cases at a time, the oldest first; 0 is all of them", ge=0)


class Folder(BaseModel):
    """``[rows]``: one run for each row of every Excel file in a folder, which is the same for all workers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Field(description="its whole path")
    settled_seconds: float = Field(10.0, description="a file that has not changed for so long is whole", ge=1)

    @field_validator("folder")
    @classmethod
    def _whole(cls, folder: Path) -> Path:
        if not folder.is_absolute():
            raise ValueError("Skriv mappens hela sökväg.")
        return folder


class Schedule(BaseModel):
    """One schedule. ``name`` is its file's; ``task`` is the task's as in ``tasks/``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = Field(min_length=3)
    task: Annotated[str, AfterValidator(lambda name: name.replace("-", "_"))]
    when: When
    missed: Literal["run-once", "run-all", "skip", "ask"] = Field(
        "run-once", description="what becomes of starts that came while nothing was running to make them"
    )
    overlap: Literal["skip", "wait", "parallel"] = Field(
        "skip", description="what becomes of a start while the runs of the one before it go on"
    )
    inputs: dict[str, Any] = Field({}, description="what the task is given")
    cases: Inbox | None = None
    rows: Folder | None = None
    messages: Messages | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if sum(source is not None for source in (self.cases, self.rows, self.messages)) > 1:
            raise ValueError("Välj ett av [cases], [rows] och [messages].")
        if self.missed == "run-all" and self.overlap == "skip":
            raise ValueError("«run-all» behöver overlap = «wait» eller «parallel»: annars hoppas de missade över.")
        return self

    def problems(self, task: Task) -> list[str]:
        """Why the task cannot be given what the schedule gives it, in words."""
        if self.rows:
            return ["[inputs] står i Excelfilens rader."] if self.inputs else []
        if self.messages:
            return self._message_problems(task)
        return self._case_problems(task) if self.cases else [str(each) for each in task.inputs.problems(self.inputs)]

    def _message_problems(self, task: Task) -> list[str]:
        found = self._unfilled({each.name: each.required for each in task.inputs})
        for told in self.inputs.values():
            try:
                names_in(told)
            except ValueError as error:
                found.append(str(error))
        return found

    def _unfilled(self, wanted: Mapping[str, bool]) -> list[str]:
        """``wanted``: whether each of the fields must be filled in."""
        found = [f"Uppgiften har inget fält {name} att fylla i." for name in self.inputs if name not in wanted]
        missing = [name for name, required in wanted.items() if required and name not in self.inputs]
        return found + ([f"[inputs] säger inget om {', '.join(missing)}."] if missing else [])

    def _case_problems(self, task: Task) -> list[str]:
        if task.inputs.case_number is None:
            return [f"Uppgiften {task.name} har inget ärende att ta ur en inkorg."]
        wanted = {each.name: each.required for each in task.inputs if each is not task.inputs.case_number}
        found = self._unfilled(wanted)
        try:
            asked = {
                name
                for told in self.inputs.values()
                for _, name, _, _ in Formatter().parse(str(told))
                if name is not None
            }
        except ValueError as error:
            return [*found, f"[inputs]: klamrarna går inte ihop ({error})."]
        unsaid = sorted(asked - OF_A_CASE)
        if unsaid:
            found.append(f"Ett ärende har inget {', '.join(unsaid)}. Det har {', '.join(sorted(OF_A_CASE))}.")
        return found


def read_schedule(path: Path) -> Schedule:
    """The schedule of a file. Raises ``ConfigurationError`` with the line where it is wrong."""
    return parse_schedule(path.stem, written_in(path), path)


def written_in(path: Path) -> str:
    """What stands in the file. Raises ``ConfigurationError`` when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(f"Filen går inte att läsa: {error.strerror}.", str(path)) from None
    except UnicodeDecodeError:
        raise ConfigurationError("Filen går inte att läsa: den är inte skriven i UTF-8.", str(path)) from None


def parse_schedule(name: str, written: str, path: Path) -> Schedule:
    """The same of a file's text. ``path`` is what an error tells of."""
    try:
        told = tomllib.loads(written)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists within lists
        raise ConfigurationError(f"Filen går inte att läsa som TOML: {error}", str(path)) from None
    return checked(Schedule, {**told, "name": name}, path, "")
