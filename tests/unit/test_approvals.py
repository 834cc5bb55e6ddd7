"""A run that waits for a person: what is sent is what was looked at, once, and every question has one end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import delete, func, select, text

from robots.effects import STOPPED_COMMITS, Effect, State
from robots.errors import ApprovalNeeded, CommitsStopped, EffectLost, RunCancelled, WrongInput
from robots.queue.approvals import ANSWER_HAS_COME, UNANSWERED, answer, questions_of, waiting
from robots.queue.attempts import Outcome, close_attempt, end_attempt, finish
from robots.queue.claims import Held, claim
from robots.queue.orders import cancel, retry, run_again
from robots.queue.pauses import pause, resume
from robots.queue.runs import find_run
from robots.queue.seats import Need
from robots.queue.upkeep import Upkeep, register_worker
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import approvals, attempts, orders, runs
from robots.systems import asking as asking_module
from robots.systems.asking import Asking
from robots.worker.asked import asking_of, unanswered
from tests.unit.engine import EXAMPLE, ask, begin
from tests.unit.questions import MINUTES, Attempt, armings, asleep, let_time_pass, new_run, waiting_run
from tests.unit.runs import another_process

# -- asking ---------------------------------------------------------------------------------------------------------


def test_a_run_that_asks_holds_nothing_and_has_armed_nothing(store: Store) -> None:
    seat = Need("waste", "Renhållning", "robot.svea", most=1)
    run, other = new_run(store), ask(store)
    attempt = Attempt(store, run, seat)
    with pytest.raises(ApprovalNeeded):
        attempt.arm()
    with pytest.raises(Held, match="Väntar på en plats"):
        begin(store, other, seat)
    assert MINUTES * 60 - 5 < attempt.ask() <= MINUTES * 60
    begin(store, other, seat)
    row = find_run(store, run)
    assert (row.state, row.outcome, armings(store)) == ("waiting_approval", None, [0])
    with store.begin() as connection:
        ended = connection.execute(select(attempts.c.ending).where(attempts.c.run_id == run)).scalars()
        assert ended.all() == ["held"], "it does not count against the run"
    [question] = waiting(store)
    assert (question.run_id, question.once, question.picture) == (run, "bokning", "01-001.jpg")
    assert question.shown["fields"] == [{"name": "Text", "value": "en tunna"}]


def test_a_run_that_asks_for_nothing_is_told_so_by_the_claim_itself(store: Store) -> None:
    plain = begin(store, ask(store))
    assert (plain.asks_first, plain.asked) == (False, False)
    assert asking_of(store, plain, EXAMPLE) is None
    assert asking_of(store, begin(store, new_run(store)), EXAMPLE) is not None


def test_a_dry_run_never_asks(store: Store) -> None:
    assert asking_of(store, begin(store, ask(store, dry_run=True, asks_first=True)), EXAMPLE) is None


def _effect(once: str, name: str = "save") -> Effect:
    return Effect(once, "R-1", "waste", name, once, State.INTENDED, 0, None, None, True, 1)


def test_what_the_task_names_waits_and_the_first_change_of_a_run_that_a_person_wants_to_look_at() -> None:
    named = Asking(1, before=("brev",))
    assert [named.concerns(_effect(once)) for once in ("bokning", "brev")] == [False, True]
    first = Asking(1, first=True)
    assert [first.concerns(_effect(once)) for once in ("bokning", "brev")] == [True, True]
    assert not first.concerns(_effect("ta ärendet", name="claim"))
    passed = Asking(1, first=True, earlier={"bokning": True})
    assert [passed.concerns(_effect(once)) for once in ("bokning", "brev")] == [True, False]
    asked = Asking(1, earlier={"bokning": False})
    assert asked.concerns(_effect("bokning")), "though the task no longer says so"


def test_after_its_question_an_attempt_changes_nothing_more(store: Store) -> None:
    attempt = Attempt(store, new_run(store))
    for once in ("bokning", "brev"):
        with pytest.raises(ApprovalNeeded, match="bokning"):
            attempt.arm(once=once)
    assert armings(store) == [0, 0]


def test_nobody_is_asked_for_a_run_that_was_stopped_or_taken_over_meanwhile(store: Store) -> None:
    stopped, overtaken = Attempt(store, new_run(store)), Attempt(store, new_run(store))
    for attempt in (stopped, overtaken):
        with pytest.raises(ApprovalNeeded):
            attempt.arm()
    cancel(store, stopped.claimed.run_id, by="eva")
    with pytest.raises(RunCancelled):
        stopped.ask()
    with store.begin() as connection:
        close_attempt(connection, overtaken.claimed, "lost", "")
    with pytest.raises(EffectLost):
        overtaken.ask()
    assert questions_of(store, stopped.claimed.run_id) + questions_of(store, overtaken.claimed.run_id) == []
    assert find_run(store, overtaken.claimed.run_id).state == "running"


def test_a_process_that_dies_before_it_has_asked_leaves_the_question_to_the_next(store: Store) -> None:
    run = new_run(store)
    with another_process() as owner:
        attempt = Attempt(store, run, me=owner)
        with pytest.raises(ApprovalNeeded):
            attempt.arm()
    after = Attempt(store, run)
    assert questions_of(store, run) == []
    with pytest.raises(ApprovalNeeded):
        after.arm()
    after.ask()
    assert len(waiting(store)) == 1


# -- Skicka ---------------------------------------------------------------------------------------------------------


def test_what_was_looked_at_leaves_and_goes_before_all_others(store: Store) -> None:
    run, other = waiting_run(store, source="batch"), ask(store, source="guide")
    with pytest.raises(Held, match="Väntar på att någon tittar"):
        begin(store, run)
    assert answer(store, run, True, by="eva") is True
    assert (find_run(store, run).state, waiting(store)) == ("queued", [])
    with store.begin() as connection:
        first = text("select (args->>'run_id')::int from procrastinate_jobs where scheduled_at is null or"
                     " scheduled_at < now() order by priority desc")  # fmt: skip
        assert connection.execute(first).scalars().first() == run
        assert connection.execute(select(orders.c.order, orders.c.by)).all() == [("approve", "eva")]
    assert find_run(store, run).priority > find_run(store, other).priority
    Attempt(store, run).arm()
    assert armings(store) == [1]
    [question] = questions_of(store, run)
    assert (question.answer, question.answered_by, question.passed_at is not None) == ("send", "eva", True)


def test_what_has_changed_since_is_asked_about_anew(store: Store) -> None:
    run = waiting_run(store, "en tunna")
    answer(store, run, True, by="eva")
    changed = Attempt(store, run)
    with pytest.raises(ApprovalNeeded):
        changed.arm("tio tunnor")
    changed.ask()
    assert (find_run(store, run).state, armings(store)) == ("waiting_approval", [0])
    [question] = waiting(store)
    assert question.shown["fields"][0]["value"] == "tio tunnor"
    answer(store, run, True, by="eva")
    back = Attempt(store, run)
    with pytest.raises(ApprovalNeeded):
        back.arm("en tunna")
    assert armings(store) == [0], "the newest answer is the one that counts"


def test_skicka_is_for_the_question_that_the_person_saw(store: Store) -> None:
    run = waiting_run(store, "en tunna")
    [seen] = questions_of(store, run)
    answer(store, run, True, by="eva", looked_at=seen.id)
    changed = Attempt(store, run)
    with pytest.raises(ApprovalNeeded):
        changed.arm("tio tunnor")
    changed.ask()
    with pytest.raises(WrongInput, match="frågat igen sedan du tittade"):
        answer(store, run, True, by="kim", looked_at=seen.id)
    assert find_run(store, run).state == "waiting_approval"
    assert answer(store, run, True, by="kim", looked_at=questions_of(store, run)[-1].id)


def test_control_without_the_comparison_what_nobody_has_seen_would_leave(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_module.Form, "digest", "det samma")
    run = waiting_run(store, "en tunna")
    answer(store, run, True, by="eva")
    Attempt(store, run).arm("tio tunnor")
    assert armings(store) == [1]


def test_an_answer_is_for_its_own_change_and_the_ones_after_the_first_go_by_themselves(store: Store) -> None:
    run = waiting_run(store)
    answer(store, run, True, by="eva")
    attempt = Attempt(store, run)
    attempt.arm()
    attempt.arm("ett brev", once="brev")
    assert armings(store) == [1, 1]
    other = waiting_run(store)
    answer(store, other, True, by="eva")
    with pytest.raises(ApprovalNeeded):
        Attempt(store, other).arm("en tunna", once="något annat")


def test_an_answer_that_comes_before_the_run_has_lain_down_wakes_it_all_the_same(store: Store) -> None:
    run = waiting_run(store)
    with store.begin() as connection:
        connection.execute(text("update procrastinate_jobs set status = 'doing'"))
    answer(store, run, True, by="eva")
    with store.begin() as connection:  # now the engine puts it off, for as long as the attempt has said
        put_off = "update procrastinate_jobs set status = 'todo', scheduled_at = now() + interval '30 minutes'"
        connection.execute(text(put_off))
    assert (asleep(store), find_run(store, run).held_for) == (1, ANSWER_HAS_COME)
    Upkeep(store, register_worker(store, this_process(), name="a", slots=1, queues=[])).look_round()
    assert asleep(store) == 0


def test_the_emergency_stop_holds_what_was_answered_and_asks_nothing(store: Store) -> None:
    run = waiting_run(store)
    at_work = Attempt(store, new_run(store))
    pause(store, STOPPED_COMMITS, by="eva", reason="fel mall")
    answer(store, run, True, by="eva")
    with pytest.raises(Held, match="Nödstopp"):
        begin(store, run)
    with pytest.raises(CommitsStopped):
        at_work.arm()
    assert at_work.asking.asked is None
    resume(store, STOPPED_COMMITS, by="eva")
    Attempt(store, run).arm()
    assert armings(store) == [1, 0]


# -- Avbryt ---------------------------------------------------------------------------------------------------------


def test_avbryt_ends_the_run_with_the_persons_reason(store: Store) -> None:
    run = waiting_run(store)
    assert answer(store, run, False, by="eva", reason="fel mottagare") is True
    row = find_run(store, run)
    assert (row.state, row.outcome, row.kind) == ("cancelled", "cancelled", "Avbruten")
    assert row.reason == "eva tittade på det ifyllda och svarade Avbryt: fel mottagare"
    assert (asleep(store), waiting(store), armings(store)) == (0, [], [0])
    assert claim(store, run, this_process()) is None
    assert retry(store, run, by="eva").new


def test_skicka_can_be_taken_back_until_it_leaves_and_not_after(store: Store) -> None:
    regretted, sent = waiting_run(store), waiting_run(store)
    for run in (regretted, sent):
        answer(store, run, True, by="eva")
    at_work = Attempt(store, regretted)
    assert answer(store, regretted, False, by="eva") is False, "an attempt is on its way to the change"
    with pytest.raises(RunCancelled):
        at_work.arm()
    Attempt(store, sent).arm()
    with pytest.raises(WrongInput, match="«bokning» är redan på väg"):
        answer(store, sent, False, by="eva")
    assert (find_run(store, sent).state, armings(store)) == ("running", [0, 1])


def test_avbryt_comes_before_the_arming_or_after_it_and_never_both(store: Store) -> None:
    both = Barrier(2)

    def armed(attempt: Attempt) -> bool:
        both.wait()
        try:
            attempt.arm()
        except RunCancelled:
            return False
        return True

    def denied(run: int) -> bool:
        both.wait()
        try:
            answer(store, run, False, by="eva")
        except WrongInput:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for _ in range(8):
            run = waiting_run(store)
            answer(store, run, True, by="eva")
            attempt = Attempt(store, run)
            first, second = pool.submit(armed, attempt), pool.submit(denied, run)
            assert first.result() != second.result()


def test_of_many_that_answer_at_once_one_is_heard(store: Store) -> None:
    run = waiting_run(store)

    def try_it(who: int) -> bool:
        try:
            return answer(store, run, True, by=f"guide {who}")
        except WrongInput:
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(try_it, range(6))) == 1
    with store.begin() as connection:
        assert connection.execute(select(func.count()).select_from(orders)).scalar_one() == 1


def test_a_run_that_waits_can_be_stopped_as_any_other(store: Store) -> None:
    run = waiting_run(store)
    assert cancel(store, run, by="eva", reason="ringde igen") is True
    assert (find_run(store, run).outcome, waiting(store), asleep(store)) == ("cancelled", [], 0)
    assert [(q.answer, q.answered_by) for q in questions_of(store, run)] == [("stop", "eva")]
    with pytest.raises(WrongInput, match="redan avslutad"):
        answer(store, run, True, by="kim")


def test_what_cannot_be_answered_is_told(store: Store) -> None:
    with pytest.raises(WrongInput, match="Det finns ingen körning"):
        answer(store, 4711, True, by="eva")
    with pytest.raises(WrongInput, match="inte frågat om något"):
        answer(store, ask(store), True, by="eva")
    run = waiting_run(store)
    answer(store, run, True, by="eva")
    with pytest.raises(WrongInput, match="eva svarade Skicka redan"):
        answer(store, run, True, by="kim")
    finish(store, Attempt(store, run).claimed, Outcome("done"))
    for send in (True, False):
        with pytest.raises(WrongInput, match="redan avslutad"):
            answer(store, run, send, by="kim")


# -- nobody answers -------------------------------------------------------------------------------------------------


def test_a_forgotten_question_is_given_to_a_person_when_somebody_wakes_up(store: Store) -> None:
    run = waiting_run(store)
    let_time_pass(store, run)
    assert waiting(store) == []
    for send in (True, False):
        with pytest.raises(WrongInput, match="Tiden att svara gick ut"):
            answer(store, run, send, by="eva")
    claimed = begin(store, run)
    stop = unanswered(store, claimed)
    assert stop is not None
    assert (stop.kind, "«bokning»" in stop.reason, "«bokning»" in stop.todo) == (UNANSWERED, True, True)
    with pytest.raises(WrongInput, match="Tiden att svara gick ut"):
        answer(store, run, True, by="eva")
    end_attempt(store, claimed, "webbläsaren dog", broke=True)
    assert unanswered(store, begin(store, run)) is not None, "also in the attempt after one that died"


def test_a_question_that_ends_under_the_emergency_stop_is_given_to_a_person_when_that_is_lifted(store: Store) -> None:
    run = waiting_run(store)
    pause(store, STOPPED_COMMITS, by="eva", reason="fel mall")
    let_time_pass(store, run)
    with pytest.raises(Held, match="Nödstopp"):
        begin(store, run)
    assert find_run(store, run).state == "queued"
    resume(store, STOPPED_COMMITS, by="eva")
    assert asleep(store) == 0
    assert unanswered(store, begin(store, run)) is not None


def test_what_is_answered_in_time_is_not_given_to_a_person(store: Store) -> None:
    run = waiting_run(store)
    answer(store, run, True, by="eva")
    let_time_pass(store, run)
    attempt = Attempt(store, run)
    assert unanswered(store, attempt.claimed) is None
    attempt.arm()
    assert armings(store) == [1]


def test_of_an_answer_and_the_end_of_the_time_at_once_one_counts(store: Store) -> None:
    for _ in range(4):
        run = waiting_run(store)
        let_time_pass(store, run)

        def answered(which: int = run) -> bool:
            try:
                return answer(store, which, True, by="eva")
            except WrongInput:
                return False

        with ThreadPoolExecutor(2) as pool:
            said, begun = pool.submit(answered), pool.submit(begin, store, run)
            assert (said.result(), unanswered(store, begun.result()) is not None) == (False, True)


@pytest.mark.parametrize(("source", "hours"), [("guide", 0.5), ("batch", 24.0), ("schedule", 24.0)])
def test_a_guides_run_waits_minutes_and_one_that_nobody_waits_for_until_its_answer_is_due(
    store: Store, source: str, hours: float
) -> None:
    run = waiting_run(store, source=source)
    with store.begin() as connection:
        waits = func.extract("epoch", approvals.c.expires_at - approvals.c.asked_at)
        assert float(connection.execute(select(waits)).scalar_one()) == pytest.approx(hours * 3600, abs=5)
        connection.execute(delete(approvals))
        connection.execute(text("update runs set deadline_at = now() - interval '1 hour', state = 'queued'"))
    late = Attempt(store, run)
    with pytest.raises(ApprovalNeeded):
        late.arm()
    assert late.ask() == pytest.approx(MINUTES * 60, abs=5), "nobody could answer in no time"


def test_a_run_that_is_ordered_anew_asks_as_the_first_did(store: Store) -> None:
    run = waiting_run(store)
    answer(store, run, False, by="eva")
    anew = retry(store, run, by="eva").run_id
    attempt = Attempt(store, anew)
    with pytest.raises(ApprovalNeeded):
        attempt.arm()
    plain = ask(store, about="STG 7:7")
    finish(store, begin(store, plain), Outcome("done"))
    again = run_again(store, plain, by="eva", reason="brevet kom bort", asks_first=True).run_id
    with store.begin() as connection:
        assert connection.execute(select(runs.c.asks_first).where(runs.c.id == again)).scalar_one()
