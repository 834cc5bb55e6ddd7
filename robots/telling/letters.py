"""How a message looks: the templates filled in, as plain text and as HTML that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from robots.telling.sections import Section

LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Letter:
    """A message as it leaves: ``link`` is where to click, "" where there is no portal."""

    subject: str
    text: str
    html: str
    link: str = ""


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("robots.telling"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=select_autoescape(["html"]),
    )  # fmt: skip


def letter(name: str, subject: str, link: str = "", **values: Any) -> Letter:
    """The two templates of that name, filled in. The subject is one line, and not too long for a list of mails."""
    subject = " ".join(subject.split())
    if len(subject) > LONGEST_SUBJECT:
        subject = f"{subject[: LONGEST_SUBJECT - 2].rsplit(' ', 1)[0]} …"
    text, html = (
        _templates().get_template(f"{name}.{form}").render(subject=subject, link=link, **values)
        for form in ("txt", "html")
    )
    return Letter(subject, text.strip() + "\n", html, link)


def letter_about(sections: Sequence[Section], municipality: str, subject: str = "") -> Letter:
    """One message; ``subject`` stands above several sections."""
    link = sections[0].link if len(sections) == 1 else ""
    return letter("news", subject or sections[0].heading, link, sections=sections, municipality=municipality)
