"""A system that fails again and again is left alone: its runs wait, the others go on, and one robot at a time looks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from robots.local_time import on_the_wall
from robots.opening_hours import Maintenance, OpeningHours
from robots.queue.breakers import (
    EVERYBODY,
    breakers_now,
    close,
    look_soon,
    note_failure,
    note_refusal,
    note_success,
    take_look,
)
from robots.queue.claims import HELD_SECONDS, Held
from robots.queue.pauses import wake_held
from robots.queue.runs import find_run
from robots.queue.seats import Need
from robots.store import Store
from robots.store.schema import breaker_history, breakers, runs, seats
from tests.unit.engine import ask, begin, end

WASTE = Need("waste", "Renhållning", "robot.svea", most=2)
CASES = Need("cases", "Ärenden", "robot.svea", most=3, takes_handovers=True)
AWAY = "Renhållning används inte just nu."


def _fail(store: Store, times: int, *, limit: int = 3, system: str = "waste") -> list[str]:
    return [note_failure(store, system, "ada", AWAY, limit=limit) for _ in range(times)]


def _history(store: Store) -> list[tuple[str, str, str]]:
    with store.begin() as connection:
        rows = connection.execute(select(breaker_history).order_by(breaker_history.c.id)).all()
        return [(row.system, row.robot, row.state) for row in rows]


def _asleep(store: Store, run: int) -> bool:
    with store.begin() as connection:
        told = "select scheduled_at > now() from procrastinate_jobs where (args->>'run_id')::int = :run"
        return bool(connection.execute(text(told), {"run": run}).scalar())


def _put_off(store: Store) -> None:
    """What the queue engine does with the job of a run that is held."""
    with store.begin() as connection:
        connection.execute(text("update procrastinate_jobs set scheduled_at = now() + interval '1 hour'"))


def _looks(store: Store) -> list[tuple[str, str]]:
    with store.begin() as connection:
        row = take_look(connection, ())
        return [(row.system, row.robot)] if row else []


def _due_now(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(update(breakers).values(probe_at=func.clock_timestamp()))


# -- opening --------------------------------------------------------------------------------------------------------


def test_after_three_failures_in_a_row_its_runs_wait_and_the_others_go_on(store: Store) -> None:
    assert _fail(store, 4) == ["", "", AWAY, AWAY]
    waits, goes_on = ask(store), ask(store)
    with pytest.raises(Held, match=AWAY):
        begin(store, waits, WASTE, CASES)
    assert (find_run(store, waits).state, find_run(store, waits).held_for) == ("queued", AWAY)
    begin(store, goes_on, CASES)
    assert _history(store) == [("waste", EVERYBODY, "open")], "told once, however often it fails after that"


def test_what_works_in_between_begins_the_count_anew(store: Store) -> None:
    _fail(store, 2)
    note_success(store, ["cases", "waste"])
    assert _fail(store, 2) == ["", ""]
    assert breakers_now(store) == []


def test_another_system_s_success_does_not(store: Store) -> None:
    _fail(store, 2)
    note_success(store, ["cases"])
    assert _fail(store, 1) == [AWAY]


def test_a_municipality_may_want_no_breaker(store: Store) -> None:
    assert set(_fail(store, 10, limit=0)) == {""}


def test_a_run_is_told_that_a_system_has_failed_lately_and_no_other_is(store: Store) -> None:
    assert begin(store, ask(store), WASTE).wary is False
    _fail(store, 1)
    assert begin(store, ask(store), WASTE).wary is True


def test_a_refused_password_keeps_that_robot_out_and_no_other(store: Store) -> None:
    note_refusal(store, "waste", "ada", AWAY)
    with pytest.raises(Held):
        begin(store, ask(store), WASTE)
    with store.begin() as connection:
        another = ask(store)
        connection.execute(update(runs).where(runs.c.id == another).values(robot="svea"))
    begin(store, another, WASTE)
    assert _looks(store) == [], "nobody looks before there is another password"
    with store.begin() as connection:
        assert look_soon(connection, "waste", "ada")
    assert _looks(store) == [("waste", "ada")]
    note_refusal(store, "waste", "ada", AWAY)
    assert _looks(store) == []
    assert _history(store) == [("waste", "ada", "open")] * 2, "that the new one was refused as well is told"


# -- looking and closing --------------------------------------------------------------------------------------------


def test_one_look_at_a_time_and_ever_more_seldom(store: Store) -> None:
    _fail(store, 3)
    assert _looks(store) == [], "not at once"
    waits = []
    for _ in range(8):
        _due_now(store)
        with ThreadPoolExecutor(4) as pool:
            assert [look for found in pool.map(lambda _: _looks(store), range(4)) for look in found] == [
                ("waste", EVERYBODY)
            ]
        [row] = breakers_now(store)
        waits.append((row.probe_at - datetime.now(UTC)).total_seconds())
    assert [round(w / 5) * 5 for w in waits] == [30, 60, 120, 240, 480, 600, 600, 600]


def test_a_worker_looks_only_where_it_reaches(store: Store) -> None:
    _fail(store, 3)
    _due_now(store)
    with store.begin() as connection:
        assert take_look(connection, ("cases",)) is None
        assert take_look(connection, ("cases", "waste")) is not None


def test_the_look_itself_is_let_in(store: Store) -> None:
    _fail(store, 3)
    begin(store, ask(store), replace(WASTE, looks=True))


def test_when_it_is_back_its_runs_are_woken(store: Store) -> None:
    _fail(store, 3)
    run = ask(store)
    with pytest.raises(Held):
        begin(store, run, WASTE)
    _put_off(store)
    with store.begin() as connection:
        assert wake_held(connection) == 0, "control: not before"
    close(store, "waste", EVERYBODY, "Renhållning fungerar igen.")
    with store.begin() as connection:
        assert wake_held(connection) == 1
    assert not _asleep(store, run)
    end(store, begin(store, run, WASTE))
    assert _history(store) == [("waste", EVERYBODY, "open"), ("waste", EVERYBODY, "closed")]
    close(store, "waste", EVERYBODY, "Renhållning fungerar igen.")
    assert len(_history(store)) == 2


def test_a_case_that_was_promised_an_answer_goes_to_a_person_instead(store: Store) -> None:
    _fail(store, 3)
    soon, late = ask(store, answer_hours=0.5), ask(store, answer_hours=0)
    with pytest.raises(Held) as held:
        begin(store, soon, WASTE, CASES)
    assert 1790 < held.value.seconds <= 1800, "it wakes when it is due, also when nobody wakes it"
    claimed = begin(store, late, WASTE, CASES)
    assert claimed.broken == AWAY
    with store.begin() as connection:
        taken = connection.execute(select(seats.c.system).where(seats.c.attempt_id == claimed.attempt_id)).scalars()
        assert list(taken) == ["cases"], "it needs nothing but the way to a person"


def test_when_the_case_system_itself_is_away_it_waits(store: Store) -> None:
    _fail(store, 3, system="cases")
    with pytest.raises(Held) as held:
        begin(store, ask(store, answer_hours=0), WASTE, CASES)
    assert held.value.seconds == HELD_SECONDS


# -- hours ----------------------------------------------------------------------------------------------------------


def _closed_for(minutes: float) -> OpeningHours:
    now = on_the_wall(datetime.now(UTC))
    away = Maintenance(since=now - timedelta(hours=1), until=now + timedelta(minutes=minutes), why="Ny version")
    return OpeningHours(maintenance=(away,))


def test_a_closed_system_s_runs_wake_when_it_opens(store: Store) -> None:
    run = ask(store)
    closed = replace(WASTE, hours=_closed_for(10))
    with pytest.raises(Held, match=r"Renhållning är stängt till .*: Ny version") as held:
        begin(store, run, closed, CASES)
    assert 595 < held.value.seconds <= 600
    assert find_run(store, run).held_until is not None
    _put_off(store)
    with store.begin() as connection:
        assert wake_held(connection) == 0, "it would only be held again, once a second"
    end(store, begin(store, run, replace(WASTE, hours=OpeningHours()), CASES))
    assert find_run(store, run).held_until is None
