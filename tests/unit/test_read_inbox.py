"""A case that no run can be asked for is read once, and again when it has changed: none that is completed is missed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

import pytest
from sqlalchemy import select

from robots.cases import Cases
from robots.cases.contract import NEW, Case, CaseRow
from robots.errors import ProtectedPerson
from robots.fields import CaseNumber, PropertyDesignation
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs, schedules, starts
from robots.task import Run
from robots.task_files import load_tasks
from robots.worker import read_inbox as reading
from robots.worker.asking_run import AskingRun
from robots.worker.left_in_inbox import READ_AGAIN_SECONDS, LeftInInbox
from robots.worker.read_inbox import Errand, read_inbox
from tests.unit.test_read_folder import Told

NUMBER = CaseNumber("KC-26110042-4")
UNSAID = Case(
    NUMBER, "Ritningar", NEW, "Bygglov", "", "E-post", date(2026, 11, 20), "", None, protected=False, property_id=None,
    facility=None, locked_by="", closed=False,
)  # fmt: skip
COMPLETED = replace(UNSAID, property_id=PropertyDesignation("EKBACKEN 3:14"))


@dataclass
class Inbox:
    """A case system with one case. ``read`` counts how often somebody has opened it."""

    case: Case = UNSAID
    version: str = "1"
    protected: bool = False
    opened: int = 0

    def inbox(self, _name: str) -> tuple[CaseRow, ...]:
        case = self.case
        return (CaseRow(NUMBER, case.title, case.status, case.inbox, "", case.created, locked=False,
                        version=self.version),)  # fmt: skip

    def read(self, _number: CaseNumber) -> Case:
        self.opened += 1
        if self.protected:
            raise ProtectedPerson("Någon i ärendet har skyddade personuppgifter.")
        return self.case


@dataclass
class Desk:
    """What reads the inbox, at a time of its own."""

    settings: Settings
    store: Store
    inbox: Inbox = field(default_factory=Inbox)
    now: float = 0.0
    given: str = '{"property_id": "{property_id}"}'

    def look(self) -> list[str]:
        log = Told()
        run = AskingRun(
            Run(1, "ragnhild", date(2026, 11, 23), log), self.settings, self.store, load_tasks(self.settings.tasks_dir)
        )
        errand = Errand(schedule="prov", start=self._start, inbox="Bygglov", most=0, asks_for="send_drawings",
                        given=self.given)  # fmt: skip
        read_inbox(run, errand, cases=cast("Cases.Reader", self.inbox))
        return log.words

    def asked(self) -> list[str]:
        with self.store.begin() as connection:
            return list(connection.execute(select(runs.c.case_number)).scalars())

    @property
    def _start(self) -> int:
        with self.store.begin() as connection:
            if found := connection.execute(select(starts.c.id)).scalar():
                return int(found)
            at = {"schedule": "prov", "local_time": "2026-11-23 06:00", "due_at": "2026-11-23 06:00Z"}
            connection.execute(schedules.insert().values(name="prov", written="", looked_until="2026-11-23 06:00Z"))
            made = starts.insert().values(**at, state="started", by="test").returning(starts.c.id)
            return int(connection.execute(made).scalar_one())


@pytest.fixture
def desk(machine: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(machine, store)
    monkeypatch.setattr(reading, "LEFT", LeftInInbox(lambda: desk.now))
    return desk


def test_what_cannot_be_asked_for_is_read_and_told_once(desk: Desk) -> None:
    assert any("säger inget om property_id" in words for words in desk.look())
    assert not any(NUMBER in words for words in desk.look() + desk.look())
    assert (desk.inbox.opened, desk.asked()) == (1, [])


def test_a_case_that_the_citizen_completes_is_taken(desk: Desk) -> None:
    desk.look()
    desk.inbox.case, desk.inbox.version = COMPLETED, "2"
    desk.look()
    assert desk.asked() == [NUMBER]


def test_a_change_that_the_list_does_not_show_is_seen_within_the_hour(desk: Desk) -> None:
    desk.look()
    desk.inbox.case, desk.now = COMPLETED, READ_AGAIN_SECONDS - 1
    desk.look()
    assert desk.asked() == []
    desk.now = READ_AGAIN_SECONDS
    desk.look()
    assert desk.asked() == [NUMBER]


def test_where_the_list_tells_no_version_every_look_reads_it(desk: Desk) -> None:
    """The control: what each look costs where nothing can be remembered."""
    desk.inbox.version = ""
    for _ in range(3):
        desk.look()
    assert desk.inbox.opened == 3


def test_whoever_asks_for_other_things_reads_it_anew(desk: Desk) -> None:
    desk.look()
    desk.given = '{"property_id": "EKBACKEN 3:14"}'
    desk.look()
    assert desk.asked() == [NUMBER]


def test_a_protected_person_s_case_is_not_opened_again_and_again(desk: Desk) -> None:
    desk.inbox.protected = True
    desk.look()
    desk.look()
    assert desk.inbox.opened == 1
