"""Storage that fails in the middle of runs: nothing is armed that cannot be recorded, and everything goes on by itself.

Short: a few moments, seconds. All moments and a minute: ``python -m tests.chaos storage``.
"""

from __future__ import annotations

import pytest

from tests.chaos.disk_trials import missing, on_bad_disk
from tests.chaos.storage import BAD_DISKS, SHORT_SECONDS, swedish, without_database
from tests.chaos.storage_trials import BEFORE_ARMING, OVER_BY_THEN, WAITING, Tried, rows_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# Longer than the queue engine waits for a database by itself.
LONG_SECONDS = 35.0
SHORT_DISK_SECONDS = 8.0


def demand_all_as_wanted(what: str, tried: Tried) -> None:
    assert [row for row in rows_of(what, tried) if not row.met] == [], tried.account.stories
    assert tried.account.runs == len(tried.moments)


@pytest.mark.long
@pytest.mark.parametrize(
    ("moments", "seconds"),
    [
        (("sent, and not seen", WAITING), SHORT_SECONDS),
        ((OVER_BY_THEN,), SHORT_SECONDS),
        ((BEFORE_ARMING, "at the outcome", WAITING), LONG_SECONDS),
    ],
)
def test_the_database_goes_away_and_comes_back(moments: tuple[str, ...], seconds: float) -> None:
    tried = without_database(moments, seconds, slots=len([moment for moment in moments if moment != WAITING]))

    demand_all_as_wanted("database away", tried)


@pytest.mark.long
def test_control_without_the_guard_something_is_armed_that_is_not_on_record() -> None:
    assert without_database([OVER_BY_THEN], SHORT_SECONDS, slots=1, unrecorded=True).unrecorded > 0


on_own_disk = pytest.mark.skipif(bool(missing()), reason=f"bad disks: {missing()}")


@on_own_disk
@pytest.mark.long
@pytest.mark.parametrize("kind", BAD_DISKS)
def test_nothing_is_changed_that_no_evidence_can_be_kept_of(kind: str) -> None:
    tried = on_bad_disk(kind, BAD_DISKS[kind], SHORT_DISK_SECONDS)

    demand_all_as_wanted(f"disk {kind}", tried)
    assert swedish(tried), tried.words


@on_own_disk
@pytest.mark.long
@pytest.mark.parametrize("kind", BAD_DISKS)
def test_control_without_the_guard_something_is_changed(kind: str) -> None:
    assert on_bad_disk(kind, [BEFORE_ARMING], SHORT_DISK_SECONDS, unrecorded=True).changed > 0
