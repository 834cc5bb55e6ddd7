"""The step log of one attempt: every event redacted, numbered by the database, with its pictures sealed beside it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger
from sqlalchemy import bindparam, text

from robots.audit.writing import note_robot
from robots.errors import ApplicationException
from robots.evidence.keys import Keys
from robots.evidence.pictures import Mask, Photographer
from robots.evidence.redaction import Known, cover, one_line, redact
from robots.evidence.sealed import RunEvidence
from robots.store import Store
from robots.store.schema import run_events

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Where full traces lie, beside the folders of runs, so that nothing of them is copied with those.
TRACES = "traces"
# Below this nothing is armed: an effect without evidence cannot be accounted for.
LEAST_FREE_BYTES = 64 * 1024 * 1024
# An event lost in a crash of the database server is no loss of fact, since effects are in the ledger: no wait for disk.
_EVENT = text(
    "insert into run_events (run_id, attempt, kind, title, detail) select :run_id, :attempt, :kind, :title, :detail"
    " from set_config('synchronous_commit', 'off', true)"
).bindparams(bindparam("detail", type_=run_events.c.detail.type))


class Recorder:
    """Writes what one attempt does. Values given to ``hide`` never stand in an event or a picture after that.

    ``folder`` is that of all runs' evidence, ``keys`` are what it is sealed with. ``watch`` is told each event as it is
    written: kind, title and detail.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        run_id: int,
        attempt: int,
        *,
        keys: Keys,
        pictures: bool = True,
        on_step: Callable[[str], None] | None = None,
        watch: Callable[[str, str, dict[str, Any]], None] | None = None,
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._attempt = attempt
        self._pictures = pictures
        self._photographer = Photographer() if pictures else None
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="events")
        self._being_written: list[Future[None]] = []
        self._on_step = on_step or (lambda title: None)  # noqa: ARG005
        self._watch = watch or (lambda kind, title, detail: None)  # noqa: ARG005
        self._known = Known()
        self._unseen: set[str] = set()
        self._protected = False
        self._taken = 0
        self._home = folder
        self.evidence = RunEvidence.below(folder, run_id, keys)
        self.folder = self.evidence.folder
        self.folder.mkdir(parents=True, exist_ok=True)

    def hide(self, *values: str) -> None:
        """Personal data met on the way: a name, an address."""
        self._known.add(values)

    def hide_secret(self, *values: str) -> None:
        """A password, a code, a session: as ``hide``, but no page is told of it when a picture is taken."""
        self._known.add_secrets(values)

    def take_no_picture_of(self, address: str) -> None:
        """From here on no picture is taken of a page, or of a frame in it, whose address begins so."""
        self._unseen.add(address.rstrip("/"))

    def protect(self) -> None:
        """The run has met somebody whose identity is protected: no picture from here on, and none so far is kept."""
        self._protected = True
        if self._photographer:
            with suppress(OSError):
                self._photographer.finish()
        for seen in (*self.folder.glob("*.jpg"), *self.folder.glob(asked_form("*"))):
            seen.unlink(missing_ok=True)
        shutil.rmtree(self._home / TRACES / str(self._run_id), ignore_errors=True)

    def keep_trace(self, raw: bytes) -> tuple[str, int]:
        """Seal what is left of a full trace when it is scrubbed: its file's name and size. "" where none may be kept.

        Raises ``TraceRefused`` where it still holds what it must not, ``ValueError`` for what is no trace, and
        ``OSError``.
        """
        from robots.evidence.full_trace import name_of, safe_trace  # of use to few

        if self._protected:
            self.event("not_traced", "")
            return "", 0
        clean = safe_trace(raw, self._known)
        traces = RunEvidence.below(self._home / TRACES, self._run_id, self.evidence.keys)
        traces.folder.mkdir(parents=True, exist_ok=True)
        file = name_of(self._attempt)
        traces.write(file, clean)
        return file, len(clean)

    def note_look_up(self, system: str, reason: str) -> None:
        """Put on record for good that a person is looked up, with the reason that the register is given."""
        with self._store.begin() as connection:
            note_robot(connection, self._run_id, "looked_up_person", reason=reason, system=system)

    def event(self, kind: str, title: str, /, **detail: Any) -> None:
        """Record something that happened. Strings are redacted; other values must be JSON.

        Written in the background, in order; ``flush`` waits for it, as happens before every change and at the end.
        """
        clean = {key: self._clean(value) for key, value in detail.items()}
        title = self._clean(title)
        row = {"run_id": self._run_id, "attempt": self._attempt, "kind": kind, "title": title, "detail": clean}
        self._being_written.append(self._writer.submit(self._store.write_alone, _EVENT, row))
        self._watch(kind, title, clean)
        logger.bind(run=self._run_id, attempt=self._attempt).debug("{}: {}", kind, title)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A named stage of the run; its time and how it ended are recorded. ``on_step`` is told its title, then ""."""
        self.event("step", title)
        self._on_step(self.clean(title))
        started = time.monotonic()
        try:
            yield
        except BaseException as error:
            self.event("step_stopped", title, seconds=_since(started), error=f"{type(error).__name__}: {error}")
            raise
        finally:
            self._on_step("")
        self.event("step_done", title, seconds=_since(started))

    @property
    def takes_pictures(self) -> bool:
        """Whether any are taken in this run."""
        return self._photographer is not None

    def picture(self, page: Page, title: str, *, selectors: tuple[str, ...] = ()) -> str:
        """A masked picture of the page as it looks now: its file's name. "" where none may be taken.

        That is the case where pictures are switched off, in a system of the class *sekretess*, and of a page that
        says that somebody's identity is protected.
        """
        if self._photographer is None:
            return ""
        if self._protected or self._is_unseen(page):
            self.event("not_pictured" if self._protected else "no_picture", title)
            return ""
        self._taken += 1
        name = f"{self._attempt:02d}-{self._taken:03d}.jpg"
        keep = partial(self.evidence.write, name)
        self._photographer.take(page, Mask(tuple(self._known.personal), selectors), keep)
        self.event("picture", title, file=name, page=page.title())
        return name

    def _is_unseen(self, page: Page) -> bool:
        begins = tuple(each + sign for each in self._unseen for sign in "/?#")
        return any(frame.url in self._unseen or frame.url.startswith(begins) for frame in page.frames)

    def flush(self) -> None:
        """Wait until every event is in the database. Raises what went wrong when one is not."""
        events, self._being_written = self._being_written, []
        for event in events:
            event.result()

    def demand_on_record(self) -> None:
        """Raise unless all that has led here is recorded and there is disk left: else nothing may be armed."""
        self.flush()
        if why := why_not_kept(self.folder):
            raise ApplicationException(why)

    def keep(self) -> None:
        """Wait until all events and pictures are written, for somebody who looks at them before the end."""
        if self._photographer:
            with suppress(OSError):
                self._photographer.finish()
        self.flush()

    def finish(self) -> None:
        """Wait until all events and pictures are written, and end."""
        if self._photographer:
            with suppress(OSError):
                self._photographer.finish()
            self._photographer.close()
        self._writer.shutdown()
        self.flush()

    def clean(self, text: str) -> str:
        """Text as it may be written anywhere: on one line, without personal data."""
        return one_line(redact(text, self._known.all))

    def covered(self, text: str) -> str:
        """As ``clean``, with the text's own lines."""
        return "\n".join(map(one_line, redact(text, self._known.all).splitlines()))

    def keep_form(self, shown: dict[str, Any]) -> None:
        """Keep the form that a person is asked about as it stands, sealed; where that fails it is shown covered.

        Nobody can judge a recipient who is covered.
        """
        with suppress(OSError):
            self.evidence.write(asked_form(f"{self._attempt:02d}"), json.dumps(shown).encode())

    def without_secrets(self, text: str) -> str:
        """As it stands, with the text's own lines, but for passwords and sessions."""
        return "\n".join(map(one_line, cover(text, self._known.secrets).splitlines()))

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {self._clean(k): self._clean(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(v) for v in value]
        return value


def asked_form(attempt: str) -> str:
    """The file of the form that the attempt asked a person about."""
    return f"{attempt}-asked.json"


def why_not_kept(folder: Path) -> str:
    """Why evidence cannot be kept in the folder, in words for people; "" when it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"Underlaget går inte att spara i {folder} ({error.strerror}). Inget sparas förrän det går."
    if not os.access(folder, os.W_OK):
        return f"Underlaget går inte att spara i {folder}: mappen går inte att skriva i. Inget sparas förrän det går."
    if free < LEAST_FREE_BYTES:
        return f"Disken är full ({free // 1_000_000} MB kvar i {folder}). Inget sparas förrän det finns plats."
    return ""


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
