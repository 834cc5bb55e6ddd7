"""What a page says: texts, tables, captions and values, read in one trip each.

What is only read is looked for by a function in the page. To find a thing Playwright sets itself up in the page, once
in each of two worlds, and on a page that is opened to be read that takes longer than to load it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, Locator
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from robots.errors import NotSeen, PageNotRecognised, SeveralMatches
from robots.one_trip import answering, ask, read_answer
from robots.systems.in_page import in_page

# A page on its way to another one is looked at anew; a frame, or a page that sends itself back, may be so twice.
LOOKS = 4


@dataclass(frozen=True)
class Row:
    """A row of a table: texts by column caption, addresses by the words of their links."""

    cells: dict[str, str]
    links: dict[str, str]

    def __getitem__(self, caption: str) -> str:
        return self.cells[caption]


@dataclass(frozen=True)
class Found:
    """A thing that was looked for: its id in the page, and what it says, as it was asked for."""

    id: str
    said: Any


class Reading:
    """A frame of a page. ``timeout`` is in seconds."""

    def __init__(self, frame: Frame, timeout: float) -> None:
        self.frame = frame
        self.timeout = timeout

    def look(
        self, css: str, *, containing: str = "", absent: str = "", read: Literal["text", "pairs", "table"] = "text"
    ) -> Found | None:
        """Wait for the one visible thing (CSS) that contains these words, or for exactly the words ``absent`` (None).

        What the thing says comes along: its ``text``, its captions and values (``pairs``), or the rows of a table.
        Raises ``NotSeen`` where the page stays silent, ``SeveralMatches`` where two things fit, or where the page
        shows the thing and says that it is absent.
        """
        function = in_page("look").replace("/*reader*/", in_page(read).rstrip())
        told = self.ask_page(function, [css, containing, absent, self.timeout * 1000])
        words = f"{css} «{containing}»" if containing else css
        match told["state"]:
            case "found":
                said = told["told"]
                return Found(told["id"], [Row(r["cells"], r["links"]) for r in said] if read == "table" else said)
            case "absent":
                return None
            case "several":
                raise SeveralMatches(f"{told['count']} saker på sidan «{self.title}» passar in på {words}.")
            case "both":
                raise SeveralMatches(f"Sidan «{self.title}» visar både {words} och att det saknas.")
            case _:
                either = f"Varken {words} eller beskedet att det saknas" if absent else words
                raise NotSeen(f"{either} syntes inte inom {self.timeout:g} s på sidan «{self.title}».")

    def texts(self, css: str) -> list[str]:
        """What all visible things of this kind say now. None of them is seen: look for that in words as well."""
        found: list[str] = self.ask_page(in_page("texts"), css)
        return found

    def read_text(self, thing: Locator) -> str:
        """The text of the one thing, as a person reads it."""
        shown = thing.filter(visible=True)
        try:
            return " ".join(shown.inner_text(timeout=self.timeout * 1000).split())
        except PlaywrightError as error:
            raise self.not_the_one(shown, error) from error

    def table(self, name: Locator | str) -> list[Row]:
        """The rows of a table, read in one trip."""
        if isinstance(name, str):
            rows: list[Row] = self._the_one(name, "table")
            return rows
        return [Row(r["cells"], r["links"]) for r in self._evaluate(name, in_page("table"))]

    def pairs(self, part: Locator | str) -> dict[str, str | list[str]]:
        """Captions and values of a definition list or a two-column table, read in one trip."""
        found: dict[str, str | list[str]]
        found = self._the_one(part, "pairs") if isinstance(part, str) else self._evaluate(part, in_page("pairs"))
        return found

    def facts(self, part: Locator | str) -> dict[str, str]:
        """``pairs`` where every caption stands once; ``SeveralMatches`` when one has two different values."""
        found = self.pairs(part)
        for caption, value in found.items():
            if not isinstance(value, str):
                raise SeveralMatches(f"{caption} står flera gånger på sidan «{self.title}»: {', '.join(value)}.")
        return found  # type: ignore[return-value]  # just checked

    def said(self, pattern: str, *, absent: str | None = None) -> str:
        """What the page says in running text: the pattern's group, or "" where it says ``absent`` instead.

        The same words twice are one statement; two different ones are ``SeveralMatches``, none is ``NotSeen``.
        """
        text = " ".join(str(self.ask_page("() => document.body.innerText")).split())
        found = set(re.findall(pattern, text))
        if len(found) > 1:
            raise SeveralMatches(f"Sidan «{self.title}» säger flera saker: {', '.join(sorted(found))}.")
        if found:
            return str(found.pop())
        if absent is not None and absent in text:
            return ""
        raise NotSeen(f"Sidan «{self.title}» säger inte det som väntades ({pattern}).")

    @property
    def title(self) -> str:
        return self.frame.title() or self.frame.url

    def ask_page(self, function: str, told: Any = None) -> Any:
        """What a function in the page answers; asked again where the page goes on to another one meanwhile."""
        for last in (False,) * (LOOKS - 1) + (True,):
            try:
                return ask(self.frame, function, told)
            except PlaywrightError as error:
                if last or "context was destroyed" not in error.message:
                    raise
        raise AssertionError("the loop returns or raises")

    def _the_one(self, css: str, read: Literal["pairs", "table"]) -> Any:
        found = self.look(css, read=read)
        assert found is not None  # without words of absence the thing is there, or an error is
        return found.said

    def _evaluate(self, thing: Locator, function: str) -> Any:
        """What the in-page function says of the one thing; waited for and read in one go."""
        shown = thing.filter(visible=True)
        try:
            # It is there already as a rule: one trip where waiting for it first takes two.
            said = answering(function)
            there = shown.evaluate_all(f"all => all.length === 1 ? ({said})(all[0]) : null")
            return read_answer(there or shown.evaluate(said, timeout=self.timeout * 1000))
        except PlaywrightError as error:
            raise self.not_the_one(shown, error) from error

    def not_the_one(self, thing: Locator, error: PlaywrightError) -> Exception:
        """Why nothing could be done with a thing, in the words of ``see``; any other error stays what it is."""
        if "strict mode violation" in error.message:
            return SeveralMatches(f"Flera saker på sidan «{self.title}» passar in på {described(thing)}.")
        if not isinstance(error, PlaywrightTimeout):
            return error
        if thing.count():
            return PageNotRecognised(f"{described(thing)} på sidan «{self.title}» gick inte att använda.")
        return NotSeen(f"{described(thing)} syntes inte inom {self.timeout:g} s på sidan «{self.title}».")


def described(thing: Locator) -> str:
    words = str(thing).partition("selector=")[2].strip("'>\"") or str(thing)
    return words.removesuffix(" >> visible=true")


__all__ = ["Found", "PlaywrightError", "PlaywrightTimeout", "Reading", "Row", "described"]
