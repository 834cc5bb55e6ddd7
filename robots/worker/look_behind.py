"""A look behind an open breaker: one robot goes in, changes nothing, and tells whether the others can follow."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error as PlaywrightError

from robots.errors import ApplicationException, ConfigurationError, LoginFailed
from robots.fields import ShortText
from robots.queue.breakers import close, look_soon, refusing, take_look
from robots.queue.runs import submit_within
from robots.settings import Settings
from robots.store import Store
from robots.systems.access import SystemAccess
from robots.systems.landmarks import look_at, read_landmarks
from robots.task import Task, task
from robots.worker.asking_run import AskingRun
from robots.worker.benches import logins_of
from robots.worker.looks import LOOK_BEHIND, folder_of, into_system
from robots.worker.trouble import is_refused, note_refused


@task(title="Se efter om systemet fungerar", owner="Ragnhild", saves_minutes=0)
def look_behind(run: AskingRun, only_for: ShortText = "", *, system: SystemAccess) -> None:
    """Ser efter om ett system som har lämnats i fred fungerar igen. ``only_for``: den robot vars lösenord nekades."""
    title = system.bench.title
    with run.step(f"Gå in i {title}"):
        try:
            first = read_landmarks(folder_of(type(system)))[0]
            look_at(system, first, pictured=lambda _: False)
        except (ApplicationException, PlaywrightError) as error:
            run.tell(f"Det fungerar inte än: {error}")
            if isinstance(error, LoginFailed) and is_refused(system):
                note_refused(run.store, system, run.robot)
            return
        close(run.store, system.system, only_for, f"{title} fungerar igen.")
        run.tell("Det fungerar igen, och körningarna som väntar går vidare.")


_PATTERN: Task = look_behind.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator


def look_behind_of(system: str) -> Task:
    """The task that looks behind a system's breaker. Raises ``ConfigurationError`` where there is no driver for it."""
    return into_system(_PATTERN, LOOK_BEHIND, system)


def look_behind_breakers(settings: Settings, store: Store) -> None:
    """Ask for the looks that are due: each once, however many workers ask at the same moment."""
    _try_new_secrets(settings, store)
    with store.begin() as connection:
        while row := take_look(connection, settings.reaches):
            with suppress(ConfigurationError):  # a system or a robot that has been taken away
                look = look_behind_of(row.system)
                submit_within(
                    connection, look, look.inputs.parse({"only_for": row.robot}), robot=row.met_by, source="schedule",
                    started_by="ragnhild", apart=f"{row.opened_at.isoformat()} {row.probes}",
                )  # fmt: skip


def _try_new_secrets(settings: Settings, store: Store) -> None:
    """Where a robot's password was refused and another lies there now, its time has come."""
    with store.begin() as connection:
        waiting = [row for row in refusing(connection) if not settings.reaches or row.system in settings.reaches]
    for row in waiting:
        with suppress(ConfigurationError):
            logins = logins_of(settings, store, row.robot, row.system)
            if not logins.has_refused(settings.password(row.robot, row.system)):
                with store.begin() as connection:
                    look_soon(connection, row.system, row.robot)
