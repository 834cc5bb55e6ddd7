"""What really happened: every change that a system has committed, in order.

The truth is the judge of every test and of the demo. A robot's own record never is.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

# The commits made while answering the request at hand; the server reads it to know whether an answer
# that it is about to lose is one that had committed.
commits_of_this_request: ContextVar[list[Commit] | None] = ContextVar("commits_of_this_request", default=None)


@dataclass(frozen=True)
class Commit:
    """One change in one system.

    ``about`` is what a citizen would count: a case number or a facility. ``facts`` are JSON values.
    """

    number: int
    at: str
    system: str
    kind: str
    about: str
    by: str
    facts: dict[str, Any] = field(default_factory=dict)


class Truth:
    """Append-only list of commits."""

    def __init__(self) -> None:
        self._commits: list[Commit] = []

    def commit(self, system: str, kind: str, about: str, by: str, /, **facts: Any) -> Commit:
        """Record that ``system`` has changed; ``by`` is the user name that did it."""
        made = Commit(len(self._commits) + 1, datetime.now(UTC).isoformat(), system, kind, about, by, facts)
        self._commits.append(made)
        of_this_request = commits_of_this_request.get()
        if of_this_request is not None:
            of_this_request.append(made)
        return made

    def commits(self, system: str | None = None, kind: str | None = None) -> list[Commit]:
        return [c for c in self._commits if system in (None, c.system) and kind in (None, c.kind)]

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(c) for c in self._commits]

    def clear(self) -> None:
        self._commits.clear()
