"""The archive's pages: the search, the list of hits page by page, and the files."""

from __future__ import annotations

import re

from robots.errors import PageNotRecognised
from robots.systems.documents import Document
from robots.systems.drawing_archive.model import Drawing, Holdings
from robots.systems.driver import Driver
from robots.systems.view import Row

NONE_FOUND = "Inga ritningar hittades för sökningen."
HITS_A_PAGE = 5
WITHHELD = "Sekretess – lämnas inte ut"


class Reader(Driver):
    """What a robot may look at; in an archive that is all."""

    session_in_address = True

    def holdings(self, designation: str, *, older: bool = False) -> Holdings:
        """Every drawing under this designation, over all pages of the list of hits.

        ``older`` searches among designations that are no longer used, which is a search of its own.
        """
        searched_as = "aldre" if older else "nuvarande"
        drawings: list[Drawing] = []
        page, total = 0, 1
        known, guarded = True, ""
        while len(drawings) < total:
            page += 1
            self.open("/traffar", heading="Träfflista", fastighet=designation, sokpa=searched_as, sida=str(page))
            # The list has no name of its own; its id also stands on the words of absence, so the tag is named too.
            hits = self.look("table#lista", absent=NONE_FOUND, read="table")
            if hits is None:
                known = "Fastigheten finns inte i arkivets register." not in self.texts("p.varning")
                break
            guarded = self.said(r"Objektstyp: (\w+) –", absent="Inga anmärkningar om fastigheten.")
            self.said(rf"Din sökning:[^.]*?({re.escape(designation)})\b")
            total = int(self.said(r"Visar \d+–\d+ av (\d+) ritning"))
            drawings += _page_of_hits(hits.said, page, total)
        return Holdings(designation, known, guarded, tuple(drawings))

    def download(self, drawing: Drawing) -> Document:
        """The drawing's PDF, whole. A secret drawing has none."""
        if drawing.secret:
            raise PageNotRecognised(f"Ritning {drawing.number} är belagd med sekretess och lämnas inte ut.")
        return self.fetch_pdf(drawing.address)


def _page_of_hits(rows: list[Row], page: int, total: int) -> list[Drawing]:
    if len(rows) != min(HITS_A_PAGE, total - (page - 1) * HITS_A_PAGE):
        raise PageNotRecognised(f"Arkivet säger {total} ritningar men sida {page} visar {len(rows)}.")
    return [_drawing(row) for row in rows]


def _drawing(row: Row) -> Drawing:
    title = next(words for words, address in row.links.items() if words and "/ritning/" in address)
    secret = row["Fil"] == WITHHELD
    if not secret and "Hämta PDF" not in row.links:
        raise PageNotRecognised(f"Ritning {row['Nummer']} har varken fil eller besked om sekretess: «{row['Fil']}».")
    address = "" if secret else row.links["Hämta PDF"]
    return Drawing(row["Nummer"], title, row["Ritningstyp"], int(row["År"]), secret, address)
