"""The toolkit's own tasks, which run as the municipality's do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from robots.task import Task
from robots.task_files import LoadedTasks
from robots.worker.left_for_later import FINISH_IN_CASE
from robots.worker.looks import LOOKS, MORNING_CHECK, system_looked_at
from robots.worker.read_folder import READ_FOLDER
from robots.worker.read_inbox import READ_INBOX
from robots.worker.read_mailbox import READ_MAILBOX

_NAMED = {own.name: own for own in (FINISH_IN_CASE, READ_INBOX, READ_FOLDER, READ_MAILBOX)}


class OwnTasks(Mapping[str, Task]):
    """By name. A look into a system is made when somebody asks for it, since it takes the driver of its system."""

    def __getitem__(self, name: str) -> Task:
        if system_looked_at(name) in _systems():
            from robots.worker.look_behind import look_behind_of
            from robots.worker.morning_check import check_of

            look = check_of if name.startswith(MORNING_CHECK) else look_behind_of
            return look(system_looked_at(name))
        return _NAMED[name]

    def __iter__(self) -> Iterator[str]:
        yield from _NAMED
        yield from (f"{look}{key}" for look in LOOKS for key in _systems())

    def __len__(self) -> int:
        return len(_NAMED) + len(LOOKS) * len(_systems())


@cache
def _systems() -> tuple[str, ...]:
    robots = Path(__file__).parents[1]
    return tuple(
        sorted(card.parent.name for part in ("systems", "cases") for card in robots.glob(f"{part}/*/system.toml"))
    )


OWN_TASKS = OwnTasks()


def find_task(tasks: LoadedTasks, name: str) -> Task:
    """The municipality's task of that name, or the toolkit's own. Raises ``WrongInput`` when there is none."""
    return OWN_TASKS.get(name) or tasks.find(name)
