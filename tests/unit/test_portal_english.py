"""A page in English is English: Swedish are only the words of people, files and systems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment
from sqlalchemy import text, update

from robots.portal.pages import TEMPLATES
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import accounts
from tests.conftest import ROOT
from tests.journey.test_desk_pages import PAGES, seats_at
from tests.unit.full_desk import full_desk
from tests.unit.test_portal_words import written

# Names, and what is the same in both.
SAME = {"Ragnhild", "Excel", "KC-26110042-4", "autofocus", "required"}
# Our own in English that others' words are put into.
SENTENCES = [
    re.compile(re.sub(r"%\\\((?:\w+)\\\)s", "(.*?)", re.escape(text)), re.DOTALL)
    for _file, _words, text in written()
    if "%(" in text
]
SHOWN_ATTRIBUTES = re.compile(
    r'\b(?:aria-label|placeholder|alt|title|data-(?:found|open|said|ended|lost|reading))="([^"{=]+)"'
)
SWEDISH = re.compile("[åäöÅÄÖ]")
# Where what is shown was said: by tasks, the configuration, the systems' cards.
SAYING = ("tasks/*.py", "config/*.toml", "robots/systems/**/*.toml", "robots/cases/**/*.toml", "robots/systems/**/*.py",
          "robots/cases/**/*.py", "robots/settings.py", "robots/sources/*.py")  # fmt: skip


def test_no_template_says_anything_but_through_gettext() -> None:
    faults = [f"{file.name}: {words}" for file in sorted(TEMPLATES.glob("*.html")) for words in _bare_words(file)]
    assert not faults, "\n".join(faults)


def _bare_words(file: Path) -> Iterator[str]:
    """What stands in a template as it is, outside of all blocks that are translated."""
    written = file.read_text("utf-8")
    outside = re.sub(r"{%-?\s*trans\b.*?endtrans\s*-?%}", "", written, flags=re.DOTALL)
    bare = "".join(value for _, kind, value in Environment(autoescape=True).lex(outside) if kind == "data")
    shown = re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script|code)\b.*?</\1>", "", bare, flags=re.DOTALL))
    for words in (*shown.split(), *SHOWN_ATTRIBUTES.findall(bare)):
        if "=" not in words and re.search(r"[^\W\d_]{2,}", unescape(words)) and words not in SAME:
            yield words


class Texts(HTMLParser):
    """The texts of a page, without those that say themselves that they are Swedish."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._swedish: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag not in ("input", "img", "br", "meta", "link", "use", "path", "rect", "line", "circle") and (
            self._swedish or told.get("lang") == "sv"
        ):
            self._swedish.append(tag)
        self.found += [told[name] or "" for name in ("aria-label", "placeholder", "alt") if told.get(name)]

    def handle_endtag(self, tag: str) -> None:
        if self._swedish and self._swedish[-1] == tag:
            self._swedish.pop()

    def handle_data(self, data: str) -> None:
        if not self._swedish:
            self.found.append(" ".join(data.split()))


def test_no_page_in_english_has_swedish_words_of_ours(machine: Settings, store: Store, tmp_path: Path) -> None:
    with full_desk(machine, store, tmp_path) as full:
        with store.begin() as connection:
            connection.execute(update(accounts).values(language="en"))
        said = _said(store)
        left: set[str] = set()
        for path, addresses in PAGES.items():
            person = full.desk.person(next(iter(reversed(seats_at(path)))) or "gun")
            for address in addresses:
                texts = Texts()
                texts.feed(person.get(address.format(**full.has)).text)
                ours = (each for each in texts.found if SWEDISH.search(each) and not _is_told(each, said))
                left |= {f"{path}: {words}" for words in ours}
    assert not left, "\n".join(sorted(left))


def _is_told(words: str, said: str) -> bool:
    """Whether somebody else has said it: each part that stands between our own words and punctuation."""
    for sentence in SENTENCES:
        if found := sentence.fullmatch(words):
            return all(_is_told(value, said) for value in found.groups() if SWEDISH.search(value))
    parts = re.split(r" · |, |: |; |[«»“”()]", words)
    return all(part.strip(" .:·") in said for part in parts if SWEDISH.search(part))


def _said(store: Store) -> str:
    """What people and robots have written in the database, and what files say."""
    with store.begin() as connection:
        names = connection.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars().all()
        rows = [connection.execute(text(f"select coalesce(string_agg(t::text, ' '), '') from {name} t")).scalar_one()
                for name in names]  # fmt: skip
    files = [file.read_text("utf-8") for pattern in SAYING for file in ROOT.glob(pattern)]
    return " ".join(" ".join([*rows, *files]).split())
