"""A file in ``schedules/``: what is started, when, and what becomes of a start that could not be made in time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from string import Formatter
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from robots.cases.contract import Case
from robots.errors import ConfigurationError
from robots.scheduler.when import When
from robots.task import Task
from robots.toml_files import checked

# Of a case, what a run may be given without a person having read it.
OF_A_CASE = frozenset(f.name for f in fields(Case))


class Inbox(BaseModel):
    """``[cases]``: one run for each case that waits in an inbox and matches; the robot takes the case first.

    ``inputs`` may hold what the case itself says, by ``Case``'s names: ``property_id = "{property_id}"``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    inbox: str = Field(min_length=1)
    title: tuple[str, ...] = Field((), description="words one of which the case's title holds; any case without them")
    most: int = Field(0, description="so many cases a start; 0 is all", ge=0)


class Folder(BaseModel):
    """``[rows]``: one run for each row of every Excel file laid in a folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    settled_seconds: float = Field(10.0, description="a file that has not grown for so long is whole", ge=1)


class Schedule(BaseModel):
    """One schedule. ``name`` is its file's; ``task`` is the task's as in ``tasks/``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = Field(min_length=3)
    task: str
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

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.cases and self.rows:
            raise ValueError("Välj ett av [cases] och [rows].")
        if self.missed == "run-all" and self.overlap == "skip":
            raise ValueError("«run-all» behöver overlap = «wait» eller «parallel»: annars hoppas de missade över.")
        return self

    def problems(self, task: Task) -> Iterator[str]:
        """Why the task cannot be given what the schedule gives it, in words."""
        if self.rows:
            if self.inputs:
                yield "[inputs] står redan i Excelfilens rader."
            return
        if self.cases is None:
            yield from (str(problem) for problem in task.inputs.problems(self.inputs))
            return
        if task.inputs.case_number is None:
            yield f"Uppgiften {task.name} har inget ärende att ta ur en inkorg."
        for name, told in self.inputs.items():
            for _, placeholder, _, _ in Formatter().parse(str(told)):
                if placeholder is not None and placeholder not in OF_A_CASE:
                    yield f"{name}: ett ärende har inget «{placeholder}». Det har {', '.join(sorted(OF_A_CASE))}."
        given = {*self.inputs, task.inputs.case_number.name if task.inputs.case_number else ""}
        known = {each.name for each in task.inputs}
        yield from (f"Uppgiften har inget fält {name}." for name in self.inputs if name not in known)
        missing = [each.name for each in task.inputs if each.required and each.name not in given]
        if missing:
            yield f"[inputs] säger inte {', '.join(missing)}."


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
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"Filen går inte att läsa som TOML: {error}", str(path)) from None
    return checked(Schedule, {**told, "name": name}, path, "")
