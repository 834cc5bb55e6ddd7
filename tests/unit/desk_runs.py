"""Runs for the desk to show: what robots and people have written down of them, with no system and no browser behind."""

from __future__ import annotations

import itertools
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select
from stdnum import luhn

from robots.effects import Ledger
from robots.evidence import Recorder
from robots.evidence.keys import Keys
from robots.portal.doors.guards import COOKIE
from robots.portal.doors.sessions import begin_session
from robots.queue.attempts import Claimed, Outcome, finish
from robots.queue.claims import claim
from robots.queue.runs import submit
from robots.store import Store
from robots.store.processes import this_process
from robots.store.schema import accounts, audit_events
from robots.task_files import LoadedTasks
from tests.unit.desks import Client, Desk

_numbers = itertools.count(1)


def new_case() -> str:
    """The number of a case that no other test has."""
    digits = f"2611{next(_numbers):04d}"
    return f"KC-{digits}-{luhn.calc_check_digit(digits)}"


def seated(desk: Desk, name: str) -> Client:
    """Somebody of ``PEOPLE`` at the desk, without the way in by the door: a password is checked slowly on purpose."""
    with desk.store.begin() as connection:
        account = connection.execute(select(accounts).where(accounts.c.name == name)).one()
    return desk.guest(cookies={COOKIE: begin_session(desk.store, account)})


class Robot:
    """One run at the desk, and what a robot does in it."""

    def __init__(
        self, desk: Desk, tasks: LoadedTasks, name: str = "send-drawings", *, by: str = "gun", source: Any = "guide",
        dry_run: bool = False, asks_first: bool = False, **typed: Any,
    ) -> None:  # fmt: skip
        self.store, task = desk.store, tasks.find(name)
        self.case = typed.setdefault("case_number", new_case())
        typed |= {} if len(typed) > 1 else {"property_id": "EKBACKEN 3:14"}
        self.id = submit(
            self.store, task, task.inputs.parse(typed), robot="ragnhild", source=source, started_by=by,
            dry_run=dry_run, asks_first=asks_first,
        ).run_id  # fmt: skip
        self.task = task.name
        self.page = f"/runs/{self.id}"
        self.recorder = Recorder(
            self.store, desk.settings.evidence_dir, self.id, 1, keys=Keys.of(desk.settings, self.store), pictures=False
        )

    def begin(self) -> Claimed:
        """The run's next attempt is at work, in this process."""
        claimed = claim(self.store, self.id, this_process())
        assert claimed is not None
        self.note("attempt", f"Försök {claimed.number}")
        return claimed

    def note(self, kind: str, title: str, **detail: Any) -> None:
        """An event, which is in the database when this returns."""
        self.recorder.event(kind, title, **detail)
        self.recorder.flush()

    def picture(self, file: str = "01-001.jpg", title: str = "Före: Skicka") -> str:
        """A picture as a robot would take one. Returns where the desk shows it."""
        drawn = BytesIO()
        Image.new("RGB", (640, 400), "#dfe8ea").save(drawn, "JPEG")
        self.recorder.evidence.write(file, drawn.getvalue())
        self.note("picture", title, file=file, page="Meddelande")
        return f"{self.page}/evidence/{file}"

    def ledger(self, claimed: Claimed) -> Ledger:
        return Ledger(
            self.store, run_id=self.id, attempt_id=claimed.attempt_id, task=self.task, case_number=self.case,
            subject=str(self.id),
        )  # fmt: skip

    def make(self, claimed: Claimed, once: str = "ritningar", receipt: str = "M-17") -> str:
        """A change that is made and seen. Returns its mark."""
        ledger = self.ledger(claimed)
        effect = ledger.intend("case_management", "send_message", once)
        ledger.arm(effect, "prov")
        ledger.confirm(effect, receipt, "sedd")
        self.note("effect_confirmed", once, receipt=receipt, mark=effect.mark)
        return effect.mark

    def work(self) -> Claimed:
        """A step with a picture that has ended, and one that goes on with a change made in it."""
        claimed = self.begin()
        with self.recorder.step("Hämta ritningarna"):
            self.note("download", "ritning.pdf")
            self.picture()
        self.note("step", "Skicka till den sökande")
        self.make(claimed)
        return claimed

    def end(self, claimed: Claimed, outcome: Any = "done", *words: str) -> Robot:
        kind, reason, todo = (*words, "", "", "")[:3]
        finish(self.store, claimed, Outcome(outcome, kind, reason, todo))
        return self


def noted(store: Store, run_id: int) -> list[tuple[str, str]]:
    """Who has done what with the run at the desk."""
    with store.begin() as connection:
        at_desk = audit_events.c.about == f"K-{run_id}", audit_events.c.place.in_(("portal", "api"))
        found = connection.execute(select(audit_events).where(*at_desk).order_by(audit_events.c.id))
        return [(row.by, row.did) for row in found]
