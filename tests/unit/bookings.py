"""A booking system of the tests' own, and a driver of it: the judge of what is made once is the system's own list."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from robots.effects import State
from robots.store import Store
from robots.store.schema import effects
from robots.systems.once import effect
from tests.unit.benches import Practice, Site
from tests.unit.pages import Answer, Asked, Lost, page

ABSENT = "Inga bokningar matchar."
FORM = (
    "<h1>Ny bokning</h1><form method=post action=/book><label>Text<input name=text></label>"
    "<label>Märkning<input name=mark></label><button>Boka</button></form>"
)


@dataclass
class Bookings(Site):
    """A booking system. ``commits``: whether it carries out what it is sent; ``finds``: whether its search works."""

    booked: list[str] = field(default_factory=list)
    asked: int = 0
    commits: bool = True
    lost: Lost = ""
    refusal: str = ""
    finds: bool = True

    def __post_init__(self) -> None:
        self.pages |= {"/": page("<h1>Start</h1>"), "/new": self._form, "/book": self._book, "/list": self._list}

    def _form(self, _: Asked) -> Answer:
        return page(FORM)

    def _book(self, asked: Asked) -> Answer:
        self.asked += 1
        if self.refusal:
            return page(f"<h1>Ny bokning</h1><p role=alert>{self.refusal}</p>")
        if self.commits:
            self.booked.append(parse_qs(asked.body.decode())["mark"][0])
        return Answer(lost=self.lost) if self.lost else page("<h1>Klart</h1><p role=status>Bokat.</p>")

    def _list(self, asked: Asked) -> Answer:
        words = parse_qs(urlsplit(asked.path).query)["q"][0]
        hits = [f"<article id=B-{n}>{m}</article>" for n, m in enumerate([*self.booked, "alltid"], 1) if words in m]
        shown = "".join(hits) if self.finds else ""
        return page(f"<h1>Bokningar</h1>{shown or f'<p>{ABSENT}</p>'}")


class Reader(Practice):
    def find_booking(self, mark: str) -> str | None:
        self.open("/list", heading="Bokningar", q=mark)
        seen = self.see(self.article(mark), absent=self.text(ABSENT))
        return seen.get_attribute("id") if seen else None

    def find_words(self, words: str, mark: str) -> str | None:
        return self.find_booking(words)

    def shows_anything(self) -> bool:
        return self.find_booking("alltid") is not None


class Writer(Reader):
    @effect(found_by=Reader.find_booking, control=Reader.shows_anything)
    def book(self, words: str, *, once: str) -> None:
        self._book(words, once)

    @effect(found_by=Reader.find_booking)
    def book_without_control(self, words: str, *, once: str) -> None:
        self._book(words, once)

    @effect(found_by=None)
    def text_message(self, words: str, *, once: str) -> None:
        self._book(words, once)

    @effect(found_by=Reader.find_words, control=Reader.shows_anything, by_business_key=True)
    def book_unmarked(self, words: str, *, once: str) -> None:
        self._book(words, words)

    @effect(found_by=Reader.find_words, control=Reader.shows_anything)
    def book_unmarked_as_own(self, words: str, *, once: str) -> None:
        self._book(words, words)

    @effect(found_by=Reader.find_booking, control=Reader.shows_anything, rearms=0, settle_seconds=0.1)
    def book_one_time(self, words: str, *, once: str) -> None:
        self._book(words, once)

    @effect(found_by=Reader.find_booking)
    def forget_to_commit(self, *, once: str) -> None:
        self.open("/new", heading="Ny bokning")

    def _book(self, words: str, mark: str) -> None:
        self.open("/new", heading="Ny bokning")
        self.fill({"Text": words, "Märkning": mark})
        self.before_commit()
        self.commit(self.button("Boka"), done=self.frame.get_by_role("status"), refused=self.frame.get_by_role("alert"))

    def before_commit(self) -> None:
        """What a test wants to happen just there."""


def ledger_says(store: Store) -> tuple[State, int]:
    """The state of the only effect there is, and how often it was armed."""
    with store.begin() as connection:
        row = connection.execute(select(effects.c.state, effects.c.armed_times)).one()
    return State(row.state), row.armed_times
