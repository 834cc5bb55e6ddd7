"""The outbox: what has happened is noted, given to those whom it concerns, and made into messages.

All of it is one transaction, which the first row that it locks lets in one at a time: two tellers on two machines note
the same once, and one that dies in the middle has done nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from loguru import logger
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from robots.errors import RagnhildError
from robots.settings import Settings
from robots.store.schema import messages, news, telling_positions, tellings
from robots.telling.finding import Found, Search, look_since, seen_until
from robots.telling.kinds import FINDERS
from robots.telling.letters import Letter, letter_about
from robots.telling.people import Kind, People, Person
from robots.telling.sections import section
from robots.telling.wording import Names, clock
from robots.workdays import Calendar

THE_ONE = "teller"


def alone(connection: Connection, now: datetime) -> bool:
    """Whether this transaction may note what has happened; False while another one does."""
    connection.execute(upsert(telling_positions).values(name=THE_ONE, at=now).on_conflict_do_nothing())
    mine = select(telling_positions.c.name).where(telling_positions.c.name == THE_ONE)
    return connection.execute(mine.with_for_update(skip_locked=True)).first() is not None


def note_news(connection: Connection, settings: Settings, people: People, now: datetime) -> int:
    """Note what has happened since the last look, and whom it concerns. Returns how much it was."""
    names = Names(settings)
    until = seen_until(connection, now)
    noted = 0
    for kind in FINDERS:
        since = look_since(connection, kind, now)
        try:
            with connection.begin_nested():
                noted += _note_kind(Search(connection, since, now, names), kind, people)
        except RagnhildError as error:  # a config file that is broken hides no other kind; this one waits for it
            logger.warning("news of the kind {} cannot be looked for: {}", kind, error)
            continue
        moved = telling_positions.c.name == kind, telling_positions.c.at < until
        connection.execute(update(telling_positions).where(*moved).values(at=until))
    return noted


def _note_kind(search: Search, kind: Kind, people: People) -> int:
    return sum(_note(search.connection, found, people, search.now) for found in FINDERS[kind](search))


def _note(connection: Connection, found: Found, people: People, now: datetime) -> bool:
    kind = found.concerns.kind
    noted = connection.execute(
        upsert(news)
        .values(
            kind=kind, key=found.key, topic=found.topic, alike=found.alike, about=found.about, at=found.at,
            noted_at=now,
        )
        .on_conflict_do_nothing(index_elements=["kind", "key"])
        .returning(news.c.id)
    ).scalar()  # fmt: skip
    if noted is None:
        return False
    told = [{"news_id": noted, "person": each.name} for each in people.values() if each.wants(found.concerns)]
    if told:
        connection.execute(insert(tellings), told)
    return True


# -- from news to messages ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outbox:
    """``window`` is how long equal news are gathered after a message about them."""

    connection: Connection
    settings: Settings
    now: datetime
    calendar: Calendar
    window: timedelta

    def make_messages(self, people: People) -> None:
        """Make a message of whatever is to be told now; the rest goes on waiting."""
        gone = tellings.c.message_id.is_(None), tellings.c.person.not_in(list(people))
        self.connection.execute(delete(tellings).where(*gone))
        waiting = self.connection.execute(
            select(tellings.c.person, news)
            .join(news, news.c.id == tellings.c.news_id)
            .where(tellings.c.message_id.is_(None))
            .order_by(tellings.c.person, news.c.id)
        )
        for name, told in groupby(waiting.all(), key=lambda row: str(row.person)):
            self._tell(people[name], list(told))

    def _tell(self, person: Person, waiting: list[Row[Any]]) -> None:
        awake_since = person.awake_since(self.now, self.calendar)
        held = [row for row in waiting if awake_since and row.noted_at < awake_since]
        if held:
            self._tell_of_quiet_hours(person, held)
            waiting = [row for row in waiting if row not in held]
        if person.is_quiet(self.now, self.calendar):
            waiting = [row for row in waiting if row.kind in person.urgent]
        told_last = self._told_last(person) if waiting else {}
        for told in by_topic(waiting):
            last = [told_last.get((row.kind, row.alike)) for row in told]
            if any(each is None or self.now - each >= self.window for each in last):
                again = last[0] is not None and told[0].noted_at < last[0] + self.window
                made = letter_about([section(told, self.settings.portal_url, again=again)], self.settings.municipality)
                self._put(person, told[0].kind, made, told)

    def _told_last(self, person: Person) -> dict[tuple[str, str], datetime]:
        """When a message was last about such news, by what makes them equal; only of late."""
        rows = self.connection.execute(
            select(news.c.kind, news.c.alike, func.max(messages.c.made_at).label("at"))
            .join(tellings, tellings.c.news_id == news.c.id)
            .join(messages, messages.c.id == tellings.c.message_id)
            .where(messages.c.person == person.name, messages.c.made_at > self.now - 2 * self.window)
            .group_by(news.c.kind, news.c.alike)
        )
        return {(row.kind, row.alike): row.at for row in rows}

    def _tell_of_quiet_hours(self, person: Person, held: list[Row[Any]]) -> None:
        sections = [section(told, self.settings.portal_url) for told in by_topic(held)]
        subject = "" if len(sections) == 1 else f"{len(sections)} nyheter sedan {clock(held[0].noted_at)}"
        made = letter_about(sections, self.settings.municipality, subject)
        self._put(person, held[0].kind if len(sections) == 1 else "gathered", made, held)

    def _put(self, person: Person, about: str, made: Letter, told: Iterable[Row[Any]]) -> None:
        message_id = put(self.connection, person.name, about, made, self.now)
        mine = tellings.c.person == person.name, tellings.c.news_id.in_([row.id for row in told])
        self.connection.execute(update(tellings).where(*mine).values(message_id=message_id))


def put(connection: Connection, person: str, about: str, made: Letter, now: datetime) -> int:
    """A message in the outbox, to be sent at once. Returns its number."""
    number: int = connection.execute(
        insert(messages)
        .values(
            person=person, about=about, subject=made.subject, text=made.text, html=made.html, link=made.link,
            made_at=now, try_at=now,
        )
        .returning(messages.c.id)
    ).scalar_one()  # fmt: skip
    return number


def by_topic(rows: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """The news of each topic together, in the order in which they came."""
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.kind, row.topic), []).append(row)
    return list(found.values())
