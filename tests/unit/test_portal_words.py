"""Every sentence of the pages is there in English, and none is that no page has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from robots.portal.wording import FOLDER, translations

PORTAL = FOLDER.parent
STATISTICS, TELLING = PORTAL.parent / "statistics", PORTAL.parent / "telling"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
KEYWORDS = {"_": None, "say": None, "words_of": (2,), "gettext": None, "ngettext": (1, 2)}


def said() -> set[str]:
    """What the pages say, in Swedish."""
    found: set[str] = set()
    for folder in (PORTAL, STATISTICS, TELLING):
        for _file, _line, words, _comments, _context in extract_from_dir(
            folder, METHODS, OPTIONS, KEYWORDS, strip_comment_tags=True
        ):
            found |= {words} if isinstance(words, str) else {each for each in words if each}
    return found


def written() -> Iterator[tuple[Path, str, str]]:
    for file in sorted((FOLDER / "en").glob("*.po")):
        with file.open("rb") as words:
            for message in read_po(words, locale="en"):
                ids, texts = message.id, message.string
                if ids:
                    for one, text in zip(*((x,) if isinstance(x, str) else x for x in (ids, texts)), strict=False):
                        yield file, one, text


def test_all_is_there_in_english_and_nothing_more() -> None:
    english = {words: text for _, words, text in written()}
    said_now = said()
    assert len(said_now) > 20
    assert sorted(said_now - {w for w, text in english.items() if text}) == []
    assert sorted(english.keys() - said_now) == []


def test_a_sentence_is_put_into_english_once() -> None:
    all_words = [words for _, words, _ in written()]
    assert sorted(words for words in set(all_words) if all_words.count(words) > 1) == []


def test_a_language_that_is_not_there_is_swedish() -> None:
    assert translations("fi").gettext("Logga in") == "Logga in"
    assert translations("en").gettext("Logga in") == "Log in"
