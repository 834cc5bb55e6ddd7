"""News as they are read: what is told of one thing is a section; a message has one, or after a night several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from robots.telling.wording import clock, lasting

# So many things are listed; the link leads to all of them.
MOST_LINES = 15


@dataclass(frozen=True)
class Section:
    """What is told of one thing: ``heading`` is a whole sentence, ``todo`` is "" where nothing is to be done."""

    heading: str
    why: str
    lines: tuple[str, ...]
    todo: str
    link: str
    command: str


def section(told: Sequence[Row[Any]], portal_url: str, *, again: bool = False) -> Section:
    """All news of one topic, oldest first. ``again``: the reader has been told of such lately."""
    if told[0].kind == "breaker":
        return _of_breaker(told, portal_url)
    newest: Mapping[str, str] = told[-1].about
    if len(told) == 1:
        heading = ("Ännu en gång: " if again else "") + newest["one"]
        return _section(heading, newest, (), portal_url, several=False)
    count = f"ytterligare {len(told)}" if again else f"{len(told)}"
    heading = newest.get("many", newest["one"]).replace("{n}", count)
    lines = [row.about["line"] for row in told]
    left = len(lines) - MOST_LINES
    shown = (*lines[:MOST_LINES], f"… och {left} till") if left > 0 else tuple(lines)
    return _section(heading, _common(told), shown, portal_url, several=True)


def _section(
    heading: str, about: Mapping[str, str], lines: tuple[str, ...], portal_url: str, *, several: bool
) -> Section:
    path, command = about["path"], about["command"]
    if several:
        path, command = about.get("paths", path), about.get("commands", command)
    return Section(heading, about["why"], lines, about["todo"], link_to(portal_url, path), command)


def _common(told: Sequence[Row[Any]]) -> dict[str, str]:
    """What is told of several: the reason and what to do only where they are the same for all of them."""
    newest: dict[str, str] = dict(told[-1].about)
    for name in ("why", "todo"):
        if any(row.about[name] != newest[name] for row in told):
            newest[name] = newest.get(f"{name}_of_many", "")
    return newest


def link_to(portal_url: str, path: str) -> str:
    """Where to click; "" where there is no portal, and a command is told instead."""
    return f"{portal_url.rstrip('/')}{path}" if portal_url else ""


def _of_breaker(told: Sequence[Row[Any]], portal_url: str) -> Section:
    """What a system has been through: a going down and its end are one thing, and how it stands now comes first."""
    newest = told[-1]
    opened = [row for row in told if row.about["state"] == "open"]
    if len(told) == 1:
        return _section(newest.about["one"], newest.about, (), portal_url, several=False)
    closed_now = newest.about["state"] == "closed"
    heading = newest.about["one"]
    if closed_now and len(opened) == 1:
        heading += f", efter {lasting((newest.at - opened[0].at).total_seconds())}"
    elif len(opened) > 1:
        heading += f" ({len(opened)} avbrott sedan {clock(told[0].at)})"
    why = opened[-1].about["why"] if opened else ""
    about = {**newest.about, "why": f"Så här var det: {why}" if why and closed_now else why}
    lines = tuple(row.about["line"] for row in told[-MOST_LINES:])
    return _section(heading, about, lines, portal_url, several=False)
