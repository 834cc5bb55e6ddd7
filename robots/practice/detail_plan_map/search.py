"""Suggestions for what is typed in the map's search box."""

from __future__ import annotations

from dataclasses import dataclass

from robots.practice.town import Property, Town

MOST = 8


@dataclass(frozen=True)
class Suggestion:
    designation: str
    text: str


@dataclass(frozen=True)
class Suggestions:
    """``total`` counts those that did not fit as well."""

    shown: tuple[Suggestion, ...]
    total: int


def plain(text: str) -> str:
    """How texts are compared: no matter which case, single spaces, without the municipality's name before it."""
    return " ".join(text.split()).casefold().removeprefix("tallinge ")


def find(town: Town, designation: str) -> Property | None:
    """The property with exactly this designation, as it reads today."""
    return town.properties.get(plain(designation).upper())


def suggest(town: Town, typed: str) -> Suggestions:
    """What begins with the typed text, by street.

    An exact hit always gets a place among the eight, but no place of honour: "EKBACKEN 3:1" may stand below 3:14.
    """
    text = plain(typed)
    found: list[tuple[bool, str, str, Suggestion]] = []
    for home in town.properties.values():
        names = (plain(home.designation), plain(home.street), plain(home.older_designation))
        if any(name.startswith(text) for name in names):
            found.append((text not in names, home.street, home.designation, _suggestion(home, text)))
    found.sort(key=lambda hit: hit[:3])
    shown = sorted(found[:MOST], key=lambda hit: hit[1:3])
    return Suggestions(tuple(hit[3] for hit in shown), len(found))


def _suggestion(home: Property, text: str) -> Suggestion:
    older = plain(home.older_designation)
    if older and older.startswith(text):
        return Suggestion(home.designation, f"{home.older_designation} (nu {home.designation})")
    return Suggestion(home.designation, f"{home.designation} – {home.street}")
