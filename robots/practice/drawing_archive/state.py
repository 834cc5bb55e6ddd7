"""What the archive holds, and what a search finds in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from robots.practice.drawing_archive.search import CURRENT, OLDER, Search, normalised
from robots.practice.town import Drawing, Property, Town

PER_PAGE = 5
PAGES_EACH_SIDE = 4
# Buildings whose drawings nobody takes out without asking the archivist.
GUARDED_KINDS = {"skola": "Skola", "bank": "Bank"}
# å, ä and ö come last, in that order; a plain sort has ä before å.
_SWEDISH_ORDER = str.maketrans("åäö", "{|}")


@dataclass(frozen=True)
class Holding:
    """A drawing and the property that it shows."""

    drawing: Drawing
    home: Property

    @property
    def guarded(self) -> str:
        """ "Skola" or "Bank", "" for an ordinary building."""
        return GUARDED_KINDS.get(self.home.kind, "")

    @property
    def decade(self) -> int:
        return self.drawing.year // 10 * 10


@dataclass(frozen=True)
class Hits:
    """One page of what a search found, with the counts that the facets show."""

    total: int
    rows: tuple[Holding, ...]
    first: int
    page: int
    pages: int
    kinds: tuple[tuple[str, int], ...]
    decades: tuple[tuple[int, int], ...]

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def near_pages(self) -> range:
        return range(max(1, self.page - PAGES_EACH_SIDE), min(self.pages, self.page + PAGES_EACH_SIDE) + 1)


class Archive:
    """Every drawing in town, each under the designation it was once registered under, and no other."""

    def __init__(self, town: Town) -> None:
        homes = town.properties.values()
        self.holdings = {d.number: Holding(d, home) for home in homes for d in home.drawings}
        self.kinds = sorted({h.drawing.kind for h in self.holdings.values()})
        self._register = {
            CURRENT: {normalised(home.designation): home for home in homes},
            OLDER: {normalised(home.older_designation): home for home in homes if home.older_designation},
        }

    def home_of(self, search: Search) -> Property | None:
        """The one property that the search names, None when it names none or one that the register lacks."""
        return self._register[search.by].get(normalised(search.designation))

    def find(self, search: Search) -> list[Holding]:
        """All that matches the search and its facets, in its order."""
        found = [h for h in self._named(search) if _matches(h, search)]
        if search.order.startswith("titel"):
            found.sort(key=lambda h: (h.drawing.title.casefold().translate(_SWEDISH_ORDER), h.drawing.number))
        elif search.order.startswith("ar"):
            found.sort(key=lambda h: (h.drawing.year, h.drawing.number))
        else:
            found.sort(key=lambda h: h.drawing.number)
        if search.order.endswith("-fallande"):
            found.reverse()
        return found

    def hits(self, search: Search) -> Hits:
        """The page that the search asks for; one past the end is the last."""
        found = self.find(search)
        pages = max(1, -(-len(found) // PER_PAGE))
        page = min(max(1, search.page_number), pages)
        start = (page - 1) * PER_PAGE
        return Hits(
            total=len(found),
            rows=tuple(found[start : start + PER_PAGE]),
            first=start + 1,
            page=page,
            pages=pages,
            kinds=tuple(sorted(Counter(h.drawing.kind for h in found).items())),
            decades=tuple(sorted(Counter(h.decade for h in found).items())),
        )

    def mark_secret(self, number: str, secret: bool) -> None:
        """The archivist changes a drawing's secrecy, as happens while a robot is at work."""
        held = self.holdings[number]
        self.holdings[number] = replace(held, drawing=replace(held.drawing, secret=secret))

    def _named(self, search: Search) -> list[Holding]:
        """What is registered under the designation searched for, which is less than what the property has."""
        if not search.designation:
            return list(self.holdings.values())
        home = self.home_of(search)
        if home is None:
            return []
        of_home = (self.holdings[d.number] for d in home.drawings)
        return [h for h in of_home if normalised(h.drawing.registered_under) == normalised(search.designation)]


def _matches(held: Holding, search: Search) -> bool:
    drawing = held.drawing
    words = f"{drawing.number} {drawing.title} {drawing.kind} {drawing.case_reference}".casefold()
    return (
        search.kind in ("", drawing.kind)
        and search.only_kind in ("", drawing.kind)
        and search.only_decade in ("", str(held.decade))
        and (not search.year_from or drawing.year >= int(search.year_from))
        and (not search.year_to or drawing.year <= int(search.year_to))
        and all(word in words for word in search.text.casefold().split())
    )
