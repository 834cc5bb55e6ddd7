"""What a test is given as an empty database is one, whatever the test before it has left."""

from __future__ import annotations

from sqlalchemy import func, select, text

from robots.queue.runs import list_runs
from robots.store import Store
from robots.store.schema import runs
from tests.conftest import empty
from tests.unit.runs import new_run


def test_rows_are_gone_and_numbers_begin_anew(store: Store) -> None:
    assert [new_run(store), new_run(store)] == [1, 2]

    empty(store)

    assert list_runs(store) == []
    assert new_run(store) == 1


def test_a_number_that_was_given_to_nothing_is_given_anew(store: Store) -> None:
    with store.begin() as connection:
        sequence = connection.execute(select(func.pg_get_serial_sequence(runs.name, "id"))).scalar_one()
        connection.execute(text("select nextval(:sequence)"), {"sequence": sequence})
        assert connection.execute(select(func.count()).select_from(runs)).scalar_one() == 0

    empty(store)

    assert new_run(store) == 1
