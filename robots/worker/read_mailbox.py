"""A schedule's mailbox: each message that waits there gets one run, and is moved when that is recorded.

A message has one such run, however often it is read, copied or moved back. One that cannot be used is moved to where a
person reads it, with why in the run's log: nothing in it is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr
from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.errors import WrongInput
from robots.fields import LongText
from robots.inputs import Values
from robots.queue.runs import submit_within
from robots.settings import Settings, SystemSettings
from robots.store import Store
from robots.store.schema import letters, start_runs
from robots.systems.login import LoginSessions
from robots.task import Task, task
from robots.worker.asking_run import AskingRun
from robots.worker.messages import Messages, filled_in

if TYPE_CHECKING:
    from robots.cases.email.post.received import Received
    from robots.cases.email.post.watched import Waiting, Watched

NOBODY = "nobody"
LARGEST = 10_000_000  # bytes, attachments and all
ANSWER_SECONDS = 30.0


class MailErrand(BaseModel):
    """What is started for each message. ``messages`` is the schedule's ``[messages]``, and ``given`` the task's inputs,
    as JSON both. ``start``: the schedule's."""

    schedule: str
    start: float
    messages: LongText
    asks_for: str
    given: LongText


@dataclass(frozen=True)
class Owner:
    """Whose mailbox it is, as the mail servers' part wants to know it."""

    title: str
    robot_user: str
    password: SecretStr
    logins: LoginSessions
    settings: SystemSettings


def mailbox_of(settings: Settings, store: Store, schedule: str, wanted: Messages) -> Watched:
    """The mailbox, not opened yet. Its password is the secret ``mailbox.<schedule>``, or ``mailbox``.

    Raises ``ConfigurationError`` without one, and where it would leave the machine in clear text.
    """
    from robots.cases.email.post.servers import Server, demand_encrypted
    from robots.cases.email.post.watched import Watched
    from robots.sources.chosen import demanded

    server = Server(wanted.host, wanted.port, wanted.security)
    demand_encrypted(server, f"{schedule}.toml")
    what = f"Lösenordet för brevlådan {wanted.user}"
    password = demanded(settings.secrets, (f"mailbox.{schedule}", "mailbox"), what)
    key, former = settings.machine_key(), settings.former_machine_key
    logins = LoginSessions(store, key, wanted.user, f"mailbox {wanted.host}", former=former)
    about = SystemSettings(url=f"imap://{wanted.host}", timeout_seconds=ANSWER_SECONDS)
    return Watched(Owner(f"Brevlådan {wanted.user}", wanted.user, password, logins, about), server)


class Reading:
    """One reading of a mailbox."""

    def __init__(self, run: AskingRun, errand: MailErrand, box: Watched) -> None:
        self.run = run
        self.errand = errand
        self.box = box
        self.wanted = Messages.model_validate_json(errand.messages)
        self.asks_for = run.tasks.find(errand.asks_for)  # where it is broken no message is to blame

    def mine(self) -> list[Waiting]:
        """The messages that are the schedule's, the oldest first; the others lie where they are."""
        uids = self.box.open(self.wanted.folder)
        found = []
        for each in self._for_me(uids):
            found.append(each)
            if len(found) == self.wanted.most:
                break
        self.run.tell(f"{len(uids)} meddelanden ligger i {self.wanted.folder}; {len(found)} av dem läses nu.")
        return found

    def _for_me(self, uids: list[int]) -> Iterator[Waiting]:
        from robots.cases.email.post.received import NotPlain, head_of

        for each in self.box.waiting(uids):
            try:
                if self.wanted.are_for_me(head_of(each.head)):
                    yield each
            except NotPlain:  # whose it is cannot be seen, so it is not known to be the schedule's
                continue

    def deal_with(self, waiting: Waiting) -> None:
        """Ask for the message's run, or lay it where a person reads it."""
        from robots.cases.email.post.received import NotPlain

        try:
            letter = self._read(waiting)
            words = letter and self._ask(letter)
        except NotPlain as why:
            self.box.move(waiting.uid, self.wanted.to_person)
            self.run.tell(f"Meddelande {waiting.uid} ligger i {self.wanted.to_person}: {why}")
            return
        if words:
            self.box.move(waiting.uid, self.wanted.taken)
            self.run.tell(f"Meddelande {waiting.uid}: {words}")

    def _read(self, waiting: Waiting) -> Received | None:
        """None where somebody has moved it meanwhile."""
        from robots.cases.email.post.received import NotPlain, received

        if waiting.size > LARGEST:
            raise NotPlain(f"Det är för stort ({waiting.size / 1e6:.1f} MB).")
        content = self.box.content(waiting.uid)
        if content is None:
            return None
        letter = received(content)
        if self.wanted.vouched_by != NOBODY:
            letter.demand_genuine(self.wanted.vouched_by)
        return letter

    def _ask(self, letter: Received) -> str:
        """The run, and that the message has had it, in one transaction."""
        from robots.cases.email.post.received import NotPlain

        with self.run.store.begin() as connection:
            lock = {"name": f"letter {self.errand.schedule} {letter.identity}"}
            connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), lock)
            mine = letters.c.schedule == self.errand.schedule, letters.c.identity == letter.identity
            before = connection.execute(select(letters).where(*mine)).first()
            if before and before.said != letter.said:
                raise NotPlain(f"Det har samma Message-ID som ett annat meddelande, som har fått K-{before.run_id}.")
            if before:
                return f"har redan fått K-{before.run_id}."
            asked = submit_within(
                connection, self.asks_for, self._values(letter), robot=self.run.robot, source="schedule",
                started_by=f"schema {self.errand.schedule}", apart=f"mail {self.errand.schedule} {letter.identity}",
                answer_hours=self.run.settings.answer_hours,
            )  # fmt: skip
            told = {"schedule": self.errand.schedule, "identity": letter.identity, "said": letter.said}
            connection.execute(insert(letters).values(**told, run_id=asked.run_id))
            belongs = {"start_id": int(self.errand.start), "run_id": asked.run_id}
            connection.execute(upsert(start_runs).values(**belongs).on_conflict_do_nothing())
        return f"K-{asked.run_id}"

    def _values(self, letter: Received) -> Values:
        """Raises ``NotPlain`` for what the message does not say, or says wrong."""
        from robots.cases.email.post.received import NotPlain

        try:
            facts = self.wanted.facts_in(letter.subject, letter.text)
            typed = filled_in(json.loads(self.errand.given), facts)
        except (LookupError, ValueError) as error:
            raise NotPlain(error.args[0]) from None
        try:
            return self.asks_for.inputs.parse(typed)
        except WrongInput as error:  # without what the message says: that is for its reader, and not for a log
            raise NotPlain(f"{error.field}: {error.expected}") from None


@task(title="Läs brevlådan", owner="Ragnhild", saves_minutes=0)
def read_mailbox(run: AskingRun, errand: MailErrand) -> None:
    """Läser en brevlåda och startar en körning för varje meddelande som väntar där."""
    wanted = Messages.model_validate_json(errand.messages)
    with closing(mailbox_of(run.settings, run.store, errand.schedule, wanted)) as box:
        with run.step("Läs brevlådan"):
            reading = Reading(run, errand, box)
            found = reading.mine()
        with run.step("Starta körningarna"):
            for waiting in found:
                reading.deal_with(waiting)


READ_MAILBOX: Task = read_mailbox.__ragnhild_task__  # type: ignore[attr-defined]  # put there by the decorator
