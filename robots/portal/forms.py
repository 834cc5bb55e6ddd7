"""A task's inputs as a form: what each field shows, what was typed in it, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from robots.inputs import Input
from robots.portal.earlier import is_property
from robots.portal.pages import words_of
from robots.portal.rights import Visitor
from robots.portal.starting import unfit
from robots.portal.wording import marked as _
from robots.task import Task

YES, NO = "ja", "nej"


@dataclass(frozen=True)
class Field:
    """One input on a page. ``value`` is as it was typed; ``fault`` is "" where nothing is wrong with it."""

    input: Input
    value: str
    fault: str = ""
    takes_focus: bool = False

    @property
    def name(self) -> str:
        return self.input.name

    @property
    def control(self) -> str:
        """What it is filled in with: one of the macros in ``run_form.html``."""
        kind = self.input.kind
        if kind == "flag":
            return "choice" if self.input.optional else "yes_no" if self.input.required else "tick"
        if kind == "date":  # a browser would show nothing of what is no date
            return "date" if _is_day(self.value) or not self.value else "line"
        return {"choice": "choice", "long_text": "long"}.get(kind, "line")

    @property
    def choices(self) -> tuple[str, ...]:
        return (YES, NO) if self.input.kind == "flag" else self.input.choices

    @property
    def hint(self) -> str:
        """What the type says of itself, and an example where the words are not already one."""
        words, example = self.input.words.hint, self.input.words.example
        told = words[:1].upper() + words[1:]
        if self.input.kind in ("identifier", "text", "number") and example and example not in words and example != "0":
            told = f"{told.rstrip('.')}, till exempel {example}." if told else f"Till exempel {example}."
        return told

    @property
    def is_suggested(self) -> bool:
        return is_property(self.input)

    @property
    def described_by(self) -> str:
        return f"f-{self.name}-hint f-{self.name}-fault" if self.hint else f"f-{self.name}-fault"


def fields_of(task: Task, typed: Mapping[str, str], faults: Mapping[str, str]) -> list[Field]:
    """In the order of the signature. Focus is at the first fault, or else at the first that must still be filled in."""
    filled = {each.name: written(each.default) for each in task.inputs} | dict(typed)
    found = [Field(each, filled[each.name], faults.get(each.name, "")) for each in task.inputs]
    first = [f for f in found if f.fault] or [f for f in found if f.input.required and not f.value]
    return [replace(f, takes_focus=f is first[0]) if first else f for f in found]


def written(value: Any) -> str:
    """A default as somebody would have typed it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    return str(getattr(value, "value", value))


def faults_of(visitor: Visitor, task: Task, typed: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, by the name of the field; by "" what is wrong between several."""
    texts = {name: value for name, value in typed.items() if isinstance(value, str)}
    return task.inputs.faults(typed) | {name: words for name in texts if (words := unfit(visitor, texts[name]))}


def from_address(visitor: Visitor, task: Task, told: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """What the address of a page fills in, and in words what it does not.

    A field is named as in the signature or as on the command line. What is personal is not taken from an address, which
    stays in the browser's history and in the logs of what it passes through.
    """
    known = {each.option[2:].replace("-", "_"): each for each in task.inputs}
    known |= {each.name: each for each in task.inputs}
    typed: dict[str, str] = {}
    ignored: list[str] = []
    for name, value in told:
        each = known.get(name.replace("-", "_"))
        if each is None:
            words = _("Adressen har «%(name)s», som uppgiften inte har något fält för.")
            ignored.append(words_of(visitor, words, name=name))
        elif each.words.personal:
            words = _("%(title)s fylls inte i från adressen: personuppgifter ska inte stå där. Skriv i fältet.")
            ignored.append(words_of(visitor, words, title=each.title))
        else:
            typed[each.name] = value
    return typed, ignored


def _is_day(value: str) -> bool:
    try:
        return len(date.fromisoformat(value).isoformat()) == len(value)
    except ValueError:
        return False
