"""Carries out the plan in a process that kills itself at a moment that it is told; for ``test_retention_kills``.

``python -m tests.unit.removing <folder> <address> <n> <words>``: the n-th moment since a statement with the words; 0 is
never.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from robots.retention import carrying_out
from robots.retention.nights import Nights
from robots.settings import load_settings
from robots.store.connect import connect


def main(folder: Path, address: str, kill_at: int, since: str) -> None:
    carrying_out.ROWS, carrying_out.CASES = 3, 2  # many portions
    places = {f"{name}_dir": folder / name for name in ("config", "tasks", "schedules", "data")}
    settings = load_settings(**places, backup_folder=folder / "backups", retention_at="00:00")
    store = connect(address)
    seen, counting = 0, not since

    def count(*told: object) -> None:
        nonlocal seen, counting
        counting = counting or any(isinstance(each, str) and since in each for each in told)
        seen += counting
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    # A commit is no statement of the driver's, and the moments round it are what matters most.
    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(store.engine, moment, count)
    Nights(settings, store, rows=True).look()
    print(seen)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
