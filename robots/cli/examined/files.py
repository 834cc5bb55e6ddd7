"""Files: what admins have written, what must be secret, and whether there is a backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from robots.cli import console
from robots.cli.examined.finding import Finding, readable

if TYPE_CHECKING:
    from robots.settings import Settings


def written_findings(settings: Settings) -> Iterator[Finding]:
    """What «ragnhild check» finds in tasks, schedules, calendar and settings: a line for each fault."""
    from robots.cli.check import problems_in
    from robots.task_files import load_tasks

    faults = sorted({str(fault) for fault in problems_in(settings, load_tasks(settings.tasks_dir))})
    for fault in faults:
        yield Finding("Fil", ok=False, told=fault, todo="Rätta filen, och kontrollera med: ragnhild check")
    if not faults:
        yield Finding("Filer", ok=True, told="uppgifter, scheman, kalender och inställningar går att använda")


def secret_findings(settings: Settings, besides: set[str]) -> Iterator[Finding]:
    """The secrets that others can read. Those named after one in ``besides`` are told of elsewhere."""
    if not settings.secrets_dir.is_dir():
        return
    for path in sorted(settings.secrets_dir.iterdir()):
        if path.is_file() and path.name.split(".")[0] not in besides and readable(path):
            told = f"andra kan läsa {path}"
            yield Finding(f"Hemligheten {path.name}", ok=False, told=told, todo=f"Kör: chmod 600 {path}")


def backup_finding(settings: Settings) -> Finding:
    """The age of the newest whole backup. Raises ``OSError`` where the folder cannot be read."""
    from robots.store.keeping.manifest import whole_backups

    name, folder = "Säkerhetskopia", settings.backup_folder
    if folder is None:
        return Finding(name, ok=True, told="ingen mapp är inställd (backup_folder), så ingen ser efter")
    if not folder.is_dir():
        todo = "Kontrollera att disken är monterad, eller ändra inställningen backup_folder."
        return Finding(name, ok=False, told=f"mappen {folder} finns inte", todo=todo)
    found = whole_backups(folder)
    todo = f"Gör en nu: ragnhild backup {folder}. Kontrollera sedan varför den som ska gå av sig själv inte gör det."
    if not found:
        return Finding(name, ok=False, told=f"det finns ingen hel i {folder}", todo=todo)
    newest = found[-1].manifest.made_at
    fresh = datetime.now(UTC) - newest < timedelta(hours=settings.backup_hours)
    told = f"den senaste hela är från {console.clock(newest)}"
    return Finding(name, fresh, told if fresh else f"{told}, äldre än {settings.backup_hours:g} timmar", todo)


def retention_finding(settings: Settings) -> Finding:
    """Of which classes of record nothing is ever removed: told, and for the municipality to decide about."""
    from robots.retention.plan import plan_of

    undecided = ", ".join(plan_of(settings).undecided)
    told = f"inget är beslutat om {undecided}: det gallras aldrig" if undecided else "beslutad för alla slag"
    return Finding("Gallring", ok=True, told=told)
