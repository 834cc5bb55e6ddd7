"""Killed at any moment the plan has done whole portions, each with its line in the log, and goes on the next time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from robots.retention import carrying_out
from robots.retention.nights import Nights
from robots.retention.outside import Outside
from robots.settings import Settings
from robots.store import Store
from robots.store.connect import connect
from robots.store.schema import audit_events
from tests.conftest import empty
from tests.unit.killed import killed
from tests.unit.old_cases import HANG_ON_RUNS, Archive, ago

CASES = 5


@pytest.fixture
def archive(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    return Archive.laid(machine, store, tmp_path, monkeypatch)


def fill(archive: Archive) -> int:
    """Old cases, old lines in the audit, and a recent case, whose number is returned."""
    for number in range(CASES):
        archive.case(f"KC-0000000{number}-0", 800)
        archive.case(f"KC-0000000{number}-0", 799)
    with archive.store.begin() as connection:
        connection.execute(insert(audit_events).values(by="anna", did="looked", at=ago(800)))
    return archive.case("KC-99999999-9", 10)


def remove(archive: Archive, kill_at: int = 0, since: str = "") -> tuple[bool, int]:
    """A night by a process of its own; as ``killed``."""
    url = archive.store.engine.url.render_as_string(hide_password=False)

    def night() -> int:
        carrying_out.ROWS, carrying_out.CASES = 3, 2  # many portions
        Nights(archive.settings.model_copy(update={"retention_at": "00:00"}), connect(url), rows=True).look()
        return 0

    return killed(night, kill_at, archive.settings.config_dir.parent, since)


def demand_whole_portions(archive: Archive, recent: int) -> None:
    there = archive.runs()
    with archive.store.begin() as connection:
        logged = connection.execute(text("select unnest(ids) from retention_log where class = 'körningar'")).scalars()
        gone = set(logged)
        half = connection.execute(
            text("select case_number from runs group by 1 having count(*) <> 2 and case_number <> 'KC-99999999-9'")
        ).all()
    assert half == [], "a case goes whole"
    assert (there & gone, recent in there) == (set(), True)
    assert len(there | gone) == 2 * CASES + 1, "what is gone is in the log"
    assert archive.count("effects") == len(there)
    assert archive.count("past_effects") == len(gone)
    assert archive.settings.backup_folder
    outside = {id_ for line in Outside(archive.settings.backup_folder).lines() for id_ in line.ids}
    assert gone <= outside, "and in the list beside the backups"


def demand_done(archive: Archive, recent: int) -> None:
    assert (archive.runs(), archive.evidence()) == ({recent}, {recent})
    for table in HANG_ON_RUNS:
        assert archive.count(table) <= 5, table
    assert archive.count("past_effects") == 2 * CASES
    assert archive.count("audit_events", "did = 'looked'") == 0
    assert archive.count("retention_nights") == 1


def test_a_night_that_is_killed_is_gone_through_by_the_next(archive: Archive) -> None:
    recent = fill(archive)
    assert remove(archive, 40, "delete from runs")[0]
    demand_whole_portions(archive, recent)
    assert 1 < len(archive.runs()) < 2 * CASES + 1, "some cases are gone by then, and some are not"
    assert archive.count("retention_nights") == 0
    remove(archive)
    demand_done(archive, recent)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_killed_at_every_moment(archive: Archive) -> None:
    fill(archive)
    _, moments = remove(archive)
    assert moments > 200
    for moment in range(1, moments + 1):
        empty(archive.store)
        shutil.rmtree(archive.settings.evidence_dir)
        for path in (archive.settings.config_dir.parent / "backups").iterdir():
            path.unlink()
        recent = fill(archive)
        assert remove(archive, moment)[0], moment
        demand_whole_portions(archive, recent)
        remove(archive)
        demand_done(archive, recent)
