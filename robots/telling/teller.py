"""The teller: notes what has happened, makes messages of it, and sends them. Two of them tell nothing twice."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

from loguru import logger

from robots.errors import ConfigurationError
from robots.scheduler.scheduler import database_time
from robots.settings import Settings
from robots.store import Store
from robots.store.signs import TELLER, give_sign
from robots.telling.deliveries import call_one
from robots.telling.digest import digest_letter, due_digests
from robots.telling.outbox import Outbox, alone, note_news, put
from robots.telling.people import People, read_people
from robots.telling.sending import Clock, send_one
from robots.telling.silence import fetch_heartbeat
from robots.workdays import Calendar, read_calendar

LOOK_SECONDS = 5.0
SEND_SECONDS = 2.0
BEAT_SECONDS = 60.0
# A mail server that stands still must not keep a round for ever; what is left is the next round's.
MOST_IN_A_ROUND = 50


class Teller:
    """``now`` is what time it is: by the database, where nothing else is given."""

    def __init__(self, settings: Settings, store: Store, *, now: Clock = database_time) -> None:
        self.settings = settings
        self.store = store
        self._now = now
        self._people: People | None = None
        self._calendar = Calendar()
        self._told = ""
        self._stopped = Event()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped.set()

    def look_round(self) -> None:
        """Note what has happened, and put into the outbox what is to be told now: all of it, or nothing."""
        if (people := self.people()) is not None:
            self._look(people)
        give_sign(self.store, TELLER)

    def send_round(self) -> None:
        """Send what is in the outbox and whose time has come."""
        people = self.people()
        if people is None:
            return
        for _ in range(MOST_IN_A_ROUND):
            if self._stopped.is_set() or not send_one(self.store, self.settings, people, self._now):
                return

    def call_round(self) -> None:
        """Call the programs that are to be told of their runs."""
        for _ in range(MOST_IN_A_ROUND):
            if self._stopped.is_set() or not call_one(self.store, self.settings, self._now):
                return

    def beat(self) -> None:
        """Let the outside monitor know that all is well, if it is."""
        if self.settings.heartbeat_url:
            fetch_heartbeat(self.store, self.settings.heartbeat_url.get_secret_value())

    def people(self) -> People | None:
        """Those who are told, as the file says now, or as it said when it could last be read; None before that."""
        try:
            self._people = read_people(self.settings.config_dir / "people.toml")
            self._calendar = read_calendar(self.settings.config_dir / "calendar.toml")
            self._told = ""
        except ConfigurationError as error:
            if self._told != str(error):
                logger.error("people are told as before, or not at all: {}", error)
            self._told = str(error)
        return self._people

    def _look(self, people: People) -> None:
        settings = _read_anew(self.settings)
        with self.store.begin() as connection:
            now = self._now(connection)
            if not alone(connection, now):
                return
            note_news(connection, settings, people, now)
            window = timedelta(minutes=settings.news_minutes)
            Outbox(connection, settings, now, self._calendar, window).make_messages(people)
            for person, digest in due_digests(connection, settings, people, now):
                put(connection, person.name, "digest", digest_letter(digest, settings), now)


def _read_anew(settings: Settings) -> Settings:
    """With the files in the config folder as they are now: a teller runs for months, and passwords change."""
    fresh = settings.model_copy()
    for kept in ("robots", "systems", "access"):
        fresh.__dict__.pop(kept, None)
    return fresh
