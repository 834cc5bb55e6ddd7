"""The machine's own database stops with the last that uses it, also when one of them was killed, and comes back."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import psycopg
import pytest

from robots.errors import ConfigurationError
from robots.store import embedded

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


# Who is at work does not look up, and so does not see that its server has died.
AT_WORK = b"do $$ begin loop end loop; end $$"


@pytest.fixture
def server() -> Iterator[Any]:
    with TemporaryDirectory(prefix="ragnhild-test-", ignore_cleanup_errors=True) as folder:
        started = embedded.start_embedded(Path(folder) / "database")
        yield started
        embedded.start_again(started)
        embedded.leave_embedded(started)
        assert not embedded.is_running_in(started.pgdata)


def test_one_that_was_killed_at_work_is_started_again(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LAST_SECONDS", 0.2)
    address, dead = server.get_uri(), server.get_pid()
    with psycopg.connect(address) as at_work, psycopg.connect(address, autocommit=True) as looking:
        at_work.pgconn.send_query(AT_WORK)
        _wait_until(lambda: looking.execute("select from pg_stat_activity where query like 'do %'").rowcount)
        psutil.Process(dead).kill()
        _wait_until(lambda: not embedded.is_alive(server))
        with monkeypatch.context() as control:
            control.setattr(embedded, "_bury", lambda server, socket: None)
            with suppress(ConfigurationError):
                embedded.start_again(server)
            assert not embedded.is_alive(server), "control: in the way of the next is what the dead one left"

        embedded.start_again(server)

        assert embedded.is_alive(server)
        assert (server.get_uri(), server.get_pid() != dead) == (address, True)
        with psycopg.connect(address) as again:
            assert again.execute("select 1").fetchone() == (1,)
        at_work.close()
        looking.close()
    running = server.get_pid()
    embedded.start_again(server)
    assert server.get_pid() == running, "who comes second joins"


STALE = """
import sys
from pathlib import Path
from robots.store import embedded
if sys.argv[2] == "trusting the number":
    embedded._make_way = lambda server: None
server = embedded.start_embedded(Path(sys.argv[1]))
import psycopg
with psycopg.connect(server.get_uri()) as asking:
    print(asking.execute("show data_directory").fetchone()[0])
embedded.leave_embedded(server)
"""


@pytest.mark.parametrize("whose", ["another program's", pytest.param("another server's", marks=pytest.mark.long)])
def test_a_number_from_before_that_is_anothers_now_is_in_nobodys_way(server: Any, whose: str) -> None:
    """As after a machine's start without warning: the dead server's number has been given out anew."""
    with TemporaryDirectory(prefix="ragnhild-test-", ignore_cleanup_errors=True) as folder:
        files = Path(folder) / "database"
        left = embedded.start_embedded(files)
        told, before = (files / "postmaster.pid").read_text("utf-8"), str(left.get_pid())
        embedded.leave_embedded(left)
        for way in ("looking whose it is", "trusting the number"):
            with subprocess.Popen(["sleep", "60"]) as another:
                bystander = psutil.Process(server.get_pid() if whose == "another server's" else another.pid)
                (files / "postmaster.pid").write_text(told.replace(before, str(bystander.pid), 1), "utf-8")
                done = subprocess.run(
                    [sys.executable, "-c", STALE, str(files), way],
                    capture_output=True, text=True, check=False, timeout=60,
                )  # fmt: skip
                lives = bystander.is_running() and bystander.status() != psutil.STATUS_ZOMBIE
                another.kill()
            if way == "looking whose it is":
                assert (done.stdout.strip(), lives) == (str(files), True), done.stderr
            else:
                assert (done.returncode != 0, lives) == (True, False), "control: it is ended in the dead server's place"


def _wait_until(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30.0
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)  # another process's doing
