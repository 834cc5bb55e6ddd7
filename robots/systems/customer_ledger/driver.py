"""The portal's pages: the list of invoices in its tab, and the card of one invoice in a tab of its own.

A tab's panel is fetched when the tab is opened; those that were opened before lie hidden behind it with fields and
captions of the same names. The portal is therefore opened anew for every question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from robots.errors import PageNotRecognised, SeveralMatches
from robots.fields import Ocr, PersonalNumber
from robots.systems.customer_ledger.model import STATUSES, Invoice, InvoiceLine, Payment
from robots.systems.documents import Document
from robots.systems.driver import Driver
from robots.systems.grid import Grid
from robots.systems.view import Row
from robots.systems.virtual import VirtualList
from robots.systems.widgets import fact, told

PORTAL, INVOICES = "Ekonomiportalen Saldo", "Fakturor"
# Tabs, parts and lists are boxes without a role, and have no other name than these of their own.
TABS, PARTS = "[data-flikar]", "[data-delflikar]"
LIST, SCROLLER = '[data-lista="fakturor"]', '[data-lista="fakturor"] > div'
HITS = r"Antal: (\d[\d ]*) träff"
NO_INVOICES, NO_PAYMENTS, NO_COPY = (
    "Inga fakturor hittades.", "Inga betalningar är registrerade.", "Fakturakopian är gallrad.",
)  # fmt: skip
HIDDEN_NAME = "Skyddade personuppgifter"
AMOUNT = re.compile(r"-?\d{1,3}(?: \d{3})*,\d\d")


class Reader(Driver):
    """What a robot may look at; in the ledger that is all."""

    def invoice(self, ocr: Ocr) -> Invoice | None:
        """The invoice with this OCR number, paid or not; None where the ledger says that it has none."""
        return self.renewing_login(lambda: self._open_invoice("OCR-nummer", ocr))

    def invoice_numbered(self, number: str) -> Invoice | None:
        """As ``invoice``, by the invoice's own number."""
        return self.renewing_login(lambda: self._open_invoice("Fakturanummer", number))

    def invoices_of(self, customer_number: str, *, closed: bool = False) -> tuple[InvoiceLine, ...]:
        """The customer's invoices, the latest first; those that are paid or credited only with ``closed``."""
        asked: dict[str, str | bool] = {"Kundnummer": customer_number, "Visa även avslutade": closed}
        return self.renewing_login(lambda: self._lines(customer_number, asked))

    def download_copy(self, invoice: Invoice) -> Document | None:
        """The invoice as it was sent, whole; None where the archive no longer has it."""
        return self.fetch_pdf(invoice.copy_address) if invoice.copy_address else None

    # -- the list -------------------------------------------------------------------------------------------------

    def _search(self, asked: Mapping[str, str | bool], *, total: str = HITS) -> tuple[Grid, list[Row]]:
        """A fresh query; with ``total`` the list must show all that it has without being scrolled."""
        self.open("/", heading=PORTAL)
        self.click(self.text(INVOICES, within=self.part(TABS)))
        self.arrive(INVOICES)
        grid = Grid(self, LIST, absent=NO_INVOICES, total=total)
        return grid, grid.search(asked, self.button("Sök"))

    def _lines(self, customer_number: str, asked: Mapping[str, str | bool]) -> tuple[InvoiceLine, ...]:
        _, begun = self._search(asked, total="")
        # Only the first portion has come; the rest does when the list is scrolled.
        rows = VirtualList(self, SCROLLER, row="tr", absent=NO_INVOICES, total=HITS).rows() if begun else []
        for row in rows:
            if row["Kundnummer"] != customer_number:
                raise PageNotRecognised(f"{self.bench.title} visar någon annans faktura än den som söktes.")
        return tuple(_line(row) for row in rows)

    # -- the card -------------------------------------------------------------------------------------------------

    def _open_invoice(self, caption: str, wanted: str) -> Invoice | None:
        # Whoever does not tick the box does not see what is paid, and takes it for unknown.
        grid, rows = self._search({caption: wanted, "Visa även avslutade": True})
        fitting = [row for row in rows if row[caption] == wanted]
        if not all(row[caption].startswith(wanted) for row in rows):
            raise PageNotRecognised(f"{self.bench.title} visar andra fakturor än den som söktes.")
        if len(fitting) > 1:
            raise SeveralMatches(f"Flera fakturor har {caption} {wanted}.")
        if not fitting:
            return None
        number = fitting[0]["Fakturanummer"]
        grid.double_click(wanted)
        self.arrive(f"Faktura {number}")
        shown = self.facts(f'[data-visar="faktura/{number}/uppgifter"] table')
        self.bench.recorder.hide(fact(self, shown, "Kund"))
        if (fact(self, shown, "Fakturanummer"), fact(self, shown, caption)) != (number, wanted):
            raise PageNotRecognised(f"{self.bench.title} visar en annan faktura än {wanted}.")
        copy = self.see(self.link("Visa fakturakopia"), absent=self.text(NO_COPY))
        address = str(copy.evaluate("link => link.href")) if copy else ""
        try:
            return _invoice(shown, address, self._payments())
        except (KeyError, ValueError) as error:
            raise PageNotRecognised(f"{self.bench.title} visar en faktura som roboten inte förstår.") from error

    def _payments(self) -> tuple[Payment, ...]:
        self.click(self.text("Betalningar", within=self.part(PARTS)))
        found = self.look("table[data-betalningar]", absent=NO_PAYMENTS, read="table")
        if found is None:
            return ()
        rows: list[Row] = found.said
        return tuple(
            Payment(date.fromisoformat(r["Betalningsdag"]), _kronor(r["Belopp"]), r["Betalsätt"]) for r in rows
        )


def _invoice(shown: Mapping[str, str], copy_address: str, payments: tuple[Payment, ...]) -> Invoice:
    respite = told(shown, "Anstånd", r"Anstånd till (\d{4}-\d\d-\d\d)", absent="Inget anstånd")
    return Invoice(
        number=shown["Fakturanummer"],
        ocr=Ocr(shown["OCR-nummer"]),
        customer_number=shown["Kundnummer"],
        customer=PersonalNumber(shown["Person-/organisationsnummer"]),
        protected=shown["Kund"] == HIDDEN_NAME,
        kind=shown["Avser"],
        period=shown["Period"],
        issued=date.fromisoformat(shown["Fakturadatum"]),
        due=date.fromisoformat(shown["Förfallodatum"]),
        amount=_kronor(shown["Belopp"]),
        remaining=_kronor(shown["Kvar att betala"]),
        status=_status(shown["Status"]),
        demand=told(shown, "Krav", r"(?:Påminnelse skickad|Överlämnad till) .+", absent="Inga kravåtgärder"),
        disputed=told(shown, "Tvist", r"Kunden bestrider .+", absent="Ingen tvist") != "",
        respite=date.fromisoformat(respite) if respite else None,
        copy_address=copy_address,
        payments=payments,
    )


def _line(row: Row) -> InvoiceLine:
    return InvoiceLine(
        row["Fakturanummer"], Ocr(row["OCR-nummer"]), row["Avser"], date.fromisoformat(row["Fakturadatum"]),
        date.fromisoformat(row["Förfallodatum"]), _kronor(row["Belopp"]), _kronor(row["Kvar att betala"]),
        _status(row["Status"]),
    )  # fmt: skip


def _kronor(words: str) -> Decimal:
    """``1 433,00``; the spaces have been evened out already."""
    if not AMOUNT.fullmatch(words):
        raise PageNotRecognised(f"Reskontran visar beloppet «{words}», som roboten inte förstår.")
    return Decimal(words.replace(" ", "").replace(",", "."))


def _status(words: str) -> str:
    if words not in STATUSES:
        raise PageNotRecognised(f"Reskontran visar en okänd status: «{words}».")
    return words
