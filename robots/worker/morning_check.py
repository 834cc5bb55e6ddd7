"""The morning check: before anybody needs it, each system is logged in to and what its driver relies on is looked at.

One run for each system, of a task of its own: one that is down stops no other, and a worker that cannot reach a system
leaves its check to one that can. It reads only, by the driver's ``Reader``, and waits for a seat as every run does.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from robots.errors import ApplicationException, ConfigurationError, PageNotRecognised
from robots.queue.runs import Source, submit_within
from robots.settings import Settings
from robots.systems.access import SystemAccess
from robots.systems.driver import Driver
from robots.systems.landmarks import Page, Seen, look_at, photograph, read_landmarks
from robots.systems.view import PlaywrightError
from robots.task import Task, task
from robots.worker.asking_run import AskingRun
from robots.worker.looks import MORNING_CHECK, folder_of, has_driver, into_system, reader_of
from robots.worker.mornings import Judged, judge, keep

TODO = "Se efter om systemet är igång och om roboten kommer in, och gör om kontrollen: ragnhild morning-check {}"


@task(title="Morgonkontroll", owner="Ragnhild", saves_minutes=0)
def morning_check(run: AskingRun, *, system: SystemAccess) -> None:
    """Loggar in i ett system och ser efter att sidorna ser ut som vanligt. Ändrar inget."""
    pages = read_landmarks(folder_of(type(system)))
    for place, page in enumerate(pages):
        with run.step(f"Se på sidan {page.title}"):
            try:
                _look(run, system, page, place)
            except (ApplicationException, PlaywrightError) as error:
                # What stopped here stops the rest as well: the run is tried again, and this stands until then.
                for later, other in enumerate(pages[place:], place):
                    _could_not(run, system, other, later, error)
                if isinstance(error, ApplicationException):
                    error.todo = TODO.format(system.system)
                raise
    if not pages:
        run.tell(f"{system.bench.title} har inga kännetecken att se efter: det saknar landmarks.toml.")


def _look(run: AskingRun, system: SystemAccess, page: Page, place: int) -> None:
    judged = Judged("same")

    def otherwise(seen: Seen) -> bool:
        nonlocal judged
        judged = judge(run.store, system.system, page.title, seen)
        return judged.state != "same"

    try:
        seen = look_at(system, page, pictured=otherwise)
    except PageNotRecognised as error:
        picture = photograph(system, page.title) if isinstance(system, Driver) else ""
        _could_not(run, system, page, place, error, picture=picture)
        return
    if not isinstance(system, Driver):
        otherwise(seen)
    keep(
        run.store, run.id, judged, system=system.system, title=system.bench.title, page=page.title, place=place,
        seen=seen, picture=seen.picture,
    )  # fmt: skip


def _could_not(
    run: AskingRun, system: SystemAccess, page: Page, place: int, error: Exception, *, picture: str = ""
) -> None:
    words = error.message.splitlines()[0] if isinstance(error, PlaywrightError) else str(error)
    keep(
        run.store, run.id, Judged("unreachable"), system=system.system, title=system.bench.title, page=page.title,
        place=place, why=system.bench.recorder.clean(words), picture=picture,
    )  # fmt: skip


_PATTERN: Task = morning_check.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator


def check_of(system: str) -> Task:
    """The task that looks at a system. Raises ``ConfigurationError`` where the toolkit has no driver for it."""
    return into_system(_PATTERN, MORNING_CHECK, system)


def checked_systems(settings: Settings) -> list[str]:
    """The systems that are looked at: those that a robot may use, and of the case systems the one in use."""
    return [
        key
        for key in settings.systems
        if has_driver(key) and (key == settings.cases or not _is_case_system(key)) and _robots(settings, key)
    ]


def checks_of(settings: Settings) -> Iterable[Task]:
    return [check_of(key) for key in checked_systems(settings)]


def ask_for_checks(
    connection: Connection, settings: Settings, systems: Iterable[str], *, source: Source, by: str, apart: str
) -> dict[str, int]:
    """One run for each system, by its key; ``apart`` is what makes the checks of one morning, or of one order, one.

    Raises ``ConfigurationError`` for a system that has no driver, or that no robot may use.
    """
    asked = {}
    for key in systems:
        if key not in settings.systems:
            raise ConfigurationError(f"Systemet {key} finns inte. Se: ragnhild systems")
        check, robots = check_of(key), _robots(settings, key)
        if not robots:
            raise ConfigurationError(
                f"Ingen robot får arbeta i systemet {key}.", str(settings.config_dir / "access.toml")
            )
        asked[key] = submit_within(
            connection, check, check.inputs.parse({}), robot=robots[0], source=source, started_by=by, apart=apart,
            answer_hours=settings.answer_hours,
        ).run_id  # fmt: skip
    return asked


def _robots(settings: Settings, system: str) -> list[str]:
    """Who may use the system. Those who may change something come first: they see its forms as well."""
    granted = [name for name in settings.robots if system in settings.access.get(name, {})]
    return sorted(granted, key=lambda name: settings.access[name][system] != "journal")


def _is_case_system(system: str) -> bool:
    return folder_of(reader_of(system)).parent.name == "cases"
