"""What the demo asks of each task: which of the town's cases, and what a guide would type of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from robots.workdays import workdays_after

if TYPE_CHECKING:
    from robots.cli.town import Town

Case = dict[str, Any]
Wanted = Mapping[tuple[str, str], int]
SLUDGE_PRICE = 1245


@dataclass(frozen=True)
class DemoTask:
    """Errands and twists of the town, and how many of each: those a robot can finish, and those that need a person.

    ``typed`` tells what stands in the sheet beside the case number. ``listed_twice`` is how many rows stand twice.
    """

    finished: Wanted
    for_a_person: Wanted
    typed: Callable[[Town, Case], dict[str, Any]]
    listed_twice: int = 1


def _nothing(town: Town, case: Case) -> dict[str, Any]:  # noqa: ARG001 - each is asked in the same way
    return {}


def _property(town: Town, case: Case) -> dict[str, Any]:  # noqa: ARG001
    return {"property_id": case["property_id"]}


def _facility(town: Town, case: Case) -> dict[str, Any]:  # noqa: ARG001
    return {"facility": case["facility"]}


def _pickup(town: Town, case: Case) -> dict[str, Any]:
    typed = _facility(town, case)
    if case["errand"] == "missed_bin":
        return typed | {"kind": "Missat kärl", "day": workdays_after(date.today(), -1), "price": 0}
    return typed | {
        "kind": "Extra slamtömning", "day": workdays_after(date.today(), 1), "price": SLUDGE_PRICE, "hose_metres": 15,
        "light_lid": "ja", "free_way": "ja",
    }  # fmt: skip


def _permit(town: Town, case: Case) -> dict[str, Any]:
    return {"permit": town.act("building_permits", "permit_of", case=case["number"])}


def _building_start(town: Town, case: Case) -> dict[str, Any]:
    return _permit(town, case) | _property(town, case) | {"starts": date.today() + timedelta(days=7)}


def _checklist(town: Town, case: Case) -> dict[str, Any]:
    return _property(town, case) | {"measure": "Tillbyggnad av enbostadshus"}


def _child(town: Town, case: Case) -> dict[str, Any]:  # noqa: ARG001
    return {"child": case["children"][0]}


def _school_choice(town: Town, case: Case) -> dict[str, Any]:
    return _child(town, case) | {"moving": "nej"}


def _school_transport(town: Town, case: Case) -> dict[str, Any]:
    reason = "Något annat" if case["twist"] == "other_reason" else "Avståndet till skolan"
    return _child(town, case) | {"when": "Det här läsåret", "reason": reason, "alternating": "nej"}


def _reported(town: Town, case: Case) -> dict[str, Any]:
    """An official has drawn up the protocol, approved it and reported it today."""
    akt = next(each["number"] for each in town.act("family_law", "akter") if each["case_number"] == case["number"])
    town.act("family_law", "approve", protocol=town.act("family_law", "draw_up", akt=akt))
    return {"reported": date.today()}


def _wedding(town: Town, case: Case) -> dict[str, Any]:  # noqa: ARG001
    return {"witness_1": "Vera Tall", "witness_2": "Ivar Strand", "fee": 0}


def _consumer(town: Town, case: Case) -> dict[str, Any]:  # noqa: ARG001
    kinds = {"complaint": "Fel i en vara", "scam_invoice": "Falsk faktura", "distance_sale": "Ångra ett köp på distans"}
    return {"kind": kinds.get(case["twist"], "Fel i en vara")}


def _invoice(town: Town, case: Case) -> dict[str, Any]:
    wish = "Få anstånd" if case["twist"] == "wants_anstand" else "Veta vad som gäller"
    return {"ocr": town.act("customer_ledger", "asked_about", case=case["number"])["ocr"], "wish": wish}


def _fault(town: Town, case: Case) -> dict[str, Any]:
    street = town.ask(f"/properties/{case['property_id']}")["street"]
    return {"kind": "Gatlampa lyser inte", "address": street, "danger": "ja" if case["twist"] == "danger" else "nej",
            "photo": "Bild utan personer"}  # fmt: skip


# Three tasks with twenty cases each: three quarters can be finished by a robot, a quarter needs a person.
FIRST = {
    "send_drawings": DemoTask(
        {("drawings", "normal"): 11, ("drawings", "older_designation"): 2, ("drawings", "some_secret"): 2},
        {("drawings", "all_secret"): 1, ("drawings", "none_found"): 2, ("drawings", "sensitive_building"): 1,
         ("drawings", "protected"): 1},
        _property, listed_twice=2,
    ),
    "send_detail_plan": DemoTask(
        {("detail_plan", "normal"): 11, ("detail_plan", "several_plans"): 2, ("detail_plan", "outside_plan"): 2},
        {("detail_plan", "not_final"): 3, ("detail_plan", "protected"): 2},
        _property, listed_twice=2,
    ),
    "book_waste_pickup": DemoTask(
        {("missed_bin", "normal"): 8, ("extra_sludge", "normal"): 7},
        {("missed_bin", "household_deviation"): 1, ("missed_bin", "already_booked"): 1, ("missed_bin", "blocked"): 1,
         ("missed_bin", "wrong_customer"): 1, ("extra_sludge", "dispens"): 1},
        _pickup,
    ),
}  # fmt: skip
# All the others, with a few cases each.
OTHERS = {
    "send_permit_checklist": DemoTask(
        {("building_checklist", "normal"): 3, ("building_checklist", "outside_plan"): 1},
        {("building_checklist", "not_final"): 1, ("building_checklist", "protected"): 1}, _checklist,
    ),
    "register_building_start": DemoTask(
        {("start_of_construction", "normal"): 3},
        {("start_of_construction", "no_startbesked"): 1, ("start_of_construction", "conditions_open"): 1},
        _building_start,
    ),
    "tell_permit_status": DemoTask(
        {("permit_status", "normal"): 2, ("permit_status", "supplement_open"): 1, ("permit_status", "not_a_party"): 1},
        {("permit_status", "unknown_number"): 1}, _permit,
    ),
    "open_mobility_investigation": DemoTask(
        {("mobility_application", "normal"): 3},
        {("mobility_application", "health_free_text"): 1, ("mobility_application", "not_resident"): 1}, _nothing,
    ),
    "ask_for_mobility_supplement": DemoTask(
        {("mobility_supplement", "reminder_due"): 2, ("mobility_supplement", "final_notice_due"): 1},
        {("mobility_supplement", "supplement_came"): 1}, _nothing,
    ),
    "record_school_choice": DemoTask(
        {("school_choice", "normal"): 3},
        {("school_choice", "one_signature"): 1, ("school_choice", "guardians_disagree"): 1}, _school_choice,
    ),
    "propose_school_transport": DemoTask(
        {("school_transport", "normal_over_limit"): 2, ("school_transport", "normal_under_limit"): 1},
        {("school_transport", "within_five_percent"): 1, ("school_transport", "other_reason"): 1}, _school_transport,
    ),
    "prepare_parenthood": DemoTask(
        {("parenthood", "normal"): 3}, {("parenthood", "doubt"): 1, ("parenthood", "married"): 1}, _nothing
    ),
    "note_parenthood_reported": DemoTask({("parenthood", "akt_exists"): 1}, {}, _reported),
    "book_civil_wedding": DemoTask(
        {("wedding_booking", "normal"): 3},
        {("wedding_booking", "outside_premises"): 1, ("wedding_booking", "certificate_expires"): 1}, _wedding,
    ),
    "register_consumer_matter": DemoTask(
        {("consumer_advice", "complaint"): 2, ("consumer_advice", "scam_invoice"): 1},
        {("consumer_advice", "wants_value_judgement"): 1, ("consumer_advice", "company_customer"): 1}, _consumer,
    ),
    "tell_invoice": DemoTask(
        {("invoice_question", "normal"): 3, ("invoice_question", "paid"): 1},
        {("invoice_question", "inkasso"): 1, ("invoice_question", "wants_anstand"): 1}, _invoice,
    ),
    "report_fault": DemoTask(
        {("fault_report", "normal"): 3, ("fault_report", "duplicate"): 1, ("fault_report", "other_road_owner"): 1},
        {("fault_report", "danger"): 1}, _fault,
    ),
    "propose_income_support": DemoTask(
        {("support_reapplication", "normal"): 3},
        {("support_reapplication", "new_expense"): 1, ("support_reapplication", "one_signature"): 1}, _nothing,
    ),
    "tell_support_decision": DemoTask(
        {("support_notice", "normal_granted"): 2, ("support_notice", "normal_refused"): 1},
        {("support_notice", "over_20_hours"): 1}, _nothing,
    ),
    "tell_waste_pickup": DemoTask(
        {("pickup_question", "normal"): 2, ("pickup_question", "tank"): 1, ("pickup_question", "bin_booked"): 1},
        {("pickup_question", "sludge_booked"): 1, ("pickup_question", "wrong_customer"): 1}, _facility,
    ),
}  # fmt: skip
