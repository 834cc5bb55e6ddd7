"""A worker whose time is up waits with cutting off its runs while one of them is just changing something."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import update

from robots.cli import workplace
from robots.effects import Ledger
from robots.queue.standing import is_changing
from robots.queue.upkeep import register_worker
from robots.store import Store
from robots.store.connect import connect
from robots.store.processes import ProcessId, this_process
from robots.store.schema import attempts
from tests.unit.engine import ask, begin


@pytest.fixture
def ledger(store: Store) -> Ledger:
    """Of a run that is at work in this process's own worker."""
    worker = register_worker(store, this_process(), name="a", slots=1, queues=[])
    claimed = begin(store, ask(store), worker_id=worker)
    return Ledger(
        store, run_id=claimed.run_id, attempt_id=claimed.attempt_id, task="example", case_number=None, subject="prov"
    )


def test_a_change_is_under_way_from_arming_until_it_is_seen(store: Store, ledger: Ledger) -> None:
    effect = ledger.intend("archive", "send", "brevet")
    assert not is_changing(store, this_process())
    ledger.arm(effect, "prov")
    assert is_changing(store, this_process())
    assert not is_changing(store, ProcessId("annan/12345678", 7, "1")), "another worker's is none of ours"
    ledger.confirm(effect, "M-1", "prov")
    assert not is_changing(store, this_process())


def test_what_an_attempt_left_armed_when_it_ended_is_waited_for_by_nobody(store: Store, ledger: Ledger) -> None:
    ledger.arm(ledger.intend("archive", "send", "brevet"), "prov")
    with store.begin() as connection:
        connection.execute(update(attempts).values(ended_at=attempts.c.started_at))
    assert not is_changing(store, this_process())


def test_it_is_waited_for_but_not_for_ever(store: Store, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    effect = ledger.intend("archive", "send", "brevet")
    ledger.arm(effect, "prov")
    monkeypatch.setattr(workplace, "LAST_CHANGE_SECONDS", 0.3)
    began = time.monotonic()
    workplace._let_changes_be_seen(store)
    assert time.monotonic() - began >= 0.3
    monkeypatch.setattr(workplace, "LAST_CHANGE_SECONDS", 60.0)
    waiting = threading.Thread(target=workplace._let_changes_be_seen, args=(store,))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive(), "control: it waits"
    ledger.confirm(effect, "M-1", "prov")
    waiting.join(20)
    assert not waiting.is_alive()


def test_a_database_that_is_away_is_not_waited_for() -> None:
    away = connect("postgresql://nobody@127.0.0.1:1/none")
    workplace._let_changes_be_seen(away)
    away.close()
