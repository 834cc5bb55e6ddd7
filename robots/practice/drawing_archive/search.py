"""A search as it stands in the address: read from the parameters, written back into links, judged."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

CURRENT = "nuvarande"
OLDER = "aldre"
# The orders a list can stand in, and how the archive says them.
ORDERS = {
    "": "nummer",
    "titel": "titel, stigande",
    "titel-fallande": "titel, fallande",
    "ar": "årtal, stigande",
    "ar-fallande": "årtal, fallande",
}
PARAMETERS = {
    "designation": "fastighet",
    "by": "sokpa",
    "kind": "typ",
    "year_from": "fran",
    "year_to": "till",
    "text": "fritext",
    "archive": "arkiv",
    "only_kind": "f_typ",
    "only_decade": "f_dec",
    "order": "sortera",
    "page": "sida",
}


def normalised(designation: str) -> str:
    """The designation as the register writes it: capitals, one space, none around the colon."""
    words = unicodedata.normalize("NFC", designation).upper().split()
    return " ".join(words).replace(" :", ":").replace(": ", ":")


@dataclass(frozen=True)
class Search:
    """What was asked for. Everything is text, as typed; ``errors`` says what cannot be searched for."""

    designation: str = ""
    by: str = CURRENT
    kind: str = ""
    year_from: str = ""
    year_to: str = ""
    text: str = ""
    archive: str = ""  # whose archive, asked for by the second release only
    only_kind: str = ""
    only_decade: str = ""
    order: str = ""
    page: str = ""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Search:
        typed = {name: parameters.get(key, "").strip() for name, key in PARAMETERS.items()}
        typed["by"] = OLDER if typed["by"] == OLDER else CURRENT
        typed["order"] = typed["order"] if typed["order"] in ORDERS else ""
        return cls(**typed)

    def query(self, **changes: Any) -> str:
        """The parameters of a link to this search, changed."""
        changed = replace(self, **changes)
        told = {f.name: getattr(changed, f.name) for f in fields(changed) if getattr(changed, f.name) != f.default}
        return urlencode({PARAMETERS[name]: value for name, value in told.items()})

    def narrowed(self, **changes: Any) -> str:
        """As ``query``, from the first page: another set of hits has other pages."""
        return self.query(**changes, page="")

    def turned(self, column: str) -> str:
        """The link in a column's head: by this column, and the other way round where it is that already."""
        return self.narrowed(order=f"{column}-fallande" if self.order == column else column)

    @property
    def page_number(self) -> int:
        return int(self.page) if self.page.isascii() and self.page.isdigit() and len(self.page) < 8 else 1

    def errors(self) -> dict[str, str]:
        """What is wrong with the typed values, by field; "" is the search as a whole."""
        found = {
            name: "Årtal ska skrivas med fyra siffror, till exempel 1974."
            for name in ("year_from", "year_to")
            if getattr(self, name) and not _is_year(getattr(self, name))
        }
        if not found and self.year_from and self.year_to and int(self.year_from) > int(self.year_to):
            found["year_from"] = "Från-året får inte vara senare än till-året."
        if not any((self.designation, self.kind, self.year_from, self.year_to, self.text)):
            found[""] = "Ange minst ett sökvillkor."
        return found

    def in_words(self) -> str:
        """The search as the list of hits repeats it."""
        years = f"årtal {self.year_from or '…'}–{self.year_to or '…'}" if self.year_from or self.year_to else ""
        which = "äldre beteckning" if self.by == OLDER else "nuvarande beteckning"
        parts = (
            f"{which} {normalised(self.designation)}" if self.designation else "",
            self.kind,
            years,
            f"fritext ”{self.text}”" if self.text else "",
        )
        return ", ".join(part for part in parts if part)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit()
