"""What a page is made of, and what of it is otherwise than it was: the words that a driver finds its way by."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Sort = Literal["heading", "field", "button", "column", "link", "text"]
What = Literal["reworded", "gone", "added", "moved", "kind", "demanded", "missing"]
Skeleton = tuple["Part", ...]

_DAYS_AND_MONTHS = (
    r"\b(?:januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december|"
    r"måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag|mån|tis|ons|tors?|fre|lör|sön)\b"
)
# What is another day after day is no change: numbers, and the names of days and months. The «2» of the field
# «Förälder 2» is its name, though.
_DAILY = re.compile(rf"\d+(?:[ .:,/–-]\d+)*|{_DAYS_AND_MONTHS}", re.IGNORECASE)
_DAILY_IN_NAMES = re.compile(rf"\d+(?:[ .:,/–-]?\d+)+|\(\d\)|{_DAYS_AND_MONTHS}", re.IGNORECASE)
_NAMES = ("field", "column", "button")
# What leads through the pages of a list, or opens a branch of a tree: there are as many as there is data.
_PAGER = re.compile(r"[^a-zåäö]*|(?:första|föregående|nästa|sista|visa fler)(?: sidan?| rader)?", re.IGNORECASE)


def steady(words: str, sort: Sort = "text") -> str:
    """The words without what is another each day: the heading «Vecka 47» is «Vecka #»."""
    return (_DAILY_IN_NAMES if sort in _NAMES else _DAILY).sub("#", " ".join(words.split()))


@dataclass(frozen=True)
class Part:
    """One thing on a page. ``kind`` is a field's: «text», «list», «date» …; ``demanded``: it must be filled in.

    ``hint`` is what the page itself calls the thing, where nobody reads it. It tells a thing that has got another name
    from another thing.
    """

    sort: Sort
    name: str
    kind: str = ""
    hint: str = ""
    demanded: bool = False


@dataclass(frozen=True)
class Change:
    """``name`` is what the thing is called now, or was where it is gone; ``before`` what it was called, or its kind.

    ``relied``: a driver finds its way by it.
    """

    what: What
    sort: Sort
    name: str
    before: str = ""
    kind: str = ""
    demanded: bool = False
    relied: bool = False


def compare(before: Sequence[Part], now: Sequence[Part]) -> tuple[Change, ...]:
    """What has become otherwise, in the order of the page as it is now; what is gone comes last.

    How many pages a list has is no change, nor that it is empty and shows no columns.
    """
    listed = all(any(part.sort == "column" for part in parts) for parts in (before, now))
    old, new = (_numbered(part for part in parts if _is_the_pages(part, listed)) for parts in (before, now))
    renamed = _reworded(old, new)
    pairs = {key: key for key in new if key in old} | renamed
    stood = {key: place for place, key in enumerate(old)}
    there = [key for key in new if key in pairs]
    moved = _moved([stood[pairs[key]] for key in there], there)
    found: list[Change] = []
    for key, part in new.items():
        if key not in pairs:
            found.append(Change("added", part.sort, part.name, kind=part.kind, demanded=part.demanded))
            continue
        was = old[pairs[key]]
        if key in renamed:
            found.append(Change("reworded", part.sort, part.name, before=was.name))
        elif key in moved:
            found.append(Change("moved", part.sort, part.name))
        if part.kind != was.kind:
            found.append(Change("kind", part.sort, part.name, before=was.kind, kind=part.kind))
        if part.demanded and not was.demanded:
            found.append(Change("demanded", part.sort, part.name, demanded=True))
    gone = old.keys() - set(pairs.values())
    return (*found, *(Change("gone", part.sort, part.name) for key, part in old.items() if key in gone))


def _is_the_pages(part: Part, listed: bool) -> bool:
    return listed if part.sort == "column" else not (part.sort in ("button", "link") and _PAGER.fullmatch(part.name))


Key = tuple[str, str, int]


def _numbered(parts: Iterable[Part]) -> dict[Key, Part]:
    """By what a person sees; two of the same are the first and the second."""
    seen: Counter[tuple[str, str]] = Counter()
    found: dict[Key, Part] = {}
    for part in parts:
        seen[part.sort, part.name] += 1
        found[part.sort, part.name, seen[part.sort, part.name]] = part
    return found


def _reworded(old: dict[Key, Part], new: dict[Key, Part]) -> dict[Key, Key]:
    """What has another name now, by its new key: the page itself calls it the same, or it stands in its place."""
    gone, added = [k for k in old if k not in new], [k for k in new if k not in old]
    found: dict[Key, Key] = {}
    for key in added:
        same = [was for was in gone if old[was].sort == new[key].sort and old[was].hint == new[key].hint != ""]
        if same:
            found[key] = same[0]
            gone.remove(same[0])
    places = _places(old, new), _places(new, old)
    for key in [k for k in added if k not in found]:
        there = [was for was in gone if _could_be(old[was], new[key]) and places[0][was] == places[1][key]]
        others = [k for k in added if k not in found and _could_be(new[k], new[key]) and places[1][k] == places[1][key]]
        if len(there) == len(others) == 1:
            found[key] = there[0]
            gone.remove(there[0])
    return found


def _could_be(one: Part, other: Part) -> bool:
    return (one.sort, one.kind) == (other.sort, other.kind) and not (one.hint and other.hint)


def _places(parts: dict[Key, Part], others: dict[Key, Part]) -> dict[Key, Key | None]:
    """After which of the things that both have each of the rest stands."""
    found: dict[Key, Key | None] = {}
    last: Key | None = None
    for key in parts:
        if key in others:
            last = key
        else:
            found[key] = last
    return found


def _moved(places: list[int], keys: list[Key]) -> set[Key]:
    """The fewest things that have to be moved for the rest to stand in the order they had."""
    ends: list[int] = []  # the place at the end of the best row of each length
    lengths = []
    for place in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length)
    stays, wanted = set[Key](), len(ends) - 1
    for key, length in zip(reversed(keys), reversed(lengths), strict=True):
        if length == wanted:
            stays.add(key)
            wanted -= 1
    return set(keys) - stays


# -- kept, and told ---------------------------------------------------------------------------------------------------


def as_kept(parts: Iterable[Part | Change]) -> list[dict[str, Any]]:
    return [{name: value for name, value in asdict(part).items() if value} for part in parts]


def parts_kept(rows: Iterable[dict[str, Any]]) -> Skeleton:
    return tuple(Part(**row) for row in rows)


def changes_kept(rows: Iterable[dict[str, Any]]) -> tuple[Change, ...]:
    return tuple(Change(**row) for row in rows)


SORTS = {
    "heading": "rubriken", "field": "fältet", "button": "knappen", "column": "kolumnen", "link": "länken",
    "text": "texten",
}  # fmt: skip
KINDS = {
    "list": "en lista", "long text": "en ruta för längre text", "tick": "en kryssruta", "choice": "ett val",
    "date": "ett datum", "file": "en fil", "password": "ett lösenord", "text": "en rad att skriva på",
}  # fmt: skip
_NEUTER = {"field"}


def sentence(change: Change) -> str:
    """«fältet «Kundnummer», som roboten använder, heter nu «Kundnr»»."""
    thing = f"{SORTS[change.sort]} «{change.before if change.what == 'reworded' else change.name}»"
    if change.relied:
        thing += ", som roboten använder,"
    match change.what:
        case "reworded":
            return f"{thing} heter nu «{change.name}»"
        case "gone":
            return f"{thing} är borta"
        case "missing":
            return f"{thing} finns inte"
        case "moved":
            return f"{thing} har flyttats"
        case "kind":
            return f"{thing} är nu {KINDS.get(change.kind, 'något annat')}"
        case "demanded":
            return f"{thing} måste nu fyllas i"
        case _:
            new = "nytt" if change.sort in _NEUTER else "ny"
            return f"{thing} är {new}" + (" och måste fyllas i" if change.demanded else "")


def with_landmarks(changes: Sequence[Change], missing: Sequence[tuple[Sort, str]]) -> tuple[Change, ...]:
    """The changes, with those marked that take a landmark away; a landmark that is missing without one is added."""
    found, told = list(changes), set[tuple[Sort, str]]()
    for place, change in enumerate(found):
        lost = (change.sort, change.before if change.what == "reworded" else change.name)
        if change.what in ("reworded", "gone") and lost in missing:
            found[place] = replace(change, relied=True)
            told.add(lost)
    return (*found, *(Change("missing", sort, name, relied=True) for sort, name in missing if (sort, name) not in told))
