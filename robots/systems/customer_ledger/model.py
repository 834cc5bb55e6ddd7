"""What the ledger tells of an invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from robots.fields import Ocr, PersonalNumber

# As the system writes them.
PAID, PART_PAID, UNPAID, REMINDED = "Betald", "Delvis betald", "Obetald", "Påmind"
COLLECTION, DISPUTED, CREDITED = "Inkasso", "Tvist", "Krediterad"
STATUSES = (UNPAID, REMINDED, PART_PAID, COLLECTION, DISPUTED, PAID, CREDITED)
CHILD_CARE = "Barnomsorg"


@dataclass(frozen=True)
class Payment:
    """Money that has come in, in kronor. ``way`` is in the system's words."""

    day: date
    amount: Decimal
    way: str


@dataclass(frozen=True)
class InvoiceLine:
    """An invoice as the list shows it. Amounts are in kronor."""

    number: str
    ocr: Ocr
    kind: str
    issued: date
    due: date
    amount: Decimal
    remaining: Decimal
    status: str


@dataclass(frozen=True)
class Invoice:
    """An invoice as its card shows it. Amounts are in kronor.

    ``customer`` is who has to pay, ``protected`` whether the ledger hides that person's name. ``kind`` is what the
    invoice is for and ``period`` the month, in the system's words. ``demand`` is what has been done to get the money
    (a reminder, debt collection), "" where the card says that nothing has been. ``respite`` is the day that a respite
    (anstånd) lasts to. ``copy_address`` is "" where the card says that the copy is no longer kept.
    """

    number: str
    ocr: Ocr
    customer_number: str
    customer: PersonalNumber
    protected: bool
    kind: str
    period: str
    issued: date
    due: date
    amount: Decimal
    remaining: Decimal
    status: str
    demand: str
    disputed: bool
    respite: date | None
    copy_address: str
    payments: tuple[Payment, ...]

    @property
    def in_collection(self) -> bool:
        """Whether the claim has been handed over to debt collection (inkasso)."""
        return self.status == COLLECTION or "inkasso" in self.demand.casefold()

    @property
    def in_dispute(self) -> bool:
        """Whether the customer denies that it is to be paid."""
        return self.status == DISPUTED or self.disputed

    @property
    def is_child_care(self) -> bool:
        """Whether it is a fee for child care, for which the municipality gives no respite."""
        return self.kind == CHILD_CARE
