"""Statements handed straight to the driver behave as SQLAlchemy's own do: in their errors and in what they leave."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Integer, Text, bindparam, func, insert, literal, select
from sqlalchemy.exc import IntegrityError, OperationalError

from robots.store import Store
from robots.store.connect import connect
from robots.store.quick import Quick
from robots.store.schema import pauses

PAUSE = Quick(
    insert(pauses)
    .values(scope=bindparam("what", type_=Text), by="test", reason="prov")
    .returning(pauses.c.scope, pauses.c.since)
)
DOUBLED = Quick(select((literal(2) * bindparam("number", type_=Integer)).label("doubled")))


def paused(store: Store) -> list[str]:
    with store.begin() as connection:
        return list(connection.execute(select(pauses.c.scope)).scalars())


def test_answers_by_name_and_is_a_transaction_of_its_own(store: Store) -> None:
    assert store.ask_quick(DOUBLED, {"number": 21}).doubled == 42
    assert store.ask_quick(PAUSE, {"what": "everything"}).scope == "everything"
    assert paused(store) == ["everything"]


def test_what_the_database_refuses_is_an_error_of_the_usual_kind_and_leaves_a_good_connection(store: Store) -> None:
    store.ask_quick(PAUSE, {"what": "everything"})
    with pytest.raises(IntegrityError, match="pk_pauses"):
        store.ask_quick(PAUSE, {"what": "everything"})
    with store.begin() as connection:  # a transaction again, on the very connection that was without
        connection.execute(insert(pauses).values(scope="task:x", by="test", reason="prov"))
        connection.rollback()
    assert paused(store) == ["everything"]


def test_a_connection_that_was_cut_is_told_and_not_used_again(store: Store) -> None:
    end_myself = Quick(select(func.pg_terminate_backend(func.pg_backend_pid())))
    with pytest.raises(OperationalError) as told:
        store.ask_quick(end_myself, {})
    assert told.value.connection_invalidated
    assert store.ask_quick(DOUBLED, {"number": 1}).doubled == 2


def test_nobody_who_answers_is_an_error_of_the_usual_kind(tmp_path: Path) -> None:
    nobody = connect(f"postgresql://postgres:@/postgres?host={tmp_path}")
    with pytest.raises(OperationalError) as told:
        nobody.ask_quick(DOUBLED, {"number": 1})
    assert told.value.connection_invalidated
