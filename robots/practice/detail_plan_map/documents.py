"""The plan's documents as PDF: the plan map, drawn from the ground it covers, and the description in words."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import lru_cache

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from robots.practice.detail_plan_map.geometry import Point, Ring
from robots.practice.town import Plan

USES = (
    ("B", "Bostäder", (246, 214, 120)),
    ("S", "Skola", (226, 122, 120)),
    ("C", "Centrum", (206, 150, 98)),
    ("E", "Tekniska anläggningar", (176, 196, 214)),
)
MADE = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)  # any fixed day: the same plan gives the same bytes
STATUS_WORDS = {"antagen": "Antagen, inte laga kraft", "samråd": "Samråd", "granskning": "Granskning"}


def status_words(plan: Plan) -> str:
    """A plan's status as the map says it."""
    if plan.final:
        return f"Laga kraft {plan.final_on}" if plan.final_on else "Laga kraft"
    return STATUS_WORDS[plan.status]


@lru_cache(maxsize=256)
def plan_map_pdf(plan: Plan, borders: tuple[Ring, ...], parcels: tuple[tuple[str, str, Ring], ...]) -> bytes:
    """``parcels`` are label, kind and ring. The same arguments give the same bytes."""
    sheet = _document(f"Plankarta {plan.number}", "landscape")
    sheet.add_page()
    sheet.rect(8, 8, sheet.w - 16, sheet.h - 16)
    place, scale = _fit([p for ring in borders for p in ring], (14.0, 14.0, sheet.w - 108, sheet.h - 28))
    sheet.set_line_width(0.1)
    for label, kind, ring in parcels:
        sheet.set_fill_color(*USES[{"skola": 1, "bank": 2}.get(kind, 0)][2])
        points = [place(p) for p in ring]
        sheet.polygon(points, style="DF")
        sheet.set_font("Helvetica", size=4)
        sheet.text(points[3][0] + 0.6, points[3][1] + 2.2, label)
    sheet.set_line_width(0.7)
    sheet.set_dash_pattern(dash=3, gap=1.2)
    for border in borders:
        sheet.polygon([place(p) for p in border], style="D")
    sheet.set_dash_pattern()
    _title_block(sheet, plan, scale)
    return bytes(sheet.output())


@lru_cache(maxsize=256)
def description_pdf(plan: Plan, designations: tuple[str, ...]) -> bytes:
    """The plan's description, two pages."""
    dice = random.Random(plan.number)
    years = dice.choice((5, 10, 15))
    pages = (
        (
            ("Planens syfte", f"{plan.name} ska göra det möjligt att bygga och använda bostäder i området på ett sätt "
             "som passar platsen, bevara de stråk av grönska som finns och ge gatorna en tydlig bredd."),
            ("Plandata", f"Planen har nummer {plan.number} och omfattar {len(designations)} fastigheter: "
             f"{', '.join(designations)}."),
            ("Planens status", f"{status_words(plan)}."),
            ("Bebyggelse", f"Högsta byggnadshöjd är {dice.choice(('4,5', '6,0', '7,5'))} m. Största byggnadsarea "
             f"är {dice.choice((20, 25, 30))} procent av fastigheten. Byggnader placeras minst 4,5 m från gräns."),
        ),
        (
            ("Gator och trafik", "Kommunen är huvudman för allmän plats. Varje fastighet har en utfart mot lokalgata."),
            ("Vatten och avlopp", "Området ansluts till de allmänna ledningarna för vatten, avlopp och dagvatten."),
            ("Genomförande", f"Genomförandetiden är {years} år från den dag då planen får laga kraft."),
            ("Konsekvenser", "Planen bedöms inte innebära en betydande miljöpåverkan. Solstudien visar att ingen "
             "uteplats mister kvällssolen."),
        ),
    )  # fmt: skip
    paper = _document(f"Planbeskrivning {plan.number}", "portrait")
    for number, chapters in enumerate(pages, start=1):
        paper.add_page()
        _line(paper, 9, "", f"Tallinge kommun, samhällsbyggnad. Planbeskrivning. Sida {number} ({len(pages)})")
        _line(paper, 17, "B", plan.name)
        for heading, text in chapters:
            paper.ln(4)
            _line(paper, 12, "B", heading)
            _line(paper, 10.5, "", text)
    return bytes(paper.output())


def _document(title: str, orientation: str) -> FPDF:
    document = FPDF(orientation=orientation, format="A4")  # type: ignore[arg-type,unused-ignore]
    document.set_creation_date(MADE)
    document.set_title(title)
    document.set_auto_page_break(False)
    return document


def _line(paper: FPDF, size: float, style: str, text: str) -> None:
    paper.set_font("Helvetica", style=style, size=size)  # type: ignore[arg-type,unused-ignore]
    written = text.replace("–", "-").encode("latin-1", "replace").decode("latin-1")
    paper.multi_cell(0, size * 0.5, written, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


class _Place:
    """Metres on the ground to millimetres on the sheet."""

    def __init__(self, west: float, north: float, left: float, top: float, scale: float) -> None:
        self.west, self.north, self.left, self.top, self.scale = west, north, left, top, scale

    def __call__(self, point: Point) -> Point:
        return self.left + (point[0] - self.west) * self.scale, self.top + (self.north - point[1]) * self.scale


def _fit(points: list[Point], box: tuple[float, float, float, float]) -> tuple[_Place, float]:
    left, top, width, height = box
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    scale = min(width / (east - west), height / (north - south))
    return _Place(west, north, left, top, scale), 1000 / scale


def _title_block(sheet: FPDF, plan: Plan, scale: float) -> None:
    left = sheet.w - 88
    sheet.set_line_width(0.3)
    sheet.rect(left, 8, 80, sheet.h - 16)
    sheet.set_font("Helvetica", style="B", size=13)
    sheet.text(left + 5, 20, "PLANKARTA")
    sheet.set_font("Helvetica", size=8.5)
    rows = (plan.name, f"Plannummer {plan.number}", status_words(plan), "Tallinge kommun, samhällsbyggnad",
            f"Skala cirka 1:{round(scale, -2):.0f} (A4)")  # fmt: skip
    for row, text in enumerate(rows):
        sheet.text(left + 5, 28 + 6 * row, text.encode("latin-1", "replace").decode("latin-1"))
    sheet.set_font("Helvetica", style="B", size=9)
    sheet.text(left + 5, 70, "Användning av mark")
    sheet.set_font("Helvetica", size=8.5)
    for row, (letter, words, colour) in enumerate(USES):
        sheet.set_fill_color(*colour)
        sheet.rect(left + 5, 74 + 8 * row, 9, 5, style="DF")
        sheet.text(left + 8, 77.8 + 8 * row, letter)
        sheet.text(left + 18, 77.8 + 8 * row, words)
    sheet.text(left + 5, 114, "Streckad linje: planområdets gräns")
