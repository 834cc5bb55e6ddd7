"""Try the mutants of one file: each in a process forked off from one that has loaded everything but that file.

The database is started once and handed to every try (``Given``). A try runs the tests that have been seen to reach the
mutant's line, the quickest first, and ends with the first that fails.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest

# A try may take as long as its tests do, this many times over, and what it takes to start.
_PATIENCE, _START_SECONDS = 5, 15.0
_LOOK_SECONDS = 0.02
KILLED, SURVIVED, TIMED_OUT = "killed", "survived", "timed out"


class _Spoilt(SourceFileLoader):
    def __init__(self, name: str, file: str, source: str) -> None:
        super().__init__(name, file)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


class _InItsPlace(MetaPathFinder):
    """Whoever imports the module gets another source; without one, nobody gets it at all."""

    def __init__(self, module: str, file: Path, source: str | None = None) -> None:
        self._module, self._file, self._source = module, str(file), source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        if self._source is None:
            raise ImportError(fullname)
        loader = _Spoilt(fullname, self._file, self._source)
        return importlib.util.spec_from_file_location(fullname, self._file, loader=loader)


class Given:
    """The database server that runs already, and one database in it for all tests, in place of the fixtures' own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opened: list[Any] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> Any:
        if fixturedef.argname not in ("database_server", "own_store"):
            return None
        from robots.store.connect import connect
        from tests.conftest import OWN

        found = connect(self._address)
        if fixturedef.argname == "own_store":
            own = found.engine.url.set(database="test").render_as_string(hide_password=False)
            found = connect(f"{own}{'&' if '?' in own else '?'}application_name={OWN}")
            found.url = own
        self._opened.append(found)
        fixturedef.cached_result = (found, fixturedef.cache_key(request), None)
        return found

    def pytest_sessionfinish(self) -> None:
        for store in self._opened:
            store.close()


class _Only:
    """These tests, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._place = {name: n for n, name in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self._place), key=lambda i: self._place[i.nodeid])


class _Learning:
    """Which tests reach which lines of the file, and how long each takes."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        self._now: set[int] = set()
        self.lines: dict[str, list[int]] = {}
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._now, since = set(), time.monotonic()
        sys.settrace(self._look)
        threading.settrace(self._look)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.lines[item.nodeid] = sorted(self._now)
            self.seconds[item.nodeid] = time.monotonic() - since

    def _look(self, frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename != self._file:
            return None
        self._now.add(frame.f_lineno)
        return self._look


class Warm:
    """Everything that the tests of ``file`` load, except what depends on it."""

    def __init__(self, file: Path, tests: Sequence[str], address: str, scratch: Path) -> None:
        self.file, self.tests = file.resolve(), tests
        self.module = ".".join(file.with_suffix("").parts)
        self._given, self._scratch = Given(address), scratch
        self._learnt: dict[str, Any] = {}

    def learn(self) -> None:
        """Run the tests on the file as it is. Raises ``RuntimeError`` when they fail."""
        told = self._scratch / "learnt.json"

        def see() -> int:
            learning = _Learning(self.file)
            code = self._pytest(learning)
            names = [name for name in sys.modules if not name.startswith(("tests", "__"))]
            told.write_text(json.dumps({"modules": names, "lines": learning.lines, "seconds": learning.seconds}))
            return code

        if _in_fork(see, 900.0) != 0:
            raise RuntimeError(f"the tests of {self.file.name} fail as it is")
        self._learnt = json.loads(told.read_text())
        sys.meta_path.insert(0, barred := _InItsPlace(self.module, self.file))
        for name in self._learnt["modules"]:
            with contextlib.suppress(Exception):  # it needs the file, or is not to be had by its name
                importlib.import_module(name)
        sys.meta_path.remove(barred)
        sound = {"source": self.file.read_text("utf-8"), "statement": (0, 0), "within": False}
        if self.try_out(sound) != SURVIVED:
            raise RuntimeError(f"the tests of {self.file.name} fail on it as it is, when they are run as a try")

    def try_out(self, mutant: dict[str, Any]) -> str:
        """What became of it. What a test finds in a cache it does not reach: so at last all have their say."""
        seconds: dict[str, float] = self._learnt["seconds"]
        quickest = sorted(seconds, key=lambda name: seconds[name])
        reaching = [name for name in quickest if self._reaches(name, mutant)]
        became = self._told_by(reaching, mutant) if reaching else SURVIVED
        return self._told_by(quickest, mutant) if became == SURVIVED and 0 < len(reaching) < len(quickest) else became

    def _reaches(self, test: str, mutant: dict[str, Any]) -> bool:
        """What is done when the file is loaded concerns all of them."""
        first, last = mutant["statement"]
        return not mutant["within"] or any(first <= line <= last for line in self._learnt["lines"][test])

    def _told_by(self, tests: Sequence[str], mutant: dict[str, Any]) -> str:
        def spoil() -> int:
            sys.meta_path.insert(0, _InItsPlace(self.module, self.file, mutant["source"]))
            return self._pytest(_Only(tests), "-x")

        code = _in_fork(spoil, _START_SECONDS + _PATIENCE * sum(self._learnt["seconds"][name] for name in tests))
        if code == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise RuntimeError(f"none of the tests of {self.file.name} was run")
        return TIMED_OUT if code is None else SURVIVED if code == 0 else KILLED

    def _pytest(self, plugin: object, *options: str) -> int:
        basetemp = f"--basetemp={self._scratch / 'tests'}"
        loaded = "ignore::pytest.PytestAssertRewriteWarning"  # plugins, as everything else
        asked = ["-q", "-W", loaded, "-p", "no:cacheprovider", "-p", "no:xdist", basetemp, *options, *self.tests]
        return int(pytest.main(asked, plugins=[self._given, plugin]))


def _in_fork(work: Callable[[], int], most: float) -> int | None:
    """What it returns, in a process of its own; None when it takes too long. Time that the whole is stopped is none."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 3
        try:
            os.setsid()
            os.dup2(2, 1)  # what the tests say, for whoever wants to see it
            code = work()
            sys.stdout.flush()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    for _ in range(int(most / _LOOK_SECONDS)):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            _end_family(pid)
            return os.waitstatus_to_exitcode(status)
        time.sleep(_LOOK_SECONDS)
    _end_family(pid)
    os.waitpid(pid, 0)
    return None


def _end_family(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def main(file: str, found: str, address: str, *tests: str) -> None:
    """What became of each mutant that ``found`` lists, a line of JSON each, as soon as it is known.

    ``MUTANTS_WAIT``: while that file is there, nothing is begun.
    """
    hold = Path(os.environ.get("MUTANTS_WAIT") or "no such file")
    with TemporaryDirectory(prefix="ragnhild-test-", ignore_cleanup_errors=True) as scratch:
        warm = Warm(Path(file), tests, address, Path(scratch))
        warm.learn()
        for mutant in json.loads(Path(found).read_text("utf-8")):
            while hold.exists():
                time.sleep(1)
            became = warm.try_out(mutant)
            print(json.dumps({"number": mutant["number"], "became": became}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
