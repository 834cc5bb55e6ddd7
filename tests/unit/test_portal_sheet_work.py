"""A large sheet holds no request: its rows are laid beside it, once each, whoever dies meanwhile."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from robots.portal.desk import PATIENCE_SECONDS
from robots.portal.desk import Desk as PortalDesk
from robots.portal.doors.sessions import new_key, visitor_of_account
from robots.portal.sheet_files import READING, file_of
from robots.portal.sheet_laying import BROKE, NOBODY, Layer
from robots.portal.sheet_work import MOST_TRIES, Lost, end_within, is_laid_now, laying_of, take
from robots.portal.sheets import own_sheet, start_sheet
from robots.queue.pauses import pause, resume
from robots.settings import Settings
from robots.store import Store
from robots.store.clock import span
from robots.store.schema import accounts, batch_rows, runs, sheet_work
from tests.unit.desks import Desk, desk_over
from tests.unit.test_portal_excel import GOOD, ROWS, counted, given, started
from tests.unit.workbook_files import TITLES, case, sheet_file

# Lays the first two chunks, and is killed in the third.
_KILLED = """
import os, pickle, signal, sys, threading
from robots.portal.desk import Desk
from robots.portal.sheet_laying import Layer
from robots.queue import batches
from robots.store import open_store

batches.CHUNK, lay, laid = 100, batches._enqueue_chunk, []

def lay_and_die(*told):
    if len(laid) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    laid.append(lay(*told))
    return laid[-1]

batches._enqueue_chunk = lay_and_die
settings = pickle.load(sys.stdin.buffer)
Layer(Desk(settings, open_store(sys.argv[1], settings.data_dir, upgrade=False)), lambda: False).begin()
threading.Event().wait(60)
"""


@pytest.fixture
def desk(
    machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:  # fmt: skip
    """One that waits for nothing before it answers."""
    monkeypatch.setattr("robots.portal.desk.PATIENCE_SECONDS", 0.0)
    with desk_over(machine.model_copy(update={"data_dir": tmp_path / "data"}), store) as opened:
        yield opened


@pytest.fixture
def unlaid(desk: Desk) -> PortalDesk:
    """A portal over the same that lays nothing: what dies as soon as a sheet has been started."""
    return PortalDesk(desk.settings, desk.store)


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.02)


def order(portal: PortalDesk, sheet: str, name: str = "gun") -> int:
    """Start it where nobody lays it; returns the batch."""
    with portal.store.begin() as connection:
        number = connection.execute(select(accounts.c.id).where(accounts.c.name == name)).scalar_one()
    visitor = visitor_of_account(portal.store, number)
    assert visitor
    return start_sheet(portal, visitor, own_sheet(portal, visitor, int(sheet.rpartition("/")[2])), dry_run=False)


def standing(store: Store, batch: int) -> Any:
    row = laying_of(store, batch)
    assert row
    return row


def lay(portal: PortalDesk, batch: int) -> Any:
    Layer(portal, lambda: False).begin()
    until(lambda: not standing(portal.store, batch).is_open)
    return standing(portal.store, batch)


def test_the_answer_comes_before_the_rows_and_the_page_tells_how_far_they_have_come(desk: Desk, tmp_path: Path) -> None:
    gun = desk.person("gun")
    page = given(gun, sheet_file(tmp_path, ROWS))
    with ExitStack() as busy:
        busy.enter_context(READING)
        busy.enter_context(READING)  # nobody can read it now
        batch = started(gun, page)
        assert started(gun, page) == batch
        shown = " ".join(gun.get(batch).text.split())
        assert 'id="laying">Raderna läggs in i kön: <strong data-count="rows">0</strong> av 5 hittills.' in shown
        assert "kom inte in i kön" not in shown
        told = gun.get(f"{batch}/progress").json()
        assert (told["laying"], told["rows"], told["total"]) == (True, 0, 0)
        with desk.store.begin() as connection:
            number = connection.execute(select(accounts.c.id).where(accounts.c.name == "gun")).scalar_one()
        program = desk.program(new_key(desk.store, number, "prov", by="adam"))
        answer = program.post(f"/api/v1{page.removeprefix('/excel')}/start", json={})
        assert (answer.status_code, answer.headers["location"], answer.json()["laying"]) == (
            202, "/api/v1/batches/1", True,
        )  # fmt: skip
    until(lambda: not gun.get(f"{batch}/progress").json()["laying"])
    told = program.get("/api/v1/batches/1").json()
    assert (told["rows"], told["runs"], told["laying"], told["fault"]) == (5, 3, False, "")
    assert 'id="laying"' not in gun.get(batch).text
    assert counted(desk.store, sheet_work) == 1, "whoever clicks twice orders it once"


def test_what_was_demanded_is_demanded_again_when_it_is_laid(desk: Desk, unlaid: PortalDesk, tmp_path: Path) -> None:
    gun, store = desk.person("gun"), desk.store
    page = given(gun, sheet_file(tmp_path, ROWS))
    batch = order(unlaid, page)
    pause(store, "task:send_drawings", by="adam", reason="fel i systemet")
    assert "fel i systemet" in lay(unlaid, batch).fault
    assert counted(store, runs) == 0
    shown = gun.get(f"/excel/batches/{batch}").text
    assert "5 rader kom inte in i kön." in shown
    assert "fel i systemet" in shown
    resume(store, "task:send_drawings", by="adam")
    order(unlaid, page)
    with store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.name == "gun").values(active=False))
    assert lay(unlaid, batch).fault == NOBODY
    with store.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.name == "gun").values(active=True))
    order(unlaid, page)
    assert lay(unlaid, batch).fault == ""
    assert (counted(store, runs), counted(store, batch_rows)) == (3, 5)


def test_what_is_held_is_one_portals_until_its_time_is_out(desk: Desk, unlaid: PortalDesk, tmp_path: Path) -> None:
    store = desk.store
    page = given(desk.person("gun"), sheet_file(tmp_path, ROWS))
    batch = order(unlaid, page)
    assert take(store, lambda _number: False) is None, "whoever has not the file leaves it"
    dead = take(store, lambda number: file_of(unlaid, number).is_file())
    assert dead
    assert take(store, lambda _number: True) is None
    order(unlaid, page)
    assert is_laid_now(standing(store, batch))
    past = func.clock_timestamp() - span(1.0)
    with store.begin() as connection:
        connection.execute(update(sheet_work).values(held_until=past))
    assert lay(unlaid, batch).fault == ""
    assert (counted(store, runs), counted(store, batch_rows), counted(store, sheet_work)) == (3, 5, 1)
    with pytest.raises(Lost), store.begin() as connection:
        end_within(connection, dead, "för sent")
    assert standing(store, batch).fault == ""


def test_what_ends_whoever_takes_it_is_given_up(desk: Desk, unlaid: PortalDesk, tmp_path: Path) -> None:
    batch = order(unlaid, given(desk.person("gun"), sheet_file(tmp_path, [TITLES, *GOOD])))
    with desk.store.begin() as connection:
        connection.execute(update(sheet_work).values(tries=MOST_TRIES))
    assert lay(unlaid, batch).fault == BROKE
    assert counted(desk.store, runs) == 0


@pytest.mark.long
def test_a_portal_killed_in_the_middle_is_followed_and_each_row_is_laid_once(
    desk: Desk, unlaid: PortalDesk, tmp_path: Path
) -> None:  # fmt: skip
    rows = [[case(number), "EKBACKEN 3:14", f"Hej {number}"] for number in range(1, 451)]
    batch = order(unlaid, given(desk.person("gun"), sheet_file(tmp_path, [TITLES, *rows])))
    told = subprocess.run(
        [sys.executable, "-c", _KILLED, desk.store.engine.url.render_as_string(hide_password=False)],
        input=pickle.dumps(desk.settings), timeout=120, check=False, capture_output=True,
    )  # fmt: skip
    assert told.returncode == -signal.SIGKILL, told.stderr
    assert (counted(desk.store, runs), standing(desk.store, batch).is_open) == (200, True), "its control"
    with Layer(unlaid, lambda: False).following():
        until(lambda: not standing(desk.store, batch).is_open)
    with desk.store.begin() as connection:
        asked = connection.execute(select(func.count(runs.c.request.distinct()))).scalar_one()
    assert (asked, counted(desk.store, runs), counted(desk.store, batch_rows)) == (450, 450, 450)
    assert standing(desk.store, batch).fault == ""


@pytest.mark.long
def test_a_large_sheet_is_started_as_soon_as_a_small_one(desk: Desk, tmp_path: Path) -> None:
    gun = desk.person("gun")
    few, many = (
        [TITLES, *([case(number % 10_000), "EKBACKEN 3:14", f"Hej {first + number}"] for number in range(rows))]
        for first, rows in ((0, 10), (100, 20_000))
    )
    seconds = {}
    for name, rows in (("few", few), ("many", many)):
        page = given(gun, sheet_file(tmp_path, rows, name=f"{name}.xlsx"))
        began = time.monotonic()
        batch = started(gun, page)
        seconds[name] = time.monotonic() - began
        until(lambda batch=batch: not gun.get(f"{batch}/progress").json()["laying"])  # type: ignore[misc]
        seconds[f"{name} laid"] = time.monotonic() - began
    assert counted(desk.store, batch_rows) == len(few) + len(many) - 2
    assert seconds["many laid"] > PATIENCE_SECONDS, "its control: it takes longer than anybody waits"
    assert seconds["many"] < 10 * seconds["few"] + PATIENCE_SECONDS / 2, seconds
