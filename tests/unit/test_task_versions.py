"""Four eyes on a changed task: what may run for real, who may say so, and what waits meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from robots.audit.reading import Wanted, noted
from robots.cli import machine as machine_of
from robots.cli.doctor import _four_eyes
from robots.errors import WrongInput
from robots.portal.doors.accounts import add_account
from robots.portal.rights import Role
from robots.queue.claims import Held, claim
from robots.queue.pauses import WAITS_FOR_EYES, wake_held
from robots.queue.runs import find_run, submit
from robots.queue.task_versions import Version, approve, difference, put_forward, standing_of
from robots.settings import Settings
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import attempts, runs, task_versions
from robots.task_files import LoadedTasks, load_tasks
from robots.worker import versions as made_of
from robots.worker.attempt import attempt_run
from robots.worker.needs import needs_of
from robots.worker.slot import Slot
from robots.worker.versions import unapproved, version_of, versions_of
from tests.in_this_process import in_this_process
from tests.saying import Say
from tests.unit.desks import Desk, desk_over

WHY = "Ny avgift från årsskiftet"
TASK = '''"""En uppgift."""
from robots import Run, task
from robots.systems import drawing_archive


@task(title="Prov", owner="Ingen", saves_minutes=1)
def tried(run: Run, *, archive: drawing_archive.Reader) -> None:
    """{what}"""
'''


@pytest.fixture
def guarded(machine: Settings, tmp_path: Path) -> Settings:
    """A municipality with one task, and four eyes on it."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    write(folder, "Gör ett.")
    return machine.model_copy(update={"tasks_dir": folder, "four_eyes": True})


def write(folder: Path, what: str) -> None:
    (folder / "tried.py").write_text(TASK.format(what=what), "utf-8")


def now_of(settings: Settings) -> Version:
    return version_of(settings, load_tasks(settings.tasks_dir).find("tried"))


def stood_for(store: Store, version: Version) -> int:
    put_forward(store, version, by="ada", reason=WHY)
    return approve(store, version, by="bo", reason="Läst och prövad")


class Slots:
    """A slot that has loaded the files as they were when it began."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        self.tasks = load_tasks(settings.tasks_dir)
        self.versions = versions_of(settings, self.tasks)

    def ask(self, *, dry_run: bool = False) -> int:
        task = self.tasks.find("tried")
        values = task.inputs.parse({})
        return submit(
            self.store, task, values, robot="ragnhild", source="guide", started_by="gun", dry_run=dry_run
        ).run_id  # fmt: skip

    def begins(self, run_id: int) -> bool:
        try:
            claimed = claim(
                self.store, run_id, this_process(), needs=partial(needs_of, self.settings, self.tasks),
                barred=partial(unapproved, self.versions) if self.versions else None,
            )  # fmt: skip
        except Held as held:
            if str(held) != WAITS_FOR_EYES:
                raise
            return False
        with self.store.begin() as connection:
            connection.execute(update(attempts).values(ended_at=func.clock_timestamp(), ending="retry"))
        return claimed is not None


def test_what_nobody_has_approved_is_only_tried_and_waits_without_a_slot(guarded: Settings, store: Store) -> None:
    slot = Slots(guarded, store)
    assert slot.begins(slot.ask(dry_run=True))
    run = slot.ask()
    assert not slot.begins(run)
    with pytest.raises(Held, match=WAITS_FOR_EYES):
        attempt_run(guarded, store, slot.tasks, None, run, carry=in_this_process, versions=slot.versions)  # type: ignore[arg-type]
    row = find_run(store, run)
    assert (row.state, row.held_for, row.attempts) == ("queued", WAITS_FOR_EYES, 0)
    assert stood_for(store, now_of(guarded)) == 0, "the engine has not put its job off yet"
    assert slot.begins(run)
    deeds = noted(store, Wanted(about="task:tried"))
    assert [(each.by, each.did, each.reason) for each in deeds] == [
        ("bo", "task_approved", "Läst och prövad"), ("ada", "task_put_forward", WHY),
    ]  # fmt: skip
    assert Slots(guarded.model_copy(update={"four_eyes": False}), store).versions == {}


def test_whoever_approves_wakes_what_waits(guarded: Settings, store: Store) -> None:
    slot = Slots(guarded, store)
    run = slot.ask()
    slot.begins(run)
    later = "update procrastinate_jobs set scheduled_at = clock_timestamp() + interval '1 hour'"
    with store.begin() as connection:
        connection.exec_driver_sql(later)
        assert wake_held(connection) == 0, "upkeep does not wake it every second"
    assert stood_for(store, now_of(guarded)) == 1


def test_what_the_slot_has_loaded_counts_and_not_what_stands_in_the_file(guarded: Settings, store: Store) -> None:
    before = Slots(guarded, store)
    stood_for(store, now_of(guarded))
    write(guarded.tasks_dir, "Gör två.")  # between the approval and the claim
    after = Slots(guarded, store)
    run = before.ask()
    assert not after.begins(run)
    assert before.begins(run), "it carries out what was approved"
    with store.begin() as connection:
        seen = connection.execute(select(task_versions.c.digest).where(task_versions.c.approved_by.is_(None))).all()
    assert [row.digest for row in seen] == [now_of(guarded).digest], "it is kept as it was met"
    with store.begin() as connection:
        connection.execute(update(runs).values(state="queued"))
    write(guarded.tasks_dir, "Gör ett.")
    assert Slots(guarded, store).begins(run)


@pytest.mark.parametrize("changed", ["drawing_archive/driver.py", "tables/fees.toml", "tasks/tried.py"])
def test_a_change_in_whatever_the_task_works_through_is_another_version(
    guarded: Settings, store: Store, changed: str
) -> None:
    version = now_of(guarded)
    assert {"tasks/tried.py", "drawing_archive/driver.py", "drawing_archive/system.toml"} <= version.files.keys()
    stood_for(store, version)
    other = Version("tried", {**version.files, changed: version.files.get(changed, "") + "\n# nytt"})
    assert other.digest != version.digest
    assert not standing_of(store, other).is_approved
    told = difference(store, other).splitlines()
    assert [line for line in told if line.startswith("+") and not line.startswith("+++")][-1] == "+# nytt"
    assert len(told) < 12
    assert difference(store, version).count("+++ ") == len(version.files), "the first has nothing to be compared with"


def test_one_person_is_never_two(guarded: Settings, store: Store) -> None:
    version = now_of(guarded)
    with pytest.raises(WrongInput, match="Ingen har lagt fram"):
        approve(store, version, by="bo", reason=WHY)
    with pytest.raises(WrongInput, match="Skriv varför"):
        put_forward(store, version, by="ada", reason=" ")
    put_forward(store, version, by="ada", reason=WHY)
    with pytest.raises(WrongInput, match="redan framlagd av ada"):
        put_forward(store, version, by="bo", reason=WHY)
    for same in ("ada", "Ada"):
        assert not standing_of(store, version).may_be_approved_by(same)
        with pytest.raises(WrongInput, match="En annan person"):
            approve(store, version, by=same, reason=WHY)
    with pytest.raises(IntegrityError), store.begin() as connection:
        connection.execute(update(task_versions).values(approved_by="ADA"))  # the database does not either

    def one(name: str) -> bool:
        try:
            approve(store, version, by=name, reason=WHY)
        except WrongInput:
            return False
        return True

    with ThreadPoolExecutor(4) as hands:
        assert sorted(hands.map(one, ["bo", "cia", "dan", "eva"])) == [False, False, False, True]
    assert len(noted(store, Wanted(did=["task_approved"]))) == 1


def test_a_slot_with_files_that_are_no_longer_there_gives_its_place_to_a_new_one(
    guarded: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: Any, **__: Any) -> str:
        raise Held(WAITS_FOR_EYES)

    monkeypatch.setattr("robots.worker.slot.attempt_run", held)
    tasks = load_tasks(guarded.tasks_dir)
    none: Any = None
    processes: Any = SimpleNamespace(carry_out=None)
    slot = Slot(guarded, store, tasks, none, StringIO(), processes, versions=versions_of(guarded, tasks))
    assert (slot.carry_out(1), slot.is_outdated) == ({"run": 1, "retry": 3600.0}, False)
    write(guarded.tasks_dir, "Gör två.")
    assert (slot.carry_out(1), slot.is_outdated) == ({"run": 1, "retry": 1.0}, True)


def test_a_task_whose_systems_cannot_be_found_is_not_approved(
    guarded: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_of, "drivers_of", lambda settings, task, robot: settings.system("finns inte"))
    found = versions_of(guarded, load_tasks(guarded.tasks_dir))
    assert found == {"tried": Version("tried", {})}
    assert versions_of(guarded, LoadedTasks()) == {}


# -- the command line and the portal ----------------------------------------------------------------------------------


def test_the_same_on_the_command_line(
    guarded: Settings, store: Store, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"DATA_DIR": guarded.data_dir, "CONFIG_DIR": guarded.config_dir, "DATABASE_URL": store.url,
             "TASKS_DIR": guarded.tasks_dir, "FOUR_EYES": "true"}  # fmt: skip
    for name, value in named.items():
        monkeypatch.setenv(f"RAGNHILD_{name}", str(value))
    slot = Slots(guarded, store)
    run = slot.ask()
    monkeypatch.setattr(machine_of, "person", lambda: "ada")
    assert "inte framlagd" in say("tasks", "versions")[1]
    assert "+++ tasks/tried.py (ny)" in say("tasks", "versions", "tried")[1]
    assert say("tasks", "put-forward", "tried")[0] == 2
    assert "är framlagd" in say("tasks", "put-forward", "alla", "--reason", WHY)[1]
    assert say("tasks", "approve", "tried", "--reason", WHY)[0] == 2
    assert say("tasks", "approve", "alla", "--reason", WHY) == (0, "")
    monkeypatch.setattr(machine_of, "person", lambda: "bo")
    assert say("tasks", "approve", "tried", "--reason", WHY, "--version", "0" * 12)[0] == 2
    assert not slot.begins(run)
    assert "är godkänd" in say("tasks", "approve", "alla", "--reason", WHY)[1]
    [told] = json.loads(say("tasks", "versions", "--json")[1])["versions"]
    assert (told["approved"], told["put_forward_by"], told["approved_by"]) == (True, "ada", "bo")
    assert slot.begins(run)
    assert json.loads(say("tasks", "--json")[1])["tasks"][0]["name"] == "tried"
    assert _four_eyes(guarded).told.startswith("på:")
    assert _four_eyes(guarded.model_copy(update={"four_eyes": False})).told.startswith("av:")


@pytest.fixture
def desk(guarded: Settings, store: Store) -> Iterator[Desk]:
    with desk_over(guarded, store) as opened:
        add_account(store, "eva", "Eva", roles={Role.ADMIN}, teams=set(), by="prov")
        yield opened


def test_one_admin_puts_forward_and_another_reads_what_is_new_and_approves(desk: Desk, guarded: Settings) -> None:
    adam, eva, rut = desk.person("adam"), desk.person("eva"), desk.person("rut")
    page, tried = "/machinery/tasks", "/machinery/tasks/tried"
    version = now_of(guarded).digest
    assert "två personer står för den" in adam.get(page).text
    assert adam.send_form(f"{tried}/put-forward", version=version, reason=" ").status_code == 422
    assert adam.send_form(f"{tried}/put-forward", version=version, reason=WHY).status_code == 303
    shown = adam.get(page).text
    assert "Framlagd av adam" in shown
    assert f'action="{tried}/approve"' not in shown
    refused = adam.send_form(f"{tried}/approve", version=version, reason=WHY)
    assert (refused.status_code, "En annan person" in refused.text) == (422, True)
    assert rut.send_form(f"{tried}/approve", version=version, reason=WHY).status_code == 403
    shown = eva.get(page).text
    assert f'action="{tried}/approve"' in shown
    assert "+def tried(run: Run" in shown
    write(guarded.tasks_dir, "Gör två.")
    stale = eva.send_form(f"{tried}/approve", version=version, reason=WHY)
    assert (stale.status_code, "Titta en gång till" in stale.text) == (422, True)
    write(guarded.tasks_dir, "Gör ett.")
    assert eva.send_form(f"{tried}/approve", version=version, reason=WHY).status_code == 303
    assert "godkänd av eva" in adam.get(page).text
