"""Messages leave the outbox: each is claimed first, so that two tellers send it once, and settled afterwards.

A teller that dies in between has either sent it or not, and nobody can know which. When its claim is over the message
is sent again: twice is a nuisance, and never is a person who is not told. A mail has the same Message-ID then, by which
mail servers and programs know it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loguru import logger
from sqlalchemy import Connection, Row, and_, or_, select, update

from robots.errors import ConfigurationError, RagnhildError
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import messages
from robots.telling.letters import Letter
from robots.telling.mail import send_mail
from robots.telling.people import People, Person
from robots.telling.webhooks import post

Clock = Callable[[Connection], datetime]
CLAIM = timedelta(minutes=3)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 30  # which takes a day


@dataclass(frozen=True)
class Claimed:
    """A message that is this teller's to send until ``until``. ``tries`` counts this one."""

    id: int
    person: str
    letter: Letter
    tries: int
    until: datetime
    made_at: datetime


def claim(connection: Connection, now: datetime) -> Claimed | None:
    """The oldest message whose time has come; None when there is none. Nobody else is given it meanwhile."""
    mine = or_(
        and_(messages.c.state == "waiting", messages.c.try_at <= now),
        and_(messages.c.state == "sending", messages.c.claimed_until <= now),
    )
    row = connection.execute(
        select(messages).where(mine).order_by(messages.c.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    claimed = {"state": "sending", "tries": row.tries + 1, "claimed_until": now + CLAIM}
    connection.execute(update(messages).where(messages.c.id == row.id).values(**claimed))
    made = Letter(row.subject, row.text, row.html, row.link)
    return Claimed(row.id, row.person, made, row.tries + 1, now + CLAIM, row.made_at)


def send_one(store: Store, settings: Settings, people: People, now: Clock) -> bool:
    """Send the oldest message whose time has come. False when there is none."""
    with store.begin() as connection:
        mine = claim(connection, now(connection))
    if mine is None:
        return False
    error = ""
    try:
        person = people.get(mine.person)
        if person is None:
            raise ConfigurationError(f"{mine.person} står inte längre i people.toml.")
        deliver(settings, person, mine.letter, message_id(settings, f"{mine.id}.{mine.made_at:%Y%m%d%H%M%S}"))
    except Exception as told:  # whatever it is, the message is tried again, and stands in no other's way
        error = str(told) if isinstance(told, RagnhildError) else f"Ett oväntat fel: {type(told).__name__}."
        logger.warning("message {} did not reach {}: {}", mine.id, mine.person, error)
    with store.begin() as connection:
        _settle(connection, mine, error, now(connection))
    return True


def deliver(settings: Settings, person: Person, letter: Letter, identity: str) -> None:
    """Send it the person's own way. Raises ``RagnhildError`` in words for people when it was not taken."""
    if person.mail:
        send_mail(settings, person.mail, letter, identity)
    else:
        post(settings, person, letter, identity)


def message_id(settings: Settings, what: str) -> str:
    """The same for the same message, however often and from whichever machine it is sent."""
    return f"<ragnhild.{what}@{settings.mail_from.partition('@')[2] or 'ragnhild.invalid'}>"


def _settle(connection: Connection, mine: Claimed, error: str, now: datetime) -> None:
    """Unless another teller has claimed it since, because this one was away too long."""
    values: dict[str, Any] = {"state": "sent", "sent_at": now, "error": ""}
    if error and mine.tries >= MOST_TRIES:
        values = {"state": "given_up", "error": error}
    elif error:
        values = {"state": "waiting", "error": error, "try_at": now + pause_after(mine.tries)}
    still_mine = messages.c.id == mine.id, messages.c.state == "sending", messages.c.claimed_until == mine.until
    connection.execute(update(messages).where(*still_mine).values(claimed_until=None, **values))


def pause_after(tries: int) -> timedelta:
    """Twice as long after each try, up to an hour."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)


def try_again(connection: Connection, now: datetime) -> int:
    """What was given up, and what waits for its next try, is sent now. Returns how many."""
    unsent = or_(messages.c.state == "given_up", and_(messages.c.state == "waiting", messages.c.tries > 0))
    anew = {"state": "waiting", "try_at": now, "tries": 0}
    return connection.execute(update(messages).where(unsent).values(**anew)).rowcount


def listed(connection: Connection, *, unsent: bool, limit: int) -> list[Row[Any]]:
    """The newest messages first; with ``unsent`` those that have not arrived."""
    wanted = select(messages).order_by(messages.c.id.desc()).limit(limit)
    return list(connection.execute(wanted.where(messages.c.state != "sent") if unsent else wanted))
