"""Who uses a data folder's own database beside this program."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import psutil

from robots.errors import ConfigurationError
from robots.store.embedded import is_running_in, leave_embedded, start_embedded

# The package writes here who has joined the server, and takes away who leaves; one that was killed stays.
_JOINED = ".handle_pids.json"


def others_in(data_dir: Path) -> list[str]:
    """The other living programs of this machine that have joined the server, in words for people."""
    found: list[str] = []
    with suppress(FileNotFoundError, ValueError):
        for pid in json.loads((data_dir / "database" / _JOINED).read_text("utf-8")):
            with suppress(psutil.NoSuchProcess):
                if pid != os.getpid():
                    found.append(f"{psutil.Process(pid).name()} ({pid})")
    return found


def demand_at_rest(data_dir: Path) -> None:
    """Raise ``ConfigurationError`` while somebody uses the server; one that all its users have died from is stopped."""
    if not is_running_in(data_dir / "database"):
        return
    if others := others_in(data_dir):
        raise ConfigurationError(
            f"Databasen i {data_dir} används av {', '.join(others)}. Avsluta dem först (ragnhild drain, tjänsterna)."
        )
    server = start_embedded(data_dir / "database")
    server.stop()
    leave_embedded(server)
