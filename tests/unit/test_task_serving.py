"""What a task's process may ask of its slot, by what words, and what comes back: the slot believes nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest

from robots.cases import Cases
from robots.errors import (
    ApplicationException,
    ApprovalNeeded,
    BusinessException,
    CommitsStopped,
    EffectUnverified,
    FileNotHeld,
    ProtectedPerson,
    RunCancelled,
    SystemDown,
    TakenMeanwhile,
    WrongInput,
)
from robots.fields import CaseNumber, PropertyDesignation
from robots.systems.access import SystemAccess
from robots.systems.documents import Document
from robots.task import Run, Task, task
from robots.worker.task_process import serving, wire
from robots.worker.task_process.inside import told_of
from robots.worker.task_process.serving import Serving, TaskFault, published
from robots.worker.task_process.wire import Outside, Rubbish, plain, put, read, rebuilt, unpacked
from tests.architecture.source import system_folders

CASE = CaseNumber("KC-26110042-4")


class Kind(StrEnum):
    ONE = "ett"


@dataclass(frozen=True)
class Inner:
    day: date
    fee: Decimal


@dataclass(frozen=True)
class Thing:
    case: CaseNumber
    parts: tuple[Inner, ...]
    kind: Kind = Kind.ONE
    when: datetime | None = None


class Way(SystemAccess):
    """A system of the test's own."""


class Reader(Way):
    def __init__(self, *raises: Exception) -> None:
        self.bench = cast(Any, SimpleNamespace(stops_at_protected=False, title="Systemet"))
        self.is_asked = False
        self.raises = list(raises)
        self.got: dict[str, Any] = {}

    def fetch(self, name: str) -> Document:
        return Document(name, b"innehall", "text/plain")

    def thing_of(self, case_number: CaseNumber) -> Thing:
        if self.raises:
            raise self.raises.pop(0)
        return Thing(case_number, (Inner(date(2026, 11, 22), Decimal("1.50")),))

    def take(
        self,
        thing: Thing,
        either: PropertyDesignation | str,
        days: Sequence[date],
        named: Mapping[str, Document],
        word: Literal["ja", "nej"],
        *,
        many: list[Document],
        maybe: bool | None = None,
    ) -> None:
        self.got = {
            "thing": thing, "either": either, "days": days, "named": named, "word": word, "many": many, "maybe": maybe,
        }  # fmt: skip

    def _secret(self) -> str:
        return "hemligt"


class Writer(Reader):
    def change(self, words: str, *, once: str) -> str:
        return f"{once}: {words}"


@task(title="Prov", owner="Ingen", saves_minutes=0)
def trial(run: Run) -> None:
    """Ett prov."""


TRIAL: Task = trial.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator


class Log:
    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.hidden: list[str] = []

    def event(self, kind: str, title: str, /, **_detail: Any) -> None:
        self.events.append((kind, title))

    def hide(self, *values: str) -> None:
        self.hidden += values


@pytest.fixture(autouse=True)
def this_is_the_tasks_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a task's process has what its file says, this has it by itself."""
    monkeypatch.setattr(wire, "own_module", globals())


class Served:
    """A run that is served, and the task's side of it without a process."""

    def __init__(self, system: Reader, declared: type | None = None) -> None:
        self.log = Log()
        run = Run(1, "ada", date(2026, 11, 22), self.log, has_made=lambda mark: mark == "R-1")
        self.serving = Serving(TRIAL, run, self.log, {"system": system}, {"system": declared or type(system)})

    def ask(self, **asked: Any) -> Any:
        match unpacked(self.serving.answer(read(put(**asked)))):
            case ("raised", number, kind, args, state):
                raise rebuilt(number, kind, args, state)
            case (_, value):
                return value

    def call(self, method: str, *args: Any, **named: Any) -> Any:
        return self.ask(call="system", method=method, args=args, named=named)


# -- what may be called ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
@pytest.mark.parametrize("method", ["change", "_secret", "close", "arm", "bench", "raises", "__init__", ""])
def test_only_what_the_declared_class_publishes(method: str, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task has declared the Reader; what stands there is a Writer."""
    if not guarded:
        everything = {name: serving._method(name, getattr(Writer, name)) for name in ("change", "_secret")}
        monkeypatch.setattr(serving, "published", lambda _: everything)
    served = Served(Writer(), Reader)
    told = {"words": "hej", "once": "en gång"} if method == "change" else {}
    with nullcontext() if not guarded and method in ("change", "_secret") else pytest.raises(Rubbish):
        assert served.call(method, **told) in ("en gång: hej", "hemligt")


def test_a_case_system_is_called_by_its_contract_alone() -> None:
    assert set(published(Cases.Reader)) == {"read", "find", "inbox", "attachments_of", "download_attachment"}
    assert set(published(Cases.Writer)) - set(published(Cases.Reader)) == {
        "claim", "add_note", "send_message", "set_status", "hand_over",
    }  # fmt: skip


SYSTEMS = [
    pytest.param(kind, id=f"{folder.name}.{kind.__name__}")
    for folder in system_folders("systems") + system_folders("cases")
    for kind in vars(importlib.import_module(f"robots.{folder.parent.name}.{folder.name}")).values()
    if isinstance(kind, type) and issubclass(kind, SystemAccess)
]


@pytest.mark.parametrize("kind", SYSTEMS)
def test_every_systems_methods_say_what_they_take(kind: type[SystemAccess]) -> None:
    found = published(kind)  # type: ignore[arg-type]  # mypy takes its __hash__ for an instance's
    assert found
    for method in found.values():
        if method.name == "refused":  # of a mail, which is no value
            with pytest.raises(TypeError, match="inte till för uppgifter"):
                assert method.makes
        else:
            assert set(method.makes) == set(list(method.signature.parameters)[1:]), method.name
    assert not {"open", "commit", "page", "bench", "context"} & set(found)


# -- values there and back ------------------------------------------------------------------------------------------


def test_values_arrive_as_what_they_were() -> None:
    served = Served(system := Reader())
    seen = served.call("thing_of", CASE)
    assert (type(seen.case), seen.parts[0].fee, seen.kind) == (CaseNumber, Decimal("1.50"), Kind.ONE)
    assert type(seen.kind) is Kind
    file = served.call("fetch", "brev.txt")
    told = replace(seen, when=datetime(2026, 11, 22, 9, 30))
    days = (date(2026, 11, 22), date(2027, 1, 1))
    served.call("take", told, "EKBACKEN 3:14", days, {"intyg": file}, "ja", many=[replace(file, name="annat.txt")])
    got = system.got
    assert got["thing"] == told
    assert [type(each) for each in (got["thing"].case, got["thing"].kind, got["either"])] == [CaseNumber, Kind, str]
    served.call("take", told, PropertyDesignation("EKBACKEN 3:14"), days, {}, "ja", many=[])
    assert type(system.got["either"]) is PropertyDesignation
    assert tuple(got["days"]) == days
    assert got["named"] == {"intyg": file}
    assert [(each.name, each.content) for each in got["many"]] == [("annat.txt", b"innehall")]
    assert got["maybe"] is None


def test_a_file_goes_by_its_sum_and_one_that_was_not_handed_out_is_none() -> None:
    served = Served(Reader())
    file = served.call("fetch", "brev.txt")
    assert b"innehall" not in put(file=file)
    made_up = Document("brev.txt", b"hemligt", "text/plain")
    with pytest.raises(FileNotHeld, match="kommer inte ur något system"):
        served.call("take", Thing(CASE, ()), "x", [], {"intyg": made_up}, "ja", many=[])


@pytest.mark.parametrize(
    "wrong", [{"word": "kanske"}, {"days": ["i morgon"]}, {"thing": {"case": "KC-1"}}, {"extra": 1}, {"many": "alla"}]
)
def test_what_is_of_another_type_is_a_fault_that_tells_no_value(wrong: dict[str, Any]) -> None:
    right = {"thing": Thing(CASE, ()), "either": "x", "days": [], "named": {}, "word": "ja", "many": []}
    with pytest.raises(TypeError) as fault:
        Served(Reader()).call("take", **(right | wrong))
    assert not any(words in str(fault.value) for words in ("kanske", "i morgon", "KC-1", "alla"))


@pytest.mark.parametrize("value", [object(), b"bytes", lambda: None, Reader])
def test_what_is_no_value_is_not_sent(value: object) -> None:
    with pytest.raises(TypeError, match="går inte att lämna"):
        plain(value)


def test_too_much_is_not_sent() -> None:
    with pytest.raises(ValueError, match="för mycket"):
        put(words="x" * 2_000_000)


@pytest.mark.parametrize("garbage", [b"", b"[]", b"\xff\xfe", b'{"a":', b"[" * 100_000])
def test_garbage_is_read_as_garbage(garbage: bytes) -> None:
    with pytest.raises(Rubbish):
        read(garbage)


@pytest.mark.parametrize(
    "asked",
    [
        {"event": "outcome", "title": "done", "detail": {}},
        {"event": "commit", "title": "x", "detail": {}},
        {"hide": [1]},
        {"stopped": None},
        {"call": "other", "method": "thing_of", "args": [], "named": {}},
        {"call": "system", "method": "thing_of", "args": {}, "named": {}},
        {"step": 1},
        {},
    ],
)
def test_whatever_else_is_asked_is_garbage(asked: dict[str, Any]) -> None:
    with pytest.raises(Rubbish):
        Served(Reader()).serving.answer(asked)


# -- what goes wrong ------------------------------------------------------------------------------------------------

ERRORS: list[Exception] = [
    BusinessException("Inga ritningar", todo="Sök", kind="Tomt"), SystemDown("stängt", 60.0), ProtectedPerson(),
    EffectUnverified("osedd", 30.0), WrongInput("Fält", "x", "Skriv y."), KeyError("nyckel"), ValueError("fel"),
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: type(each).__name__)
def test_an_error_is_raised_in_the_task_as_it_was_and_comes_back_as_itself(error: Exception) -> None:
    error.add_note("en anmärkning")
    served = Served(Reader(error))
    with pytest.raises(type(error)) as raised:
        served.call("thing_of", CASE)
    there = {name: value for name, value in vars(raised.value).items() if not name.startswith("_number")}
    assert (str(raised.value), there) == (str(error), vars(error))
    with pytest.raises(type(error)) as ended:
        served.serving.end(read(put(ended=told_of(raised.value, "")))["ended"])
    assert ended.value is error


def test_an_error_that_a_task_has_no_word_for_tells_nothing_and_comes_back_as_itself() -> None:
    class DatabaseError(Exception):
        pass

    error = DatabaseError("lösenordet är hemligt")
    served = Served(Reader(error))
    with pytest.raises(Outside) as raised:
        served.call("thing_of", CASE)
    assert "hemligt" not in str(raised.value)
    with pytest.raises(DatabaseError):
        served.serving.end(told_of(raised.value, ""))


class OwnKind(BusinessException):
    """A task's own."""


@pytest.mark.parametrize(
    ("error", "kind", "fields"),
    [
        (BusinessException("Nej", todo="Ring", kind="Kort"), BusinessException, {"todo": "Ring", "kind": "Kort"}),
        (OwnKind("Nej", todo="Ring"), BusinessException, {"todo": "Ring", "kind": "Nej"}),
        (TakenMeanwhile("Borta"), TakenMeanwhile, {"kind": TakenMeanwhile.kind, "todo": TakenMeanwhile.todo}),
        (SystemDown("stängt"), ApplicationException, {"kind": SystemDown.kind}),
        (ProtectedPerson(), ProtectedPerson, {"kind": "Skyddade personuppgifter"}),
        (RunCancelled("nej"), TaskFault, {}),
        (CommitsStopped("nej"), ApplicationException, {}),
        (ZeroDivisionError("noll"), TaskFault, {}),
    ],
)
def test_what_a_task_itself_may_say_went_wrong(error: Exception, kind: type[Exception], fields: dict[str, str]) -> None:
    with pytest.raises(kind) as ended:
        Served(Reader()).serving.end(read(put(ended=told_of(error, "")))["ended"])
    assert type(ended.value) is kind
    assert str(error) in str(ended.value)
    assert {name: getattr(ended.value, name) for name in fields} == fields


def test_a_fault_tells_the_tasks_own_line() -> None:
    source, file = "\n\ndef inner():\n    len(3)\n\n\ninner()\n", "/tasks/one.py"
    with pytest.raises(TypeError) as raised:
        exec(compile(source, file, "exec"), {})
    with pytest.raises(TaskFault) as ended:
        Served(Reader()).serving.end(told_of(raised.value, file))
    assert ended.value.where == f"{TRIAL.file}:4"


@pytest.mark.parametrize("told", [{"again": 0}, {"again": -1}, {"said": "RunCancelled"}, {"fault": 1}, "done", 3])
def test_an_ending_that_nobody_has_is_garbage(told: Any) -> None:
    with pytest.raises(Rubbish):
        Served(Reader()).serving.end(told)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
@pytest.mark.parametrize("stop", [ProtectedPerson(), RunCancelled("av"), CommitsStopped("alla"), ApprovalNeeded("x")])
def test_no_task_catches_what_ends_a_run(stop: Exception, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not guarded:
        monkeypatch.setattr(serving, "FINAL", ())
    served = Served(Reader(stop))
    with pytest.raises(type(stop)):
        served.call("thing_of", CASE)
    ends: AbstractContextManager[Any] = pytest.raises(type(stop)) if guarded else nullcontext()
    with ends:
        served.call("thing_of", CASE)
    with pytest.raises(type(stop)) if guarded else nullcontext():
        served.serving.end(None)


# -- the run --------------------------------------------------------------------------------------------------------


def test_steps_lines_and_what_is_hidden_reach_the_real_run() -> None:
    served = Served(Reader())
    served.ask(step="Hämta")
    served.ask(event="told", title="hej", detail={})
    served.ask(hide=["Tova Testdotter"])
    served.ask(stopped=None)
    assert served.log.events == [("step", "Hämta"), ("told", "hej")]
    assert served.log.hidden == ["Tova Testdotter"]
    assert [served.ask(made=mark) for mark in ("R-1", "R-2")] == [True, False]


def test_a_step_that_stops_stops_there_with_the_same_error() -> None:
    served, seen = Served(Reader()), list[BaseException]()

    class Steps:
        def __enter__(self) -> None: ...

        def __exit__(self, _kind: object, error: BaseException, _trace: object) -> None:
            seen.append(error)

    step: Callable[[str], Any] = lambda _title: Steps()  # noqa: E731 - stands for the run's own
    served.serving._run._step = step
    served.ask(step="Hämta")
    served.ask(stopped={"fault": "KeyError", "words": "x", "line": 3})
    assert str(seen[0]) == "KeyError: x"
