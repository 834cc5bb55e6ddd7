"""Ekonomiportalen Saldo: a note is written on an invoice."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def _invoice(visit: Visit) -> str:
    case = visit.town.case("invoice_question")["number"]
    asked = visit.town.control.post("/systems/customer_ledger/asked_about", json={"case": case}).json()
    return str(asked["invoice"]["number"])


def pages(visit: Visit) -> list[str]:
    return [visit.get("/").text, visit.get(f"/panel/faktura/{_invoice(visit)}/noteringar").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    return visit.post(f"/faktura/{_invoice(visit)}/notering", text="Ett prov.", referens="R-1", **more)


RELEASE = Release(pages, change, "Telefon")
