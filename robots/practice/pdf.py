"""Real PDF files: every page has a frame, a title block and a figure, so that a reader can open and judge it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import lru_cache

from fpdf import FPDF


@lru_cache(maxsize=512)
def drawing_pdf(title: str, lines: tuple[str, ...], pages: int = 1, landscape: bool = True) -> bytes:
    """A PDF with ``lines`` in its title block and an invented floor plan drawn from the title's letters.

    The same arguments give the same bytes.
    """
    document = FPDF(orientation="landscape" if landscape else "portrait", format="A4")
    document.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # the same bytes whenever it is made
    document.set_title(title)
    figure = random.Random(title + "|".join(lines))
    for number in range(1, pages + 1):
        document.add_page()
        width, height = document.w, document.h
        document.rect(8, 8, width - 16, height - 16)
        for _ in range(14):
            x, y = figure.uniform(20, width - 100), figure.uniform(20, height - 90)
            document.rect(x, y, figure.uniform(10, 60), figure.uniform(10, 40))
        document.set_font("Helvetica", size=9)
        top = height - 16 - 6 * (len(lines) + 2)
        document.rect(width - 108, top, 100, 6 * (len(lines) + 2) + 8)
        for row, text in enumerate((title, *lines, f"Blad {number} ({pages})")):
            document.text(width - 105, top + 7 + 6 * row, text.encode("latin-1", "replace").decode("latin-1"))
    return bytes(document.output())
