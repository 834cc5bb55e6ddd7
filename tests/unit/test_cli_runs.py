"""Cancelling, and knowing whether anybody works: on a real database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from robots.cli.runs import run_number
from robots.effects import Ledger
from robots.errors import RunCancelled, WrongInput
from robots.queue.attempts import Claimed, Outcome, StillAtWork, end_attempt, finish
from robots.queue.claims import claim
from robots.queue.orders import cancel
from robots.queue.runs import find_run, submit, worker_alive
from robots.store import Store
from robots.store.processes import ProcessId, this_process
from robots.task_files import LoadedTasks

DEAD = ProcessId(this_process().host, 2**22 + 1, "1.00")


@pytest.fixture
def ask(store: Store, tasks: LoadedTasks) -> Callable[[], int]:
    def ask_for_a_run() -> int:
        task = tasks.find("send-drawings")
        values = task.inputs.parse({"case_number": "KC-26110042-4", "property_id": "EKBACKEN 3:14"})
        return submit(store, task, values, robot="ragnhild", source="guide", started_by="test").run_id

    return ask_for_a_run


def _claimed(store: Store, run_id: int, by: ProcessId) -> Claimed:
    claimed = claim(store, run_id, by)
    assert claimed is not None
    return claimed


def _arm(store: Store, claimed: Claimed) -> None:
    ledger = Ledger(
        store, run_id=claimed.run_id, attempt_id=claimed.attempt_id, task=claimed.task, case_number=None, subject="s"
    )
    ledger.arm(ledger.intend("case_management", "add_note", "anteckning"), "test")


def _ending(store: Store, run_id: int) -> tuple[Any, ...]:
    run = find_run(store, run_id)
    return run.state, run.outcome, run.finished_at is not None


def test_a_queued_run_is_cancelled_at_once_and_never_begun(store: Store, ask: Callable[[], int]) -> None:
    run_id = ask()
    assert cancel(store, run_id, by="test") is True
    assert _ending(store, run_id) == ("cancelled", "cancelled", True)
    assert claim(store, run_id, this_process()) is None


def test_a_running_run_makes_no_further_change_and_writes_its_own_outcome(store: Store, ask: Callable[[], int]) -> None:
    claimed = _claimed(store, ask(), this_process())
    assert cancel(store, claimed.run_id, by="test") is False
    assert _ending(store, claimed.run_id) == ("cancelled", None, False)
    with pytest.raises(RunCancelled):
        _arm(store, claimed)
    finish(store, claimed, Outcome("cancelled", "Avbruten", "stoppad"))
    assert _ending(store, claimed.run_id) == ("cancelled", "cancelled", True)


def test_without_a_cancel_the_change_may_be_made(store: Store, ask: Callable[[], int]) -> None:
    """The control of the one above."""
    _arm(store, _claimed(store, ask(), this_process()))


@pytest.mark.parametrize("ended", ["retry", "dead"])
def test_a_cancelled_run_gets_its_outcome_though_its_attempt_did_not_end_it(
    store: Store, ask: Callable[[], int], ended: str
) -> None:
    claimed = _claimed(store, ask(), DEAD if ended == "dead" else this_process())
    with store.begin() as connection:  # as cancel leaves it while the attempt is at work
        connection.execute(text("update runs set state = 'cancelled'"))
    if ended == "retry":
        with pytest.raises(StillAtWork):
            claim(store, claimed.run_id, this_process())
        assert find_run(store, claimed.run_id).outcome is None
        end_attempt(store, claimed, "nätet")
    assert claim(store, claimed.run_id, this_process()) is None
    assert _ending(store, claimed.run_id) == ("cancelled", "cancelled", True)


def test_a_run_between_two_attempts_ends_at_once(store: Store, ask: Callable[[], int]) -> None:
    claimed = _claimed(store, ask(), this_process())
    end_attempt(store, claimed, "nätet")
    assert cancel(store, claimed.run_id, by="test") is True
    assert _ending(store, claimed.run_id) == ("cancelled", "cancelled", True)


def test_what_has_ended_cannot_be_cancelled(store: Store, ask: Callable[[], int]) -> None:
    claimed = _claimed(store, ask(), this_process())
    finish(store, claimed, Outcome("done"))
    with pytest.raises(WrongInput, match="redan avslutad"):
        cancel(store, claimed.run_id, by="test")
    assert _ending(store, claimed.run_id) == ("done", "done", True)
    with pytest.raises(WrongInput, match="Det finns ingen körning"):
        cancel(store, 4711, by="test")


def test_a_worker_is_alive_while_it_gives_signs_of_life(store: Store) -> None:
    assert not worker_alive(store)
    with store.begin() as connection:
        connection.execute(text("insert into procrastinate_workers (last_heartbeat) values (now())"))
    assert worker_alive(store)
    with store.begin() as connection:
        connection.execute(text("update procrastinate_workers set last_heartbeat = now() - interval '6 seconds'"))
    assert not worker_alive(store)


@pytest.mark.parametrize("written", ["K-12", "k-12", "K12", "12", " 12 "])
def test_a_run_is_named_as_people_write_it(written: str) -> None:
    assert run_number(written) == 12


@pytest.mark.parametrize("written", ["", "K-", "K-1x", "-12", "١٢", "1" * 30])
def test_other_names_of_a_run_are_refused(written: str) -> None:
    with pytest.raises(WrongInput):
        run_number(written)
