"""What the waste collection has on record: orders, invoices and history, made from the town."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from robots.practice import dates
from robots.practice.town import Facility, Person, Property, Town

REGISTERED, PLANNED, CARRIED_OUT, CANCELLED = "Registrerad", "Planerad", "Utförd", "Makulerad"
STATUSES = (REGISTERED, PLANNED, CARRIED_OUT, CANCELLED)
MISSED_BIN = "Hämtning av missat kärl"
EXTRA_SLUDGE = "Extra slamtömning"
URGENT_SLUDGE = "Akut slamtömning"
EXTRA_PRICE = 1245
YEARLY = "Kärlkontroll"
YEARLY_REFERENCE = "ÅRSVIS"
FIRST_ORDER = 7_000_001
FIRST_NEW_ORDER = 7_001_234
NO_DEVIATION = "Ingen avvikelse"
BLOCKED = "Spärrad kund – obetalda fakturor"
OFFICE = "Marit Sandell"  # the colleague who registered what was there before


def kronor(amount: int) -> str:
    """``1 245 kr``, with ordinary spaces."""
    return f"{amount:,} kr".replace(",", " ")


@dataclass
class Order:
    number: str
    facility: str
    service: str
    latest: date
    status: str
    reference: str
    registered_by: str
    registered_on: date
    message: str = ""
    price: int = 0
    details: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"latest": self.latest.isoformat(), "registered_on": self.registered_on.isoformat()}


@dataclass(frozen=True)
class Invoice:
    number: str
    ocr: str
    issued: date
    due: date
    amount: int
    remaining: int
    status: str


@dataclass(frozen=True)
class Pickup:
    """One finished visit of a lorry."""

    day: date
    service: str
    note: str


@dataclass(frozen=True)
class Record:
    """A facility with all that is known about it, as its card shows it."""

    facility: Facility
    customer: Person
    home: Property
    serial: int
    today: date

    @property
    def address(self) -> str:
        return f"{self.home.street}, {self.home.postcode} TALLINGE"

    @property
    def status(self) -> str:
        return BLOCKED if self.facility.blocked else "Aktiv"

    @property
    def dispens(self) -> str:
        if not self.facility.dispens:
            return "Ingen dispens"
        first, last = dates.month_span(self.today, 2)
        return f"Dispens: {self.facility.dispens}, från {first} till {last}"

    @property
    def weeks(self) -> str:
        return "udda vecka" if self.facility.odd_weeks else "jämn vecka"

    @property
    def weekday(self) -> str:
        return dates.WEEKDAYS[self.facility.bin_day]

    @property
    def route(self) -> str:
        return f"KL{self.facility.bin_day + 1}{'U' if self.facility.odd_weeks else 'J'}"

    @property
    def next_bin(self) -> date:
        return dates.next_collection(self.today, self.facility.bin_day, self.facility.odd_weeks)

    @property
    def has_tank(self) -> bool:
        return self.facility.sludge_month is not None

    @property
    def sludge_month(self) -> str:
        return dates.MONTHS[(self.facility.sludge_month or 1) - 1]

    @property
    def next_sludge(self) -> date:
        return dates.next_sludge_day(self.today, self.facility.sludge_month or 1, self.serial)

    @property
    def deviation(self) -> str:
        return f"Avvikelse: {self.facility.deviation}" if self.facility.deviation else NO_DEVIATION

    @property
    def last_pickup(self) -> date:
        return dates.last_collections(self.today, self.facility.bin_day, self.facility.odd_weeks, 1)[0]

    def history(self) -> list[Pickup]:
        """The latest first. Only the latest bin collection can have a note."""
        days = dates.last_collections(self.today, self.facility.bin_day, self.facility.odd_weeks, 8)
        found = [Pickup(d, "Kärl 190 l", NO_DEVIATION if n else self.deviation) for n, d in enumerate(days)]
        if self.has_tank:
            day = dates.last_sludge_day(self.today, self.facility.sludge_month or 1, self.serial)
            found.append(Pickup(day, "Slamtank, ordinarie tömning", NO_DEVIATION))
        return sorted(found, key=lambda p: p.day, reverse=True)

    def invoices(self) -> list[Invoice]:
        """One a quarter, the latest first. A blocked customer has let the two latest fall due."""
        found = []
        for quarter in range(1, 5):
            issued = self.today - timedelta(days=91 * quarter - 20)
            amount = 612 + 25 * (self.serial % 7) + (480 if self.has_tank else 0)
            number = f"{issued.year}{quarter}{self.serial:05d}"
            unpaid = self.facility.blocked and quarter <= 2
            found.append(
                Invoice(number, f"{number}{self.serial % 10}", issued, issued + timedelta(days=30), amount,
                        amount if unpaid else 0, "Obetald" if unpaid else "Betald")
            )  # fmt: skip
        return found


class Register:
    """All facilities, and the orders that grow while the town is open."""

    def __init__(self, town: Town) -> None:
        self.today = town.today
        self.records = {
            f.number: Record(f, town.people[f.customer], town.properties[f.property_id], serial, town.today)
            for serial, f in enumerate(town.facilities.values())
        }
        self.by_customer = {r.facility.customer_number: r for r in self.records.values()}
        self.orders: dict[str, Order] = {}
        self._next_order = FIRST_ORDER
        for record in self.records.values():
            self._already_there(record)
        self._next_order = max(self._next_order, FIRST_NEW_ORDER)

    def _already_there(self, record: Record) -> None:
        """The year's finished order that every facility has, and the open one that some have."""
        new_year = date(self.today.year, 1, 1)
        done_on = new_year + timedelta(days=record.serial * 7 % max(1, (self.today - new_year).days))
        number = record.facility.number
        self.add(number, YEARLY, done_on, status=CARRIED_OUT, reference=YEARLY_REFERENCE, by=OFFICE, on=new_year)
        if record.facility.booked:
            yesterday, tomorrow = self.today - dates.ONE_DAY, self.today + dates.ONE_DAY
            booked = record.facility.booked
            price = 0 if booked == MISSED_BIN else EXTRA_PRICE
            self.add(
                number, booked, tomorrow, status=PLANNED, reference="Telefon", by=OFFICE, on=yesterday, price=price
            )

    def add(
        self,
        facility: str,
        service: str,
        latest: date,
        *,
        status: str,
        reference: str,
        by: str,
        on: date,
        message: str = "",
        price: int = 0,
        details: tuple[tuple[str, str], ...] = (),
    ) -> Order:
        number = str(self._next_order)
        self._next_order += 1
        made = Order(number, facility, service, latest, status, reference, by, on, message, price, details)
        self.orders[number] = made
        return made

    def orders_of(self, facility: str) -> list[Order]:
        """The latest first."""
        return [o for o in reversed(self.orders.values()) if o.facility == facility]
