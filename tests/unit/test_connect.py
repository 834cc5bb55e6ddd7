"""What the pool does with a connection whose server ended it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from robots.store import Store
from robots.store import connect as connecting
from robots.store.connect import connect


def _end_other_connections(store: Store, mine: Store) -> None:
    with mine.begin() as connection:
        mine_pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
    with store.begin() as connection:
        connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": mine_pid})


def test_a_connection_that_ended_while_it_rested_is_replaced(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "LONGEST_TRUSTED_REST", 0.0)
    mine = connect(store.url)
    _end_other_connections(store, mine)
    with mine.begin() as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1
    mine.close()


def test_control_a_trusted_one_fails_once_and_is_replaced_after_that(store: Store) -> None:
    mine = connect(store.url)
    _end_other_connections(store, mine)
    with pytest.raises(OperationalError), mine.begin() as connection:
        connection.execute(text("select 1"))
    with mine.begin() as connection:
        assert connection.execute(text("select 1")).scalar_one() == 1
    mine.close()
