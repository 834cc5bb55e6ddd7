"""The three tasks as a competent developer would write them with Playwright alone, page visit by page visit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchmarks.raw_archive import RawArchive
from benchmarks.raw_cases import RawCases
from benchmarks.raw_lookups import RawMap, RawRegister
from benchmarks.raw_waste import RawWaste
from robots.worker.warm_browser import Window

MISSED_DAY = "2026-11-17"


@dataclass
class RawDesk:
    """A window that is logged in, the systems' addresses, and what marks this run's message, note or order."""

    window: Window
    reference: str
    entries: dict[str, str] = field(default_factory=dict)


def send_drawings(desk: RawDesk, case: dict[str, Any]) -> None:
    number = case["number"]
    cases = _applicant_is_checked(desk, number)
    maps = RawMap(desk.window.page(), desk.entries["detail_plan_map"])
    older, _ = maps.plans(case["property_id"])
    archive = RawArchive(desk.window.page(), desk.entries["drawing_archive"])
    addresses = archive.drawings(case["property_id"])
    if older:
        addresses += archive.drawings(older, older=True)
    files = [archive.download(address) for address in addresses]
    text = "Här kommer ritningarna du bad om.\n\nRitningarna är skyddade av upphovsrätt."
    receipt = cases.send_message(number, "Ritningar", text, files, f"{desk.reference}a")
    cases.add_note(number, f"{len(files)} ritningar skickade, kvittens {receipt}.", f"{desk.reference}b")
    cases.close(number)


def send_detail_plan(desk: RawDesk, case: dict[str, Any]) -> None:
    number = case["number"]
    cases = _applicant_is_checked(desk, number)
    maps = RawMap(desk.window.page(), desk.entries["detail_plan_map"])
    _, plans = maps.plans(case["property_id"])
    assert plans, "outside plan"
    assert all(plan.final for plan in plans), "not final"
    files = [maps.download(address) for plan in plans for address in plan.files]
    text = "Här kommer detaljplanen du frågade om."
    receipt = cases.send_message(number, "Detaljplan", text, files, f"{desk.reference}a")
    cases.add_note(number, f"Detaljplan skickad, {len(files)} filer, kvittens {receipt}.", f"{desk.reference}b")
    cases.close(number)


def book_missed_bin(desk: RawDesk, case: dict[str, Any]) -> None:
    number, facility = case["number"], case["facility"]
    cases = _applicant_is_checked(desk, number)
    waste = RawWaste(desk.window.page(), desk.entries["waste_collection"])
    waste.open()
    shown = waste.facility(facility)
    assert shown["Personnummer"] == case["citizen"], "wrong customer"
    assert (shown["Status"], shown["Dispens"], shown["Läge"]) == ("Aktiv", "Ingen dispens", "Fastland")
    assert shown["Chaufförens notering"] == "Ingen avvikelse"
    assert "Hämtning av missat kärl" not in waste.open_orders(facility), "ordered already"
    order = waste.order_missed_bin(facility, MISSED_DAY, 0, f"{desk.reference}a")
    cases.add_note(number, f"Ny hämtning bokad för {facility}, beställning {order}.", f"{desk.reference}b")
    cases.close(number)


def _applicant_is_checked(desk: RawDesk, number: str) -> RawCases:
    cases = RawCases(desk.window.page(), desk.entries["case_management"])
    citizen = cases.read(number)["Personnummer"]
    RawRegister(desk.window.page(), desk.entries["population_register"]).check_applicant(citizen, number)
    return cases
