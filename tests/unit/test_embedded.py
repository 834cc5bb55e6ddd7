"""The machine's own database stops with the last that uses it, also when one of them was killed."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from tempfile import TemporaryDirectory

import psutil
import pytest

JOIN_AND_BE_KILLED = """
import os, signal, sys
from pathlib import Path
from robots.store.embedded import start_embedded
start_embedded(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""
JOIN_AND_LEAVE = """
import sys
from pathlib import Path
from robots.store import embedded
if sys.argv[2] == "counting the dead":
    embedded._forget_the_dead = lambda server: None
server = embedded.start_embedded(Path(sys.argv[1]))
print(server.get_pid())
embedded.leave_embedded(server)
"""


@pytest.mark.parametrize("counting", ["the living", "counting the dead"])
def test_one_that_was_killed_does_not_keep_it_running(counting: str) -> None:
    with TemporaryDirectory(prefix="ragnhild-test-", ignore_cleanup_errors=True) as folder:
        killed = subprocess.run([sys.executable, "-c", JOIN_AND_BE_KILLED, folder], check=False, timeout=60)
        assert killed.returncode < 0
        left = subprocess.run(
            [sys.executable, "-c", JOIN_AND_LEAVE, folder, counting], capture_output=True, text=True, check=True,
            timeout=60,
        )  # fmt: skip
        server = int(left.stdout)
        if counting == "the living":
            with suppress(psutil.NoSuchProcess):
                psutil.Process(server).wait(30)  # dead at once; whoever inherits it may take a moment to bury it
            return
        assert psutil.pid_exists(server), "control: it runs for ever"
        psutil.Process(server).terminate()
        psutil.Process(server).wait(30)
