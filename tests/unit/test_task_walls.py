"""A task's process begins inside its walls or not at all; where the machine has none, a setting decides."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from robots.errors import ConfigurationError
from robots.settings import Settings
from robots.worker.task_process import processes, syscalls, walls
from robots.worker.task_process.processes import TaskProcesses

# What a task might try, each on a line of its own that says how it went.
TRIES = """
import os, socket, sys
from pathlib import Path
from robots.worker.task_process import walls
if sys.argv[2] == "shut in":
    walls.shut_in(Path(sys.argv[1]), [])
for what in (lambda: Path("/etc/passwd").read_text(), lambda: os.listdir("/tmp"), socket.socket, os.fork):
    try:
        if what() == 0:
            os._exit(0)
        print("got")
    except PermissionError:
        print("refused")
"""


class Kernel:
    """A machine with both walls, whose calls go well but for one."""

    def __init__(self, fails: str) -> None:
        self._fails = fails

    def syscall(self, number: int, *told: Any) -> int:
        if number == walls._CREATE_RULES:
            return 1 if told[0] is None else self._unless("rules", os.open(os.devnull, os.O_RDONLY))
        return self._unless("held", 0) if number == walls._HOLD_TO_RULES else 0

    def prctl(self, what: int, *told: Any) -> int:
        if what == walls._SECCOMP and told[1] is None:
            ctypes.set_errno(errno.EINVAL if self._fails == "no filters" else errno.EFAULT)
            return -1
        return self._unless("filter", 0) if what == walls._SECCOMP else 0

    def capset(self, *_told: Any) -> int:
        return 0

    def _unless(self, name: str, well: int) -> int:
        return -1 if name == self._fails else well


@pytest.mark.parametrize("fails", ["rules", "held", "filter"])
def test_a_wall_that_does_not_come_up_is_no_beginning(
    fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syscalls, "kernel_numbers", lambda: 0)
    monkeypatch.setattr(walls, "_libc", lambda: Kernel(fails))
    with pytest.raises(OSError, match="did not"):
        walls.shut_in(tmp_path, [])


@pytest.mark.parametrize(("has", "lacks"), [("all", 0), ("no filters", 1)])
def test_what_is_missing_is_gone_on_without(
    has: str, lacks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syscalls, "kernel_numbers", lambda: 0)
    monkeypatch.setattr(walls, "_libc", lambda: Kernel(has))
    assert len(walls.missing()) == lacks
    walls.shut_in(tmp_path, [])


@pytest.mark.parametrize("required", [True, False])
def test_where_tasks_cannot_be_shut_in(required: bool, machine: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def close(self) -> None: ...

    monkeypatch.setattr(processes, "Forked", Nothing)
    monkeypatch.setattr(walls, "missing", lambda: ["Landlock"])
    settings = machine.model_copy(update={"walls_required": required})
    if required:
        with pytest.raises(ConfigurationError, match="Landlock"):
            TaskProcesses(settings)
    else:
        TaskProcesses(settings).close()


@pytest.mark.long
@pytest.mark.skipif(bool(walls.missing()), reason=f"lacks {walls.missing()}")
@pytest.mark.parametrize(("how", "got"), [("shut in", "refused"), ("control", "got")])
def test_it_holds_for_one_who_is_not_root(how: str, got: str, tmp_path: Path) -> None:
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if as_nobody and not shutil.which("setpriv"):
        pytest.skip("root, and there is no setpriv to become somebody else with")
    python = [*as_nobody, sys.executable, "-I", "-c"]
    if subprocess.run([*python, "import robots"], capture_output=True, cwd="/", check=False).returncode:
        pytest.skip("nobody may read the toolkit where it lies here")
    told = subprocess.run(
        [*python, TRIES, str(tmp_path), how], capture_output=True, cwd="/", text=True, check=True
    )  # fmt: skip
    assert told.stdout.split() == [got] * 4, told.stderr
