"""What a robot can do on a page, in the words of the page: one verb for each thing a person does.

A ``View`` is a page, a frame in it, or a part of either. All verbs raise instead of guessing: ``NotSeen`` when a thing
and the page's own words of its absence both fail to come, ``SeveralMatches`` when two things fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from playwright.sync_api import ElementHandle, FilePayload, Locator

from robots.errors import NotSeen, SeveralMatches, ValueNotKept
from robots.one_trip import ask
from robots.systems.in_page import in_page
from robots.systems.reading import Found, PlaywrightError, PlaywrightTimeout, Reading, Row, described


class View(Reading):
    """A frame of a page, with the verbs."""

    # -- naming things ------------------------------------------------------------------------------------------

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        return (within or self.frame).get_by_role("button", name=name, exact=True)

    def link(self, name: str, *, within: Locator | None = None) -> Locator:
        return (within or self.frame).get_by_role("link", name=name, exact=True)

    def text(self, words: str, *, within: Locator | None = None) -> Locator:
        return (within or self.frame).get_by_text(words, exact=True)

    def text_containing(self, words: str, *, within: Locator | None = None) -> Locator:
        return (within or self.frame).get_by_text(words)

    def heading(self, words: str) -> Locator:
        return self.frame.get_by_role("heading", name=words, exact=True)

    def form(self, name: str) -> Locator:
        return self.frame.get_by_role("form", name=name, exact=True)

    def article(self, words: str) -> Locator:
        """The card (``article``) that contains these words somewhere."""
        return self.frame.get_by_role("article").filter(has_text=words)

    def row(self, words: str) -> Locator:
        """The table row that contains these words somewhere."""
        return self.frame.get_by_role("row").filter(has_text=words)

    def part(self, css: str, *, saying: str | None = None) -> Locator:
        """By CSS, where nothing a person reads tells the thing apart; say why beside the call."""
        return self.frame.locator(css, has_text=saying)

    # -- seeing -------------------------------------------------------------------------------------------------

    def see(self, thing: Locator, *, absent: Locator | None = None) -> Locator | None:
        """Wait for the thing, or for the page's own words of its absence (then None). Silence is ``NotSeen``."""
        thing = thing.filter(visible=True)  # pages keep words of absence, and rows to copy, where nobody sees them
        absent = absent.filter(visible=True) if absent is not None else None
        awaited = thing if absent is None else thing.or_(absent)
        try:
            awaited.wait_for(timeout=self.timeout * 1000)
        except PlaywrightTimeout:
            words = f"Varken {described(thing)} eller beskedet att det saknas" if absent else described(thing)
            raise NotSeen(f"{words} syntes inte inom {self.timeout:g} s på sidan «{self.title}».") from None
        except PlaywrightError as error:
            if "strict mode violation" not in error.message:
                raise
            return self._told_apart(thing, absent)
        if absent is None or thing.count():  # there is one of them only: one more trip tells whether it is the thing
            return thing
        self._demand_absence(thing, absent)
        return None

    def _told_apart(self, thing: Locator, absent: Locator | None) -> Locator | None:
        """``see`` where several elements answer: words of absence may stand twice, anything else is too much."""
        count = thing.count()
        if count > 1:
            raise SeveralMatches(f"{count} saker på sidan «{self.title}» passar in på {described(thing)}.")
        if not count:
            self._demand_absence(thing, absent)
            return None
        if absent is not None and absent.count():
            raise SeveralMatches(f"Sidan «{self.title}» visar både {described(thing)} och att det saknas.")
        return thing

    def _demand_absence(self, thing: Locator, absent: Locator | None) -> None:
        if absent is None or not absent.count():  # it was there a moment ago: that is not the page's word for absence
            raise NotSeen(f"{described(thing)} försvann från sidan «{self.title}» medan roboten läste.")

    def sees(self, thing: Locator, *, otherwise: Locator) -> bool:
        """Which of two things the page shows."""
        return self.see(thing, absent=otherwise) is not None

    # -- acting -------------------------------------------------------------------------------------------------

    def click(self, thing: Locator) -> None:
        """One click on the one thing. Playwright waits until it can be clicked; it is never clicked a second time."""
        try:
            thing.click(timeout=self.timeout * 1000)
        except PlaywrightError as error:
            raise self.not_the_one(thing, error) from error

    def double_click(self, thing: Locator) -> None:
        """As ``click``, twice in quick succession."""
        try:
            thing.dblclick(timeout=self.timeout * 1000)
        except PlaywrightError as error:
            raise self.not_the_one(thing, error) from error

    def fill(self, values: Mapping[str, str | bool | date], *, within: str | None = None) -> None:
        """Fill in a form by the words of its fields, all in one trip, and know that every value was kept.

        Radio buttons and lists take the words of the option, check boxes a bool, dates a ``date``. A field that did
        not keep its value is filled once more, keystroke by keystroke. ``within`` is the CSS selector of the form,
        where the page has namesakes. Raises ``NotSeen``, ``SeveralMatches`` or ``ValueNotKept``.
        """
        plain = {label: v.isoformat() if isinstance(v, date) else v for label, v in values.items()}
        problems = self._fill_fast(plain, within)
        chosen = {label: plain[label] for label, p in problems.items() if p["kind"] == "choice"}
        if chosen:  # another field's choice may have made the list anew, and nobody has chosen in that one yet
            problems = {label: p for label, p in problems.items() if label not in chosen}
            problems |= self._fill_fast(chosen, within)
        slow = {label: plain[label] for label, p in problems.items() if p["kind"] in ("kept", "rich")}
        for label, problem in problems.items():
            if label not in slow:
                raise self._filling_error(label, plain.get(label), problem)
        for label, value in slow.items():
            self._fill_slowly(label, value, within)
        if chosen or slow:  # what was done last may have emptied what was filled in first
            for label, problem in self._fill_fast(plain, within, look_only=True).items():
                raise self._filling_error(label, plain.get(label), problem)

    def attach(self, label: str, files: Sequence[tuple[str, str, bytes]], *, within: str | None = None) -> None:
        """Choose files (name, MIME type, content) in the file field called ``label``."""
        place = self._file_field(label, within)["place"]
        # By its place and not by its words: such a field is often hidden behind a drop zone of the page's own.
        self.frame.locator(f"xpath=(//input)[{place + 1}]").set_input_files(
            [FilePayload(name=n, mimeType=kind, buffer=content) for n, kind, content in files]
        )
        kept = self._file_field(label, within)["files"]
        if kept != [[name, len(content)] for name, _, content in files]:
            raise ValueNotKept(f"Fältet {label} tog inte emot alla bilagor.")

    def _file_field(self, label: str, within: str | None) -> dict[str, Any]:
        found: dict[str, Any] = ask(self.frame, in_page("file_field"), [label, within])
        if found["kind"] != "found":
            raise self._filling_error(label, within, found)
        return found

    def inside(self, name: str) -> View:
        """The frame with this title (or name), once it is there."""
        named = self.frame.locator(f'iframe[title="{name}"], iframe[name="{name}"], frame[name="{name}"]')
        holder = named.filter(visible=True)
        try:
            frame = holder.element_handle(timeout=self.timeout * 1000).content_frame()
        except PlaywrightError as error:
            raise self.not_the_one(holder, error) from error
        if frame is None:
            raise NotSeen(f"Ramen {name} är tom på sidan «{self.title}».")
        return View(frame, self.timeout)

    def _fill_fast(
        self, values: Mapping[str, str | bool], within: str | None, *, look_only: bool = False
    ) -> dict[str, dict[str, Any]]:
        problems: dict[str, dict[str, Any]] = ask(self.frame, in_page("fill"), [dict(values), within, look_only])
        return problems

    def _fill_slowly(self, label: str, value: str | bool, within: str | None) -> None:
        try:
            got = self._type(self._control(label, within), str(value))
            if got != value:
                # Some fields wake up when they are pointed at; a click costs as much as the rest, so it comes second.
                field = self._control(label, within)
                field.click(timeout=self.timeout * 1000)
                got = self._type(field, str(value))
        except PlaywrightTimeout:
            raise self._filling_error(label, value, {"kind": "closed"}) from None
        if got != value:
            raise ValueNotKept(f"Fältet {label} på sidan «{self.title}» behöll inte {value!r} utan visar {got!r}.")

    def _type(self, field: ElementHandle, text: str) -> str:
        """Key by key, in the place of what stood there. What the field then holds, once it has been left."""
        most = self.timeout * 1000
        field.press("ControlOrMeta+a", timeout=most)
        field.press("Delete", timeout=most)
        field.type(text, timeout=most)
        got: str = field.evaluate(
            "async field => { field.blur(); await new Promise(done => setTimeout(done, 0));"  # as in the fast way
            " return field.isContentEditable ? field.innerText.trim() : field.value; }"
        )
        return got

    def _control(self, label: str, within: str | None) -> ElementHandle:
        found = self.frame.evaluate_handle(in_page("find_control"), [label, within])
        element = found.as_element()
        if element is None:
            raise self._filling_error(label, within, found.json_value())
        return element

    def _filling_error(
        self, label: str, value: object, problem: Mapping[str, Any]
    ) -> NotSeen | SeveralMatches | ValueNotKept:
        page, seen = f"på sidan «{self.title}»", ", ".join(problem.get("seen", []))
        match problem["kind"]:
            case "form":
                return NotSeen(f"Formuläret för {label} finns inte {page}.")
            case "forms":
                return SeveralMatches(f"Flera formulär {page} passar in på det som har {label}.")
            case "several":
                return SeveralMatches(f"Flera fält, eller flera val i det, heter {label} {page}.")
            case "kept" | "choice":
                return ValueNotKept(f"Fältet {label} {page} behöll inte {value!r} utan visar {problem['got']!r}.")
            case "option":
                return NotSeen(f"Fältet {label} {page} har inte valet {value!r}; där finns {seen}.")
            case "closed":
                return ValueNotKept(f"Fältet {label} {page} går inte att ändra.")
            case _:
                return NotSeen(f"Fältet {label} finns inte {page}; där finns {seen}.")


__all__ = ["Found", "PlaywrightError", "PlaywrightTimeout", "Row", "View", "in_page"]
