"""A robot user's way into one system, whether by its pages or by its programming interface."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Literal

from robots.errors import DryRunStop, EffectRefused, FileNotHeld
from robots.systems.asking import Form, written
from robots.systems.bench import Bench, Committing
from robots.systems.documents import Document
from robots.systems.protection import guard_answers


class SystemAccess:
    """Base of all drivers and interfaces. The system's key is the name of the folder that the class lies in."""

    system: ClassVar[str] = ""
    level: ClassVar[Literal["read", "journal"]] = "read"

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if SystemAccess in cls.__bases__:  # one of the two ways, and not a system yet
            return
        cls.system = cls.system or cls.__module__.rpartition(".")[0].rpartition(".")[2]
        cls.level = "journal" if cls.__name__ == "Writer" else "read"
        guard_answers(cls)

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.is_asked = False  # by a task, and has not answered yet
        self._committing: Committing | None = None

    def pause(self, seconds: float) -> None:
        """Let time pass between two looks for what the system may still be about to show."""
        time.sleep(seconds)  # nothing tells when a system commits late

    def close(self) -> None:
        """The attempt is over: let go of what only this way into the system holds."""

    def making(self) -> Committing:
        """The effect that is being carried out. Raises ``RuntimeError`` outside a method declared with ``@effect``."""
        if self._committing is None:
            raise RuntimeError("commit outside a method that is declared with @effect")
        return self._committing

    # -- the one thing that changes the system, whichever way it goes ------------------------------------------

    def show_what_leaves(self, method: str, path: str, content: bytes) -> None:
        """Put on record what is about to be sent, its words only as their sum. Raises ``DryRunStop`` in a dry run."""
        title = self.making().effect.once
        told = {"method": method, "path": path, "sha256": hashlib.sha256(content).hexdigest()}
        self.bench.recorder.event("form", title, system=self.system, bytes=len(content), **told)
        if self.bench.dry_run:
            raise DryRunStop(title)

    def arm(self, why: str, form: Callable[[], Form] | None = None) -> None:
        """From here on the change may have been made, whatever becomes of this process.

        ``form`` reads what is about to be sent, for a person who is to look at it first; without one that is what the
        effect was told. Raises ``ApprovalNeeded`` when nobody has approved just that.
        """
        making, asking, gate = self.making(), self.bench.asking, None
        self._demand_own_files()
        self.bench.recorder.demand_on_record()
        if asking and asking.concerns(making.effect):
            gate = asking.gate(making.effect, form() if form else self.as_told())
        self.bench.ledger.arm(making.effect, why, gate)
        making.clicked = True

    def as_told(self) -> Form:
        """What is about to be sent where there is no page that shows it: what the effect was told."""
        told = self.making().arguments
        fields = [(name, written(value)) for name, value in told.items()]
        return Form(told, fields, secret=not self.bench.pictured)

    def note_answer(self, path: str, status: int) -> None:
        """Put on record what the system answered to what was sent."""
        effect, sent = self.making().effect, [{"path": path, "status": status, "why": ""}]
        self.bench.recorder.event("commit", effect.once, system=self.system, mark=effect.mark, sent=sent)

    def note_download(self, document: Document) -> None:
        """Put on record which file was fetched: its name, its length and its sum, and nothing of what is in it."""
        if self.bench.held is not None:
            self.bench.held.add(document.sha256)
        self.bench.recorder.event(
            "download", document.name, system=self.system, bytes=len(document.content), sha256=document.sha256
        )

    def _demand_own_files(self) -> None:
        """Raise ``FileNotHeld`` for a file that did not come out of a system in this very attempt: of the machine's own
        files, or made up, it is nothing to hand to a citizen."""
        held = self.bench.held
        for document in _documents_in(self.making().arguments.values()) if held is not None else ():
            if held is not None and document.sha256 not in held:
                raise self.not_held(document.name)

    def not_held(self, name: str) -> FileNotHeld:
        """To be raised for a file that this run has not fetched."""
        return FileNotHeld(
            f"{self.bench.title}: filen {name} kommer inte ur något system i den här körningen.",
            todo="Robotägaren rättar uppgiften. Inget har skickats.",
        )

    def turned_down(self, words: str) -> EffectRefused:
        """To be raised: the system has said no for good, in these words, and has changed nothing."""
        self.bench.ledger.refuse(self.making().effect, words)
        return EffectRefused(
            f"{self.bench.title} sparade inte: {words}",
            kind="Systemet nekade",
            todo="Läs vad systemet säger och gör klart för hand.",
        )


def _documents_in(told: Iterable[Any]) -> Iterator[Document]:
    for value in told:
        if isinstance(value, Document):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _documents_in(value)
