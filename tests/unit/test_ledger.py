"""What the ledger lets happen: every transition against a plain model, and the fence that an older attempt meets."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import OperationalError

import robots.effects as effects_module
from robots.effects import MOST_ARMINGS, STOPPED_COMMITS, TRANSITIONS, Effect, Ledger, State, effect_key, mark_of
from robots.errors import CommitsStopped, EffectLost, EffectUncertain, RunCancelled
from robots.queue.pauses import pause, resume
from robots.store import Store
from robots.store.schema import attempts, audit_events, effect_history, effects, past_effects, runs
from tests.unit.runs import another_process, new_attempt, new_run

_subjects = itertools.count(1)


def _ledger(store: Store, run_id: int, attempt_id: int, subject: str | None = None) -> Ledger:
    return Ledger(
        store, run_id=run_id, attempt_id=attempt_id, task="example", case_number="KC-26110042-4",
        subject=subject or f"subject {next(_subjects)}",
    )  # fmt: skip


def _end(store: Store, attempt_id: int) -> None:
    with store.begin() as connection:
        connection.execute(
            update(attempts).where(attempts.c.id == attempt_id).values(ended_at=func.clock_timestamp(), ending="retry")
        )


def _set_run(store: Store, run_id: int, state: str) -> None:
    with store.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(state=state))


def _stop_changes(store: Store, stopped: bool) -> None:
    if stopped:
        pause(store, STOPPED_COMMITS, by="test", reason="provet")
    else:
        resume(store, STOPPED_COMMITS, by="test")


def _history(store: Store, key: str) -> list[tuple[str | None, str]]:
    with store.begin() as connection:
        wanted = select(effect_history).where(effect_history.c.key == key).order_by(effect_history.c.id)
        return [(row.from_state, row.to_state) for row in connection.execute(wanted)]


@pytest.fixture
def ledger(store: Store) -> Ledger:
    run_id = new_run(store)
    return _ledger(store, run_id, new_attempt(store, run_id))


@pytest.fixture
def armed(ledger: Ledger) -> Effect:
    effect = ledger.intend("archive", "save", "anteckning")
    ledger.arm(effect, "test")
    return ledger.read(effect.key)


# -- all transitions, against a model -----------------------------------------------------------------------------


def _machine(store: Store) -> type[RuleBasedStateMachine]:
    class Transitions(RuleBasedStateMachine):
        """One effect, two attempts of which the older is fenced off as soon as the newer has begun."""

        @initialize()
        def begin(self) -> None:
            self.run_id = new_run(store)
            self.subject = f"model {next(_subjects)}"
            self.attempts = [new_attempt(store, self.run_id)]
            self.ended: set[int] = set()
            self.cancelled = self.stopped = False
            self.owner: int | None = None  # the attempt that armed it last
            self.stale = self.ledger(0).intend("archive", "save", "once")  # as the first attempt read it, for ever
            self.state, self.armed = State.INTENDED, 0
            self.history: list[tuple[State | None, State]] = [(None, State.INTENDED)]

        def ledger(self, which: int) -> Ledger:
            return _ledger(store, self.run_id, self.attempts[which % len(self.attempts)], self.subject)

        def move(self, to: State) -> None:
            self.history.append((self.state, to))
            self.state = to

        @rule()
        def another_attempt_begins(self) -> None:
            if len(self.attempts) < 4:
                self.attempts.append(new_attempt(store, self.run_id))

        @rule(which=st.integers(0, 3))
        def an_attempt_ends(self, which: int) -> None:
            ended = self.attempts[which % len(self.attempts)]
            self.ended.add(ended)
            _end(store, ended)

        @rule()
        def the_run_is_cancelled(self) -> None:
            self.cancelled = True
            _set_run(store, self.run_id, "cancelled")

        @rule()
        def the_run_goes_on(self) -> None:
            self.cancelled = False
            _set_run(store, self.run_id, "running")

        @rule(stopped=st.booleans())
        def a_person_stops_all_changes_or_lets_them_go(self, stopped: bool) -> None:
            self.stopped = stopped
            _stop_changes(store, stopped)

        def teardown(self) -> None:
            """Every transition is in the history, and each begins where the one before it ended."""
            _stop_changes(store, False)
            assert _history(store, self.stale.key) == self.history

        def refusal(self, mine: int) -> type[Exception] | None:
            """Why this attempt may change nothing for the run, whatever the effect's state."""
            if self.cancelled or self.stopped:
                return RunCancelled if self.cancelled else CommitsStopped
            return EffectLost if mine != self.attempts[-1] or mine in self.ended else None

        @rule(which=st.integers(0, 3))
        def last_look_before_sending(self, which: int) -> None:
            mine = self.attempts[which % len(self.attempts)]
            refused = self.refusal(mine)
            if refused is None and (self.state is not State.ARMED or self.owner != mine):
                refused = EffectLost
            with pytest.raises(refused) if refused else nullcontext():
                self.ledger(which).demand_still_armed(self.stale)

        @rule(which=st.integers(0, 3))
        def intended_again(self, which: int) -> None:
            assert self.ledger(which).intend("archive", "save", "once").state is self.state

        @rule(which=st.integers(0, 3))
        def arm(self, which: int) -> None:
            mine = self.attempts[which % len(self.attempts)]
            refused = self.refusal(mine)
            if refused is None and (State.ARMED not in TRANSITIONS[self.state] or self.armed == MOST_ARMINGS):
                refused = EffectLost
            with pytest.raises(refused) if refused else nullcontext():
                self.ledger(which).arm(self.stale, "test")
            if refused:
                return
            self.armed += 1
            self.owner = mine
            self.move(State.ARMED)

        @rule(which=st.integers(0, 3), to=st.sampled_from([State.CONFIRMED, State.REFUSED, State.DUPLICATE]))
        def seen(self, which: int, to: State) -> None:
            ledger = self.ledger(which)
            moves: dict[State, Any] = {
                State.CONFIRMED: lambda: ledger.confirm(self.stale, "M-1", "test"),
                State.REFUSED: lambda: ledger.refuse(self.stale, "test"),
                State.DUPLICATE: lambda: ledger.duplicate(self.stale, "test"),
            }
            if to in TRANSITIONS[self.state]:
                moves[to]()
                self.move(to)
            else:
                with pytest.raises(EffectLost):
                    moves[to]()

        @rule(which=st.integers(0, 3))
        def doubt(self, which: int) -> None:
            self.ledger(which).doubt(self.stale, "test")
            if self.state is State.ARMED:
                self.move(State.UNKNOWN)

        @invariant()
        def the_row_is_as_the_model(self) -> None:
            row = self.ledger(0).read(self.stale.key)
            assert (row.state, row.armed_times) == (self.state, self.armed)
            assert row.armed_times <= MOST_ARMINGS
            assert (row.receipt == "M-1") is (self.state is State.CONFIRMED)
            assert (row.age is None) is (self.armed == 0)

    return Transitions


def test_the_transitions_are_these_and_no_other() -> None:
    """In words of its own: the model takes the table for granted."""
    assert {
        "INTENDED": {"ARMED", "CONFIRMED", "DUPLICATE"}, "ARMED": {"CONFIRMED", "REFUSED", "UNKNOWN", "DUPLICATE"},
        "UNKNOWN": {"ARMED", "CONFIRMED", "DUPLICATE"}, "REFUSED": {"ARMED"}, "CONFIRMED": set(), "DUPLICATE": set(),
    } == TRANSITIONS  # fmt: skip


def test_every_transition_is_as_in_the_model(store: Store) -> None:
    run_state_machine_as_test(
        _machine(store),
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


# -- the fence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["older", "ended", "not running", "cancelled"])
def test_an_attempt_that_lost_its_right_arms_nothing(store: Store, how: str) -> None:
    run_id = new_run(store)
    mine = new_attempt(store, run_id)
    ledger = _ledger(store, run_id, mine)
    effect = ledger.intend("archive", "save", "anteckning")
    if how == "older":
        new_attempt(store, run_id)
    elif how == "ended":
        _end(store, mine)
    else:
        _set_run(store, run_id, "done" if how == "not running" else "cancelled")
    with pytest.raises(RunCancelled if how == "cancelled" else EffectLost):
        ledger.arm(effect, "test")
    assert ledger.read(effect.key).state is State.INTENDED
    assert _history(store, effect.key) == [(None, "INTENDED")]


def test_control_the_newest_attempt_of_a_running_run_arms(armed: Effect) -> None:
    assert (armed.state, armed.armed_times) == (State.ARMED, 1)
    assert armed.mark == mark_of(armed.key) == f"R-{armed.key[:12]}"
    assert armed.may_have_happened


def test_an_effect_that_is_not_there_is_neither_armed_nor_moved(ledger: Ledger) -> None:
    none = replace(ledger.intend("archive", "save", "anteckning"), key="0" * 64)
    with pytest.raises(EffectLost, match="får inte göras"):
        ledger.arm(none, "")
    with pytest.raises(EffectLost, match="får inte göras"):
        ledger.demand_still_armed(none)
    with pytest.raises(EffectLost, match="är okänd och kan inte bli CONFIRMED"):
        ledger.confirm(none, "M-1", "")
    with pytest.raises(LookupError):
        ledger.read(none.key)


def test_whoever_reads_waits_for_whoever_writes_and_for_nobody_else(store: Store, ledger: Ledger) -> None:
    effect = ledger.intend("archive", "save", "anteckning")
    with ThreadPoolExecutor(1) as pool:
        with store.begin() as connection:
            connection.execute(select(attempts.c.id).with_for_update())
            assert pool.submit(ledger.read, effect.key).result(30) == effect
            connection.execute(update(effects).values(state="CONFIRMED"))
            asked = pool.submit(ledger.read, effect.key)
            with pytest.raises(TimeoutError):
                asked.result(0.3)
        assert asked.result(30).state is State.CONFIRMED


def test_of_several_attempts_the_newest_arms_whichever_is_found_first(store: Store) -> None:
    run_id = new_run(store)
    older, newest = (_ledger(store, run_id, new_attempt(store, run_id), "several") for _ in range(2))
    for name in ("den ena", "den andra"):
        effect = newest.intend("archive", "save", name)
        with pytest.raises(EffectLost):
            older.arm(effect, "test")
        newest.arm(effect, "test")
        with store.begin() as connection:  # what is written anew lies last
            connection.execute(update(attempts).where(attempts.c.number == 1).values(host=attempts.c.host))


def test_while_it_arms_nobody_can_cancel_or_take_over(store: Store, ledger: Ledger) -> None:
    """What the gate raises leaves the effect as it was; another run can be changed meanwhile."""
    effect, other = ledger.intend("archive", "save", "anteckning"), new_run(store)
    lock = select(runs.c.id).with_for_update(nowait=True)

    def gate(_: Connection) -> None:
        with store.begin() as elsewhere:
            elsewhere.execute(lock.where(runs.c.id == other))
        with pytest.raises(OperationalError, match="could not obtain lock"), store.begin() as elsewhere:
            elsewhere.execute(lock.where(runs.c.id == effect.run_id))
        raise CommitsStopped("prov")

    with pytest.raises(CommitsStopped, match="prov"):
        ledger.arm(effect, "test", gate)
    assert ledger.read(effect.key) == effect


def test_what_a_run_that_is_gone_has_made_is_not_made_again(store: Store, ledger: Ledger) -> None:
    effect, other = (ledger.intend("archive", "save", name) for name in ("den ena", "den andra"))
    with store.begin() as connection:
        connection.execute(insert(past_effects).values(key=effect.key))
    with pytest.raises(EffectUncertain, match="redan gjort") as told:
        ledger.arm(effect, "test")
    assert told.value.kind == "Redan gjort, och gallrat"
    assert "retry --again" in (told.value.todo or "")
    ledger.arm(other, "test")  # control


def test_of_two_that_arm_at_once_one_does(store: Store) -> None:
    run_id = new_run(store)
    attempt = new_attempt(store, run_id)
    for n in range(10):
        ledger = _ledger(store, run_id, attempt)
        effect = ledger.intend("archive", "save", f"nr {n}")
        start = Barrier(4)

        def arm(start: Barrier = start, ledger: Ledger = ledger, effect: Effect = effect) -> bool:
            start.wait()
            try:
                ledger.arm(effect, "test")
            except EffectLost:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            told = [f.result() for f in [pool.submit(arm) for _ in range(4)]]
        assert sorted(told) == [False, False, False, True]
        assert ledger.read(effect.key).armed_times == 1


def test_of_many_that_intend_at_once_there_is_one_row(store: Store) -> None:
    run_id = new_run(store)
    ledger = _ledger(store, run_id, new_attempt(store, run_id))
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: ledger.intend("archive", "save", "samma"), range(8)))
    assert len({e.key for e in told}) == 1
    assert _history(store, told[0].key) == [(None, "INTENDED")]


def test_what_is_written_of_an_effect(store: Store, ledger: Ledger, armed: Effect) -> None:
    intended = ledger.intend("archive", "send", "brev")
    assert ledger.read(intended.key) == intended
    assert (intended.state, intended.armed_times, intended.mine) == (State.INTENDED, 0, True)
    ledger.confirm(armed, "M-1", "sedd")
    with store.begin() as connection:
        row = connection.execute(select(effects).where(effects.c.key == armed.key)).one()
        lines = connection.execute(
            select(effect_history).where(effect_history.c.key == armed.key).order_by(effect_history.c.id)
        ).all()
    assert (row.mark, row.case_number, row.task, row.system, row.name, row.once) == (
        armed.mark, "KC-26110042-4", "example", "archive", "save", "anteckning",
    )  # fmt: skip
    assert (row.receipt, row.confirmed_at > row.armed_at) == ("M-1", True)
    assert [(line.attempt_id, line.from_state, line.to_state, line.why) for line in lines] == [
        (row.attempt_id, None, "INTENDED", "körningen vill göra den"), (row.attempt_id, "INTENDED", "ARMED", "test"),
        (row.attempt_id, "ARMED", "CONFIRMED", "sedd"),
    ]  # fmt: skip
    possible = {state for state in State if replace(armed, state=state).may_have_happened}
    assert possible == {State.ARMED, State.UNKNOWN}


def test_what_is_changed_or_unclear_is_in_the_audit_and_nothing_else(store: Store, ledger: Ledger) -> None:
    noted, other = [], new_run(store)
    for name in ("confirm", "duplicate", "doubt", "refuse"):
        effect = ledger.intend("archive", "save", name)
        ledger.arm(effect, "test")
        getattr(ledger, name)(effect, *(["M-1"] if name == "confirm" else []), "sedd")
        noted.append({"system": "archive", "name": "save", "once": name, "mark": effect.mark})
    with store.begin() as connection:
        rows = connection.execute(select(audit_events).order_by(audit_events.c.id)).all()
    assert [row.did for row in rows] == ["changed", "changed", "unclear"]
    assert [row.detail for row in rows] == noted[:3]
    assert {row.about for row in rows} == {"K-1"}, f"and not of run {other}"


def test_the_audit_tells_of_the_run_that_confirms_whichever_armed(store: Store) -> None:
    first_run, second_run = new_run(store), new_run(store)
    first = _ledger(store, first_run, new_attempt(store, first_run), "again")
    effect = first.intend("archive", "save", "anteckning")
    first.arm(effect, "test")
    _ledger(store, second_run, new_attempt(store, second_run), "again").confirm(effect, "M-1", "sedd")
    with store.begin() as connection:
        assert connection.execute(select(audit_events.c.about)).scalar_one() == f"K-{second_run}"


def test_a_mark_that_another_change_carries_is_given_to_a_person(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.intend("archive", "save", "den ena")
    monkeypatch.setattr(effects_module, "mark_of", lambda _: "R-000000000000")
    ledger.intend("archive", "save", "den andra")
    with pytest.raises(EffectUncertain, match="bärs redan av en annan") as told:
        ledger.intend("archive", "save", "den tredje")
    assert (told.value.kind, "den tredje" in (told.value.todo or "")) == ("Märkningen är upptagen", True)


def test_at_most_three_armings(ledger: Ledger) -> None:
    effect = ledger.intend("archive", "save", "anteckning")
    for _ in range(MOST_ARMINGS):
        ledger.arm(effect, "test")
        ledger.doubt(effect, "test")
    with pytest.raises(EffectLost):
        ledger.arm(effect, "test")
    assert MOST_ARMINGS == 3


# -- taking over --------------------------------------------------------------------------------------------------


def test_what_a_living_process_armed_is_left_to_it(store: Store) -> None:
    run_id = new_run(store)
    with another_process() as owner:
        first = _ledger(store, run_id, new_attempt(store, run_id, owner), "takeover")
        effect = first.intend("archive", "save", "anteckning")
        first.arm(effect, "test")
        second = _ledger(store, run_id, new_attempt(store, run_id), "takeover")
        effect = second.read(effect.key)
        assert not effect.mine
        with pytest.raises(EffectLost, match="kan fortfarande hålla på"):
            second.demand_owner_gone(effect)
    second.demand_owner_gone(effect)  # it has been killed


def test_what_another_run_armed_is_ones_own_when_it_is_armed_again(store: Store) -> None:
    first_run, second_run = new_run(store), new_run(store)
    first = _ledger(store, first_run, new_attempt(store, first_run), "again")
    effect = first.intend("archive", "save", "anteckning")
    first.arm(effect, "test")
    first.refuse(effect, "test")
    second = _ledger(store, second_run, new_attempt(store, second_run), "again")
    second.arm(second.read(effect.key), "test")
    assert (second.read(effect.key).run_id, second.read(effect.key).mine) == (second_run, True)
    assert not first.read(effect.key).mine
    second.demand_still_armed(effect)
    with pytest.raises(EffectLost, match="tagits över"):
        first.demand_still_armed(effect)


def test_what_an_ended_attempt_armed_can_be_taken_over_while_its_process_lives(store: Store) -> None:
    run_id = new_run(store)
    with another_process() as owner:
        attempt = new_attempt(store, run_id, owner)
        first = _ledger(store, run_id, attempt, "ended")
        effect = first.intend("archive", "save", "anteckning")
        first.arm(effect, "test")
        _end(store, attempt)
        second = _ledger(store, run_id, new_attempt(store, run_id), "ended")
        second.demand_owner_gone(second.read(effect.key))


# -- what a run has made ------------------------------------------------------------------------------------------


def test_a_run_has_made_something_when_another_change_of_its_own_is_confirmed(store: Store, ledger: Ledger) -> None:
    run_id = new_run(store)
    note = ledger.intend("archive", "note", "anteckning")

    def has_made(name: str, *, of: Ledger = ledger, seen: bool = True) -> bool:
        made = of.intend("archive", name, f"{name} {next(_subjects)}")
        of.arm(made, "test")
        if seen:
            of.confirm(made, "M-1", "test")
        assert not ledger.has_made_something(besides=made) or name != "first"
        return ledger.has_made_something(besides=note)

    assert not has_made("send", of=_ledger(store, run_id, new_attempt(store, run_id))), "another run"
    assert not has_made("claim"), "to take a case is no deed"
    assert not has_made("send", seen=False)
    assert has_made("first"), "and does not count besides itself"


# -- keys ---------------------------------------------------------------------------------------------------------


def test_no_part_of_a_key_imitates_another() -> None:
    assert effect_key("ab", "c") != effect_key("a", "bc")
    assert effect_key("a", "") != effect_key("a")
    assert effect_key("1:a", "b") != effect_key("1:a1:b")
    assert effect_key("a", "b") == effect_key("a", "b")


@pytest.mark.parametrize("changed", ["subject", "task", "system", "name", "once"])
def test_effects_that_differ_in_anything_are_two(store: Store, changed: str) -> None:
    run_id = new_run(store)
    attempt_id = new_attempt(store, run_id)

    def intend(**told: str) -> str:
        asked = {"subject": "s", "task": "t", "system": "y", "name": "n", "once": "o"} | told
        ledger = Ledger(
            store, run_id=run_id, attempt_id=attempt_id, task=asked["task"], case_number=None, subject=asked["subject"]
        )
        return ledger.intend(asked["system"], asked["name"], asked["once"]).key

    assert intend() == intend()
    assert intend(**{changed: "annat"}) != intend()


def test_another_run_of_the_same_request_finds_what_was_confirmed(store: Store) -> None:
    first_run, second_run = new_run(store), new_run(store)
    first = _ledger(store, first_run, new_attempt(store, first_run), "same request")
    effect = first.intend("archive", "save", "anteckning")
    first.arm(effect, "test")
    first.confirm(effect, "M-17", "test")
    found = _ledger(store, second_run, new_attempt(store, second_run), "same request").intend(
        "archive", "save", "anteckning"
    )
    assert (found.state, found.receipt, found.mine) == (State.CONFIRMED, "M-17", False)


def test_the_age_of_what_a_dead_owner_sent_counts_from_when_it_was_known_dead(store: Store) -> None:
    """Armed long ago, sent in its last moment: the system has had its time only when it has had it since then."""
    run_id = new_run(store)
    attempt = new_attempt(store, run_id)
    ledger = _ledger(store, run_id, attempt)
    effect = ledger.intend("archive", "save", "anteckning")
    ledger.arm(effect, "test")
    with store.begin() as connection:
        connection.execute(update(effects).values(armed_at=effects.c.armed_at - text("interval '1 hour'")))
    assert (ledger.read(effect.key).age or 0) > 3000  # control: it lives, and knows itself when it sent
    _end(store, attempt)
    assert (ledger.read(effect.key).age or 0) < 60


def test_the_age_is_counted_from_the_last_arming_in_the_databases_time(store: Store, ledger: Ledger) -> None:
    effect = ledger.intend("archive", "save", "anteckning")
    assert effect.age is None
    ledger.arm(effect, "test")
    with store.begin() as connection:
        connection.execute(
            update(effects).values(armed_at=func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, 60))
        )
    assert 60 <= (ledger.read(effect.key).age or 0) < 90
