"""The lists of the portal: what each shows, how it is searched and sorted, and what it says when it is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from robots.practice.customer_ledger.ledger import STATUSES, Ledger, amount_words, ocr_fault

PORTION = 25


@dataclass(frozen=True)
class Row:
    """``keys`` are what the columns are sorted by. ``opens`` is the panel that a double-click opens."""

    cells: tuple[str, ...]
    keys: tuple[Any, ...]
    opens: str
    tab: str
    closed: bool = False
    tone: str = ""


@dataclass(frozen=True)
class Filter:
    """A search field over one column; one without a column is a box to tick, with ``choices`` it is a list."""

    label: str
    name: str
    column: int | None
    exact: bool = False
    choices: tuple[str, ...] = ()

    def lets_through(self, row: Row, asked: Mapping[str, str]) -> bool:
        if self.column is None:
            return not row.closed or asked.get(self.name) == "ja"
        wanted, shown = _plain(asked.get(self.name, "")), _plain(row.cells[self.column])
        return not wanted or (shown == wanted if self.exact else shown.startswith(wanted))


@dataclass(frozen=True)
class Portion:
    """The rows that are asked for, of all that fit. ``fault`` is why the question could not be answered."""

    rows: list[Row]
    start: int
    total: int
    fault: str = ""
    hides: bool = False


@dataclass(frozen=True)
class Listing:
    """``numbers`` are the columns that stand to the right."""

    key: str
    heading: str
    columns: tuple[str, ...]
    absent: str
    rows: Callable[[], list[Row]]
    filters: tuple[Filter, ...]
    numbers: tuple[int, ...] = ()

    def portion(self, asked: Mapping[str, str], size: int | None = PORTION) -> Portion:
        ocr = _plain(asked.get("ocr", ""))
        if ocr and (fault := ocr_fault(ocr)):
            return Portion([], 0, 0, fault)
        found = [row for row in self.rows() if all(f.lets_through(row, asked) for f in self.filters)]
        column, _, order = asked.get("sortering", "").partition("-")
        if column.isdecimal() and int(column) < len(self.columns):
            found.sort(key=lambda row: row.keys[int(column)], reverse=order == "fallande")
        start = int(asked["fran"]) if asked.get("fran", "").isdecimal() else 0
        end = len(found) if size is None else start + size
        hides = any(f.column is None and asked.get(f.name) != "ja" for f in self.filters)
        return Portion(found[start:end], start, len(found), hides=hides)


def listings(ledger: Ledger) -> dict[str, Listing]:
    """Those of the portal's tabs, in their order."""
    all_lists = (
        Listing(
            "kunder", "Kunder", ("Kundnummer", "Namn", "Person-/organisationsnummer", "Adress"),
            "Inga kunder hittades.", lambda: _customers(ledger),
            (Filter("Kundnummer", "kundnr", 0), Filter("Namn", "namn", 1),
             Filter("Person-/organisationsnummer", "orgnr", 2)),
        ),
        Listing(
            "fakturor", "Fakturor",
            ("Fakturanummer", "OCR-nummer", "Kundnummer", "Avser", "Fakturadatum", "Förfallodatum", "Belopp",
             "Kvar att betala", "Status"),
            "Inga fakturor hittades.", lambda: _invoices(ledger),
            (Filter("Fakturanummer", "fakturanr", 0), Filter("OCR-nummer", "ocr", 1, exact=True),
             Filter("Kundnummer", "kundnr", 2, exact=True), Filter("Status", "status", 8, True, STATUSES),
             Filter("Visa även avslutade", "avslutade", None)),
            (6, 7),
        ),
        Listing(
            "betalningar", "Betalningar",
            ("Betalningsdag", "OCR-nummer", "Fakturanummer", "Kundnummer", "Belopp", "Betalsätt"),
            "Inga betalningar hittades.", lambda: _payments(ledger),
            (Filter("OCR-nummer", "ocr", 1, exact=True), Filter("Kundnummer", "kundnr", 3, exact=True)),
            (4,),
        ),
        Listing(
            "noteringar", "Noteringar", ("Datum", "Fakturanummer", "Notering", "Referens", "Noterad av"),
            "Inga noteringar hittades.", lambda: _notes(ledger),
            (Filter("Fakturanummer", "fakturanr", 1), Filter("Referens", "referens", 3)),
        ),
    )  # fmt: skip
    return {one.key: one for one in all_lists}


def _customers(ledger: Ledger) -> list[Row]:
    found = []
    for c in ledger.customers.values():
        cells = (c.number, c.name, c.person.personal_number, c.address)
        found.append(Row(cells, cells, f"kund/{c.number}", f"Kund {c.number}", tone="larm" if c.protected else ""))
    return found


def _invoices(ledger: Ledger) -> list[Row]:
    """The latest number first."""
    found = []
    for i in sorted(ledger.invoices.values(), key=lambda one: one.issued, reverse=True):
        cells = (i.number, i.ocr, i.customer.number, i.kind, i.issued.isoformat(), i.due.isoformat(),
                 amount_words(i.amount), amount_words(i.remaining), i.status)  # fmt: skip
        keys = (*cells[:6], i.amount, i.remaining, i.status)
        tone = "stangd" if i.closed else "larm" if i.due < ledger.today else ""
        found.append(Row(cells, keys, f"faktura/{i.number}", f"Faktura {i.number}", i.closed, tone))
    return found


def _payments(ledger: Ledger) -> list[Row]:
    found = []
    for i in ledger.invoices.values():
        for p in i.payments:
            cells = (p.day.isoformat(), i.ocr, i.number, i.customer.number, amount_words(p.amount), p.way)
            found.append(Row(cells, (*cells[:4], p.amount, p.way), f"faktura/{i.number}", f"Faktura {i.number}"))
    return sorted(found, key=lambda row: row.cells[0], reverse=True)


def _notes(ledger: Ledger) -> list[Row]:
    found = []
    for i in ledger.invoices.values():
        for n in i.notes:
            cells = (n.day.isoformat(), i.number, n.text, n.reference, n.by)
            found.append(Row(cells, cells, f"faktura/{i.number}", f"Faktura {i.number}"))
    return found[::-1]


def _plain(text: str) -> str:
    """As one compares it: spaces and capitals do not count, a hyphen in a personal number neither."""
    return "".join(text.split()).replace("-", "").casefold()
