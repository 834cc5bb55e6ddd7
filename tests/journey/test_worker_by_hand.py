"""``ragnhild worker`` by hand, whose machine's own database dies: there is nobody else to start it again."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil
import pytest

from robots.store.embedded import is_running_in
from tests.journey.commands import SECONDS, resident, wait_until
from tests.journey.test_up import LEFT_ALONE_SECONDS, own

__all__ = ["own"]
pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.mark.parametrize("started", ["by hand", "by systemd"])
def test_its_database_is_started_again(tmp_path: Path, own: dict[str, str], started: str) -> None:
    database = tmp_path / "database"
    # As a service the database has a unit of its own, whose it would otherwise no longer be.
    environment = own | ({"NOTIFY_SOCKET": str(tmp_path / "notes")} if started == "by systemd" else {})
    with resident(environment, "worker", "--slots", "1") as worker:
        assert worker.stderr is not None
        while "Igång." not in worker.stderr.readline():
            assert worker.poll() is None
        psutil.Process(int((database / "postmaster.pid").read_text("utf-8").partition("\n")[0])).kill()
        wait_until(lambda: not is_running_in(database))
        if started == "by systemd":
            time.sleep(LEFT_ALONE_SECONDS)  # for what does not come there is nothing to wait for
            assert not is_running_in(database), "control: it is the unit's to start"
            return
        wait_until(lambda: is_running_in(database))
        worker.send_signal(signal.SIGTERM)
        _, talk = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0, talk
    assert "Databasen är igång igen." in talk
    assert not is_running_in(database)
