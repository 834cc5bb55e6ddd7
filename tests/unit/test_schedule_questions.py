"""How often the database is asked: as often for three hundred schedules as for three."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from robots.cli import schedules as command
from robots.settings import Settings
from robots.store import Store
from tests.unit.timetable import DAILY, Timetable

MANY = 300


@pytest.fixture
def timetable(machine: Settings, store: Store, tmp_path: Path) -> Timetable:
    return Timetable.laid(machine, store, tmp_path)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def known(timetable: Timetable, count: int) -> None:
    """So many schedules, each with a start that was made and one that is asked about."""
    for number in range(count):
        timetable.write('missed = "ask"\n' + DAILY, f"prov{number:03}")


def test_a_look_at_which_nothing_has_come_asks_the_same_for_all(timetable: Timetable, store: Store) -> None:
    def asked(count: int) -> int:
        known(timetable, count)
        timetable.at("2026-11-09 05:00")
        with counted(store) as questions:
            timetable.at("2026-11-09 05:01")
        return len(questions)

    few = asked(3)
    assert few <= 6
    assert asked(MANY) == few


def test_control_what_has_come_is_looked_at_one_by_one(timetable: Timetable, store: Store) -> None:
    known(timetable, 3)
    timetable.at("2026-11-09 05:00")
    timetable.now = "2026-11-09 06:00"
    with counted(store) as questions:
        timetable.scheduler().look_round()
    assert len(questions) > 3 * 5
    assert sum(asked.startswith("SELECT starts.id") for asked in questions) == 3  # what waits is read once for each


def test_the_command_asks_the_same_for_all(
    timetable: Timetable, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def opened() -> Iterator[Any]:
        yield timetable.scheduler()

    monkeypatch.setattr(command, "_open_scheduler", opened)

    def asked(count: int) -> int:
        known(timetable, count)
        timetable.at("2026-11-09 05:00")
        timetable.at("2026-11-10 07:00")
        with counted(store) as questions:
            command.schedules(count=1, as_json=True)
        assert capsys.readouterr().out.count('"state": "asked"') == 4 * count
        return len(questions)

    few = asked(3)
    assert few <= 10
    timetable.remove()
    known(timetable, 0)
    assert asked(MANY) == few
