"""Whether this process is well: live when its parts go round, ready when it can do what it is there for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, literal_column, select, text
from sqlalchemy.exc import SQLAlchemyError

from robots.effects import STOPPED_COMMITS
from robots.evidence.keys import Keys
from robots.evidence.recorder import why_not_kept
from robots.queue.standing import SILENT_SECONDS
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import seconds_since
from robots.store.migrate import newest_version
from robots.store.schema import pauses, workers
from robots.watching import pulse as pulses
from robots.watching.pulse import Pulse

_version = select(literal_column("version_num")).select_from(text("alembic_version")).scalar_subquery()
_SEEN = select(
    _version.label("version"),
    exists().where(pauses.c.scope == STOPPED_COMMITS).label("stopped"),
    select(func.count())
    .where(workers.c.ended_at.is_(None), seconds_since(workers.c.seen_at) <= SILENT_SECONDS)
    .scalar_subquery()
    .label("workers"),
)


@dataclass(frozen=True)
class Health:
    """The health of the process that has this pulse."""

    settings: Settings
    store: Store
    pulse: Pulse

    def not_live(self) -> list[str]:
        """Why the process should be started anew, in words; nothing outside it is looked at."""
        return [
            f"{part} har inte gett något livstecken på {pulses.SILENT_SECONDS:.0f} sekunder. Starta om tjänsten."
            for part in self.pulse.silent()
        ]

    def not_ready(self) -> tuple[list[str], list[str]]:
        """Why it cannot work, and what is worth knowing beside that, in words for people."""
        why = self.not_live()
        if not self.pulse.ready:
            why.append("Tjänsten har inte kommit igång än.")
        if words := why_not_kept(self.settings.evidence_dir):
            why.append(words)
        try:
            if words := Keys.of(self.settings, self.store).why_unusable():
                why.append(words)
            seen = self.store.ask(_SEEN)
        except SQLAlchemyError as error:
            why.append(f"Databasen svarar inte ({type(error).__name__}). Se: ragnhild doctor")
            return why, []
        assert seen is not None
        if seen.version > newest_version():
            why.append("Databasen har nyare tabeller än det här programmet. Uppgradera Ragnhild på den här maskinen.")
        notes = []
        if seen.stopped:
            notes.append("Nödstoppet är draget: inget sparas förrän det hävs med ragnhild resume --stop.")
        if not seen.workers:
            notes.append("Ingen worker arbetar på någon maskin. Starta en med ragnhild worker.")
        return why, notes
