"""A list of notes that is reached by its programming interface, and its reader."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from robots.systems.interface import Interface
from tests.unit.pages import Answer, Asked, Lost


@dataclass
class Notes:
    """A list of notes with an interface. ``commits``: whether it carries out what it is sent."""

    key: str = "nyckel"
    noted: list[str] = field(default_factory=list)
    commits: bool = True
    finds: bool = True
    status: int = 201
    lost: Lost = ""
    down: bool = False
    pause: str = "7"

    def __call__(self, asked: Asked) -> Answer:
        if self.down:
            return Answer("", 503, {"Retry-After": self.pause})
        if asked.headers.get("x-key") != self.key:
            return Answer("", 401)
        if asked.method == "POST":
            return self._add(json.loads(asked.body)["mark"])
        known = [*self.noted, "alltid"] if self.finds else []
        return Answer(json.dumps([{"id": f"N-{n}", "mark": mark} for n, mark in enumerate(known, 1)]))

    def _add(self, mark: str) -> Answer:
        if self.commits and self.status < 400:
            self.noted.append(mark)
        return Answer('{"detail": "Ärendet är avslutat."}', self.status, lost=self.lost)


class Reader(Interface):
    system: ClassVar[str] = "prov"

    def identified(self) -> dict[str, Any]:
        return {"headers": {"X-Key": self.bench.password.get_secret_value().encode()}}

    def find_note(self, mark: str) -> str | None:
        found = [note["id"] for note in self.ask("GET", "/notes").json() if note["mark"] == mark]
        return found[0] if found else None

    def shows_notes(self) -> bool:
        return self.find_note("alltid") is not None
