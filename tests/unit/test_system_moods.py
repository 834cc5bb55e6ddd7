"""A real system that goes down, closes or refuses a password: what its runs do meanwhile, and that they go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from robots.cli.town import Town
from robots.queue.breakers import breakers_now
from robots.queue.runs import events_of, find_run
from robots.settings import Settings, write_secret
from robots.store import Store
from robots.store.schema import breaker_history, breakers, runs
from robots.systems import drawing_archive
from robots.task import Run
from robots.worker.attempt import attempt_run
from robots.worker.look_behind import look_behind_breakers
from tests.in_this_process import in_this_process
from tests.unit.trials import Trial, look, well

pytestmark = pytest.mark.browser

ARCHIVE = "drawing_archive"


def search(_: Run, archive: drawing_archive.Reader) -> None:
    archive.holdings("EKBACKEN 1:1")


@pytest.fixture
def trial(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Its task goes into the archive; its settings have a secrets folder of their own."""
    monkeypatch.setitem(trial.tasks.by_name, "look", _with(search))
    return trial


def _with(function: Any) -> Any:
    def carry_out(run: Run, *, archive: drawing_archive.Reader) -> None:
        function(run, archive)

    return replace(look.__ragnhild_task__, function=carry_out)  # type: ignore[attr-defined]  # put there by @task


def _again(trial: Trial) -> str | None:
    return trial.attempt(well)


def _held_for(trial: Trial) -> str:
    return str(find_run(trial.store, trial.run_id).held_for or "")


def _look(trial: Trial) -> str:
    """The look that is due is asked for by two workers, and carried out. What it has told."""
    with trial.store.begin() as connection:
        connection.execute(update(breakers).values(probe_at=func.clock_timestamp()))
    return _carry_out_looks(trial)


def _carry_out_looks(trial: Trial) -> str:
    for _ in range(2):
        look_behind_breakers(trial.settings, trial.store)
    with trial.store.begin() as connection:
        [asked] = connection.execute(
            select(runs.c.id).where(runs.c.task == f"look_behind_{ARCHIVE}", runs.c.state == "queued")
        ).scalars()
    assert attempt_run(trial.settings, trial.store, trial.tasks, trial.browser, asked, carry=in_this_process) == "done"
    trial.browser.prepare()
    return " ".join(event.title for event in events_of(trial.store, asked) if event.kind == "told")


def test_a_system_that_goes_down_is_left_alone_until_a_look_shows_that_it_is_back(trial: Trial, town: Town) -> None:
    trial.ask("look")
    town.fault(ARCHIVE, "down", times=1000)
    assert [_again(trial) for _ in range(3)] == [None] * 3
    assert trial.attempts() == ["retry", "retry", "held"], "the last does not count against the run"
    assert "Ritningsarkivet" in _held_for(trial)
    assert _again(trial) is None
    assert trial.attempts() == ["retry", "retry", "held"], "nobody goes there while it is open"

    assert "fungerar inte än" in _look(trial)
    assert len(breakers_now(trial.store)) == 1
    town.clear_faults()
    assert "fungerar igen" in _look(trial)

    assert _again(trial) == "done"
    assert breakers_now(trial.store) == []


def test_control_without_a_breaker_the_run_is_given_up(
    trial: Trial, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = trial.settings.systems[ARCHIVE].model_copy(update={"failures_to_open": 0})
    monkeypatch.setitem(trial.settings.systems, ARCHIVE, told)
    trial.ask("look")
    town.fault(ARCHIVE, "down", times=1000)
    assert [_again(trial) for _ in range(4)] == [None, None, None, "handed_over"]


@pytest.mark.usefixtures("logged_out")
def test_a_refused_password_keeps_the_robot_out_until_there_is_another(
    trial: Trial, town: Town, store: Store, settings: Settings
) -> None:
    right = trial.settings.password("ragnhild", ARCHIVE).get_secret_value()
    file = trial.settings.secrets_dir / f"ragnhild.{ARCHIVE}"
    try:
        write_secret(file, "fel")
        trial.ask("look")
        assert _again(trial) == "handed_over"
        trial.ask("look", dry_run=True)
        assert _again(trial) is None
        assert "lösenordet" in _held_for(trial)
        look_behind_breakers(trial.settings, trial.store)
        with store.begin() as connection:
            assert not connection.execute(select(runs.c.id).where(runs.c.task.like("look_behind%"))).all()
        assert _failed_logins(town) == 1

        write_secret(file, "också fel")
        assert "fungerar inte än" in _carry_out_looks(trial)
        assert _failed_logins(town) == 2
        write_secret(file, right)
        assert "fungerar igen" in _carry_out_looks(trial)
    finally:
        file.unlink(missing_ok=True)
    assert _again(trial) == "done"
    with store.begin() as connection:
        told = connection.execute(select(breaker_history.c.state).order_by(breaker_history.c.id)).scalars()
        assert list(told) == ["open", "open", "closed"]


def _failed_logins(town: Town) -> int:
    return int(next(s["failed_logins"] for s in town.ask("/systems") if s["key"] == ARCHIVE))
