"""``python -m benchmarks.desk_process``: the portal as a process of its own, told its settings on standard input.

It writes its port when it answers, and ends when its input is closed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from robots.logs import set_up_logging
from robots.portal.app import create_app
from robots.settings import Settings, load_settings
from robots.store import Store
from robots.store.connect import connect
from robots.watching.listening import HOST, answering

ENDING_SECONDS = 30


@contextmanager
def open_desk(settings: Settings, store: Store) -> Iterator[str]:
    """The address of a portal over that database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.desk_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        told = settings.model_dump(mode="json", exclude={"database_url"})
        process.stdin.write(json.dumps({"settings": told, "database": store.url}).encode() + b"\n")
        process.stdin.flush()
        port = process.stdout.readline()
        if not port:
            raise RuntimeError("the portal ended before it answered")
        yield f"http://{HOST}:{int(port)}"
    finally:
        process.stdin.close()
        process.wait(ENDING_SECONDS)
        process.stdout.close()


def main() -> None:
    told = json.loads(sys.stdin.readline())
    settings = load_settings(**told["settings"])
    set_up_logging(settings, "portal")
    store = connect(told["database"])
    with answering(create_app(settings, store), 0, "portal_port") as port:
        print(port, flush=True)
        sys.stdin.read()
    store.close()


if __name__ == "__main__":
    main()
