"""``@task``: the file an admin adds, and the run it is given to work in."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import NoneType
from typing import Any, Literal, Protocol, TypeVar, get_args, get_type_hints

from robots.cases import Cases
from robots.errors import ConfigurationError
from robots.inputs import Inputs
from robots.letters import Letter, Letters
from robots.systems.access import SystemAccess
from robots.tables import Tables, YearTable

T = TypeVar("T", bound=YearTable)
F = TypeVar("F", bound=Callable[..., None])


class StepLog(Protocol):
    """Where a run's steps are written."""

    def event(self, kind: str, title: str, /, **detail: Any) -> None: ...

    def hide(self, *values: str) -> None: ...


class Run:
    """What a task knows of the run it works in.

    ``dry_run``: nothing is saved. A task asks for it only where it goes on in what it has just made.
    """

    def __init__(
        self,
        run_id: int,
        robot: str,
        today: date,
        log: StepLog,
        *,
        has_made: Callable[[str], bool] | None = None,
        letters: Letters | None = None,
        tables: Tables | None = None,
        dry_run: bool = False,
    ) -> None:
        self.id = run_id
        self.robot = robot
        self.today = today
        self.dry_run = dry_run
        self._log = log
        self._letters = letters or Letters(Path("config/letters"))
        self._tables = tables or Tables(Path("config/tables"))
        self._has_made = has_made or (lambda mark: False)  # noqa: ARG005
        self._step: Callable[[str], Any] = getattr(log, "step", self._plain_step)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A named stage, shown to the guide while it goes on: ``with run.step("Hämta ritningarna"):``."""
        with self._step(title):
            yield

    def tell(self, text: str) -> None:
        """A line in the run's log, for the person who reads what the robot did."""
        self._log.event("told", text)

    def has_made(self, mark: str) -> bool:
        """Whether the run itself has made what carries this mark, perhaps in an attempt that was cut short.

        A rule that stops at what is there already must not stop at the run's own.
        """
        return self._has_made(mark)

    def letter(self, name: str, language: str, /, **values: object) -> Letter:
        """The letter ``config/letters/<name>.<language>.txt`` with these values filled in.

        ``language`` is the citizen's (``Case.language``); where there is no approved text in it, it is the Swedish one.
        Raises ``BusinessException`` while nobody has approved that, so that a person answers instead.
        """
        letter = self._letters.write(name, language, **values)
        if letter.language != language:
            self.tell(f"Brevet «{name}» finns inte godkänt på språket {language}; det skrivs på svenska.")
        self._log.event("letter", name, language=letter.language, approved=letter.approved)
        return letter

    def table(self, kind: type[T], year: int) -> T:
        """What ``config/tables/<kind.name>.toml`` says of that year, and where it has it from is in the run's log.

        Raises ``BusinessException`` where it says nothing of that year: last year's figures are never used instead.
        """
        found = self._tables.year(kind, year)
        self._log.event("table", kind.name, year=year, source=found.source)
        return found

    def hide(self, *values: str) -> None:
        """Personal data met on the way (a name, an address): covered in every log and picture from now on."""
        self._log.hide(*values)

    @contextmanager
    def _plain_step(self, title: str) -> Iterator[None]:
        self._log.event("step", title)
        yield


# What a task does of its own: carries out what is asked for (stöd), or prepares and proposes what an official decides
# (förslag). That it decides (beslut) takes a delegation in config/robots.toml (kommunallagen since 1 July 2022).
Level = Literal["stöd", "förslag", "beslut"]


@dataclass(frozen=True)
class Access:
    """One system that a task uses: the argument's name, the system (or ``cases``) and the level.

    ``optional``: the task does without it, and is given None, where the robot may not use the system.
    """

    argument: str
    system: str
    level: Literal["read", "journal"]
    driver: type[SystemAccess] | None
    optional: bool = False


@dataclass(frozen=True)
class Task:
    """A task as the toolkit knows it. ``name`` is the function's; ``version`` changes when its file does.

    ``source`` is what the file was when it was read: just that is carried out, whatever lies there afterwards.
    """

    name: str
    title: str
    owner: str
    saves_minutes: float
    description: str
    function: Callable[..., None]
    inputs: Inputs
    systems: tuple[Access, ...]
    file: Path
    version: str
    level: Level = "stöd"
    asks_before: tuple[str, ...] = ()
    source: bytes = field(default=b"", repr=False)

    @property
    def command(self) -> str:
        """As the command line and the portal's addresses write it."""
        return self.name.replace("_", "-")


def task(
    *, title: str, owner: str, saves_minutes: float, level: Level = "stöd", asks_before: tuple[str, ...] = ()
) -> Callable[[F], F]:
    """Declare a function to be a task.

    Its first parameter is the ``Run``; those before ``*`` are what a guide types, those after it the systems it
    uses, each by the class that says how much it may do there; with ``| None``, one that it uses only where the robot
    may. The function stays an ordinary function: a test may
    call it with anything that behaves like a run and like the systems. ``level`` says how far it goes in a matter that
    somebody decides: "stöd", "förslag", or "beslut", which is refused unless the robot has a delegation that holds.
    ``asks_before`` are the effects, by their ``once``, that leave only when a person has looked at the filled form.
    """

    def declare(function: F) -> F:
        function.__ragnhild_task__ = _task_of(  # type: ignore[attr-defined]
            function, title=title, owner=owner, saves_minutes=saves_minutes, level=level, asks_before=asks_before
        )
        return function

    return declare


def _task_of(
    function: Callable[..., None], *, title: str, owner: str, saves_minutes: float, level: Level, asks_before: Any
) -> Task:
    file = Path(inspect.getsourcefile(function) or "")
    source = file.read_bytes()
    line = function.__code__.co_firstlineno

    def wrong(message: str) -> ConfigurationError:
        return ConfigurationError(message, str(file), line)

    if not inspect.getdoc(function):
        raise wrong(f"{function.__name__} saknar en mening som säger vad uppgiften gör.")
    if not (isinstance(asks_before, tuple) and all(isinstance(once, str) for once in asks_before)):
        raise wrong('asks_before ska vara åtgärders namn (once) inom parentes, till exempel ("ritningar",).')
    try:
        inputs = Inputs(function)
    except TypeError as error:
        raise wrong(str(error)) from None
    return Task(
        function.__name__, title, owner, saves_minutes, inspect.cleandoc(function.__doc__ or ""), function, inputs,
        tuple(_systems_of(function, wrong)), file, hashlib.sha256(source).hexdigest()[:12], level,
        asks_before, source,
    )  # fmt: skip


def _systems_of(function: Callable[..., None], wrong: Callable[[str], ConfigurationError]) -> Iterator[Access]:
    hints = get_type_hints(function)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        hint = hints.get(name)
        if hint is Cases.Reader or hint is Cases.Writer:
            yield Access(name, "cases", "journal" if hint is Cases.Writer else "read", None)
        elif isinstance(hint, type) and issubclass(hint, SystemAccess):
            yield Access(name, hint.system, hint.level, hint)
        elif isinstance(system := _or_none(hint), type) and issubclass(system, SystemAccess):
            yield Access(name, system.system, system.level, system, optional=True)
        else:
            raise wrong(f"{name} efter * ska vara ett system, till exempel drawing_archive.Reader.")


def _or_none(hint: Any) -> Any:
    """What ``hint`` is when it is not None; None where it is something else."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 and NoneType in get_args(hint) else None
