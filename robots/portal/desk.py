"""What all routes need: the settings, the database, and the tasks as their files are now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from fastapi import Request

from robots.evidence.full_trace import traces_of
from robots.evidence.keys import Keys
from robots.evidence.sealed import RunEvidence
from robots.settings import Settings
from robots.store import Store
from robots.task_files import LoadedTasks, load_tasks

# So long the answer to a request waits for its sheet's rows to be laid in the queue; most are laid in that time.
PATIENCE_SECONDS = 1.0


class Bell:
    """Rung when something has been done, for whoever waits for it in this process."""

    def __init__(self) -> None:
        self.rung = 0
        self._changed = threading.Condition()

    def ring(self) -> None:
        with self._changed:
            self.rung += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float) -> None:
        """Until it is rung once more than ``heard`` times, ``seconds`` at most."""
        with self._changed:
            self._changed.wait_for(lambda: self.rung != heard, seconds)


class Desk:
    """One portal. ``bell`` is rung when a sheet has been laid; ``begin_laying`` is the portal's own layer's."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.bell = Bell()
        self.begin_laying: Callable[[], None] = lambda: None
        self.patience = PATIENCE_SECONDS
        self._lock = threading.Lock()
        self._loaded = LoadedTasks()
        self._seen: dict[Path, int] | None = None

    @property
    def tasks(self) -> LoadedTasks:
        """As their files are: read anew when one has changed, come or gone."""
        folder = self.settings.tasks_dir
        now = {file: file.stat().st_mtime_ns for file in sorted(folder.glob("*.py"))}
        with self._lock:
            if now != self._seen:
                self._loaded, self._seen = load_tasks(folder), now
            return self._loaded

    def evidence_of(self, run_id: int) -> RunEvidence:
        """The files of the run's evidence, for whoever may see them."""
        return RunEvidence.below(self.settings.evidence_dir, run_id, Keys.of(self.settings, self.store))

    def traces_of(self, run_id: int) -> RunEvidence:
        """The same of its full traces."""
        return traces_of(self.settings.evidence_dir, run_id, Keys.of(self.settings, self.store))

    @property
    def is_encrypted(self) -> bool:
        """Whether people reach it by https: the municipality's own web server stands before it then."""
        return self.settings.portal_url.startswith("https://")


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk
