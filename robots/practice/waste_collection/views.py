"""The lists of the system: what each shows, how it is searched and what a double-click opens."""

from __future__ import annotations

from collections.abc import Iterable

from robots.practice import dates
from robots.practice.waste_collection.grid import Filter, Grid, Row
from robots.practice.waste_collection.state import CARRIED_OUT, STATUSES, Order, Record, Register, kronor

NO_FACILITIES = "Inga anläggningar hittades."
NO_ORDERS = "Inga beställningar hittades."
SHOW_DONE = Filter("Visa även utförda", "utforda")
ORDER_COLUMNS = ("Beställningsnr", "Tjänst", "Utförs senast", "Status", "Referens", "Registrerad av")
ROUTES = [(day, odd) for day in range(5) for odd in (True, False)]


def main_lists(register: Register) -> list[Grid]:
    """Those of the menu, in its order."""
    return [
        Grid(
            "/kunder", "Kunder", ("Kundnummer", "Namn", "Personnummer", "Adress", "Anläggningar"),
            "Inga kunder hittades.", lambda: [_customer_row(r) for r in register.records.values()],
            (Filter("Namn", "namn", 1, anywhere=True), Filter("Kundnummer", "kundnr", 0),
             Filter("Personnummer", "persnr", 2)),
        ),
        Grid(
            "/anlaggningar", "Anläggningar",
            ("Anläggningsnummer", "Kundnummer", "Fastighet", "Adress", "Kund", "Status"), NO_FACILITIES,
            lambda: [_facility_row(r) for r in register.records.values()],
            (Filter("Anläggningsnummer", "anlnr", 0), Filter("Kundnummer", "kundnr", 1),
             Filter("Fastighet", "fastighet", 2), Filter("Adress", "adress", 3, anywhere=True)),
        ),
        Grid(
            "/tjanster", "Tjänster", ("Anläggningsnummer", "Tjänst", "Intervall", "Körlista", "Nästa gång"),
            "Inga tjänster hittades.", lambda: [row for r in register.records.values() for row in _service_rows(r)],
            (Filter("Anläggningsnummer", "anlnr", 0),
             Filter("Tjänst", "tjanst", 1, choices=("Kärl 190 l", "Slamtank"))),
        ),
        Grid(
            "/bestallningar", "Beställningar", ("Beställningsnr", "Anläggningsnummer", *ORDER_COLUMNS[1:]), NO_ORDERS,
            lambda: _order_rows(reversed(register.orders.values()), with_facility=True),
            (Filter("Beställningsnr", "bestnr", 0), Filter("Anläggningsnummer", "anlnr", 1),
             Filter("Referens", "referens", 5, anywhere=True), Filter("Status", "status", 4, choices=STATUSES),
             SHOW_DONE),
        ),
        Grid(
            "/korlistor", "Körlistor", ("Körlista", "Veckodag", "Vecka", "Antal stopp", "Nästa körning", "Fordon"),
            "Inga körlistor hittades.", lambda: _route_rows(register),
            (Filter("Veckodag", "veckodag", 1, choices=dates.WEEKDAYS[:5]),
             Filter("Vecka", "vecka", 2, choices=("Udda", "Jämn"))),
        ),
    ]  # fmt: skip


def lists_of_facility(register: Register, record: Record) -> list[Grid]:
    """The tabs of the facility card."""
    number = record.facility.number
    card = f"/anlaggningar/{number}"
    return [
        Grid(
            f"{card}/bestallningar", "Beställningar", ORDER_COLUMNS, NO_ORDERS,
            lambda: _order_rows(register.orders_of(number)),
            (Filter("Referens", "referens", 4, anywhere=True), SHOW_DONE), "fonster",
        ),
        Grid(
            f"{card}/historik", "Historik", ("Datum", "Tjänst", "Notering"), "Ingen historik hittades.",
            lambda: [Row((p.day.isoformat(), p.service, p.note), colour="" if p.note.startswith("Ingen") else "notice")
                     for p in record.history()], opens_in="",
        ),
        Grid(
            f"{card}/fakturor", "Fakturor",
            ("Fakturanr", "OCR", "Fakturadatum", "Förfallodatum", "Belopp", "Kvar att betala", "Status"),
            "Inga fakturor hittades.",
            lambda: [Row((i.number, i.ocr, i.issued.isoformat(), i.due.isoformat(), kronor(i.amount),
                          kronor(i.remaining), i.status), colour="alarm" if i.remaining else "")
                     for i in record.invoices()], opens_in="",
        ),
    ]  # fmt: skip


def facilities_of_customer(record: Record) -> Grid:
    columns = ("Anläggningsnummer", "Kundnummer", "Fastighet", "Adress", "Kund", "Status")
    address = f"/kunder/{record.facility.customer_number}/anlaggningar"
    return Grid(address, "Anläggningar", columns, NO_FACILITIES, lambda: [_facility_row(record)], opens_in="har")


def stops_of_route(register: Register, code: str) -> Grid | None:
    """The stops in driving order: along the streets, by house number."""
    records = [r for r in register.records.values() if r.route == code]
    if not records:
        return None
    records.sort(key=lambda r: (r.home.postcode, int(r.home.street.rsplit(" ", 1)[1])))

    def rows() -> list[Row]:
        return [
            Row(
                (str(stop), r.facility.number, r.home.street, r.home.designation, "Kärl 190 l", r.deviation),
                f"/anlaggningar/{r.facility.number}",
                "notice" if r.facility.deviation else "",
            )
            for stop, r in enumerate(records, start=1)
        ]

    columns = ("Stopp", "Anläggningsnummer", "Adress", "Fastighet", "Tjänst", "Senaste notering")
    return Grid(f"/korlistor/{code}/stopp", f"Körlista {code}", columns, "Inga stopp hittades.", rows, opens_in="har")


def _customer_row(record: Record) -> Row:
    facility, customer = record.facility, record.customer
    cells = (str(facility.customer_number), customer.name, customer.personal_number, record.address, "1")
    return Row(cells, f"/kunder/{facility.customer_number}", "alarm" if facility.blocked else "")


def _facility_row(record: Record) -> Row:
    facility = record.facility
    return Row(
        (facility.number, str(facility.customer_number), record.home.designation, record.address,
         record.customer.name, "Spärrad" if facility.blocked else "Aktiv"),
        f"/anlaggningar/{facility.number}", "alarm" if facility.blocked else "",
    )  # fmt: skip


def _service_rows(record: Record) -> list[Row]:
    number = record.facility.number
    opens = f"/anlaggningar/{number}"
    interval = f"{record.weekday}, {record.weeks}"
    found = [Row((number, "Kärl 190 l", interval, record.route, record.next_bin.isoformat()), opens)]
    if record.has_tank:
        yearly = f"En gång per år, {record.sludge_month}"
        found.append(Row((number, "Slamtank", yearly, "Slambil", record.next_sludge.isoformat()), opens))
    return found


def _order_rows(orders: Iterable[Order], with_facility: bool = False) -> list[Row]:
    found = []
    for o in orders:
        facility = (o.facility,) if with_facility else ()
        cells = (o.number, *facility, o.service, o.latest.isoformat(), o.status, o.reference, o.registered_by)
        done = o.status == CARRIED_OUT
        found.append(Row(cells, f"/bestallningar/{o.number}", "done" if done else "", "utforda" if done else ""))
    return found


def _route_rows(register: Register) -> list[Row]:
    stops: dict[str, int] = {}
    for record in register.records.values():
        stops[record.route] = stops.get(record.route, 0) + 1
    found = []
    for day, odd in ROUTES:
        code = f"KL{day + 1}{'U' if odd else 'J'}"
        runs = dates.next_collection(register.today, day, odd).isoformat()
        cells = (
            code,
            dates.WEEKDAYS[day],
            "Udda" if odd else "Jämn",
            str(stops.get(code, 0)),
            runs,
            f"Sopbil {day + 1}",
        )
        found.append(Row(cells, f"/korlistor/{code}"))
    return found
