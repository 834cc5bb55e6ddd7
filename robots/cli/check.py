"""``ragnhild check``: whether everything that admins write can be used, and if not, what is wrong where."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from robots.cli import console, machine
from robots.cli.examined.files import retention_finding
from robots.cli.runs import AsJson
from robots.errors import BusinessException, ConfigurationError, RagnhildError
from robots.toml_files import line_of

if TYPE_CHECKING:
    from robots.settings import Settings
    from robots.task import Task
    from robots.task_files import LoadedTasks


def register(app: typer.Typer) -> None:
    words = "Kontrollera uppgifter, scheman, system och inställningar: vad är fel, i vilken fil, på vilken rad?"
    app.command("check", help=words)(check)


def check(as_json: AsJson = False) -> None:
    """Load everything there is to load. Exit code 2 when anything is wrong."""
    from robots.task_files import load_tasks

    settings = machine.open_settings()
    loaded = load_tasks(settings.tasks_dir)
    problems = sorted(set(problems_in(settings, loaded)), key=lambda p: (p.file, p.line or 0))
    if as_json:
        console.print_json({"ok": not problems, "tasks": len(loaded.by_name), "problems": [vars(p) for p in problems]})
    else:
        for problem in problems:
            console.say(str(problem), "red")
        if not problems:
            files = len(list(settings.schedules_dir.glob("*.toml")))
            console.say(
                f"Allt går att använda: {len(loaded.by_name)} uppgifter, {len(settings.systems)} system, "
                f"{len(settings.robots)} robotar, {files} scheman.", "green",
            )  # fmt: skip
            console.say(f"Gallring: {retention_finding(settings).told}.")
    raise typer.Exit(2 if problems else 0)


@dataclass(frozen=True)
class Fault:
    """What is wrong, in which file and, where known, on which line."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return place + self.message


def problems_in(settings: Settings, loaded: LoadedTasks) -> Iterator[Fault]:
    """Everything that is wrong, in no order; the same fault may come twice."""
    for broken in loaded.problems:
        yield Fault(str(broken.file), broken.line or 1, broken.message)
    for path in [*sorted(settings.config_dir.glob("*.toml")), *sorted(settings.schedules_dir.glob("*.toml"))]:
        yield from _unreadable(path)
    if not loaded.by_name and not loaded.problems:
        yield Fault(str(settings.tasks_dir), None, "Mappen har inga uppgifter.")
    for attribute in ("robots", "systems", "access"):
        yield from _faults_of(lambda attribute=attribute: getattr(settings, attribute))
    try:
        robots, systems, access = settings.robots, settings.systems, settings.access
    except ConfigurationError:
        return  # told above; the rest compares what is in them
    yield from _config_faults(settings, loaded, set(robots), set(systems), access)
    for key in systems:
        yield from _faults_of(lambda key=key: machine.card_of(key))
        yield from _driver_faults(settings, key)
        yield from _landmark_faults(key)
    for task in loaded.by_name.values():
        yield from _task_faults(settings, task)
        yield from _table_faults(settings, task)
        yield from _asking_faults(task)
    yield from _letter_faults(settings, loaded)
    yield from _schedule_faults(settings, loaded)
    yield from _people_faults(settings, loaded)
    yield from _baseline_faults(settings)
    yield from _faults_of(lambda: retention_finding(settings))
    yield from _portal_faults(settings, loaded)


def _config_faults(
    settings: Settings, loaded: LoadedTasks, robots: set[str], systems: set[str], access: dict[str, Any]
) -> Iterator[Fault]:
    robots_file, access_file = settings.config_dir / "robots.toml", settings.config_dir / "access.toml"
    broken_files = {problem.file.stem for problem in loaded.problems}
    for robot in settings.robots.values():
        for name in robot.tasks:
            if name not in loaded.by_name and name not in broken_files:
                yield _fault(
                    robots_file, f"Roboten {robot.name} har uppgiften {name}, som inte finns.", robot.name, name
                )
    for robot_name, rights in access.items():
        if robot_name not in robots:
            yield _fault(access_file, f"Roboten {robot_name} finns inte i robots.toml.", robot_name)
        for key in rights:
            if key not in systems:
                yield _fault(access_file, f"Systemet {key} finns inte i systems.toml.", robot_name, key)
    for key in systems:
        if machine.system_folder(key) is None:
            yield _fault(settings.config_dir / "systems.toml", f"Systemet {key} har ingen mapp i robots/systems/.", key)
    if settings.cases not in systems:
        words = f"Ärendesystemet {settings.cases} finns inte i systems.toml."
        yield _fault(settings.config_dir / "ragnhild.toml", words, "cases")


def _driver_faults(settings: Settings, key: str) -> Iterator[Fault]:
    """A system's own code, whether or not a task uses it yet, and what is configured about its changes."""
    folder = machine.system_folder(key)
    if folder is None:
        return
    from robots.systems.access import SystemAccess
    from robots.systems.once import effects_of

    try:
        module = importlib.import_module(f"robots.{folder.parent.name}.{key}")
    except Exception as error:  # whatever a driver's file raises is told, and does not hide the other faults
        yield Fault(str(folder / "driver.py"), None, f"{type(error).__name__}: {error}")
        return
    drivers = [kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, SystemAccess)]
    known = {name for kind in drivers for name in effects_of(kind)}
    for name in settings.systems[key].effects.keys() - known:
        words = f"Systemet {key} har ingen åtgärd {name}. Det finns {', '.join(sorted(known)) or 'inga'}."
        yield _fault(settings.config_dir / "systems.toml", words, f"[{key}", name)


def _landmark_faults(key: str) -> Iterator[Fault]:
    """What the morning check is to look at in a system, and could not."""
    folder = machine.system_folder(key)
    if folder is None:
        return
    from robots.systems.landmarks import read_landmarks
    from robots.systems.level import NO_PART_OF_A_DRIVER as LANDMARKS

    if (folder / LANDMARKS).is_file():
        yield from _unreadable(folder / LANDMARKS)
        yield from _faults_of(lambda: read_landmarks(folder))


def _letter_faults(settings: Settings, loaded: LoadedTasks) -> Iterator[Fault]:
    """Texts that are no letters, and letters that a task writes but nobody has written in Swedish."""
    from robots.letters import SWEDISH, Letters, letters_in, read_letter

    folder = settings.config_dir / "letters"
    for file in Letters(folder).files():
        yield from _faults_of(lambda file=file: read_letter(file))
    for task in loaded.by_name.values():
        for line, name in letters_in(task.file.read_text("utf-8")):
            if not (folder / f"{name}.{SWEDISH}.txt").is_file():
                yield Fault(str(task.file), line, f"Brevet {name} finns inte på svenska i {folder}.")


def _table_faults(settings: Settings, task: Task) -> Iterator[Fault]:
    """Figures that a task wants and that are missing, wrong, or not there for this year."""
    from robots.tables import Tables
    from robots.worker.task_rules import tables_of

    tables, year = Tables(settings.config_dir / "tables"), date.today().year
    for kind in tables_of(task):
        yield from _faults_of(lambda kind=kind: tables.year(kind, year))


def _asking_faults(task: Task) -> Iterator[Fault]:
    """Changes that are to wait for a person, and that the task does not make as far as its file tells."""
    from robots.worker.task_rules import TaskSource

    made = TaskSource(task, {}).names_of_changes() if task.asks_before else None
    if made is None:
        return
    for once in task.asks_before:
        if once not in made:
            words = f"asks_before: uppgiften gör ingen åtgärd som heter «{once}»."
            there = f"Det finns {', '.join(sorted(made)) or 'inga'}."
            yield Fault(str(task.file), line_of(task.file, "asks_before"), f"{words} {there}")


def _task_faults(settings: Settings, task: Task) -> Iterator[Fault]:
    """The robot, its rights, the addresses of the systems, and options that would clash on the command line."""
    from robots.cli.run_options import clashes
    from robots.worker.rights import given, system_key

    line = task.function.__code__.co_firstlineno
    yield from _faults_of(lambda: settings.robot_for(task.name))
    robot = settings.robot_of(task.name)
    for access in given(settings, task, robot):
        key = system_key(settings, access)
        if robot:
            for fault in _faults_of(lambda key=key, level=access.level: settings.demand_access(robot, key, level)):
                words = f"{fault.message} Uppgiften {task.name} behöver den."
                yield Fault(fault.file, line_of(Path(fault.file), f"[{robot}]", key), words)
        if key not in settings.systems:
            yield Fault(str(task.file), line, f"Uppgiften {task.name} använder {key}, som inte finns i systems.toml.")
    if robot and task.level == "beslut":
        yield from _faults_of(lambda: settings.demand_delegation(robot, task.name, date.today()))
    for option in clashes(task):
        yield Fault(str(task.file), line, f"Två fält får samma val på kommandoraden, {option}. Byt namn på det ena.")


def _schedule_faults(settings: Settings, loaded: LoadedTasks) -> Iterator[Fault]:
    """Schedules that cannot be read, never start, or ask for what their task does not take; and the calendar."""
    from robots.scheduler.outlook import outlook
    from robots.scheduler.schedule import read_schedule
    from robots.workdays import Calendar, read_calendar

    calendar = Calendar()
    try:
        calendar = read_calendar(settings.config_dir / "calendar.toml")
    except ConfigurationError:
        yield from _faults_of(lambda: read_calendar(settings.config_dir / "calendar.toml"))
    for path in sorted(settings.schedules_dir.glob("*.toml")):
        try:
            schedule = read_schedule(path)
        except ConfigurationError:
            yield from _faults_of(lambda path=path: read_schedule(path))
            continue
        if all(planned.skipped for planned in outlook(schedule, calendar, datetime.now(UTC), 1)):
            yield _fault(
                path, "Schemat startar aldrig: ingen tid passar med de dagar och tider som det tillåter.", "[when]"
            )
        if schedule.task not in loaded.by_name:
            yield _fault(path, f"Uppgiften {schedule.task} finns inte.", "task")
            continue
        for problem in schedule.problems(loaded.by_name[schedule.task]):
            yield _fault(path, problem, "task", "[inputs]")


def _people_faults(settings: Settings, loaded: LoadedTasks) -> Iterator[Fault]:
    """Those who are told: what cannot be read, and what they choose and there is not; and passwords' dates."""
    from robots.telling.people import read_people, unknown_names

    path, robots = settings.config_dir / "people.toml", settings.robots.values()
    try:
        people = read_people(path)
    except ConfigurationError:
        yield from _faults_of(lambda: read_people(path))
        return
    owners, systems = {robot.owner for robot in robots}, set(settings.systems)
    for person in people.values():
        for word, words in unknown_names(person, tasks=loaded.by_name, owners=owners, systems=systems):
            yield _fault(path, words, f"[{person.name}]", word)
    for robot in robots:
        for key in robot.password_until.keys() - systems - {"all"}:
            words = f"Systemet {key} finns inte i systems.toml."
            yield _fault(settings.config_dir / "robots.toml", words, f"[{robot.name}]", "password_until", key)


def _baseline_faults(settings: Settings) -> Iterator[Fault]:
    """Measurements that cannot be used. One of a task that has gone is right: its months are counted with it."""
    from robots.statistics.baselines import read_baselines

    yield from _faults_of(lambda: read_baselines(settings.config_dir / "baselines.toml"))


def _portal_faults(settings: Settings, loaded: LoadedTasks) -> Iterator[Fault]:
    """The municipality's own login: what its groups give, and whether they give anybody anything."""
    from robots.portal.doors.groups import FILE, read_groups, unknown_teams
    from robots.portal.doors.oidc import Provider

    path = settings.config_dir / FILE
    yield from _faults_of(lambda: Provider.of(settings))
    if not settings.oidc_issuer and not path.is_file():
        return
    try:
        groups = read_groups(path)
    except ConfigurationError:
        yield from _faults_of(lambda: read_groups(path))
        return
    if settings.oidc_issuer and not groups:
        yield Fault(str(path), 1, "oidc_issuer är satt, men ingen grupp står här: ingen släpps in den vägen.")
    for name, team in unknown_teams(groups, {task.owner for task in loaded.by_name.values()}):
        yield _fault(path, f"Ingen uppgift har ägaren {team}.", f"[{name}]", team)


def _unreadable(path: Path) -> Iterator[Fault]:
    try:
        tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        yield Fault(str(path), int(line[1]) if line else None, f"Filen går inte att läsa som TOML: {error}")
    except UnicodeDecodeError:
        yield Fault(str(path), None, "Filen är inte sparad som UTF-8.")


def _faults_of(read: Any) -> Iterator[Fault]:
    """What a reader of configuration has against a file; a file that cannot be read at all is told elsewhere."""
    try:
        read()
    except UnicodeDecodeError:
        return
    except ConfigurationError as error:
        place = f"{error.file}:{error.line}: " if error.line else f"{error.file}: "
        message = str(error).removeprefix(place)
        if not message.startswith("Filen går inte att läsa"):
            yield Fault(error.file, error.line, message)
    except BusinessException as stop:
        yield Fault("", None, f"{stop.reason} {stop.todo}")
    except RagnhildError as error:
        yield Fault("", None, str(error))


def _fault(path: Path, message: str, *words: str) -> Fault:
    return Fault(str(path), line_of(path, *words), message)
