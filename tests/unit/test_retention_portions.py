"""What a portion does with what it may not remove, and what each says in the log of what it has removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from loguru import logger
from sqlalchemy import Connection, func, insert, select, text

from robots.portal.doors.accounts import add_account
from robots.portal.rights import Role
from robots.retention import carrying_out
from robots.retention.carrying_out import line_at
from robots.retention.cases import lock_runs, remove_runs
from robots.retention.plan import read_plan
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import audit_events, orders, retention_log
from tests.unit.old_cases import HANG_ON_RUNS, Archive, ago, plan_text
from tests.unit.runs import new_run

A, B, C = "KC-26110042-4", "KC-26110043-2", "KC-26110044-0"
CASES = plan_text(underlag="1 år", körningar="1 år")


@pytest.fixture
def archive(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    return Archive.laid(machine, store, tmp_path, monkeypatch)


@pytest.fixture
def point_to(archive: Archive) -> Iterator[Callable[[str, int], None]]:
    """``point_to(table, id)``: from now on something else points to that row. One that is killed leaves it behind."""
    with ExitStack() as undone:

        def point(table: str, row_id: int) -> None:
            archive.change("drop schema if exists apart cascade; create schema apart")
            undone.callback(archive.change, "drop schema apart cascade")
            archive.change(f"create table apart.pointing (to_id bigint references {table} (id))")
            archive.change("insert into apart.pointing values (:id)", id=row_id)

        yield point


@pytest.fixture
def warned() -> Iterator[list[str]]:
    told = list[str]()
    sink = logger.add(lambda message: told.append(message.record["message"]), level="WARNING")
    yield told
    logger.remove(sink)


def logged(archive: Archive, class_name: str) -> dict[str, Any]:
    """The one line of the log about the class."""
    with archive.store.begin() as connection:
        asked = select(retention_log).where(retention_log.c["class"] == class_name)
        return dict(connection.execute(asked).mappings().one())


def test_rows_that_something_points_to_wait_and_the_rest_goes(
    archive: Archive, point_to: Callable[[str, int], None], warned: list[str]
) -> None:
    archive.plan(plan_text(drift="1 år"))
    with archive.store.begin() as connection:
        order = {"order": "cancel", "about": "K-1", "by": "a", "reason": "", "at": ago(900)}
        number = connection.execute(insert(orders).values(order).returning(orders.c.id)).scalar_one()
        history = "insert into breaker_history (system, robot, state, why, at) values ('s', '', 'open', '', :at)"
        connection.execute(text(history), {"at": ago(900)})
    point_to("orders", number)
    assert archive.carrying_out().all_rows() == {"drift": 1}
    assert (archive.count("orders"), archive.count("breaker_history")) == (1, 0)
    assert warned == ["some of orders is not removed: it is used again"]


def test_cases_in_the_portion_of_one_that_something_points_to_do_not_wait_for_it(
    archive: Archive, point_to: Callable[[str, int], None], warned: list[str]
) -> None:
    archive.plan(CASES)
    first, second, third = (archive.case(number, 800) for number in (A, B, C))
    point_to("runs", second)
    assert archive.carrying_out().all_rows() == {"underlag": 3, "körningar": 2}
    assert archive.runs() == {second}
    (told,) = warned
    assert told.startswith(f"the runs ({second},) are not removed: ")
    assert "pointing_to_id_fkey" in told
    assert {first, third}.isdisjoint(archive.runs())


def test_how_many_runs_went_is_told_and_not_how_much_hung_on_them(archive: Archive) -> None:
    bare = [new_run(archive.store) for _ in range(2)]
    with archive.store.begin() as connection:
        assert remove_runs(connection, [*bare, archive.case(A, 800)]) == 3


def test_a_case_takes_all_that_hangs_on_its_runs_with_it_and_nothing_of_anothers(archive: Archive) -> None:
    archive.plan(CASES)
    archive.case(B, 10)
    before = {table: archive.count(table) for table in HANG_ON_RUNS}
    assert all(before.values())
    old = archive.case(A, 800)
    account = add_account(archive.store, "gun", "Gun", roles=[Role.GUIDE], teams=[], by="prov")
    archive.change("insert into seat_waits (run_id, needs) values (:id, '[]')", id=old)
    asked = "insert into start_requests (account_id, key, digest, run_id) values (:who, 'k', '', :id)"
    archive.change(asked, who=account, id=old)
    archive.carrying_out().all_rows()
    assert {table: archive.count(table) for table in HANG_ON_RUNS} == before
    assert archive.count("seat_waits") == archive.count("start_requests") == 0
    assert old not in archive.runs()
    with archive.store.begin() as connection:
        assert remove_runs(connection, list(archive.runs())) == 1


@pytest.mark.parametrize(
    ("outcome", "waits"), [("done", False), ("cancelled", False), ("handed_over", True), ("failed", True)]
)
def test_only_what_a_person_is_to_see_to_waits_until_it_is_settled(archive: Archive, outcome: str, waits: bool) -> None:
    archive.plan(CASES)
    run_id = archive.case(A, 800, state=outcome)
    archive.change("update outcomes set settled = false")
    archive.carrying_out().all_rows()
    assert (run_id in archive.runs()) is waits


def test_what_is_being_removed_is_ordered_anew_by_nobody(archive: Archive) -> None:
    first, second = archive.case(A, 800), archive.case(B, 800)
    free = text("select id from runs for update skip locked")
    with archive.store.begin() as connection, archive.store.begin() as other:
        lock_runs(connection, [first])
        assert other.execute(free).scalars().all() == [second]


@pytest.mark.parametrize("portion", [1, 2, 50])
def test_of_cases_one_that_is_used_again_is_not_counted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    archive.plan(CASES)
    for number in (A, B, C):
        archive.case(number, 800)

    def lock_too_late(connection: Connection, ids: Sequence[int]) -> None:
        lock_runs(connection, ids)
        if archive.count("runs", f"case_number = '{A}'") == 1:
            archive.case(A, 0)

    monkeypatch.setattr(carrying_out, "lock_runs", lock_too_late)
    monkeypatch.setattr(carrying_out, "CASES", portion)
    assert archive.carrying_out().all_rows() == {"underlag": 2, "körningar": 2}
    assert archive.count("runs", f"case_number = '{A}'") == 2
    assert archive.count("retention_log", f"number > {portion}") == 0, "what is not locked is another portion's"


def test_each_portion_says_what_it_has_removed_and_by_which_decision(archive: Archive) -> None:
    archive.plan(plan_text(händelselogg="1 år", loggar="2 år"))
    with archive.store.begin() as connection:
        for days in (800, 700, 3):
            connection.execute(insert(audit_events).values(by="anna", did="looked", at=ago(days)))
    logs = archive.settings.data_dir / "logs"
    logs.mkdir(parents=True)
    for days in (800, 900, 1000):
        (logs / f"worker.{days}.log").write_text("x", "utf-8")
        os.utime(logs / f"worker.{days}.log", (ago(days).timestamp(),) * 2)
    work = archive.carrying_out()
    work.all_rows()
    work.files(archive.settings)
    for name, what, number, oldest, newest, decision in (
        ("händelselogg", "audit_events", 2, 800, 700, "Dnr 2026/1"), ("loggar", "files", 3, 1000, 800, "Dnr 2026/2"),
    ):  # fmt: skip
        told = logged(archive, name)
        assert (told["what"], told["number"], told["decision"], told["by"]) == (what, number, decision, "prov")
        for moment, days in ((told["oldest"], oldest), (told["newest"], newest)):
            assert abs(moment - ago(days)) < timedelta(hours=1)


def test_an_audit_with_nothing_old_gives_nothing(archive: Archive) -> None:
    archive.plan(plan_text(händelselogg="1 år"))
    work = archive.carrying_out()
    (rule,) = work.plan.rules.values()
    assert work._audit(rule, ago(365)) == 0


def test_the_line_is_as_far_back_as_the_plan_says(archive: Archive) -> None:
    archive.plan(plan_text(ark="10 dagar"))
    (rule,) = read_plan(archive.settings.config_dir / "retention.toml").rules.values()
    with archive.store.begin() as connection:
        now = connection.execute(select(func.clock_timestamp())).scalar_one()
        assert timedelta() <= line_at(connection, rule.kept) - (now - timedelta(days=10)) < timedelta(hours=1)
