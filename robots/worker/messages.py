"""``[messages]``: which messages of a mailbox a task is started for, and what the task is given of what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

if TYPE_CHECKING:
    from robots.cases.email.post.received import Head

_NAME = re.compile(r"[\w/-]+( [\w/-]+)*")
_DOMAIN = re.compile(r"([a-z0-9-]+\.)+[a-z0-9-]{2,}")


class Messages(BaseModel):
    """A mailbox, and whose messages in it are for the task. Anybody may write to a mailbox, in anybody's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1, description="the mail server")
    port: int = Field(993, ge=1, le=65535)
    security: Literal["SSL", "STARTTLS", "plain"] = Field("SSL", description="plain on the machine itself alone")
    user: str = Field(min_length=1, description="who logs in; the password is a secret")
    folder: str = Field("INBOX", min_length=1, description="the folder that is read")
    from_domains: tuple[str, ...] = Field(min_length=1, description="the only senders that may start the task")
    vouched_by: str = Field(
        min_length=1,
        description="the server that writes Authentication-Results: its dmarc=pass is demanded; «nobody» for none",
    )
    subjects: tuple[str, ...] = Field((), description="words, one of which the subject holds; without them any subject")
    subject_is: str = Field("", description="the subject's pattern: «Anmälan {Ärendenummer}»")
    most: int = Field(0, description="so many messages at a time, the oldest first; 0 is all of them", ge=0)
    taken: str = Field("Hämtade av roboten", min_length=1, description="the folder for what has its run")
    to_person: str = Field("Till handläggare", min_length=1, description="the folder for what a person must read")

    @field_validator("from_domains", mode="after")
    @classmethod
    def _whole_domains(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        small = tuple(each.casefold() for each in domains)
        for each in small:
            if not _DOMAIN.fullmatch(each):
                raise ValueError(f"«{each}» är ingen domän som «etjanst.tallinge.example».")
        return small

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len({self.folder, self.taken, self.to_person}) < 3:
            raise ValueError("«folder», «taken» och «to_person» ska vara tre olika mappar.")
        if any(letter in each for each in (self.folder, self.taken, self.to_person) for letter in '\r\n\0"'):
            raise ValueError("En mapps namn kan inte ha citattecken eller radbrytningar.")
        parts = list(Formatter().parse(self.subject_is))
        if any(not text for text, name, _, _ in parts[1:] if name is not None):
            raise ValueError("I «subject_is» ska det stå något mellan fälten.")
        names_in(self.subject_is)
        return self

    def are_for_me(self, head: Head) -> bool:
        """Whether the message is the schedule's at all."""
        words = [word.casefold() for word in self.subjects]
        right = not words or any(word in head.subject.casefold() for word in words)
        return right and head.domain in self.from_domains

    def facts_in(self, subject: str, text: str) -> dict[str, set[str]]:
        """What is said under each name, in small letters: by lines of «Namn: värde», and by the pattern of the subject.

        Raises ``ValueError`` when the subject is not of the pattern.
        """
        found: dict[str, set[str]] = {}
        said = [(name, value) for name, colon, value in (line.partition(":") for line in text.split("\n")) if colon]
        for name, value in [*said, *(parts_of(subject, self.subject_is) if self.subject_is else ())]:
            found.setdefault(" ".join(name.split()).casefold(), set()).add(" ".join(value.split()))
        return found


def names_in(template: object) -> set[str]:
    """The names in braces. Raises ``ValueError`` for what is no name."""
    found = set()
    for _, name, form, conversion in Formatter().parse(str(template)):
        if name is None:
            continue
        if not _NAME.fullmatch(name) or form or conversion:
            raise ValueError(f"«{{{name}}}» är inget namn på ett fält. Skriv det som «{{Ärendenummer}}».")
        found.add(name)
    return found


def filled_in(given: Mapping[str, Any], facts: Mapping[str, set[str]]) -> dict[str, Any]:
    """The task's inputs, with what the message says.

    Raises ``LookupError`` where it does not say it, or says it in two ways.
    """

    def fill(template: str) -> str:
        return "".join(text + (_said(name, facts) if name is not None else "")
                       for text, name, _, _ in Formatter().parse(template))  # fmt: skip

    return {name: fill(value) if isinstance(value, str) else value for name, value in given.items()}


def _said(name: str, facts: Mapping[str, set[str]]) -> str:
    told = facts.get(name.casefold(), set())
    if len(told) > 1:
        raise LookupError(f"Det säger {len(told)} olika saker om «{name}».")
    value = next(iter(told), "")
    if not value:
        raise LookupError(f"Det säger inget om «{name}».")
    return value


def parts_of(subject: str, pattern: str) -> Iterable[tuple[str, str]]:
    """What stands in the subject where the pattern has names. All of it must fit, and in one way only.

    Raises ``ValueError`` where it does not. It takes no longer than it takes to read the subject twice.
    """
    parts = list(Formatter().parse(pattern))
    names = [name for _, name, _, _ in parts if name is not None]
    # What stands before each name, and after the last one.
    texts = [text for text, _, _, _ in parts] + ([""] if parts[-1][1] is not None else [])
    first, last = texts[0], texts[-1]
    inner = texts[1:-1]
    values: list[str] | None = None
    if len(texts) == 1:
        values = [] if subject == first else None
    elif subject.startswith(first) and subject.endswith(last) and len(subject) >= len(first) + len(last):
        middle = subject[len(first) : len(subject) - len(last)]
        values = _split(middle, inner)
    if values is None or not all(value.strip() for value in values):
        raise ValueError(f"Ämnet är inte skrivet som «{pattern}».")
    return list(zip(names, values, strict=True))


def _split(text: str, between: list[str]) -> list[str] | None:
    """Between the words, if the first places where they can stand are the last ones as well."""
    from_left, rest = [], text
    for word in between:
        value, found, rest = rest.partition(word)
        if not found:
            return None
        from_left.append(value)
    from_right, rest_before = [], text
    for word in reversed(between):
        rest_before, _, value = rest_before.rpartition(word)
        from_right.append(value)
    left, right = [*from_left, rest], [*reversed([*from_right, rest_before])]
    return left if left == right else None
