"""What has been removed does not come back with a backup from before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from robots.evidence.keys import Keys
from robots.evidence.sealed import RunEvidence
from robots.retention.outside import LIST, Outside
from robots.retention.plan import FILE
from robots.settings import Settings
from robots.store import Store
from tests.saying import Say
from tests.unit.kept import empty_database, made_by
from tests.unit.old_cases import Archive, ago, plan_text
from tests.unit.runs import new_run

A, B = "KC-26110042-4", "KC-26110043-2"


@pytest.fixture
def archive(machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    made = Archive.laid(machine, store, tmp_path, monkeypatch)
    (made.settings.tasks_dir / "none.py").write_text("", "utf-8")
    return made


@pytest.fixture
def elsewhere(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """Another machine, with an empty database and no data folder."""
    new = empty_database(archive.store, "restored")
    url = new.engine.url.render_as_string(hide_password=False)
    for name, value in {"DATA_DIR": tmp_path / "new", "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))
    yield Archive(archive.settings.model_copy(update={"data_dir": tmp_path / "new"}), new)
    new.close()


def sealed(archive: Archive, run_id: int) -> RunEvidence:
    evidence = RunEvidence.below(archive.settings.evidence_dir, run_id, Keys.of(archive.settings, archive.store))
    evidence.write("01-001.jpg", b"bild")
    return evidence


@pytest.mark.parametrize(
    ("list_is_there", "plan", "back"),
    [
        (True, "", False),  # by the list alone
        pytest.param(False, plan_text(underlag="1 år", körningar="2 år"), False, marks=pytest.mark.long),  # by the plan
        pytest.param(False, "", True, marks=pytest.mark.long),  # control: neither, and all is back
    ],
)
def test_a_restored_backup_brings_nothing_back(
    list_is_there: bool,
    plan: str,
    back: bool,
    archive: Archive,
    say: Say,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    archive.plan(plan_text(underlag="1 år", körningar="2 år"))
    gone, pictures_gone, kept = archive.case(A, 800), archive.case(B, 500), archive.case(None, 3)
    unfinished = archive.case(None, 800)
    archive.change("update runs set state = 'queued', finished_at = null where id = :id", id=unfinished)
    archive.change("delete from outcomes where run_id = :id", id=unfinished)
    sealed(archive, gone)
    sealed(archive, pictures_gone)
    made = made_by(say, tmp_path / "backups")
    archive.change("update runs set state = 'done', finished_at = :at where id = :id", at=ago(800), id=unfinished)

    assert say("retention", "--carry-out")[0] == 0
    later = new_run(archive.store)  # its number stands in no line
    assert archive.runs() == {pictures_gone, kept, later}

    new: Archive = request.getfixturevalue("elsewhere")
    archive.plan(plan)
    if not list_is_there:
        (tmp_path / "backups" / LIST).unlink()
    code, told = say("restore", made)

    assert code == 0, told
    with new.store.begin() as connection:
        keys = connection.execute(text("select name, wrapped is null from evidence_keys where name <> 'master'")).all()
    if back:
        assert new.runs() == {gone, pictures_gone, kept, unfinished} == new.evidence()
        assert sorted(keys) == [(f"case:{A}", False), (f"case:{B}", False)]
        return
    # What had not ended in the backup is known to be gone by the list alone.
    assert new.runs() == {pictures_gone, kept} | (set() if list_is_there else {unfinished})
    assert new.evidence() == {kept} | (set() if list_is_there else {unfinished})
    assert sorted(keys) == [("", True), (f"case:{B}", True)]
    if list_is_there:
        assert "är borta på nytt" in " ".join(told.split())
        assert new.count("procrastinate_jobs", "status = 'todo'") == 0
        assert new.count("past_effects") == 2
    assert new.count("retention_log", "class = 'körningar'") == 1
    assert (new.settings.config_dir / FILE).is_file()


def test_a_backup_brings_the_list_beside_it_up_to_date(archive: Archive, say: Say, tmp_path: Path) -> None:
    first = archive.case(A, 800)
    archive.carrying_out(outside=False).all_rows()  # the folder of backups was away that night
    kept = tmp_path / "backups" / LIST
    assert not kept.exists()
    made_by(say, tmp_path / "backups")
    assert f"[{first}]" in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_bytes(kept.read_bytes()[:-20])  # killed while it was written
    made_by(say, tmp_path / "backups")
    assert [line.ids for line in Outside(tmp_path / "backups").lines()] == [[first]] * 2, "of evidence and of runs"
    before = kept.read_bytes()
    made_by(say, tmp_path / "backups")
    assert kept.read_bytes() == before
