"""``ragnhild up``, whose database is killed while a run is at work."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy.exc import SQLAlchemyError

from robots.cli.town import join_town
from robots.queue.runs import events_of, find_run
from robots.settings import load_settings
from robots.store import Store, open_store
from robots.store.embedded import is_running_in
from robots.task_files import LoadedTasks
from tests.journey.commands import SECONDS, resident, wait_until
from tests.journey.test_operate import asked

pytestmark = [pytest.mark.browser, pytest.mark.long]
SLOW_SECONDS = 4
# Some looks of the one that looks after it, which is not there.
LEFT_ALONE_SECONDS = 5.0


@pytest.fixture
def own(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    shared = ("RAGNHILD_DATABASE_URL", "RAGNHILD_TOWN")
    kept = {name: value for name, value in environment.items() if name not in shared}
    return kept | {"RAGNHILD_DATA_DIR": str(tmp_path)}


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[list[Store]]:
    """What this test has opened of the other program's database."""
    stores: list[Store] = []
    yield stores
    for store in stores:
        store.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("program", ["robots", "tests.journey.careless_up"])
def test_its_database_is_started_again_and_the_runs_go_on(
    tmp_path: Path, own: dict[str, str], joined: list[Store], tasks: LoadedTasks, program: str
) -> None:
    database = tmp_path / "database"
    with resident(own, "up", "--practice", "--port", "0", "--slots", "1", module=program) as everything:
        assert everything.stderr is not None
        while "Igång." not in everything.stderr.readline():
            assert everything.poll() is None
        town = join_town(load_settings(data_dir=tmp_path))
        town.fault("drawing_archive", "slow", path="/traffar", seconds=SLOW_SECONDS)
        store = open_store(None, tmp_path)
        joined.append(store)
        at_work = asked(store, tasks, town, 0)
        wait_until(lambda: [event for event in events_of(store, at_work) if event.kind == "step"])

        psutil.Process(int((database / "postmaster.pid").read_text("utf-8").partition("\n")[0])).kill()
        wait_until(lambda: not is_running_in(database))
        if program != "robots":
            time.sleep(LEFT_ALONE_SECONDS)  # for what does not come there is nothing to wait for
            assert not is_running_in(database), "control: nobody starts it"
            town.stop()
            return

        wait_until(lambda: outcome(store, at_work))
        afterwards = asked(store, tasks, town, 1)
        wait_until(lambda: outcome(store, afterwards))
        assert [outcome(store, run) for run in (at_work, afterwards)] == ["done", "done"]
        made = Counter(change["kind"] for change in town.truth())
        assert made == {"message_sent": 2, "note_added": 2, "status_set": 2}
        joined.pop().close()
        town.stop()
        everything.send_signal(signal.SIGTERM)
        _, talk = everything.communicate(timeout=SECONDS)
    assert everything.returncode == 0, talk
    assert "Databasen har stannat av sig själv." in talk
    assert "Databasen är igång igen." in talk
    assert not is_running_in(database), "it ends with the last, though it is not the one that began"


def outcome(store: Store, run: int) -> str | None:
    """None too while the database is away."""
    with suppress(SQLAlchemyError):
        found: str | None = find_run(store, run).outcome
        return found
    return None
