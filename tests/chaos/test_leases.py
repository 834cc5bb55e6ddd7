"""The short form of the workers that stand still, share a name, or have a wrong clock."""

from __future__ import annotations

import os

import pytest

from robots.store import Store
from tests.chaos import clocks, leases
from tests.chaos.order_ground import ANOTHER
from tests.chaos.standstill import POINTS
from tests.chaos.table import Row
from tests.chaos.test_random_kills import new_seed

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="processes are stopped and woken up by signals"),
    pytest.mark.timeout(300),
]
AFTER_ARMING = leases.PROMISED[1]


def all_met(rows: list[Row]) -> bool:
    print(*rows, sep="\n")
    return all(row.met for row in rows)


@pytest.mark.parametrize(
    "point",
    [point if point == AFTER_ARMING else pytest.param(point, marks=pytest.mark.long) for point in leases.PROMISED],
)
def test_who_wakes_up_after_its_lease_changes_nothing_more(store: Store, point: str) -> None:
    # How soon is a figure of a machine at rest; here others are at work on it.
    assert all_met(leases.rows_of_stood(leases.stand_still(store, point), soon=3 * leases.TAKEOVER))


@pytest.mark.long
def test_control_without_the_last_look_it_is_made_twice(store: Store) -> None:
    assert all_met(leases.rows_of_control(leases.stand_still(store, AFTER_ARMING, control="no_confirmed_death")))


@pytest.mark.long
def test_who_stands_still_on_the_same_machine_is_not_taken_for_dead(store: Store) -> None:
    assert all_met(leases.rows_of_neighbour(leases.stand_still(store, AFTER_ARMING, host="")))


def test_every_point_stands_for_itself() -> None:
    assert set(leases.PROMISED) | {leases.NOT_PROMISED} == set(POINTS)


@pytest.mark.long
@pytest.mark.parametrize("hosts", [("", ""), ("", ANOTHER)], ids=["one machine", "two machines"])
def test_two_supervisors_of_one_name(store: Store, hosts: tuple[str, str]) -> None:
    seed = new_seed()

    assert all_met(leases.rows_of_twins(leases.twins(store, hosts=hosts, seed=seed), "")), f"seed {seed}"


@pytest.mark.long
@pytest.mark.parametrize("control", [False, True], ids=["by the database", "control: by its own"])
def test_a_workers_clock_changes_nothing(store: Store, control: bool) -> None:
    seed = new_seed()

    found = clocks.wrong_clock(store, seed=seed, control=control)

    rows = clocks.rows_of_control(found) if control else clocks.rows_of_own_clock(found)
    assert all_met(rows), f"seed {seed}"


@pytest.mark.long
@pytest.mark.skipif(clocks.library() is None, reason=clocks.MISSING)
def test_the_servers_clock_makes_nothing_twice_when_it_jumps_forwards() -> None:
    seed = new_seed()

    assert all_met(clocks.rows_of_server_clock(clocks.jumping_server_clock(seed=seed))), f"seed {seed}"
