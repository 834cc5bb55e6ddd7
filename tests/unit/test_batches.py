"""A sheet is asked for once: the same file again, rows twice, rows asked for in another way, a crash in the middle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from robots.inputs import Values
from robots.queue import batches
from robots.queue.attempts import Outcome, finish
from robots.queue.batch_standing import progress_of, rows_of, summary_of
from robots.queue.batches import AskedRow, Batch, enqueue, open_batch
from robots.queue.claims import claim
from robots.queue.runs import find_run, submit
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import batch_rows, runs
from tests.unit.workbook_files import SIMPLE, case


def values(number: int, message: str = "Hej") -> Values:
    return SIMPLE.inputs.parse({"case_number": case(number), "property_id": "EKBACKEN 3:14", "message": message})


def opened(store: Store, sha256: str = "a", *, dry_run: bool = False, sheet: str = "Blad1") -> Batch:
    return open_batch(store, SIMPLE, file_name="x.xlsx", sha256=sha256, sheet=sheet, started_by="anna", dry_run=dry_run)


def rows(*numbers: int) -> list[AskedRow]:
    """Rows 2, 3 and on, each for one case; 0 is a bad row."""
    return [AskedRow(r, values(n) if n else None, "" if n else "fel") for r, n in enumerate(numbers, 2)]


def ask(store: Store, batch: Batch, *numbers: int) -> batches.Enqueued:
    return enqueue(store, SIMPLE, batch, rows(*numbers), robot="ragnhild")


def counted(store: Store, table: str) -> int:
    with store.begin() as connection:
        return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())


def test_every_good_row_becomes_one_run_in_the_queue(store: Store) -> None:
    batch = opened(store)

    told = ask(store, batch, 1, 2, 0, 3)

    assert (told.new, told.joined, told.doubled, told.bad) == (3, 0, 0, 1)
    with store.begin() as connection:
        jobs = connection.execute(
            text("select j.lock, j.priority, j.queueing_lock, (j.args->>'run_id')::bigint as run, r.id, r.key, r.source"
                 " from procrastinate_jobs j join runs r on r.key = j.queueing_lock order by r.id")
        ).all()  # fmt: skip
    assert [job.lock for job in jobs] == [case(1), case(2), case(3)]  # in the order of the sheet
    assert {job.source for job in jobs} == {"batch"}
    assert all(job.queueing_lock == job.key and job.run == job.id for job in jobs)


def test_a_row_twice_is_one_run(store: Store) -> None:
    batch = opened(store)

    told = ask(store, batch, 1, 2, 1, 1)

    assert (told.new, told.doubled) == (2, 2)
    found = rows_of(store, batch.id, [2, 3, 4, 5])
    assert [found[row].first_row for row in (2, 3, 4, 5)] == [None, None, 2, 2]
    assert found[4].run_id == found[2].run_id
    assert counted(store, "procrastinate_jobs") == 2


def test_a_row_twice_in_different_chunks_is_one_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = opened(store)

    told = ask(store, batch, 1, 2, 3, 1, 4)

    assert (told.new, told.doubled) == (4, 1)
    assert rows_of(store, batch.id, [5])[5].first_row == 2


def test_the_same_file_again_is_the_same_batch(store: Store) -> None:
    first = opened(store)
    ask(store, first, 1, 2)

    again = opened(store)
    told = ask(store, again, 1, 2)

    assert (again.id, again.new, again.started_by) == (first.id, False, "anna")
    assert (told.new, told.joined) == (0, 2)
    assert counted(store, "procrastinate_jobs") == 2


def test_another_file_or_sheet_is_another_batch_of_the_same_runs(store: Store) -> None:
    """The control of the test above; the runs themselves are still one for each request."""
    ask(store, opened(store), 1)

    other_file, other_sheet = opened(store, "b"), opened(store, sheet="Blad2")

    assert other_file.new
    assert other_sheet.new
    assert ask(store, other_file, 1, 2).new == 1
    row = rows_of(store, other_file.id, [2])[2]
    assert row.joined


def test_a_request_of_a_guide_is_joined(store: Store) -> None:
    asked = submit(store, SIMPLE, values(1, "Annan text"), robot="ragnhild", source="guide", started_by="bo")
    batch = opened(store)

    told = ask(store, batch, 1, 2)

    assert (told.new, told.joined) == (1, 1)
    row = rows_of(store, batch.id, [2])[2]
    assert (row.run_id, row.joined, row.inputs["message"]) == (asked.run_id, True, "Annan text")


def test_a_guide_who_asks_for_a_row_of_a_batch_is_joined_as_well(store: Store) -> None:
    ask(store, opened(store), 1)

    asked = submit(store, SIMPLE, values(1), robot="ragnhild", source="guide", started_by="bo")

    assert not asked.new


def test_each_dry_run_is_a_batch_of_its_own_and_takes_nothing_from_the_real_one(store: Store) -> None:
    first, second = opened(store, dry_run=True), opened(store, dry_run=True)

    assert first.id != second.id
    assert ask(store, first, 1, 1).new == 1
    assert ask(store, first, 1, 1).new == 0  # taken up again
    assert ask(store, second, 1).new == 1
    real = opened(store)
    assert real.new
    assert ask(store, real, 1).new == 1
    assert find_run(store, rows_of(store, first.id, [2])[2].run_id).dry_run


def test_what_ends_in_the_middle_is_taken_up_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = opened(store)

    def torn() -> Iterator[AskedRow]:
        yield from rows(1, 2, 3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enqueue(store, SIMPLE, batch, torn(), robot="ragnhild")
    assert counted(store, "runs") == 2  # the whole first chunk, and nothing of the second

    told = ask(store, opened(store), 1, 2, 3)

    assert (told.new, told.joined) == (1, 2)
    assert counted(store, "procrastinate_jobs") == 3


def test_a_row_that_was_wrong_may_become_right_but_never_loses_its_run(store: Store) -> None:
    batch = opened(store)
    ask(store, batch, 0, 2)

    ask(store, batch, 1, 0)  # the task's rules have been changed since

    found = rows_of(store, batch.id, [2, 3])
    assert found[2].run_id
    assert found[2].error is None
    assert found[3].run_id
    assert found[3].error is None


def test_run_and_job_are_written_together_or_not_at_all(store: Store) -> None:
    ask(store, opened(store), 1)
    with store.begin() as connection:  # the run is gone and its job is not, which holds its place in the queue
        connection.execute(delete(batch_rows))
        connection.execute(delete(runs))
    with pytest.raises(IntegrityError):
        ask(store, opened(store), 1)
    assert counted(store, "runs") == 0

    with store.begin() as connection:
        connection.execute(text("delete from procrastinate_jobs"))
    assert ask(store, opened(store), 1).new == 1


def test_progress_and_summary_count_a_doubled_run_once(store: Store) -> None:
    batch = opened(store)
    ask(store, batch, 1, 1, 2, 3)
    found = rows_of(store, batch.id, [2, 4])
    for row, outcome in ((2, Outcome("done")), (4, Outcome("handed_over", "Spärrad kund", "Spärrad.", "Ring."))):
        claimed = claim(store, found[row].run_id, this_process())
        assert claimed
        finish(store, claimed, outcome)

    progress = progress_of(store, batch.id)

    assert (progress.of("done"), progress.of("handed_over"), progress.left, progress.total) == (1, 1, 1, 3)
    assert progress.seconds is not None
    lines = {(line.state, line.kind, line.runs, line.rows) for line in summary_of(store, batch.id)}
    assert lines == {("done", "", 1, 2), ("handed_over", "Spärrad kund", 1, 1), ("queued", "", 1, 1)}


def test_a_batch_row_never_has_both_run_and_error(store: Store) -> None:
    batch = opened(store)
    ask(store, batch, 1)
    with pytest.raises(Exception, match="run_or_error"), store.begin() as connection:
        connection.execute(update(batch_rows).values(error="fel"))
    with store.begin() as connection:
        assert connection.execute(select(func.count()).select_from(runs)).scalar_one() == 1
