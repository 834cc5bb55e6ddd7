"""A run's events as a person follows them: its steps, each with its time, its lines and its pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from robots.portal.wording import marked as _

# What is said of an event before its own words; what is not here stands in words already, or is shown elsewhere.
WORDS = {
    "download": _("Hämtade"), "letter": _("Skrev brevet"), "form": _("Klart att skickas"), "commit": _("Skickade"),
    "effect_confirmed": _("Bekräftad"), "effect_waits": _("Väntar med"), "commit_unclear": _("Oklart om det gick fram"),
    "no_picture": _("Ingen bild, systemet har sekretess"),
    "not_pictured": _("Ingen bild, någon har skyddade personuppgifter"), "handover": _("Lämnas över"),
    "table": _("Läste tabellen"), "trace_kept": _("Sparade det fullständiga spåret"),
    "trace_refused": _("Inget spår sparat, det gick inte att göra rent"),
    "trace_lost": _("Inget spår sparat, det gick inte att läsa"),
    "not_traced": _("Inget spår, någon har skyddade personuppgifter"),
    "retry": _("Försöker igen"), "refused_address": _("Nådde inte, adressen hör inte till systemet"),
}  # fmt: skip
# Shown as the run's outcome and as its question.
ELSEWHERE = frozenset({"outcome", "asked"})
# Their own words are an error's, for those who see the machinery.
TECHNICAL = frozenset({"retry", "effect_waits", "commit_unclear"})


@dataclass(frozen=True)
class Line:
    """Something that happened in a step; ``words`` is "" where the event's kind says it all."""

    kind: str
    at: datetime
    words: str
    receipt: str

    @property
    def before(self) -> str:
        return WORDS.get(self.kind, "")

    @property
    def is_technical(self) -> bool:
        return self.kind in TECHNICAL


@dataclass(frozen=True)
class Picture:
    """A file of the run's evidence; ``page`` is what the page in it was called."""

    file: str
    title: str
    page: str
    at: datetime


@dataclass
class Stage:
    """A step, or (``title`` is "") what happened between two. ``ended`` is None while it goes on.

    ``number`` is the event's that began it, ``newest`` that of the last which changed it.
    """

    number: int
    attempt: int
    title: str
    at: datetime
    begins_attempt: bool = False
    newest: int = 0
    ended: bool | None = None
    seconds: float | None = None
    error: str = ""
    lines: list[Line] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


class Story:
    """Grows with the run. ``last`` is the number of the newest event that is in it."""

    def __init__(self, events: Iterable[Any]) -> None:
        self.stages: list[Stage] = []
        self.last = 0
        self.grow(events)

    def grow(self, events: Iterable[Any]) -> list[Stage]:
        """Takes in what has happened since. Returns the stages that are new or not as they were, in their order."""
        touched = {id(stage): stage for event in events if event.id > self.last for stage in self._take(event)}
        return sorted(touched.values(), key=lambda stage: stage.number)

    def since(self, number: int) -> list[Stage]:
        """The stages that are not as somebody saw them who has seen the events up to ``number``."""
        return [stage for stage in self.stages if stage.newest > number]

    def _take(self, event: Any) -> list[Stage]:
        self.last = event.id
        touched = self._begin_attempt(event) if event.kind == "attempt" else self._touched_by(event)
        for stage in touched:
            stage.newest = event.id
        return touched

    def _begin_attempt(self, event: Any) -> list[Stage]:
        """What the attempt before it has left open was cut short."""
        left = [stage for stage in self.stages if stage.title and stage.ended is None]
        for stage in left:
            stage.ended = False
        return [*left, self._begin(event, begins_attempt=True)] if self.stages else []

    def _touched_by(self, event: Any) -> list[Stage]:
        match event.kind:
            case "step":
                return [self._begin(event, event.title)]
            case "step_done" | "step_stopped":
                return self._end(event)
            case "picture":
                stage = self._open_stage(event)
                told = event.detail
                stage.pictures.append(Picture(told["file"], event.title, told.get("page", ""), event.at))
                return [stage]
            case kind if kind in ELSEWHERE:
                return []
        stage = self._open_stage(event)
        stage.lines.append(Line(event.kind, event.at, event.title, event.detail.get("receipt") or ""))
        return [stage]

    def _begin(self, event: Any, title: str = "", *, begins_attempt: bool = False) -> Stage:
        stage = Stage(event.id, event.attempt, title, event.at, begins_attempt)
        self.stages.append(stage)
        return stage

    def _open_stage(self, event: Any) -> Stage:
        """The step that goes on, or the place between two."""
        for stage in reversed(self.stages):
            if stage.title and stage.ended is None:
                return stage
        newest = self.stages[-1] if self.stages else None
        return newest if newest and not newest.title else self._begin(event)

    def _end(self, event: Any) -> list[Stage]:
        open_ones = (each for each in reversed(self.stages) if each.title == event.title and each.ended is None)
        for stage in open_ones:
            stage.ended, stage.seconds = event.kind == "step_done", event.detail["seconds"]
            stage.error = event.detail.get("error", "").partition(": ")[2]  # the exception's name is for programs
            return [stage]
        return []
