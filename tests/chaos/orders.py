"""The task of the random kills, and the small municipality it runs in: one robot, one system, no browser."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from robots.queue.runs import submit
from robots.settings import Settings, load_settings, write_secret
from robots.store import Store
from robots.systems.login import LoginSessions
from robots.task import Run, task
from robots.task_files import LoadedTasks
from robots.worker.attempt import attempt_run
from robots.worker.warm_browser import WarmBrowser
from tests.chaos import order_book
from tests.chaos.no_browser import ADDRESS, PlainBrowser
from tests.in_this_process import in_this_process

ROBOT = "olle"
# Never too few: that a run gives up is another test's matter.
MOST_ATTEMPTS = 200


def words_of(number: int) -> list[str]:
    """What the run with this number orders, in order: two or three things."""
    return [f"körning {number} order {each}" for each in range(2 + number % 2)]


@task(title="Beställ i ordning", owner="Ingen", saves_minutes=1)
def order_in_turn(run: Run, number: int, *, book: order_book.Writer) -> None:
    """Lägger två eller tre order, den ena efter den andra."""
    with run.step("Beställ"):
        for words in words_of(number):
            book.order(words, once=words)


def write_config(folder: Path, *, settle: float, timeout: float) -> None:
    """The configuration of that municipality."""
    folder.mkdir(parents=True)
    (folder / "robots.toml").write_text(
        f'[{ROBOT}]\ntitle = "Olle"\nowner = "Ingen"\nuser = "robot.olle"\ntasks = ["order_in_turn"]\n', "utf-8"
    )
    (folder / "access.toml").write_text(f'[{ROBOT}]\norder_book = "journal"\n', "utf-8")
    (folder / "systems.toml").write_text(
        f'[order_book]\nurl = "{ADDRESS}"\nsettle_seconds = {settle}\ntimeout_seconds = {timeout}\n'
        "failures_to_open = 0\n",  # three faults in a row are the rule here
        "utf-8",
    )


def settings_in(folder: Path) -> Settings:
    return load_settings(
        data_dir=folder / "data", config_dir=folder / "config", evidence="steps", attempts=MOST_ATTEMPTS,
        retry_seconds=0.001,
    )  # fmt: skip


def log_in(settings: Settings, store: Store) -> None:
    """Let the robot find a login session, as one does that has worked before."""
    write_secret(settings.secrets_dir / ROBOT, "prov")
    LoginSessions(store, settings.machine_key(), ROBOT, f"order_book@{ADDRESS.partition('//')[2]}").save([], ADDRESS)


class Work:
    """What an actor can be told to do: ask for runs, and try one."""

    def __init__(self, settings: Settings, store: Store, target: str) -> None:
        self._settings = settings
        self._store = store
        self._task = order_in_turn.__ragnhild_task__  # type: ignore[attr-defined]
        self._tasks = LoadedTasks({self._task.name: self._task})
        self._browser = cast(WarmBrowser, PlainBrowser(target))

    def ask_for(self, number: int) -> int:
        values = self._task.inputs.parse({"number": number})
        return submit(self._store, self._task, values, robot=ROBOT, source="batch", started_by="test").run_id

    def attempt(self, run_id: int) -> str:
        return attempt_run(self._settings, self._store, self._tasks, self._browser, run_id, carry=in_this_process)
