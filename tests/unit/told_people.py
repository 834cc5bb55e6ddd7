"""A teller with a clock that a test sets, a mail server and a channel that it tells, and what has happened as rows."""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr
from sqlalchemy import Connection, insert, select

from robots.local_time import moment_of
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import breaker_history, messages, outcomes, runs, schedules, starts
from robots.telling.teller import Teller
from tests.unit.timetable import DAILY, ROBOT, TASK

_numbers = itertools.count(1)
TOLD = Path(__file__).parent / "told"
EVERYBODY = '[drift]\nmail = "drift@tallinge.example"\n'
QUIET = EVERYBODY + 'quiet = "18:00-07:00"\n'
MUNICIPALITY_ROBOT = ROBOT.replace('owner = "Prov"', 'owner = "Samhällsbyggnad"')


@dataclass
class PostOffice:
    """A mail server on 127.0.0.1: what it ``delivered``, oldest first. ``refuses`` is what it answers instead."""

    delivered: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""
    port: int = 0
    password: str = ""
    logged_in: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.delivered.append(message)
        return "250 OK"

    def let_in(self, _s: SMTP, _session: Session, _e: Envelope, _mechanism: str, told: LoginPassword) -> AuthResult:
        known = told.password.decode() == self.password
        if known:
            self.logged_in.append(told.login.decode())
        return AuthResult(success=known, handled=False)

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.delivered]


@contextmanager
def post_office() -> Iterator[PostOffice]:
    office, loop = PostOffice(), asyncio.new_event_loop()

    def conversation() -> SMTP:
        return SMTP(
            office, hostname="tallinge.example", authenticator=office.let_in, auth_require_tls=False, loop=loop
        )  # fmt: skip

    # All in a thread of its own: in this one a browser's loop may be at work.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = asyncio.run_coroutine_threadsafe(_open(loop, conversation), loop)
    server = opening.result(10)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _open(loop: asyncio.AbstractEventLoop, conversation: Callable[[], SMTP]) -> asyncio.Server:
    return await loop.create_server(conversation, "127.0.0.1", 0)


async def _close(server: asyncio.Server) -> None:
    server.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for conversation in left:
        conversation.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@dataclass
class Place:
    """``now`` is what the clocks in Sweden show; the teller knows no other time."""

    settings: Settings
    store: Store
    office: PostOffice
    now: str = "2026-11-09 09:00"

    @classmethod
    def laid(cls, machine: Settings, store: Store, folder: Path, office: PostOffice) -> Place:
        for name in ("config", "tasks", "schedules", "data"):
            (folder / name).mkdir()
        (folder / "config/robots.toml").write_text(MUNICIPALITY_ROBOT, "utf-8")
        (folder / "tasks/count.py").write_text(TASK.replace('"Räkna"', '"Räkna kön"'), "utf-8")
        places = {f"{name}_dir": folder / name for name in ("config", "tasks", "schedules", "data")}
        told = {"smtp_url": f"smtp://127.0.0.1:{office.port}", "mail_from": "robotar@tallinge.example"}
        # Nobody carries a retention plan out here.
        told |= {"retention_at": ""}
        values = machine.model_dump() | places | told | {"database_url": SecretStr(store.url)}
        place = cls(Settings(**values), store, office)
        place.write(EVERYBODY)
        place.look()  # what was before the first look nobody waits to hear
        return place

    def write(self, people: str) -> None:
        (self.settings.config_dir / "people.toml").write_text(people, "utf-8")

    def teller(self) -> Teller:
        """A new one each time: a teller remembers nothing that is not in the database."""
        return Teller(self.settings, self.store, now=self._moment)

    def _moment(self, _: Connection) -> datetime:
        return self.moment

    @property
    def moment(self) -> datetime:
        return moment_of(datetime.fromisoformat(self.now))

    def look(self) -> None:
        self.teller().look_round()

    def at(self, now: str) -> list[str]:
        """Let it look and send then. Returns the subjects of what has arrived since the last time."""
        before = len(self.office.delivered)
        self.now = now
        self.look()
        self.teller().send_round()
        return self.office.subjects[before:]

    def set(self, **values: Any) -> None:
        self.settings = self.settings.model_copy(update=values)

    # -- what happens -------------------------------------------------------------------------------------------

    def run_ended(
        self, outcome: str, kind: str = "", *, at: str = "", reason: str = "", todo: str = "", in_case: bool = True,
        count: int = 1, task: str = "count", **columns: Any,
    ) -> int:  # fmt: skip
        """A run with its outcome, as a worker writes it, at the place's own time or ``at``; the last of ``count``."""
        moment = moment_of(datetime.fromisoformat(at)) if at else self.moment
        told = {"outcome": outcome, "kind": kind, "reason": reason, "todo": todo, "in_case": in_case, "at": moment}
        with self.store.begin() as connection:
            made = [new_run(connection, moment, state=outcome, task=task, **columns) for _ in range(count)]
            connection.execute(insert(outcomes), [told | {"run_id": run_id} for run_id in made])
        return made[-1]

    def breaker(self, state: str, at: str, *, why: str = "Systemet svarar inte (503).", robot: str = "") -> None:
        with self.store.begin() as connection:
            moment = moment_of(datetime.fromisoformat(at))
            values = {"system": "drawing_archive", "robot": robot, "state": state, "why": why, "at": moment}
            connection.execute(insert(breaker_history).values(**values))

    def start(self, state: str, local: str, reason: str, waits_for: str = "") -> None:
        with self.store.begin() as connection:
            moment = datetime.fromisoformat(local)
            if connection.execute(select(schedules.c.name)).first() is None:
                connection.execute(insert(schedules).values(name="natt", written=DAILY, looked_until=self.moment))
            connection.execute(
                insert(starts).values(
                    schedule="natt", local_time=moment, due_at=moment_of(moment), state=state, reason=reason,
                    by="klockan", noted_at=self.moment, waits_for=waits_for,
                )
            )  # fmt: skip

    def outbox(self) -> list[Any]:
        with self.store.begin() as connection:
            return list(connection.execute(select(messages).order_by(messages.c.id)))


def new_run(connection: Connection, moment: datetime, **columns: Any) -> int:
    """A run, ended or not."""
    told: dict[str, Any] = {
        "task": "count", "task_version": "1", "robot": "ada", "inputs": {}, "source": "schedule", "started_by": "prov",
        "dry_run": False, "priority": 0, "deadline_at": moment + timedelta(hours=24), "created_at": moment,
    }  # fmt: skip
    told |= {"key": f"told-{next(_numbers)}", "request": f"told-request-{next(_numbers)}"} | columns
    return int(connection.execute(insert(runs).values(**told).returning(runs.c.id)).scalar_one())


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def as_file(message: EmailMessage) -> str:
    """A mail as a person reads it: to whom, about what, and the text."""
    return f"Till: {message['To']}\nÄmne: {message['Subject']}\n\n{text_of(message)}"


def assert_told(name: str, *mails: EmailMessage) -> None:
    """The mails are as ``tests/unit/told/<name>.txt`` says; with WRITE_TOLD=1 that is written anew, to be read."""
    told = "\n\n".join(as_file(mail).rstrip() for mail in mails) + "\n"
    file = TOLD / f"{name}.txt"
    if os.environ.get("WRITE_TOLD"):
        file.write_text(told, "utf-8")
    assert told == file.read_text("utf-8")
