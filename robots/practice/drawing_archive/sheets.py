"""The drawings themselves: the file, its name, and the small pictures of its pages."""

from __future__ import annotations

import random
import unicodedata
from urllib.parse import quote

from robots.practice.drawing_archive.state import Holding
from robots.practice.pdf import drawing_pdf

WIDTH, HEIGHT = 297, 210  # A4, lying, in millimetres
Rectangle = tuple[float, float, float, float]


def title_block(held: Holding) -> tuple[str, tuple[str, ...]]:
    """The title and the lines that stand on the drawing."""
    drawing = held.drawing
    return (
        _plain_dash(f"{drawing.number} {drawing.title}"),
        (
            f"Fastighet: {drawing.registered_under}",
            f"Ritningstyp: {drawing.kind}",
            f"Årtal: {drawing.year}",
            f"Ärende: {drawing.case_reference}",
            "Byggnadsnämnden i Tallinge kommun",
        ),
    )


def pdf_of(held: Holding) -> bytes:
    """The file. The same drawing gives the same bytes, always."""
    title, lines = title_block(held)
    return drawing_pdf(title, lines, held.drawing.pages)


def size_in_words(content: bytes) -> str:
    return f"{len(content) / 1000:.1f} kB".replace(".", ",")


def disposition(held: Holding, how: str) -> str:
    """Content-Disposition with the Swedish name, and one without å, ä and ö for what is older than RFC 5987."""
    name = _plain_dash(f"{held.drawing.number} {held.drawing.title}.pdf")
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


def page_pictures(held: Holding) -> list[list[Rectangle]]:
    """The rooms on every page, from the same throw of the dice as the file's, so that picture and file agree."""
    title, lines = title_block(held)
    figure = random.Random(title + "|".join(lines))
    return [[_room(figure) for _ in range(14)] for _ in range(held.drawing.pages)]


def _room(figure: random.Random) -> Rectangle:
    x, y = figure.uniform(20, WIDTH - 100), figure.uniform(20, HEIGHT - 90)
    return round(x, 1), round(y, 1), round(figure.uniform(10, 60), 1), round(figure.uniform(10, 40), 1)


def _plain_dash(text: str) -> str:
    """The letters of the drawing's typeface have no long dash."""
    return text.replace("–", "-")
