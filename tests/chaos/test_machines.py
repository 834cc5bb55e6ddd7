"""Three workers as three machines, in short. The judges are the town and the target, which know who did what.

All of it: ``python -m tests.chaos machines``.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.chaos.browser_kills import alive, until
from tests.chaos.machines import rows
from tests.chaos.namespaces import can_be_apart
from tests.chaos.table import Row
from tests.chaos.visit_slots import MODULE as VISIT_SLOTS
from tests.external_database import MISSING, server_programs

pytestmark = [
    pytest.mark.skipif(server_programs() is None, reason=MISSING),
    pytest.mark.skipif(not can_be_apart(), reason="nobody may make network namespaces here"),
    pytest.mark.timeout(400),
]
SECONDS = 60.0


def shown(*options: str) -> list[Row]:
    """The table of a part, each time with a seed of its own, which a test that fails shows with it."""
    found = rows([*options, "--seed", str(random.randrange(1_000_000))])
    print(*found, sep="\n")
    assert len(found) > 1
    return found


@pytest.mark.long
def test_no_more_than_the_systems_let_in_over_three_machines() -> None:
    found = shown("--part", "seats", "--starts", "60")

    assert [row for row in found if not row.met] == []


@pytest.mark.long
def test_no_more_begin_in_a_minute_than_the_system_allows() -> None:
    found = shown("--part", "seats", "--starts", "90", "--a-minute", "3")

    assert [row for row in found if not row.met] == []


@pytest.mark.long
def test_control_with_room_for_all_the_limits_are_exceeded() -> None:
    found = shown("--part", "seats-control")

    assert [row for row in found if not row.met] == []


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("moment", ["armed 1", "leaving 2", "left 1"])
def test_a_machine_cut_off_in_the_middle_of_a_change_leaves_it_to_another(moment: str) -> None:
    found = shown("--part", "cuts", "--flow", "send_detail_plan", "--moment", moment)

    assert [row for row in found if not row.met] == []


@pytest.mark.long
@pytest.mark.browser
def test_control_taken_over_without_lease_it_is_made_twice() -> None:
    found = shown("--part", "cuts-control", "--cuts", "1")

    assert [row for row in found if not row.met] == []


@pytest.mark.long
@pytest.mark.browser
def test_the_runs_of_a_machine_that_is_killed_go_on_elsewhere() -> None:
    found = shown("--part", "kills", "--kills", "2")

    assert [row for row in found if not row.met] == []


@pytest.mark.long
def test_nothing_stays_of_an_experiment_whose_starter_is_killed() -> None:
    command = [sys.executable, "-m", "tests.chaos", "machines", "--part", "seats", "--starts", "100000"]
    links = set(Path("/sys/class/net").iterdir())
    with psutil.Popen(command, stdout=subprocess.DEVNULL) as starter:
        family: list[psutil.Process] = []

        def slots_stand() -> bool:
            family[:] = starter.children(recursive=True)
            return sum(VISIT_SLOTS in each.cmdline() for each in family if alive(each)) >= 3

        until(slots_stand, SECONDS)
        starter.kill()

    until(lambda: not any(alive(each) for each in family), SECONDS)
    assert set(Path("/sys/class/net").iterdir()) == links
