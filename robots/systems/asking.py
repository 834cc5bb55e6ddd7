"""A person looks before it leaves: which changes wait for that, and whether just this one has been approved.

Nothing waits in the middle of an attempt. Where nobody has approved what is about to be sent, the attempt ends with a
question; the one after the answer goes the whole road anew, and passes when it stands before the same again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, func, select, update

from robots.effects import Effect
from robots.errors import COVERED, ApprovalNeeded
from robots.store.schema import approvals
from robots.systems.documents import Document

# To take a case is no deed: nobody is asked about it.
NO_DEED = "claim"


@dataclass(frozen=True)
class Form:
    """What is about to be sent: what the effect was ``told``, and what the ``page`` with the form shows of it.

    ``fields`` are captions and values, ``facts`` what stands on the page beside them, ``files`` names and SHA-256,
    ``picture`` a file of the run's evidence. ``secret``: values are not shown to people outside the system itself.
    """

    told: Mapping[str, Any]
    fields: Sequence[tuple[str, str]] = ()
    facts: Mapping[str, str | list[str]] | None = None
    files: Sequence[tuple[str, str]] = ()
    page: str = ""
    picture: str = ""
    secret: bool = False

    @property
    def digest(self) -> str:
        """Another one for whatever a person would have to look at once more."""
        whole = [self.told, self.page, [list(field) for field in self.fields], self.facts or {}, sorted(self.files)]
        written_out = json.dumps(whole, sort_keys=True, ensure_ascii=False, default=_as_json)
        return hashlib.sha256(written_out.encode()).hexdigest()

    def shown(self, mask: Callable[[str], str]) -> dict[str, Any]:
        """As a person reads it, with personal data covered by ``mask``; as JSON."""
        covered = (lambda _: COVERED) if self.secret else mask
        facts = {mask(name): value for name, value in (self.facts or {}).items()}
        return {
            "page": covered(self.page),
            "fields": [{"name": mask(name), "value": covered(value)} for name, value in self.fields],
            "facts": {name: covered(", ".join([v] if isinstance(v, str) else v)) for name, v in facts.items()},
            "files": [covered(name) for name, _ in self.files],
        }


@dataclass(frozen=True)
class Question:
    """What a person is to be asked about: the effect, and the form that stands in front of its click."""

    effect: Effect
    form: Form


class Asking:
    """What one attempt knows of the questions of its run.

    ``before`` are the names of effects that always wait, ``first``: so does the first change that the run makes.
    ``earlier`` tells of each effect (by its key) that has been asked about, whether it has passed. ``asked`` is the
    question that this attempt has come to: after it nothing more is changed.
    """

    def __init__(
        self,
        run_id: int,
        *,
        before: Collection[str] = (),
        first: bool = False,
        earlier: Mapping[str, bool] | None = None,
    ) -> None:
        self._run_id = run_id
        self._before = frozenset(before)
        self._first = first
        self._passed = dict(earlier or {})
        self.asked: Question | None = None

    def concerns(self, effect: Effect) -> bool:
        """Whether somebody must have looked before this effect is armed."""
        if self.asked or effect.once in self._before or effect.key in self._passed:
            return True
        return self._first and effect.name != NO_DEED and not any(self._passed.values())

    def gate(self, effect: Effect, form: Form) -> Callable[[Connection], None]:
        """What ``Ledger.arm`` asks with the run's row locked. It raises ``ApprovalNeeded``."""

        def demand_approved(connection: Connection) -> None:
            if self.asked is None and self._pass(connection, effect, form):
                return
            self.asked = self.asked or Question(effect, form)
            raise ApprovalNeeded(self.asked.effect.once)

        return demand_approved

    def _pass(self, connection: Connection, effect: Effect, form: Form) -> bool:
        """Only the newest answer counts, and only for what was looked at then."""
        asked = approvals.c
        newest = connection.execute(
            select(asked.id, asked.answer, asked.digest)
            .where(asked.run_id == self._run_id, asked.effect_key == effect.key)
            .order_by(asked.id.desc())
            .limit(1)
        ).first()
        if newest is None or newest.answer != "send" or newest.digest != form.digest:
            return False
        at = func.coalesce(asked.passed_at, func.clock_timestamp())
        connection.execute(update(approvals).where(asked.id == newest.id).values(passed_at=at))
        self._passed[effect.key] = True
        return True


def written(value: Any) -> str:
    """What an effect was told, in a line for people."""
    if isinstance(value, list | tuple):
        return ", ".join(map(written, value))
    return value.name if isinstance(value, Document) else str(value)


def _as_json(value: Any) -> Any:
    match value:
        case Document():
            return [value.name, value.type, value.sha256]
        case BaseModel():
            return value.model_dump(mode="json")
        case date() | datetime():
            return value.isoformat()
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case set() | frozenset():
            return sorted(map(str, value))
        case _ if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
    return repr(value)
