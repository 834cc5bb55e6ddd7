"""The watch: a program of its own, on another machine if possible, that tells people when Ragnhild itself is silent.

It needs neither the outbox nor a database that answers. What it has told is kept in a small file of its own, so that a
restart of the watch tells nothing again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from robots.errors import RagnhildError
from robots.settings import Settings
from robots.store.running import joined
from robots.telling.letters import Letter, letter_about
from robots.telling.people import People, Person, read_people
from robots.telling.sections import Section
from robots.telling.sending import deliver, message_id
from robots.telling.silence import PARTS, signs
from robots.telling.wording import clock, lasting
from robots.workdays import Calendar, read_calendar

STATE_FILE = "watch.json"
OVER = "over"


@dataclass
class Spell:
    """A time of silence. ``parts``: since when each is gone. ``told``: which parts each reader has been told of.

    ``over`` is when all were heard again; the spell is kept until everybody knows.
    """

    begun: str
    parts: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    over: str = ""


class Watch:
    """``silent_seconds``: so long may something be silent. ``now``: this machine's clock, which is always there."""

    def __init__(
        self, settings: Settings, *, silent_seconds: float, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._settings = settings
        self._silent_seconds = silent_seconds
        self._now = now
        self._begun = now()
        self._file = settings.data_dir / STATE_FILE
        self._unanswered_since: datetime | None = None
        self._answers_since: datetime | None = None
        self._people: People = {}

    def look_round(self) -> set[str] | None:
        """Look at everything once, and tell whoever does not know yet.

        Returns the parts that are gone; None while nobody can tell.
        """
        gone = self._gone()
        spell = _read(self._file)
        if gone and (spell is None or spell.over):
            spell = Spell(self._now().isoformat())  # one that is over and told to nobody says less than the new one
        if spell is not None:
            self._follow(spell, gone)
            self._tell(spell)
            _write(self._file, None if self._everybody_knows(spell) else spell)
        return gone

    def _gone(self) -> set[str] | None:
        url = self._settings.database_url.get_secret_value() if self._settings.database_url else None
        try:
            password = self._settings.database_password() if url else None
            with joined(url, self._settings.data_dir, password) as store, store.begin() as connection:
                told = signs(connection)
        except (SQLAlchemyError, RagnhildError) as error:
            logger.warning("the database does not answer: {}", type(error).__name__)
            self._unanswered_since, self._answers_since = self._unanswered_since or self._now(), None
            return {"database"} if self._is_long_since(self._unanswered_since) else None
        if self._unanswered_since is not None:
            self._unanswered_since, self._answers_since = None, self._now()
        gone = told.gone(self._silent_seconds)
        if not self._is_long_since(self._begun):  # on a new machine the watch is there before the first sign
            gone -= told.never_heard
            if told.never_heard and not gone:
                return None
        # What works in the database needs a moment to be heard when that has come back.
        return gone if self._answers_since is None or self._is_long_since(self._answers_since) or not gone else None

    def _is_long_since(self, moment: datetime) -> bool:
        return (self._now() - moment).total_seconds() >= self._silent_seconds

    def _follow(self, spell: Spell, gone: set[str] | None) -> None:
        for part in (each for each in PARTS if each in (gone or ())):
            spell.parts.setdefault(part, self._now().isoformat())
        if gone == set() and not spell.over:
            spell.over = self._now().isoformat()

    def _tell(self, spell: Spell) -> None:
        for person in self._listeners():
            known = spell.told.get(person.name, [])
            if known == [OVER]:
                continue
            new = [part for part in spell.parts if part not in known]
            if spell.over and not known:
                made = self._letter_after(spell)
            elif spell.over:
                made = self._letter_over(spell)
            elif new:
                made = self._letter_silent(spell, new)
            else:
                continue
            what = f"watch.{spell.begun}.{person.name}.{'-'.join(new) or OVER}".replace(":", "").replace("+", ".")
            try:
                deliver(self._settings, person, made, message_id(self._settings, what))
            except RagnhildError as error:  # tried again at the next look
                logger.error("{} could not be told of the silence: {}", person.name, error)
                continue
            spell.told[person.name] = [OVER] if spell.over else [*known, *new]

    def _listeners(self) -> list[Person]:
        """Those who want to hear of it, and do not sleep."""
        calendar = Calendar()
        try:
            self._people = read_people(self._settings.config_dir / "people.toml")
            calendar = read_calendar(self._settings.config_dir / "calendar.toml")
        except RagnhildError as error:
            logger.error("people are told as before: {}", error)
        moment = self._now()
        return [
            person for person in self._people.values()
            if "silence" in person.kinds and ("silence" in person.urgent or not person.is_quiet(moment, calendar))
        ]  # fmt: skip

    def _everybody_knows(self, spell: Spell) -> bool:
        listeners = {each.name for each in self._people.values() if "silence" in each.kinds}
        return bool(spell.over) and all(spell.told.get(name) == [OVER] for name in listeners)

    # -- words --------------------------------------------------------------------------------------------------

    def _letter_silent(self, spell: Spell, new: list[str]) -> Letter:
        heading = "Ragnhild är tyst: inga livstecken från " + _listed([PARTS[part] for part in new])
        why = (
            f"Det märktes {clock(datetime.fromisoformat(spell.parts[new[0]]))}, efter {lasting(self._silent_seconds)} "
            "utan livstecken. Tills det är igång kan körningar och meddelanden utebli."
        )
        todo = (
            "Se efter på maskinen: är den på, och är tjänsten igång? Kör ragnhild doctor, och starta om tjänsten. "
            "Hinner du inte: säg till kontaktcentret att robotarna står stilla."
        )
        return self._letter(Section(heading, why, (), todo, "", "ragnhild doctor"))

    def _letter_over(self, spell: Spell) -> Letter:
        return self._letter(
            Section(f"Ragnhild är igång igen, efter {self._length(spell)}",
                    "Det som skulle ha startat görs nu eller frågas om, som varje schema säger.", (), "", "",
                    "ragnhild schedules")
        )  # fmt: skip

    def _letter_after(self, spell: Spell) -> Letter:
        """For whoever slept through all of it."""
        heading = f"Ragnhild var tyst i {self._length(spell)}, och är igång igen"
        lines = tuple(f"{PARTS[part]}, märktes {clock(datetime.fromisoformat(at))}" for part, at in spell.parts.items())
        return self._letter(Section(heading, "", lines, "", "", "ragnhild schedules"))

    def _length(self, spell: Spell) -> str:
        return lasting((datetime.fromisoformat(spell.over) - datetime.fromisoformat(spell.begun)).total_seconds())

    def _letter(self, told: Section) -> Letter:
        return letter_about([told], self._settings.municipality)


def _read(file: Path) -> Spell | None:
    """What is told of the silence that goes on; a file that nobody can read tells of none."""
    try:
        return Spell(**json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        logger.error("{} cannot be read, and what was told is told again: {}", file.name, type(error).__name__)
        return None


def _write(file: Path, spell: Spell | None) -> None:
    if spell is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.write_text(json.dumps(asdict(spell), ensure_ascii=False), "utf-8")
    part.replace(file)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} och {words[-1]}"
