"""A database server for all tries: prints its address, and ends with its standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from robots.store import open_store
from tests.conftest import new_database

with TemporaryDirectory(prefix="ragnhild-test-", ignore_cleanup_errors=True) as folder:
    server = open_store(None, Path(folder))
    server.engine.dispose()
    new_database(server, "test")
    print(server.engine.url.render_as_string(hide_password=False), flush=True)
    sys.stdin.read()
    server.close()
