"""What leaves the portal as a file: a list for Excel, and an invoice as it was sent."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from functools import lru_cache

from fpdf import FPDF

from robots.practice.customer_ledger.ledger import Invoice, amount_words
from robots.practice.customer_ledger.lists import Listing, Row


def as_csv(listing: Listing, rows: list[Row]) -> bytes:
    """As Excel in Swedish opens it: semicolons, decimal commas, Windows' own characters."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(listing.columns)
    for row in rows:
        writer.writerow(cell.replace("\u00a0", " ") for cell in row.cells)
    return text.getvalue().encode("cp1252", "replace")


def invoice_copy(invoice: Invoice) -> bytes:
    """The same invoice gives the same bytes."""
    return _sheet(
        invoice.number,
        (
            f"Kundnummer: {invoice.customer.number}", f"Mottagare: {invoice.customer.name}",
            f"Avser: {invoice.kind}, {invoice.period}", f"Fakturadatum: {invoice.issued}",
            f"Förfallodatum: {invoice.due}", f"Att betala: {amount_words(invoice.amount)} kr",
            f"OCR-nummer: {invoice.ocr}", "Bankgiro: 5050-1055",
        ),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _sheet(number: str, lines: tuple[str, ...]) -> bytes:
    sheet = FPDF(format="A4")
    sheet.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # the same bytes whenever it is made
    sheet.set_title(f"Faktura {number}")
    sheet.add_page()
    sheet.set_font("Helvetica", size=20)
    sheet.text(20, 30, f"Faktura {number}")
    sheet.set_font("Helvetica", size=11)
    sheet.text(20, 38, "Tallinge kommun, Ekonomi")
    for place, line in enumerate(lines):
        sheet.text(20, 60 + 8 * place, line.replace("\u00a0", " ").encode("latin-1", "replace").decode("latin-1"))
    sheet.rect(15, 50, 180, 8 * len(lines) + 14)
    return bytes(sheet.output())
