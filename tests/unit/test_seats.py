"""Seats: never more in a system than it lets in, all at once or none, and nobody overtaken for ever."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from sqlalchemy import select, text, update

from robots.queue import seats as seats_module
from robots.queue.attempts import StillAtWork
from robots.queue.claims import Held
from robots.queue.runs import find_run
from robots.queue.seats import Need
from robots.queue.upkeep import Upkeep, register_worker
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import seat_waits, seats
from tests.unit.engine import ask, begin, end
from tests.unit.runs import another_process

WASTE = Need("waste", "Renhållning", "robot.svea", most=2)
CASES = Need("cases", "Ärenden", "robot.svea", most=3)


def _taken(store: Store, system: str = "waste") -> list[int]:
    with store.begin() as connection:
        rows = connection.execute(select(seats).where(seats.c.given_back_at.is_(None), seats.c.system == system)).all()
        return sorted(row.number for row in rows)


def _waiting(store: Store) -> list[int]:
    with store.begin() as connection:
        return list(connection.execute(select(seat_waits.c.run_id).order_by(seat_waits.c.run_id)).scalars())


def _put_off(store: Store) -> None:
    """What the queue engine does with the job of a run that is held."""
    with store.begin() as connection:
        connection.execute(text("update procrastinate_jobs set scheduled_at = now() + interval '1 hour'"))


def _woken(store: Store) -> list[int]:
    with store.begin() as connection:
        told = "select (args->>'run_id')::int from procrastinate_jobs where scheduled_at is null and status = 'todo'"
        return sorted(connection.execute(text(told)).scalars())


def test_no_more_than_the_system_lets_in(store: Store) -> None:
    first, second, third = (ask(store) for _ in range(3))
    begun = [begin(store, run, WASTE) for run in (first, second)]
    with pytest.raises(Held, match="Väntar på en plats i Renhållning: 2 robotar arbetar där redan"):
        begin(store, third, WASTE)
    assert _taken(store) == [1, 2]
    assert (find_run(store, third).state, find_run(store, third).attempts) == ("queued", 0)
    assert "Renhållning" in find_run(store, third).held_for
    end(store, begun[0])
    begin(store, third, WASTE)
    assert _taken(store) == [1, 2]
    assert find_run(store, third).held_for is None
    assert _waiting(store) == []


def test_all_seats_at_once_or_none(store: Store) -> None:
    for _ in range(2):
        begin(store, ask(store), WASTE)
    with pytest.raises(Held):
        begin(store, ask(store), CASES, WASTE)
    assert _taken(store, "cases") == []


def test_an_account_is_used_by_no_more_than_it_may(store: Store) -> None:
    svea, ada = Need("waste", "Renhållning", "svea", 5, 1), Need("waste", "Renhållning", "ada", 5, 1)
    begin(store, ask(store), svea)
    with pytest.raises(Held, match="Väntar på kontot svea i Renhållning"):
        begin(store, ask(store), svea)
    begin(store, ask(store), ada)  # control: another account has room


def test_starts_in_a_minute(store: Store) -> None:
    slow = Need("waste", "Renhållning", "svea", starts_a_minute=2)
    for _ in range(2):
        end(store, begin(store, ask(store), slow))
    with pytest.raises(Held, match="högst 2 körningar börjar per minut"):
        begin(store, ask(store), slow)
    with store.begin() as connection:
        connection.execute(update(seats).values(taken_at=seats.c.taken_at - text("interval '61 seconds'")))
    begin(store, ask(store), slow)


def test_what_comes_later_does_not_overtake(store: Store) -> None:
    inside = [begin(store, ask(store), WASTE) for _ in range(2)]
    waiting = ask(store)
    with pytest.raises(Held):
        begin(store, waiting, WASTE)
    end(store, inside[0])
    with pytest.raises(Held):
        begin(store, ask(store), WASTE)  # the free seat belongs to the one in the line
    begin(store, ask(store, source="guide"), WASTE)  # but a citizen on the phone goes first
    with pytest.raises(Held):
        begin(store, waiting, WASTE)


def test_one_that_lacks_another_seat_is_passed_until_it_is_out_of_patience(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = Need("map", "Kartan", "svea", most=1)
    begin(store, ask(store), only)
    both = ask(store)
    with pytest.raises(Held):
        begin(store, both, only, WASTE)
    end(store, begin(store, ask(store), WASTE))  # it could not have used the seat
    monkeypatch.setattr(seats_module, "PATIENCE_SECONDS", -1.0)
    begin(store, ask(store), WASTE)  # there are two seats: one is kept for it, the other is free
    with pytest.raises(Held):
        begin(store, ask(store), WASTE)


def test_a_seat_that_is_given_back_wakes_the_first_of_the_line(store: Store) -> None:
    inside = [begin(store, ask(store), WASTE) for _ in range(2)]
    late, first = ask(store), ask(store, answer_hours=1.0)
    for run in (late, first):
        with pytest.raises(Held):
            begin(store, run, WASTE)
    _put_off(store)
    assert _woken(store) == []
    end(store, inside[0])
    assert _woken(store) == [first]


def test_the_seats_of_a_dead_process_are_free_and_those_of_a_living_one_are_not(store: Store) -> None:
    worker = register_worker(store, this_process(), name="a", slots=1, queues=[])
    with another_process() as owner:
        for _ in range(2):
            begin(store, ask(store), WASTE, me=owner)
        run = ask(store)
        with pytest.raises(Held):
            begin(store, run, WASTE)
        _put_off(store)
        Upkeep(store, worker).look_round()
        assert (_taken(store), _woken(store)) == ([1, 2], [])
    Upkeep(store, worker).look_round()
    assert _taken(store) == []
    assert run in _woken(store)


def test_many_that_start_at_once_never_exceed_the_seats(store: Store) -> None:
    """Starts from eight places at once; the count of those inside is taken where they are, not from the table."""
    inside, most, started, lock = {"waste": 0, "cases": 0}, {"waste": 0, "cases": 0}, [0], Lock()
    rng = random.Random(7)
    plan = [(ask(store), rng.choice([(WASTE,), (CASES,), (WASTE, CASES)])) for _ in range(150)]

    def work(told: tuple[int, tuple[Need, ...]]) -> None:
        run, needs = told
        while True:
            try:
                claimed = begin(store, run, *needs)
            except (Held, StillAtWork):
                continue
            with lock:
                started[0] += 1
                for need in needs:
                    inside[need.system] += 1
                    most[need.system] = max(most[need.system], inside[need.system])
            with lock:
                for need in needs:
                    inside[need.system] -= 1
            end(store, claimed)
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, plan))
    assert started == [150]
    assert most["waste"] <= 2
    assert most["cases"] <= 3
    assert _waiting(store) == []
