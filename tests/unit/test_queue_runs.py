"""The same request is one run, one job and one outcome, however many ask and whatever dies on the way."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from procrastinate.jobs import Job
from procrastinate.retry import RetryDecision
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from robots.errors import WrongInput
from robots.fields import CaseNumber, LongText, PropertyDesignation
from robots.queue.attempts import Claimed, Outcome, StillAtWork, end_attempt, finish
from robots.queue.claims import claim
from robots.queue.engine import AsTheAttemptSays, RetryLater
from robots.queue.orders import cancel
from robots.queue.runs import WRITE_RUN, Submitted, asked_run, events_of, find_run, list_runs, submit
from robots.store import Store
from robots.store.processes import ProcessId, this_process
from robots.store.schema import attempts, outcomes, runs
from robots.task import Run, Task, task
from tests.unit.runs import another_process, new_run

CASE, OTHER_CASE = "KC-26110042-4", "KC-26110043-2"


@task(title="Exempel", owner="Ingen", saves_minutes=1)
def example(run: Run, case_number: CaseNumber, property_id: PropertyDesignation, message: LongText = "Hej.") -> None:
    """Gör ingenting."""


TASK: Task = example.__ragnhild_task__  # type: ignore[attr-defined]  # where @task puts it


def _ask(store: Store, *, dry_run: bool = False, source: Any = "guide", **typed: Any) -> Submitted:
    values = TASK.inputs.parse({"case_number": CASE, "property_id": "EKBACKEN 3:14"} | typed)
    return submit(store, TASK, values, robot="ada", source=source, started_by="test", dry_run=dry_run)


def _jobs(store: Store) -> list[Any]:
    with store.begin() as connection:
        return list(connection.execute(text("select * from procrastinate_jobs order by id")))


def _attempts(store: Store) -> list[tuple[int, str | None]]:
    with store.begin() as connection:
        rows = connection.execute(select(attempts).order_by(attempts.c.id)).all()
        return [(row.number, row.ending) for row in rows]


def _claimed(store: Store, me: ProcessId | None = None) -> Claimed:
    run_id = _ask(store).run_id
    claimed = claim(store, run_id, me or this_process())
    assert claimed is not None
    return claimed


# -- asking -------------------------------------------------------------------------------------------------------


def test_the_same_request_twice_is_one_run_and_one_job(store: Store) -> None:
    first, second = _ask(store), _ask(store)
    assert (first.new, second.new) == (True, False)
    assert first.run_id == second.run_id
    [job] = _jobs(store)
    assert (job.args, job.lock) == ({"run_id": first.run_id}, CASE)
    run = find_run(store, first.run_id)
    assert (run.key, run.priority) == (job.queueing_lock, job.priority)


def test_eight_that_ask_at_once_get_one_run(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: _ask(store), range(24)))
    assert len({t.run_id for t in told}) == 1
    assert sum(t.new for t in told) == 1
    assert len(_jobs(store)) == 1


@pytest.mark.parametrize(
    ("typed", "new"),
    [
        ({"message": "Något helt annat"}, False), ({"case_number": CASE.lower()}, False),
        ({"case_number": OTHER_CASE}, True), ({"property_id": "EKBACKEN 3:15"}, True),
    ],
)  # fmt: skip
def test_what_makes_another_request(store: Store, typed: dict[str, Any], new: bool) -> None:
    _ask(store)
    assert _ask(store, **typed).new is new
    assert len(_jobs(store)) == 1 + new


def test_the_same_request_is_the_same_run_after_it_has_ended(store: Store) -> None:
    claimed = _claimed(store)
    finish(store, claimed, Outcome("done"))
    assert _ask(store) == Submitted(claimed.run_id, new=False)


def test_dry_runs_are_requests_of_their_own(store: Store) -> None:
    told = [_ask(store, dry_run=True), _ask(store, dry_run=True), _ask(store)]
    assert len({t.run_id for t in told}) == 3
    assert [find_run(store, t.run_id).dry_run for t in told] == [True, True, False]
    assert len(_jobs(store)) == 3


def test_a_job_that_cannot_be_put_in_the_queue_leaves_no_run(store: Store) -> None:
    known = _jobs(store)
    run_id = _ask(store).run_id
    with store.begin() as connection:  # the run is gone and its job is not, which holds its place in the queue
        connection.execute(delete(runs).where(runs.c.id == run_id))
    with pytest.raises(IntegrityError):
        _ask(store)
    assert list_runs(store) == []
    assert len(_jobs(store)) == len(known) + 1


def test_a_larger_transaction_that_rolls_back_leaves_neither_run_nor_job(store: Store) -> None:
    def ask(fail: bool) -> None:
        with store.begin() as connection:
            asked = asked_run(
                24.0, key="k", request="k", task=TASK.name, task_version=TASK.version, robot="ada",
                case_number=None, inputs={}, source="batch", started_by="test", dry_run=False,
            )  # fmt: skip
            connection.execute(WRITE_RUN, asked)
            if fail:
                raise KeyError("the row after it was wrong")

    with pytest.raises(KeyError):
        ask(fail=True)
    assert list_runs(store) == []
    assert _jobs(store) == []
    ask(fail=False)  # control: the same without the error leaves both
    assert len(list_runs(store)) == len(_jobs(store)) == 1


def test_a_guide_goes_before_a_schedule_before_a_batch_then_the_nearest_deadline_then_the_oldest(store: Store) -> None:
    values = [TASK.inputs.parse({"case_number": CASE, "property_id": f"EKBACKEN 3:{n}"}) for n in range(1, 7)]
    asked = [("batch", 24.0), ("batch", 1.0), ("schedule", 24.0), ("batch", 24.0), ("guide", 24.0), ("guide", 2.0)]
    ids = [
        submit(store, TASK, v, robot="ada", source=source, started_by="test", answer_hours=hours).run_id  # type: ignore[arg-type]
        for v, (source, hours) in zip(values, asked, strict=True)
    ]
    in_order = [j.args["run_id"] for j in sorted(_jobs(store), key=lambda j: (-j.priority, j.id))]
    assert in_order == [ids[5], ids[4], ids[2], ids[1], ids[0], ids[3]]


# -- trying -------------------------------------------------------------------------------------------------------


def test_a_claim_begins_an_attempt(store: Store) -> None:
    claimed = _claimed(store)
    assert (claimed.number, claimed.lost_before, claimed.case_number) == (1, 0, CASE)
    run = find_run(store, claimed.run_id)
    assert (run.state, run.attempts) == ("running", 1)
    end_attempt(store, claimed, "nätet")
    again = claim(store, claimed.run_id, this_process())
    assert again is not None
    assert (again.number, again.lost_before) == (2, 0)
    assert _attempts(store) == [(1, "retry"), (2, None)]


def test_a_living_process_keeps_its_attempt_and_a_dead_one_loses_it(store: Store) -> None:
    with another_process() as owner:
        run_id = _claimed(store, owner).run_id
        with pytest.raises(StillAtWork):
            claim(store, run_id, this_process())
        assert _attempts(store) == [(1, None)]
    taken = claim(store, run_id, this_process())
    assert taken is not None
    assert (taken.number, taken.lost_before) == (2, 1)
    assert _attempts(store) == [(1, "lost"), (2, None)]


@pytest.mark.parametrize(
    "owner",
    [ProcessId("another-machine", 1, "1.00"), ProcessId("another-machine", this_process().pid, "")],
)
def test_of_a_process_on_another_machine_nothing_is_assumed(store: Store, owner: ProcessId) -> None:
    run_id = _claimed(store, owner).run_id
    with pytest.raises(StillAtWork):
        claim(store, run_id, this_process())


def test_a_number_that_the_system_has_given_to_another_process_is_a_dead_one(store: Store) -> None:
    me = this_process()
    run_id = _claimed(store, ProcessId(me.host, me.pid, "12345.00")).run_id
    assert claim(store, run_id, me) is not None


def test_an_attempt_that_broke_counts_like_one_whose_process_died(store: Store) -> None:
    claimed = _claimed(store)
    with pytest.raises(StillAtWork):  # control: this process is alive and well
        claim(store, claimed.run_id, this_process())
    end_attempt(store, claimed, "databasen försvann", broke=True)
    taken = claim(store, claimed.run_id, this_process())
    assert taken is not None
    assert (taken.number, taken.lost_before) == (2, 1)


def test_a_claim_that_waited_sees_the_attempt_that_was_begun_meanwhile(store: Store) -> None:
    run_id, me = _ask(store).run_id, this_process()
    with ThreadPoolExecutor(1) as pool:
        with store.begin() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(attempts=1, state="running"))
            begun = {"run_id": run_id, "number": 1, "host": me.host, "pid": me.pid, "pid_started": me.started}
            connection.execute(insert(attempts).values(begun))
            claiming = pool.submit(claim, store, run_id, me)
            _wait_until_somebody_waits(store)
        with pytest.raises(StillAtWork):
            claiming.result(10)


def _wait_until_somebody_waits(store: Store) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with store.begin() as connection:
            if connection.execute(waiting).scalar_one():
                return
        time.sleep(0.01)  # the database tells when asked
    raise AssertionError("nobody waits for the lock")


def test_of_many_that_claim_at_once_one_gets_it(store: Store) -> None:
    run_id = _ask(store).run_id
    owners = [ProcessId("another-machine", n, "1.00") for n in range(8)]

    def try_it(owner: ProcessId) -> bool:
        try:
            return claim(store, run_id, owner) is not None
        except StillAtWork:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, owners)) == 1
    assert _attempts(store) == [(1, None)]


@pytest.mark.parametrize("state", ["done", "handed_over", "failed", "waiting_approval"])
def test_a_run_that_has_ended_or_waits_is_not_tried(store: Store, state: str) -> None:
    run_id = new_run(store, state=state)
    assert claim(store, run_id, this_process()) is None
    assert _attempts(store) == []


# -- ending -------------------------------------------------------------------------------------------------------


def test_a_run_has_exactly_one_outcome_the_first(store: Store) -> None:
    claimed = _claimed(store)
    finish(store, claimed, Outcome("handed_over", "Oklart", "Två träffar", "Välj en"))
    first = find_run(store, claimed.run_id)
    finish(store, claimed, Outcome("done"))
    assert find_run(store, claimed.run_id) == first
    assert (first.state, first.outcome, first.reason) == ("handed_over", "handed_over", "Två träffar")
    assert _attempts(store) == [(1, "handed_over")]


def test_of_many_outcomes_at_once_one_stands(store: Store) -> None:
    claimed = _claimed(store)
    words: list[Any] = ["done", "handed_over", "failed", "cancelled"] * 2
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda word: finish(store, claimed, Outcome(word)), words))
    with store.begin() as connection:
        [outcome] = connection.execute(select(outcomes)).all()
        state = connection.execute(select(runs.c.state)).scalar_one()
    assert state == outcome.outcome


def test_a_run_that_waits_is_cancelled_at_once(store: Store) -> None:
    run_id = _ask(store).run_id
    assert cancel(store, run_id, by="test") is True
    run = find_run(store, run_id)
    assert (run.state, run.outcome) == ("cancelled", "cancelled")
    assert claim(store, run_id, this_process()) is None
    with pytest.raises(WrongInput, match="redan avslutad"):
        cancel(store, run_id, by="test")


def test_a_run_at_work_ends_by_its_own_attempt(store: Store) -> None:
    with another_process() as owner:
        claimed = _claimed(store, owner)
        assert cancel(store, claimed.run_id, by="test") is False
        assert find_run(store, claimed.run_id).outcome is None
        finish(store, claimed, Outcome("cancelled", "Avbruten"))
    assert find_run(store, claimed.run_id).outcome == "cancelled"


def test_a_cancelled_run_whose_process_died_gets_its_outcome(store: Store) -> None:
    with another_process() as owner:
        run_id = _claimed(store, owner).run_id
        cancel(store, run_id, by="test")
    assert claim(store, run_id, this_process()) is None
    assert find_run(store, run_id).outcome == "cancelled"


# -- looking ------------------------------------------------------------------------------------------------------


def test_the_list_is_of_the_newest_and_can_be_narrowed(store: Store) -> None:
    ids = [_ask(store).run_id, _ask(store, case_number=OTHER_CASE).run_id]
    finish(store, claim(store, ids[0], this_process()) or pytest.fail("not claimed"), Outcome("done"))
    assert [r.id for r in list_runs(store)] == ids[::-1]
    assert [r.id for r in list_runs(store, states=["done"])] == ids[:1]
    assert [r.id for r in list_runs(store, case_number=OTHER_CASE)] == ids[1:]
    assert list_runs(store, task="another") == []
    assert len(list_runs(store, limit=1)) == 1


def test_a_run_that_does_not_exist_is_told(store: Store) -> None:
    with pytest.raises(WrongInput, match="K-4711"):
        find_run(store, 4711)
    assert events_of(store, 4711) == []


# -- the queue engine ---------------------------------------------------------------------------------------------


def _decision(error: BaseException) -> RetryDecision | None:
    job = Job(id=1, queue="runs", lock=None, queueing_lock=None, task_name="x")
    return AsTheAttemptSays().get_retry_decision(exception=error, job=job)


def test_when_it_is_tried_again_is_as_the_attempt_says() -> None:
    decision = _decision(RetryLater(60))
    assert decision is not None
    assert decision.retry_at is not None
    assert _decision(ValueError("broken")) is None
