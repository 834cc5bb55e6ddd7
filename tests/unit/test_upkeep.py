"""What workers do for all of them: signs of life, takeover from the dead, and care for what grows old."""

from __future__ import annotations

from typing import Any

import pytest
from loguru import logger
from sqlalchemy import Row, select, text, update

from robots.queue.attempts import StillAtWork, leave_last_words
from robots.queue.claims import claim
from robots.queue.runs import find_run
from robots.queue.standing import drain, runs_at_work, workers_now
from robots.queue.upkeep import Upkeep, register_worker, worker_has_ended
from robots.store import Store
from robots.store.processes import ProcessId, this_process
from robots.store.schema import attempts, runs, workers
from tests.unit.engine import ask, begin
from tests.unit.runs import another_process

ELSEWHERE = ProcessId("annan-maskin/12345678", 77, "1")


def _worker(store: Store, me: ProcessId | None = None, name: str = "a") -> int:
    return register_worker(store, me or this_process(), name=name, slots=2, queues=[])


def _silent_for(store: Store, worker: int, seconds: int) -> None:
    with store.begin() as connection:
        ago = text(f"clock_timestamp() - interval '{seconds} seconds'")
        connection.execute(update(workers).where(workers.c.id == worker).values(seen_at=ago))


def _job(store: Store, run: int) -> Row[Any]:
    with store.begin() as connection:
        told = "select * from procrastinate_jobs where (args->>'run_id')::bigint = :run"
        return connection.execute(text(told), {"run": run}).one()


def _taken_by_engine(store: Store, run: int) -> None:
    with store.begin() as connection:
        connection.execute(
            text("update procrastinate_jobs set status = 'doing' where (args->>'run_id')::bigint = :run"), {"run": run}
        )


def _endings(store: Store, run: int) -> list[str | None]:
    with store.begin() as connection:
        told = select(attempts.c.ending).where(attempts.c.run_id == run).order_by(attempts.c.number)
        return list(connection.execute(told).scalars())


# -- taking over ----------------------------------------------------------------------------------------------------


def test_a_run_of_a_dead_worker_is_put_back_in_the_queue_at_once(store: Store) -> None:
    mine = _worker(store)
    with another_process() as dead:
        theirs = _worker(store, dead, "b")
        run = ask(store)
        begin(store, run, me=dead, worker_id=theirs)
        _taken_by_engine(store, run)
        Upkeep(store, mine).look_round()  # control: it lives
        assert (_endings(store, run), _job(store, run).status) == ([None], "doing")
    Upkeep(store, mine).look_round()
    assert (_endings(store, run), _job(store, run).status) == (["lost"], "todo")


def test_a_slot_that_died_is_left_to_its_own_worker_but_its_attempt_is_ended(store: Store) -> None:
    mine = _worker(store)
    with another_process() as slot:
        run = ask(store)
        begin(store, run, me=slot, worker_id=mine)
        _taken_by_engine(store, run)
    Upkeep(store, mine).look_round()
    assert (_endings(store, run), _job(store, run).status) == (["lost"], "doing")


@pytest.mark.parametrize(("silent", "taken"), [(20, False), (61, True)])
def test_another_machine_s_run_is_taken_over_when_the_lease_is_over(store: Store, silent: int, taken: bool) -> None:
    theirs = _worker(store, ELSEWHERE, "b")
    run = ask(store)
    begin(store, run, me=ELSEWHERE, worker_id=theirs)
    _taken_by_engine(store, run)
    _silent_for(store, theirs, silent)
    Upkeep(store, _worker(store)).look_round()
    assert _endings(store, run) == (["lost"] if taken else [None])
    assert _job(store, run).status == ("todo" if taken else "doing")
    if taken:
        assert begin(store, run).number == 2
    else:
        with pytest.raises(StillAtWork):
            claim(store, run, this_process())


def test_a_process_of_this_machine_is_never_taken_for_dead_because_it_is_silent(store: Store) -> None:
    """It may be paused between arming and sending, and go on."""
    with another_process() as paused:
        theirs = _worker(store, paused, "b")
        run = ask(store)
        begin(store, run, me=paused, worker_id=theirs)
        _silent_for(store, theirs, 3600)
        Upkeep(store, _worker(store)).look_round()
        assert _endings(store, run) == [None]


def test_without_a_worker_nothing_is_known_of_another_machine(store: Store) -> None:
    run = ask(store)
    begin(store, run, me=ELSEWHERE)
    with pytest.raises(StillAtWork):
        claim(store, run, this_process(), lease_seconds=5)


def test_what_ended_a_slot_is_told_to_the_next_attempt(store: Store) -> None:
    run = ask(store)
    with another_process() as slot:
        begin(store, run, me=slot)
        leave_last_words(store, run, slot, "Steget «Skicka» tog mer än 4 minuter.")
    claimed = begin(store, run)
    assert (claimed.lost_before, claimed.lost_words) == (1, "Steget «Skicka» tog mer än 4 minuter.")


# -- growing old ----------------------------------------------------------------------------------------------------


def test_what_nears_its_answer_is_warned_of_once_and_goes_with_the_guides(store: Store) -> None:
    told: list[str] = []
    sink = logger.add(lambda message: told.append(message.record["message"]), level="WARNING")
    old, young, guide = ask(store), ask(store), ask(store, source="guide")
    with store.begin() as connection:
        soon = text("clock_timestamp() + interval '3 hours'")
        connection.execute(update(runs).where(runs.c.id == old).values(deadline_at=soon))
    upkeep = Upkeep(store, _worker(store), answer_hours=24, warn_hours=20)
    try:
        upkeep.look_round()
        upkeep.look_round()
    finally:
        logger.remove(sink)
    assert told == [f"run {old} nears the answer that was promised: still queued"]
    first = sorted([old, young, guide], key=lambda run: -_job(store, run).priority)
    assert first == [old, guide, young], "its deadline is the nearest of those with the guides"
    assert _job(store, old).priority == find_run(store, old).priority


# -- workers --------------------------------------------------------------------------------------------------------


def test_a_worker_is_told_to_drain_and_is_gone_when_it_has_ended(store: Store) -> None:
    worker, other = _worker(store), _worker(store, name="b")
    assert not Upkeep(store, worker).look_round()
    assert drain(store, "a", by="eva") == [worker]
    assert Upkeep(store, worker).look_round()
    assert not Upkeep(store, other).look_round()
    worker_has_ended(store, worker)
    assert [row.name for row in workers_now(store)] == ["b"]
    assert drain(store, "a", by="eva") == []


def test_it_is_shown_where_each_run_stands(store: Store) -> None:
    worker = _worker(store)
    run = ask(store)
    begin(store, run, worker_id=worker)
    ask(store)
    [row] = runs_at_work(store)
    assert (row.id, row.worker, row.step, row.hang) == (run, "a", "", "")
    assert workers_now(store)[0].at_work == 1
