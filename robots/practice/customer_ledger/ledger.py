"""What the ledger has on record: customers, their invoices, what was paid and what has been noted."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from robots.practice.identifiers import luhn
from robots.practice.town import Case, Person, Town

PAID, PART_PAID, UNPAID, REMINDED = "Betald", "Delvis betald", "Obetald", "Påmind"
COLLECTION, DISPUTED, CREDITED = "Inkasso", "Tvist", "Krediterad"
STATUSES = (UNPAID, REMINDED, PART_PAID, COLLECTION, DISPUTED, PAID, CREDITED)
CLOSED = (PAID, CREDITED)
HIDDEN_NAME = "Skyddade personuppgifter"
COLLECTOR = "Norrskog Inkasso AB"
OFFICE = "Gun Palmér"  # the colleague who noted what was there before
CHILD_CARE = "Barnomsorg"
# What is invoiced, what the numbers of such invoices begin with, and what it costs in öre.
KINDS = {
    CHILD_CARE: ("71", 143300),
    "Renhållning": ("62", 68750),
    "Hemtjänst": ("855", 221050),
    "Arrende": ("40", 125000),
}
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()
COPIES_KEPT_MONTHS = 24
MONTHS_OF_CASE_CUSTOMERS = 30
STATUS_OF_TWIST = {"paid": PAID, "inkasso": COLLECTION, "dispute": DISPUTED, "child_care_debt": REMINDED}


@dataclass
class Payment:
    day: date
    amount: int
    way: str


@dataclass
class Note:
    day: date
    text: str
    by: str
    reference: str = ""


@dataclass(frozen=True)
class Customer:
    number: str
    person: Person

    @property
    def protected(self) -> bool:
        return bool(self.person.protection)

    @property
    def name(self) -> str:
        return HIDDEN_NAME if self.protected else self.person.name

    @property
    def address(self) -> str:
        return HIDDEN_NAME if self.protected else f"{self.person.street}, {self.person.postcode}"


@dataclass
class Invoice:
    """Amounts are in öre. ``period`` is the month that is invoiced."""

    number: str
    customer: Customer
    kind: str
    issued: date
    amount: int
    status: str = UNPAID
    respite: date | None = None
    payments: list[Payment] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def ocr(self) -> str:
        return ocr_for(self.number)

    @property
    def due(self) -> date:
        return self.issued + timedelta(days=30)

    @property
    def period(self) -> str:
        return f"{MONTHS[self.issued.month - 1]} {self.issued.year}"

    @property
    def closed(self) -> bool:
        return self.status in CLOSED

    @property
    def paid(self) -> int:
        return sum(p.amount for p in self.payments)

    @property
    def remaining(self) -> int:
        return 0 if self.closed else self.amount - self.paid

    @property
    def demand(self) -> str:
        """What has been done to get the money, in the words of the card."""
        if self.status == COLLECTION:
            return f"Överlämnad till {COLLECTOR} {self.due + timedelta(days=35)}"
        if self.status == REMINDED:
            return f"Påminnelse skickad {self.due + timedelta(days=10)}"
        return "Inga kravåtgärder"

    @property
    def dispute(self) -> str:
        return "Kunden bestrider fakturan" if self.status == DISPUTED else "Ingen tvist"

    @property
    def respite_words(self) -> str:
        return f"Anstånd till {self.respite}" if self.respite else "Inget anstånd"

    def copy_kept(self, today: date) -> bool:
        """Whether the archive still has the invoice as it was sent."""
        return months_between(self.issued, today) < COPIES_KEPT_MONTHS

    def as_json(self) -> dict[str, Any]:
        told = {k: v for k, v in asdict(self).items() if k in ("number", "kind", "amount", "status")}
        return told | {
            "ocr": self.ocr, "customer": self.customer.person.personal_number, "period": self.period,
            "customer_number": self.customer.number, "issued": self.issued.isoformat(), "due": self.due.isoformat(),
            "remaining": self.remaining, "payments": [[p.day.isoformat(), p.amount] for p in self.payments],
        }  # fmt: skip


def ocr_for(number: str) -> str:
    """The number, a digit that tells how long the whole is, and a check digit."""
    body = number + str((len(number) + 2) % 10)
    return body + str(luhn(body))


def ocr_fault(ocr: str) -> str:
    """The system's words for what cannot be an OCR number, else ""."""
    if not ocr.isdecimal() or len(ocr) < 5:
        return "OCR-numret ska bestå av minst fem siffror."
    if str(luhn(ocr[:-1])) != ocr[-1]:
        return "OCR-numret är fel: kontrollsiffran stämmer inte."
    if str(len(ocr) % 10) != ocr[-2]:
        return "OCR-numret är fel: längdsiffran stämmer inte."
    return ""


def amount_words(ore: int) -> str:
    """``1 433,00`` with the narrow space that does not break, as Swedish programs write it."""
    return f"{ore // 100:,}".replace(",", "\u00a0") + f",{ore % 100:02d}"


def months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


class Ledger:
    """All customers and invoices. ``asked`` is the OCR number that the citizen has, by the number of the case."""

    def __init__(self, town: Town) -> None:
        self.today = town.today
        self.dice = random.Random(f"kundreskontra {town.seed}")
        self.customers: dict[str, Customer] = {}
        self.by_person: dict[str, Customer] = {}
        self.invoices: dict[str, Invoice] = {}
        self.asked: dict[str, str] = {}
        self._serial = 0
        owners = [town.people[p.owner] for p in town.properties.values()]
        cases = [c for c in town.cases.values() if c.errand == "invoice_question"]
        for person in [*owners, *(town.people[c.citizen] for c in cases)]:
            self._customer(person)
        settled = {case.citizen for case in cases}
        for customer in self.customers.values():
            if customer.person.personal_number not in settled:
                self._some_invoices(customer)
        for case in cases:
            self._invoices_for(case, town)

    def by_ocr(self, ocr: str) -> Invoice | None:
        return next((i for i in self.invoices.values() if i.ocr == ocr), None)

    def pay(self, invoice: Invoice, amount: int, day: date, way: str = "Bankgiro") -> None:
        invoice.payments.append(Payment(day, amount, way))
        if invoice.paid >= invoice.amount:
            invoice.status = PAID
        elif invoice.status in (UNPAID, PAID):
            invoice.status = PART_PAID

    def _customer(self, person: Person) -> None:
        if person.personal_number not in self.by_person:
            made = Customer(f"{300_000 + len(self.customers)}", person)
            self.customers[made.number] = self.by_person[person.personal_number] = made

    def _invoice(self, customer: Customer, kind: str, months_ago: int, status: str) -> Invoice:
        self._serial += 1
        prefix, price = KINDS[kind]
        total = self.today.year * 12 + self.today.month - 1 - months_ago
        issued = date(total // 12, total % 12 + 1, 1)
        amount = price + 2550 * self.dice.randrange(20)
        made = Invoice(f"{prefix}{self._serial:06d}", customer, kind, issued, amount, status)
        if status == PAID:
            made.payments.append(Payment(made.due - timedelta(days=self.dice.randrange(1, 9)), amount, "Autogiro"))
        elif status == PART_PAID:
            made.payments.append(Payment(made.due, amount // 2, "Bankgiro"))
        self.invoices[made.number] = made
        return made

    def _some_invoices(self, customer: Customer) -> None:
        months_ago = self.dice.randrange(3)
        for _ in range(self.dice.choice((1, 1, 2))):
            late = months_ago > 1
            ordinary = self.dice.choices(STATUSES, (0, 4, 3, 2, 1, 88, 2))[0] if late else UNPAID
            self._invoice(customer, self.dice.choice(list(KINDS)), months_ago, ordinary)
            months_ago += self.dice.randrange(3, 12)

    def _invoices_for(self, case: Case, town: Town) -> None:
        """A case's customer has paid every month for years; what the case is about is one invoice more."""
        payer = case.citizen
        if case.twist == "wrong_payer":
            payer = town.properties[case.property_id].owner
        customer = self.by_person[payer]
        child_care = case.twist == "child_care_debt"
        usual = CHILD_CARE if child_care else self.dice.choice(("Hemtjänst", CHILD_CARE))
        for months_ago in range(3, MONTHS_OF_CASE_CUSTOMERS + 3):
            self._invoice(customer, usual, months_ago, PAID)
        status = STATUS_OF_TWIST.get(case.twist, UNPAID)
        months_ago = 2 if status in (COLLECTION, REMINDED) else 0
        made = self._invoice(customer, CHILD_CARE if child_care else "Renhållning", months_ago, status)
        if status == DISPUTED:
            made.notes.append(Note(made.issued, "Kunden har ringt och bestrider hela beloppet.", OFFICE))
        self.asked[case.number] = made.ocr
        if case.twist == "unknown_ocr":
            del self.invoices[made.number]
