"""What a person orders: stop, try anew, make once more, pause; and that every order is remembered."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from robots.effects import STOPPED_COMMITS, Effect, Ledger
from robots.errors import CommitsStopped, EffectLost, WrongInput
from robots.queue.attempts import Claimed, Outcome, end_attempt, finish
from robots.queue.claims import Held
from robots.queue.orders import cancel, retry, run_again
from robots.queue.pauses import EVERYTHING, pause, pauses_now, resume, system_scope, task_scope
from robots.queue.runs import find_run
from robots.queue.seats import Need
from robots.store import Store
from robots.store.schema import orders
from tests.unit.engine import EXAMPLE, ask, begin, end

WASTE = Need("waste", "Renhållning", "svea")


def _orders(store: Store) -> list[tuple[Any, ...]]:
    with store.begin() as connection:
        rows = connection.execute(select(orders).order_by(orders.c.id)).all()
        return [(row.order, row.about, row.by, row.reason) for row in rows]


def _fail(store: Store, run: int) -> None:
    finish(store, begin(store, run), Outcome("failed", "Tekniskt fel", "nätet"))


def _ledger_of(store: Store, claimed: Claimed) -> Ledger:
    return Ledger(
        store, run_id=claimed.run_id, attempt_id=claimed.attempt_id, task="example", case_number=None, subject="s"
    )  # fmt: skip


def _armed(store: Store, claimed: Claimed) -> tuple[Ledger, Effect]:
    ledger = _ledger_of(store, claimed)
    effect = ledger.intend("waste", "save", "bokning")
    ledger.arm(effect, "test")
    return ledger, effect


# -- trying anew ----------------------------------------------------------------------------------------------------


def test_a_failed_run_is_tried_anew_as_a_run_of_its_own(store: Store) -> None:
    first = ask(store, about="STG 1:1")
    _fail(store, first)
    told = retry(store, first, by="eva", reason="nätet är lagat")
    assert told.new
    anew = find_run(store, told.run_id)
    assert (anew.earlier_run, anew.again, anew.state, anew.source) == (first, 0, "queued", "guide")
    assert find_run(store, first).outcome == "failed"
    assert ask(store, about="STG 1:1") == told.run_id, "the same request is answered with the newest"
    assert _orders(store) == [("retry", f"K-{first}", "eva", "nätet är lagat")]


def test_two_that_order_the_same_get_one_run(store: Store) -> None:
    first = ask(store)
    _fail(store, first)
    told = [retry(store, first, by=who) for who in ("eva", "kim")]
    assert [t.new for t in told] == [True, False]
    assert told[0].run_id == told[1].run_id
    assert len(_orders(store)) == 1


def test_what_is_done_or_goes_on_or_has_a_later_run_is_not_tried_anew(store: Store) -> None:
    going = ask(store)
    with pytest.raises(WrongInput, match="inte avslutad"):
        retry(store, going, by="eva")
    end(store, begin(store, going))
    with pytest.raises(WrongInput, match="Den är klar"):
        retry(store, going, by="eva")
    failed = ask(store)
    _fail(store, failed)
    later = retry(store, failed, by="eva").run_id
    with pytest.raises(WrongInput, match=f"senast som K-{later}"):
        run_again(store, failed, by="eva", reason="vill ha två")
    with pytest.raises(WrongInput, match="ingen körning"):
        retry(store, 4711, by="eva")
    assert [order for order, *_ in _orders(store)] == ["retry"]


def test_once_more_wants_a_reason(store: Store) -> None:
    run = ask(store)
    end(store, begin(store, run))
    with pytest.raises(WrongInput, match="varför"):
        run_again(store, run, by="eva", reason="  ")
    assert _orders(store) == []
    told = run_again(store, run, by="eva", reason="brevet kom bort")
    assert find_run(store, told.run_id).again == 1
    assert begin(store, told.run_id).again == 1
    assert _orders(store) == [("again", f"K-{run}", "eva", "brevet kom bort")]


def test_a_cancelled_run_is_remembered_with_who_did_it(store: Store) -> None:
    run = ask(store)
    assert cancel(store, run, by="eva", reason="ångrat")
    assert find_run(store, run).outcome == "cancelled"
    assert _orders(store) == [("cancel", f"K-{run}", "eva", "ångrat")]


# -- pausing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (EVERYTHING, "Allt är pausat: städning"),
        (task_scope(EXAMPLE.name), "Uppgiften example är pausad: städning"),
        (system_scope("waste"), "Systemet waste är pausat: städning"),
        (STOPPED_COMMITS, "Nödstopp: städning"),
    ],
)
def test_what_is_paused_does_not_begin_and_goes_on_afterwards(store: Store, scope: str, words: str) -> None:
    run = ask(store)
    assert pause(store, scope, by="eva", reason="städning")
    assert not pause(store, scope, by="kim", reason="också")
    with pytest.raises(Held, match=words):
        begin(store, run, WASTE)
    assert find_run(store, run).held_for == words
    with store.begin() as connection:
        connection.execute(text("update procrastinate_jobs set scheduled_at = now() + interval '1 hour'"))
    assert resume(store, scope, by="kim") == 1
    begin(store, run, WASTE)
    assert [(order, by) for order, _, by, _ in _orders(store)] == [("pause", "eva"), ("resume", "kim")]
    assert resume(store, scope, by="kim") is None


def test_control_another_task_or_system_that_is_paused_holds_nothing(store: Store) -> None:
    pause(store, task_scope("annan"), by="eva", reason="x")
    pause(store, system_scope("cases"), by="eva", reason="x")
    begin(store, ask(store), WASTE)
    assert [row.scope for row in pauses_now(store)] == ["task:annan", "system:cases"]


# -- the emergency stop ---------------------------------------------------------------------------------------------


def test_under_the_emergency_stop_nothing_is_armed_and_nothing_armed_leaves(store: Store) -> None:
    claimed = begin(store, ask(store))
    ledger, effect = _armed(store, claimed)
    ledger.demand_still_armed(effect)  # control
    pause(store, STOPPED_COMMITS, by="eva", reason="fel i taxan")
    with pytest.raises(CommitsStopped):
        ledger.demand_still_armed(effect)
    other = ledger.intend("waste", "save", "annan")
    with pytest.raises(CommitsStopped):
        ledger.arm(other, "test")
    assert ledger.read(other.key).armed_times == 0


def test_an_attempt_that_was_stopped_does_not_count_against_the_run(store: Store) -> None:
    run = ask(store)
    end_attempt(store, begin(store, run), "Nödstopp", held="Nödstopp: fel i taxan")
    assert (find_run(store, run).state, find_run(store, run).held_for) == ("queued", "Nödstopp: fel i taxan")
    second = begin(store, run)
    assert (second.number, second.tried) == (2, 1)
    end_attempt(store, second, "nätet")
    assert begin(store, run).tried == 2  # control: a failure does


def test_what_was_taken_over_does_not_leave(store: Store) -> None:
    """A process that was paused between arming and sending: the fence stands in front of the wire as well."""
    run = ask(store)
    claimed = begin(store, run)
    ledger, effect = _armed(store, claimed)
    end_attempt(store, claimed, "taken for dead")
    begin(store, run)
    with pytest.raises(EffectLost):
        ledger.demand_still_armed(effect)


# -- one's own ------------------------------------------------------------------------------------------------------


def test_a_run_knows_what_it_has_made_itself_and_what_an_earlier_one_did_that_it_tries_anew(store: Store) -> None:
    run = ask(store)
    claimed = begin(store, run)
    ledger, effect = _armed(store, claimed)
    assert ledger.is_own(effect.mark)
    assert not ledger.is_own("R-000000000000")

    finish(store, claimed, Outcome("failed", "Tekniskt fel", "nätet"))
    anew = begin(store, retry(store, run, by="eva").run_id)
    assert _ledger_of(store, anew).is_own(effect.mark)
    assert not _ledger_of(store, begin(store, ask(store))).is_own(effect.mark), "control: another request"

    end(store, anew)
    once_more = begin(store, run_again(store, anew.run_id, by="eva", reason="kom bort").run_id)
    assert not _ledger_of(store, once_more).is_own(effect.mark), "what is wanted once more is not there yet"
